"""Exchanges as a TypeScript module for Mock Service Worker 2, with a handler for each operation."""

import base64
import re
from collections.abc import Iterator

from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.media_types import is_json
from eqkit.contract.operations import Operation
from eqkit.exports.exchanges import ExportedExchange, distinct, own_headers
from eqkit.exports.formats.literals import is_exact, literal, text_literal
from eqkit.exports.formats.msw_module import BEGINNING
from eqkit.exports.requests import encoded_template
from eqkit.exports.sources import Export

_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
"""The methods that msw has a function for; its `all` takes any other one."""

_PLAIN = re.compile(r"[A-Za-z0-9._~-]+")
_PARAMETER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SPECIAL = re.compile(r"[\\^$.*+?()[\]{}|/]")


def msw(export: Export) -> str:
    """Return the module; the more telling paths go before those that would match their requests, too."""
    grouped: dict[str, list[ExportedExchange]] = {}
    for each in distinct(export.exchanges):
        if each.exchange.response_body is None:
            export.leave_out(each, "the body of its answer was not recorded")
        else:
            grouped.setdefault(each.operation.id, []).append(each)
    ordered = sorted(grouped.values(), key=lambda group: _rank(group[0].operation))
    return BEGINNING + "".join(map(_handler, ordered)) + "];\n"


def _rank(operation: Operation) -> tuple[int, list[int]]:
    """Return the place of a path: ``*/pets/:id`` matches a path of more parts, and a literal one."""
    parts = operation.path.split("/")
    return -len(parts), [2 if _PARAMETER.fullmatch(part) else "{" in part for part in parts]


def _handler(group: list[ExportedExchange]) -> str:
    operation = group[0].operation
    answers = literal([dict(_answer(each)) for each in group], "    ")
    call = f"respond(request, {answers})"
    if operation.method in _METHODS:
        name = operation.method.lower()
    else:
        name = "all"
        call = f"request.method === {text_literal(operation.method)} ? {call} : undefined"
    return f"  http.{name}({_pattern(operation.path)}, ({{ request }}) =>\n    {call},\n  ),\n"


def _pattern(path: str) -> str:
    """Return the pattern of a path at any address: a text where msw's language has one, else a RegExp."""
    parts = path.split("/")[1:]
    names = [found[1] for part in parts if (found := _PARAMETER.fullmatch(part))]
    is_plain = all(_PLAIN.fullmatch(part) or _PARAMETER.fullmatch(part) for part in parts)
    # A parameter at its beginning would match the host of a shorter address.
    if is_plain and len({*names}) == len(names) and not _PARAMETER.fullmatch(parts[0]):
        return text_literal("*/" + "/".join(_PARAMETER.sub(r":\1", part) for part in parts))
    pieces = re.split(r"\{[^}]*\}", encoded_template(path))
    expression = "[^/]+".join(_SPECIAL.sub(r"\\\g<0>", piece) for piece in pieces)
    return f"new RegExp({text_literal(f'^[^/]+//[^/]+(?:/.*)?{expression}$')})"


def _answer(exported: ExportedExchange) -> Iterator[tuple[str, Json]]:
    exchange = exported.exchange
    yield "status", exchange.status
    yield "example", exported.name
    yield "headers", [list(pair) for pair in own_headers(exchange.response_headers)]
    body = exchange.response_body
    if not body or exchange.method == "HEAD" or exchange.status in (204, 205, 304):
        return
    try:
        document = json_of(body) if is_json(exchange.response_header("content-type")) else None
    except NotJson:
        document = None
    if document is not None and is_exact(document):
        yield "json", document
        return
    try:
        yield "text", body.decode()
    except UnicodeDecodeError:
        yield "base64", base64.b64encode(body).decode()
