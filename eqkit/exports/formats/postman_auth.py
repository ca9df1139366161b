"""Security schemes as Postman has them: one way to authorize a request, and headers for further keys."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from eqkit.contract.credentials import schemes, security
from eqkit.contract.document import Document, Json
from eqkit.contract.operations import Operation

View = dict[str, Json]

NO_AUTH: View = {"type": "noauth"}

_GRANTS = {
    "authorizationCode": "authorization_code",
    "clientCredentials": "client_credentials",
    "password": "password_credentials",
    "implicit": "implicit",
}
"""The flows of OpenAPI ("OAuth Flows Object"), as Postman calls them, in the order of preference."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """How requests are authorized: by Postman, by headers and query parameters, and with which variables."""

    auth: View | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    variables: tuple[str, ...] = ()


def is_plain(text: str) -> bool:
    """Return whether Postman takes a text as it is: it replaces ``{{name}}`` by any variable of its user."""
    return "{{" not in text


def authorization(document: Document, operation: Operation | None) -> Authorization:
    """Return the authorization of an operation, or that of the document.

    Of its alternatives it is the first that wants a key; a scheme without a counterpart is left out.
    """
    wanted = next((need for need in security(document, operation) if need), None)
    if wanted is None:
        return Authorization(NO_AUTH)
    known = schemes(document)
    auth: View | None = None
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    variables: list[str] = []
    for name in wanted:
        scheme = known.get(name)
        if not isinstance(scheme, dict):
            continue
        variable = variable_of(name)
        made, names = _auth(scheme, variable)
        if made is not None and auth is None:
            auth = made
            variables += names
        elif scheme.get("type") == "apiKey" and is_plain(str(scheme.get("name"))):
            _add_key(scheme, variable, headers, query)
            variables.append(variable)
    return Authorization(auth or NO_AUTH, headers, query, tuple(variables))


def variable_of(name: str) -> str:
    """Return the variable for the key of a scheme, by the name of the scheme."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)[:60] or "key"


def _add_key(scheme: View, variable: str, headers: dict[str, str], query: dict[str, str]) -> None:
    name, value = str(scheme.get("name")), f"{{{{{variable}}}}}"
    match scheme.get("in"):
        case "query":
            query[name] = value
        case "cookie":
            headers["Cookie"] = "; ".join(filter(None, [headers.get("Cookie"), f"{name}={value}"]))
        case _:
            headers[name] = value


def _auth(scheme: View, variable: str) -> tuple[View | None, list[str]]:
    """Return a scheme as Postman's, with its variables; None where Postman has no such way."""
    value = f"{{{{{variable}}}}}"
    match scheme:
        case {"type": "apiKey", "in": "header" | "query" as place, "name": str(name)} if is_plain(name):
            return _of_type("apikey", key=name, value=value, **{"in": place}), [variable]
        case {"type": "http", "scheme": str(kind)} if kind.lower() in ("basic", "digest"):
            user, password = f"{variable}_username", f"{variable}_password"
            pair = {"username": f"{{{{{user}}}}}", "password": f"{{{{{password}}}}}"}
            return _of_type(kind.lower(), **pair), [user, password]
        case {"type": "http", "scheme": str(kind)} if kind.lower() == "bearer":
            return _of_type("bearer", token=value), [variable]
        case {"type": "http", "scheme": str(kind)} if re.fullmatch(r"[\w-]+", kind):
            header = {"key": "Authorization", "value": f"{kind} {value}", "in": "header"}
            return _of_type("apikey", **header), [variable]
        case {"type": "oauth2"}:
            return _of_type("oauth2", **_oauth2(scheme), accessToken=value, addTokenTo="header"), [variable]
        case {"type": "openIdConnect"}:
            return _of_type("bearer", token=value), [variable]
    return None, []


def _oauth2(scheme: View) -> dict[str, str]:
    """Return the addresses and scopes of the first flow that Postman can go through."""
    flows = scheme.get("flows")
    for name, grant in _GRANTS.items():
        flow = flows.get(name) if isinstance(flows, dict) else None
        if isinstance(flow, dict):
            scopes = flow.get("scopes")
            members = {
                "grant_type": grant,
                "authUrl": str(flow.get("authorizationUrl") or ""),
                "accessTokenUrl": str(flow.get("tokenUrl") or ""),
                "scope": " ".join(scopes) if isinstance(scopes, dict) else "",
            }
            return {each: text for each, text in members.items() if text and is_plain(text)}
    return {}


def _of_type(kind: str, **members: str) -> View:
    parts = [{"key": name, "value": value, "type": "string"} for name, value in members.items()]
    return {"type": kind, kind: parts}
