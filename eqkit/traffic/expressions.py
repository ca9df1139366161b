"""Runtime expressions in the addresses of callbacks (OpenAPI 3.1.1, "Runtime Expressions")."""

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from eqkit.contract.document import Json, pointer_parts
from eqkit.contract.loading.json_texts import document_of
from eqkit.traffic.exchanges import RecordedExchange

_EXPRESSION = re.compile(r"\{(\$[^}]*)\}|^(\$.*)$")
_PART = re.compile(r"\$(request|response)\.(header|query|path|body)[.#]?(.*)")


def address_of(expression: str, exchange: RecordedExchange, parameters: Mapping[str, str]) -> str | None:
    """Return the address that a text with runtime expressions stands for; None if an exchange lacks a value.

    `parameters` are the texts of the path as they were sent. So OpenAPI has it (3.1.1, "Runtime
    Expressions"); a key of `callbacks` may be an expression without braces, too.
    """
    values = []
    for found in _EXPRESSION.finditer(expression):
        value = _value(found[1] or found[2], exchange, parameters)
        if value is None:
            return None
        values.append(value)
    rest = iter(values)
    return _EXPRESSION.sub(lambda _: next(rest), expression)


def _value(expression: str, exchange: RecordedExchange, parameters: Mapping[str, str]) -> str | None:
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
            return dict(parse_qsl(urlsplit(exchange.url).query)).get(name)
        case "request", "path", name:
            return unquote(parameters[name]) if name in parameters else None
        case side, "body", pointer:
            body = exchange.request_body if side == "request" else exchange.response_body
            return _text_at(document_of(body), pointer)
    return None


def _text_at(document: Json, pointer: str) -> str | None:
    for part in pointer_parts(pointer):
        try:
            document = document[int(part)] if isinstance(document, list) else document[part]
        except (LookupError, TypeError, ValueError):
            return None
    if isinstance(document, bool | int | float):
        return json.dumps(document)
    return document if isinstance(document, str) else None
