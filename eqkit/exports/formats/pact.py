"""Exchanges as a pact (Pact specification 3): the interactions that a consumer expects of its provider.

The format is that of https://github.com/pact-foundation/pact-specification/tree/version-3.
"""

import json
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

from eqkit import __version__
from eqkit.contract.decoding.styles import raw_pairs
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.exports.exchanges import ExportedExchange, NotExportable, distinct, own_headers, with_credentials
from eqkit.exports.formats.pact_rules import Rules, all_of, body_rules, of_type, trimmed
from eqkit.exports.requests import encoded_template, filled
from eqkit.exports.sources import Export
from eqkit.traffic.exchanges import Headers
from eqkit.traffic.secrets import REDACTED

View = dict[str, Json]

_OF_STATE = (402, 403, 404, 409, 410, 412, 423, 451)
"""The errors that a state of the provider can bring about; for others, the request has to be wrong."""

_OF_CLIENTS = frozenset(
    ("accept-encoding", "accept-language", "origin", "pragma", "cache-control", "priority")
)
"""Headers that a recorded client has sent by itself; those of browsers begin with ``sec-``."""


def pact(export: Export, consumer: str, provider: str) -> View:
    """Return the pact between a consumer and a provider."""
    interactions = _Interactions(export)
    return {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": list(interactions.all()),
        "metadata": {
            "pactSpecification": {"version": "3.0.0"},
            "client": {"name": "eqkit", "version": __version__},
        },
    }


class _Interactions:
    """The interactions of one pact; description and state together are one interaction's alone."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._compiled = CompiledContract(export.contract.document)
        self._described: dict[str, int] = {}

    def all(self) -> Iterator[View]:
        """Yield the interactions, and name the exchanges that cannot be one."""
        impossible: dict[int, int] = {}
        for each in distinct(self._export.exchanges):
            status = each.exchange.status
            if each.is_forced and status >= 400 and status not in _OF_STATE:
                impossible[status] = impossible.get(status, 0) + 1
                continue
            try:
                yield self._interaction(each)
            except NotExportable as error:
                self._export.leave_out(each, str(error))
        if impossible:
            statuses = ", ".join(map(str, sorted(impossible)))
            reason = f"no state of a provider answers a good request with {statuses}"
            self._export.leave_out_many(sum(impossible.values()), reason)

    def _interaction(self, exported: ExportedExchange) -> View:
        node = self._export.node(exported.operation)
        name = str(node.get("summary") or exported.operation.id)
        return {
            "description": self._description(f"{name}: {exported.title}"),
            "providerStates": [{"name": f"{exported.operation.id} answers {exported.title}"}],
            "request": self._request(exported),
            "response": self._response(exported),
        }

    def _description(self, text: str) -> str:
        number = self._described[text] = self._described.get(text, 0) + 1
        return text if number == 1 else f"{text} ({number})"

    def _request(self, exported: ExportedExchange) -> View:
        exchange = with_credentials(exported)
        content_type = exchange.request_header("content-type")
        compiled = self._compiled.operation(exported.operation.pointer)
        media_type = compiled.body[2].find(content_type)
        headers = dict(_sent(exchange.request_headers))
        query: dict[str, list[str]] = {}
        for name, value in raw_pairs(exchange.query):
            if value != REDACTED:
                query.setdefault(name, []).append(unquote_plus(value))
        rules: Rules = {}
        if exported.path:
            rules["path"] = all_of({"match": "regex", "regex": _path_pattern(exported)})
        if query:
            rules["query"] = {name: of_type() for name in query}
        schema = None if media_type is None else media_type.schema
        view = {"method": exchange.method, "path": exchange.path, **({"query": query} if query else {})}
        return {**view, **_message(self._compiled.requests, schema, headers, exchange.request_body, rules)}

    def _response(self, exported: ExportedExchange) -> View:
        exchange = exported.exchange
        if exchange.response_body is None:
            raise NotExportable("the body of its answer was not recorded")
        schemas = self._compiled.responses
        documented = self._compiled.operation(exported.operation.pointer).response(exchange.status)
        content_type = exchange.response_header("content-type")
        schema, declared = None, set[str]()
        if documented is not None:
            media_type = documented.content.find(content_type)
            schema = None if media_type is None else media_type.schema
            # Another answer may leave out a header that is not required.
            declared = {
                each.name.lower() for each in documented.headers if each.is_required or exported.is_recorded
            }
        headers = {
            name: value
            for name, value in own_headers(exchange.response_headers)
            if name.lower() == "content-type" or name.lower() in declared
        }
        body = b"" if exchange.method == "HEAD" else exchange.response_body
        is_example = not exported.is_generated
        made = _message(schemas, schema, headers, body, {}, is_response=True, is_example=is_example)
        return {"status": exchange.status, **made}


def _message(
    schemas: DirectedSchemas,
    schema: str | None,
    headers: dict[str, str],
    body: bytes | None,
    rules: Rules,
    *,
    is_response: bool = False,
    is_example: bool = True,
) -> View:
    """Return headers, body and matching rules of a request or response; `rules` are those of the rest."""
    view: View = {}
    if headers:
        view["headers"] = headers
        rules["header"] = {name: _header_rule(name, value) for name, value in headers.items()}
    media_type = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    if body:
        value = _value(media_type, body)
        if is_json(media_type):
            if is_response:
                value = trimmed(schemas.shapes, schema, value, is_example=is_example)
            rules["body"] = body_rules(schemas.shapes, schema, value)
            # A text is read as the source of a body, and null as none.
            value = json.dumps(value) if value is None or isinstance(value, str) else value
        view["body"] = value
    return {**view, **({"matchingRules": rules} if rules else {})}


def _value(media_type: str | None, body: bytes) -> Json:
    try:
        return json_of(body) if is_json(media_type) else body.decode()
    except UnicodeDecodeError:
        raise NotExportable("a body that is no text has no place in version 3 of Pact") from None
    except NotJson as error:
        raise NotExportable(f"its body is not JSON: {error}") from None


def _header_rule(name: str, value: str) -> Rules:
    if name.lower() != "content-type":
        return of_type()
    kind = re.escape(essence(value) or "")
    return all_of({"match": "regex", "regex": rf"^{kind}(\s*;.*)?$"})


def _sent(headers: Headers) -> Headers:
    """Return the headers of a request that a client sends on purpose."""
    own = own_headers(headers, (*_OF_CLIENTS, "user-agent", "referer"))
    return tuple((name, value) for name, value in own if not name.lower().startswith("sec-"))


def _path_pattern(exported: ExportedExchange) -> str:
    """Return the pattern of the path with any text in the place of each parameter."""
    template, path = exported.operation.path, exported.exchange.path
    sent = filled(template, exported.path)
    before = path.removesuffix(sent) if path.endswith(sent) else ""
    pieces = re.split(r"\{[^}]*\}", encoded_template(template))
    return "^" + re.escape(before) + "[^/]+".join(map(re.escape, pieces)) + "$"
