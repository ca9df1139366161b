"""OpenAPI runtime expressions about a request: ``{$request.body#/data/id}`` within a text (OpenAPI 3.0.3)."""

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qs

from eqkit.contract.document import Json, value_at

_EXPRESSION = re.compile(r"\{\$((?:method|url|request\b)[^{}]*)\}")
_SOURCE = re.compile(
    r"method|url|request\.(?:path\.(?P<path>.+)|query\.(?P<query>.+)"
    r"|header\.(?P<header>[!#$%&'*+.^_`|~0-9A-Za-z-]+)|body(?:#(?P<pointer>(?:/(?:[^~/]|~[01])*)*))?)"
)
_KINDS = (
    "$method, $url, $request.path.NAME, $request.query.NAME, $request.header.NAME, $request.body#/POINTER"
)

ABSENT = ""
"""The text for a value that the request does not have."""


class RequestValues(NamedTuple):
    """The values of one request that expressions can name; header names are in lower case."""

    method: str
    url: str
    path: Mapping[str, str]
    query: str
    headers: Mapping[bytes, bytes]
    document: Json


def check_expressions(value: Json) -> None:
    """Raise ValueError for an expression about the request that OpenAPI does not know."""

    def check(expression: str) -> Json:
        if _SOURCE.fullmatch(expression) is None:
            raise ValueError(f'"{{${expression[:80]}}}" is no runtime expression; there are {_KINDS}.')
        return ABSENT

    _replaced(value, check)


def fill_expressions(value: Json, request: RequestValues) -> Json:
    """Return a value with each expression in its texts replaced by its value in the request.

    A text that is one expression and nothing else becomes the value itself, of any JSON type; within a longer
    text a value that is no text is written as JSON. A value that the request lacks is an empty text.
    """
    return _replaced(value, lambda expression: _value(expression, request))


def _replaced(value: Json, replace: Callable[[str], Json]) -> Json:
    if isinstance(value, str):
        whole = _EXPRESSION.fullmatch(value)
        return replace(whole[1]) if whole else _EXPRESSION.sub(lambda found: _text(replace(found[1])), value)
    if isinstance(value, list):
        return [_replaced(each, replace) for each in value]
    if isinstance(value, dict):
        return {name: _replaced(each, replace) for name, each in value.items()}
    return value


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _value(expression: str, request: RequestValues) -> Json:
    source = _SOURCE.fullmatch(expression)
    assert source is not None  # it was checked when it was taken
    if expression in ("method", "url"):
        return request.method if expression == "method" else request.url
    if source["path"] is not None:
        return request.path.get(source["path"], ABSENT)
    if source["query"] is not None:
        return parse_qs(request.query, keep_blank_values=True).get(source["query"], [ABSENT])[0]
    if source["header"] is not None:
        return request.headers.get(source["header"].lower().encode(), b"").decode("latin-1")
    return value_at(request.document, source["pointer"] or "", ABSENT)
