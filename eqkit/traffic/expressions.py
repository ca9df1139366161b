"""Runtime expressions in the addresses of callbacks (OpenAPI 3.1.1, "Runtime Expressions")."""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, quote, unquote, urlsplit

from eqkit.contract.decoding.forms import URLENCODED
from eqkit.contract.document import Json, pointer_parts
from eqkit.contract.loading.json_texts import document_of
from eqkit.contract.media_types import essence
from eqkit.traffic.exchanges import RecordedExchange

_EXPRESSION = re.compile(r"\{(\$[^}]*)\}|^(\$.*)$")
_PART = re.compile(r"\$(request|response)\.(header|query|path|body)[.#]?(.*)", re.DOTALL)

_OF_DATA = "/:?@!$'()*,;"
"""The delimiters that a value within a query may have: none of them ends it (RFC 3986 3.4)."""

_OF_ADDRESSES = _OF_DATA + "%&=+#[]"
"""Those of a value that is an address, or a part of one: it has them for a reason (RFC 3986 2.2)."""


def address_of(
    expression: str, exchange: RecordedExchange, parameters: Mapping[str, str], document: Json = None
) -> str | None:
    """Return the address that a text with runtime expressions stands for; None if an exchange lacks a value.

    `parameters` are the texts of the path as they were sent, and `document` is the body of the request where
    it was read by a schema, which forms with files and XML need. So OpenAPI has it (3.1.1, "Runtime
    Expressions"); a key of `callbacks` may be an expression without braces, too. A value is percent-encoded
    where an address cannot have it as it is; within a query it is data, and its delimiters are encoded, too.
    """
    address, end = "", 0
    for found in _EXPRESSION.finditer(expression):
        value = _value(found[1] or found[2], exchange, parameters, document)
        if value is None:
            return None
        is_data = "?" in expression[: found.start()]
        address += expression[end : found.start()]
        address += quote(value, _OF_DATA if is_data else _OF_ADDRESSES, errors="replace")
        end = found.end()
    return address + expression[end:]


def _value(
    expression: str, exchange: RecordedExchange, parameters: Mapping[str, str], document: Json
) -> str | None:
    match expression:
        case "$url":
            return exchange.url
        case "$method":
            return exchange.method
        case "$statusCode":
            return str(exchange.status)
    part = _PART.fullmatch(expression)
    match part.groups() if part else ():
        case "request", "header", name:
            return exchange.request_header(name)
        case "response", "header", name:
            return exchange.response_header(name)
        case "request", "query", name:
            return parse_qs(urlsplit(exchange.url).query, keep_blank_values=True).get(name, [None])[0]
        case "request", "path", name:
            return unquote(parameters[name]) if name in parameters else None
        case "request", "body", pointer:
            sent = _document(exchange.request_body, exchange.request_header("content-type"))
            return _text_at(sent if document is None else document, pointer)
        case "response", "body", pointer:
            answer = _document(exchange.response_body, exchange.response_header("content-type"))
            return _text_at(answer, pointer)
    return None


def _document(body: bytes | None, content_type: str | None) -> Json:
    """Return a body as pointers find values in it: JSON, the fields of a form, or else a text."""
    kind = essence(content_type)
    if body and kind == URLENCODED:
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}
    if body and kind is not None and kind.startswith("text/"):
        return body.decode("utf-8", "replace")
    return document_of(body)


def _text_at(document: Json, pointer: str) -> str | None:
    for part in pointer_parts(pointer):
        try:
            document = document[int(part)] if isinstance(document, list) else document[part]
        except (LookupError, TypeError, ValueError):
            return None
    if isinstance(document, bool | int | float):
        return json.dumps(document)
    return document if isinstance(document, str) else None
