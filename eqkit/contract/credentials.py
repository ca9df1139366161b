"""A key as a contract wants it sent: in a header, in the query or in a cookie, with its scheme before it."""

import base64
import contextlib
from dataclasses import dataclass
from urllib.parse import quote

from eqkit.contract.document import Document, Json
from eqkit.contract.operations import Operation, operations_in

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The headers and query parameters that a request needs; recorded ones of the same names are dropped."""

    headers: Pairs = ()
    query: Pairs = ()


def bare(key: str) -> Credentials:
    """Return a key as it is, in the header Authorization."""
    return Credentials((("Authorization", key),))


def credentials(document: Document, key: str, operation: Operation | None = None) -> Credentials:
    """Return how an operation wants a key, by the first of its alternatives that wants one at all.

    Where nothing is said of it, or there is no operation, it goes as by `bare`.
    """
    node = {} if operation is None else _node(document, operation.path, operation.method)
    return _credentials(document, key, node)


def asked_for(document: Document, key: str, operation: Operation | None) -> Credentials:
    """Return the credentials of an operation, and none if the document asks for no key.

    Without an operation, the requirements of the whole document count.
    """
    needs = security(document, operation)
    return credentials(document, key, operation) if any(needs) else Credentials()


def is_closed(document: Document, operation: Operation | None) -> bool:
    """Return whether the contract lets nobody call an operation without a key."""
    needs = security(document, operation)
    return bool(needs) and all(needs)


def security(document: Document, operation: Operation | None) -> list[Json]:
    """Return the alternatives of security of an operation, or else those of the document."""
    node = {} if operation is None else _node(document, operation.path, operation.method)
    return list(node.get("security", document.data.get("security")) or ())


def key_header(document: Document, operation: Operation | None) -> str:
    """Return the header, in lower case, that an operation has its key in; by default Authorization."""
    wanted = (name.lower() for name, _ in credentials(document, "", operation).headers)
    return next((name for name in wanted if name != "cookie"), "authorization")


def _credentials(document: Document, key: str, operation: Json) -> Credentials:
    needs = operation.get("security", document.data.get("security")) or ()
    first = next((need for need in needs if need), None)
    if first is None:
        return bare(key)
    known = schemes(document)
    wanted = [known[name] for name in first if name in known]
    headers = [pair for scheme in wanted if (pair := _header(scheme, key)) is not None]
    query = [(str(scheme.get("name")), key) for scheme in wanted if scheme.get("in") == "query"]
    # Of several schemes of one header, such as two that are bearer, the key is sent once.
    return Credentials(tuple(dict.fromkeys(headers)), tuple(dict.fromkeys(query)))


def schemes(document: Document) -> dict[str, Json]:
    """Return the security schemes of a document by name; one whose reference leads nowhere is left out."""
    found: dict[str, Json] = {}
    written = (document.data.get("components") or {}).get("securitySchemes") or {}
    for name, node in written.items():
        with contextlib.suppress(KeyError):
            found[name] = document.inlined(node)
    return found


def secret_names(document: Document) -> frozenset[str]:
    """Return the document's names of the headers, query parameters and cookies of its keys, in lower case."""
    named = (each.get("name") for each in schemes(document).values() if each.get("type") == "apiKey")
    return frozenset(str(name).lower() for name in named)


def authorization(document: Document, operation: str) -> str:
    """Return the scheme before the key in Authorization: Bearer, Basic or nothing.

    The operation is named by method and path, as Schemathesis does it.
    """
    method, _, path = operation.partition(" ")
    found = dict(_credentials(document, "", _node(document, path, method)).headers).get("Authorization", "")
    return found.partition(" ")[0]


def _node(document: Document, path: str, method: str) -> Json:
    """Return an operation as it is written, wherever its path item stands."""
    item = document.data.get("paths", {}).get(path, {})
    item = document.at(item["$ref"]) if "$ref" in item else item
    return dict(operations_in(item)).get(method, {})


def _header(scheme: Json, key: str) -> tuple[str, str] | None:
    match scheme:
        case {"type": "apiKey", "in": "header", "name": str(name)}:
            return name, key
        case {"type": "apiKey", "in": "cookie", "name": str(name)}:
            return "Cookie", f"{name}={quote(key)}"
        case {"type": "apiKey"}:
            return None
        case {"type": "http", "scheme": str(name)} if name.lower() == "basic":
            # A key without a password is a user, as in `curl --user KEY:` (RFC 7617 2).
            pair = key if ":" in key else f"{key}:"
            return "Authorization", _with("Basic", key, base64.b64encode(pair.encode()).decode())
        case {"type": "http", "scheme": str(name)} if name.lower() != "bearer":
            return "Authorization", key
    return "Authorization", _with("Bearer", key, key)


def _with(scheme: str, key: str, sent: str) -> str:
    """Return a value with the name of its scheme, unless the given key begins with that name already."""
    return key if key.lower().startswith(f"{scheme.lower()} ") else f"{scheme} {sent}"
