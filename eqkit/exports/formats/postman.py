"""Exchanges as a Postman Collection 2.1: folders by tag, requests, and their answers as examples.

The format is that of https://schema.getpostman.com/json/collection/v2.1.0/collection.json.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from eqkit.contract.decoding.forms import MULTIPART, URLENCODED, Part, parts_of
from eqkit.contract.decoding.styles import raw_pairs
from eqkit.contract.decoding.texts import Malformed
from eqkit.contract.document import Json
from eqkit.contract.media_types import essence, is_json
from eqkit.contract.operations import Operation
from eqkit.exports.exchanges import ExportedExchange, NotExportable, distinct, own_headers, with_headers
from eqkit.exports.formats.postman_auth import Authorization, View, authorization, is_plain
from eqkit.exports.requests import encoded_template, filled
from eqkit.exports.sources import Export
from eqkit.reason_phrases import reason_phrase
from eqkit.traffic.secrets import REDACTED

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"

BASE = "baseUrl"
"""The variable with the address of the service; those of further servers have a number behind it."""

_SEGMENT = re.compile(r"\{([A-Za-z0-9_.-]+)\}")


def postman(export: Export) -> View:
    """Return the collection."""
    collection = _Collection(export)
    groups: dict[str, list[ExportedExchange]] = {}
    for each in distinct(export.exchanges):
        groups.setdefault(each.operation.id, []).append(each)
    items = [(group[0].operation, item) for group in groups.values() if (item := collection.item(group))]
    return collection.whole(items)


class _Collection:
    """The parts of one collection, and the variables that they use."""

    def __init__(self, export: Export) -> None:
        self._export = export
        self._document = export.contract.document
        self._auth = authorization(self._document, None)
        self._bases: dict[str, str] = {}
        self._variables = dict.fromkeys(self._auth.variables)

    def whole(self, items: list[tuple[Operation, View]]) -> View:
        """Return the collection of some items."""
        about = self._export.info
        bases = [{"key": name, "value": base, "type": "string"} for base, name in self._bases.items()]
        keys = [{"key": name, "value": "", "type": "string"} for name in self._variables]
        return {
            "info": {
                "name": self._export.title,
                "description": str(about.get("description") or ""),
                "version": str(about.get("version") or ""),
                "schema": SCHEMA,
            },
            "item": self._folders(items),
            "auth": self._auth.auth,
            "variable": [*bases, *keys],
        }

    def _folders(self, items: list[tuple[Operation, View]]) -> list[View]:
        """Return a folder for each tag, in the order of the document; items without a tag stand behind."""
        tags = self._document.data.get("tags")
        known = {str(each.get("name")): each for each in tags or () if isinstance(each, dict)}
        names = dict.fromkeys(
            [*known, *(operation.tag for operation, _ in items if operation.tag is not None)]
        )
        folders: list[View] = []
        for name in names:
            inside = [item for operation, item in items if operation.tag == name]
            description = str(known.get(name, {}).get("description") or "")
            if inside:
                folders.append({"name": name, "description": description, "item": inside})
        return [*folders, *(item for operation, item in items if operation.tag is None)]

    def item(self, group: list[ExportedExchange]) -> View | None:
        """Return the item of an operation, whose request is the first that can be written."""
        operation = group[0].operation
        node = self._export.node(operation)
        auth = authorization(self._document, operation)
        self._variables.update(dict.fromkeys(auth.variables))
        requests: list[View] = []
        responses: list[View] = []
        for each in group:
            try:
                request = self._request(each, auth)
            except (NotExportable, Malformed) as error:
                self._export.leave_out(each, str(error))
                continue
            requests.append(request)
            responses.append(_response(each, request))
        if not requests:
            return None
        has_own = auth.auth != self._auth.auth
        described = {"description": str(node.get("description") or "")}
        first = {**requests[0], **described, **({"auth": auth.auth} if has_own else {})}
        return {"name": str(node.get("summary") or operation.id), "request": first, "response": responses}

    def _request(self, exported: ExportedExchange, auth: Authorization) -> View:
        body = _body(exported)
        left_out = {"authorization"}
        if body and body["mode"] == "formdata":
            left_out.add("content-type")  # with the boundary that Postman chooses
        sent = own_headers(exported.exchange.request_headers, left_out)
        if exported.is_forced:
            sent = with_headers(sent, (("Prefer", exported.prefer),))
        for name, value in sent:
            if not (is_plain(name) and is_plain(value)):
                raise NotExportable(f'Postman would take "{{{{" in the header {name[:80]} for a variable')
        headers = with_headers(sent, tuple(auth.headers.items()))
        view: View = {
            "method": exported.exchange.method,
            "header": [{"key": name, "value": value} for name, value in headers],
            "url": self._url(exported, auth),
        }
        return {**view, "body": body} if body else view

    def _url(self, exported: ExportedExchange, auth: Authorization) -> View:
        exchange, template = exported.exchange, exported.operation.path
        path = filled(template, exported.path)
        is_below = exchange.path.endswith(path)
        base = exchange.origin + (exchange.path[: -len(path)] if is_below else "")
        name = self._base(base, exported)
        parts = encoded_template(template).split("/")[1:] if is_below else exchange.path.split("/")[1:]
        variables: dict[str, str] = {}
        written = []
        for part in parts:
            found = _SEGMENT.fullmatch(part)
            if found and found[1] not in variables and found[1] in exported.path:
                variables[found[1]] = exported.path[found[1]]
                written.append(f":{found[1]}")
            else:
                literal = filled(f"/{part}", exported.path)[1:]
                written.append(re.sub("^:", "%3A", literal))
        query = [{"key": key, "value": value} for key, value in _pairs(exchange.query, auth)]
        query += [{"key": key, "value": value} for key, value in auth.query.items()]
        sent = "&".join(f"{each['key']}={each['value']}" for each in query)
        optional = [
            each for each in exported.operation.in_place("query") if not _is_sent(each, exchange.query)
        ]
        disabled = [{"key": each, "value": "", "disabled": True} for each in optional if is_plain(each)]
        return {
            "raw": f"{{{{{name}}}}}/{'/'.join(written)}" + (f"?{sent}" if sent else ""),
            "host": [f"{{{{{name}}}}}"],
            "path": written,
            "query": [*query, *disabled],
            "variable": [{"key": key, "value": value} for key, value in variables.items()],
        }

    def _base(self, base: str, exported: ExportedExchange) -> str:
        """Return the variable of an address; a recording may have met one service at several."""
        if exported.is_recorded and self._bases:
            return BASE
        number = len(self._bases) + 1
        return self._bases.setdefault(base, BASE if number == 1 else f"{BASE}{number}")


def _pairs(query: str, auth: Authorization) -> list[tuple[str, str]]:
    """Return names and values of a query as they are sent, without those of keys."""
    split = (each.partition("=") for each in query.split("&") if each)
    pairs = [(name, value) for name, _, value in split]
    named = zip(pairs, raw_pairs(query), strict=True)
    return [pair for pair, (name, _) in named if name not in auth.query and pair[1] != REDACTED]


def _is_sent(name: str, query: str) -> bool:
    return any(key == name or key.startswith(f"{name}[") for key, _ in raw_pairs(query))


def _body(exported: ExportedExchange) -> View | None:
    body = exported.exchange.request_body
    if not body:
        return None
    media_type = exported.exchange.request_header("content-type")
    if essence(media_type) == MULTIPART:
        return _multipart(parts_of(body, media_type))
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise NotExportable("the body of its request is no text") from None
    if is_json(media_type):
        # Another way to write the same JSON (RFC 8259 7).
        return _raw(text.replace("{{", "{\\u007b"), media_type)
    pairs = parse_qsl(text, keep_blank_values=True) if essence(media_type) == URLENCODED else []
    if pairs and all(is_plain(name) and is_plain(value) for name, value in pairs):
        return {"mode": "urlencoded", "urlencoded": [{"key": key, "value": value} for key, value in pairs]}
    return _raw(text, media_type)


def _raw(text: str, media_type: str | None) -> View:
    if not is_plain(text):
        raise NotExportable('Postman would take "{{" in the body of its request for a variable')
    return {"mode": "raw", "raw": text, "options": {"raw": {"language": _language(media_type)}}}


def _multipart(parts: Iterable[Part]) -> View:
    """Return a form of parts; the user chooses the files."""
    fields: list[View] = []
    for part in parts:
        content_type = {} if part.content_type is None else {"contentType": part.content_type}
        if part.filename is not None:
            fields.append({"key": part.name, "type": "file", "src": [], **content_type})
            continue
        text = part.content.decode("utf-8", "replace")
        if not (is_plain(part.name) and is_plain(text)):
            raise NotExportable('Postman would take "{{" in the body of its request for a variable')
        fields.append({"key": part.name, "type": "text", "value": text, **content_type})
    return {"mode": "formdata", "formdata": fields}


def _response(exported: ExportedExchange, request: View) -> View:
    exchange = exported.exchange
    content: Json = (exchange.response_body or b"").decode("utf-8", "replace")
    return {
        "name": f"{exchange.status} {exported.name or reason_phrase(exchange.status)}".rstrip(),
        "originalRequest": request,
        "status": reason_phrase(exchange.status),
        "code": exchange.status,
        "_postman_previewlanguage": _language(exchange.response_header("content-type")),
        "header": [{"key": name, "value": value} for name, value in own_headers(exchange.response_headers)],
        "cookie": [],
        "body": content,
    }


def _language(media_type: str | None) -> str:
    kind = essence(media_type) or ""
    if is_json(kind):
        return "json"
    if kind.endswith(("/xml", "+xml")):
        return "xml"
    return "html" if kind == "text/html" else "text"
