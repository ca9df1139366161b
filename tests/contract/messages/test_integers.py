"""Integers in parameters, headers and forms: written as JSON writes them, wherever they stand."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract, CompiledOperation
from tests.contract.messages.requests import request_of, response_to

NUMBER: Json = {"type": "integer", "minimum": -(10**30), "maximum": 10**30}
NUMBERS: Json = {"type": "array", "items": NUMBER}
OBJECT: Json = {"type": "object", "properties": {"n": NUMBER}}
URLENCODED = (("Content-Type", "application/x-www-form-urlencoded"),)
MULTIPART = (("Content-Type", "multipart/form-data; boundary=XX"),)
PART = '--XX\r\nContent-Disposition: form-data; name="n"\r\n\r\n{}\r\n--XX--\r\n'


def operation(name: str, place: str, schema: Json, **how: Json) -> CompiledOperation:
    """Compile an operation with one parameter, forms of a number, and a number in a header of its answer."""
    parameter = {"name": name, "in": place, "required": place == "path", "schema": schema, **how}
    content = {
        each: {"schema": OBJECT} for each in ("application/x-www-form-urlencoded", "multipart/form-data")
    }
    answer = {"description": "d", "headers": {"X-N": {"schema": NUMBER}}}
    post = {
        "parameters": [parameter],
        "requestBody": {"content": {**content, "text/plain": {"schema": NUMBER}}},
        "responses": {"200": answer},
    }
    document = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/{n}": {"post": post}}}
    return CompiledContract(Document(document)).operation("/paths/~1{n}/post")


def encoded(text: str) -> str:
    """Write a text into a path or a query."""
    return quote(text, safe="")


def in_query(schema: Json, form: str, **how: Json) -> Callable[[str], bool]:
    """Tell of a text whether it is an integer where a query has it."""
    compiled = operation("n", "query", schema, **how)
    return lambda text: not [*compiled.request_violations(request_of("POST", form.format(encoded(text))))]


def in_path(style: str, form: str) -> Callable[[str], bool]:
    """Tell of a text whether it is an integer where a path has it."""
    compiled = operation("n", "path", NUMBER, style=style)
    return lambda text: (
        not [*compiled.request_violations(request_of("POST"), {"n": form.format(encoded(text))})]
    )


def in_headers(name: str, place: str, form: str) -> Callable[[str], bool]:
    """Tell of a text whether it is an integer where a header or a cookie has it."""
    compiled = operation("n", place, NUMBER)
    return lambda text: (
        not [*compiled.request_violations(request_of("POST", "", ((name, form.format(text)),)))]
    )


def in_body(
    headers: tuple[tuple[str, str], ...], form: str, *, is_encoded: bool = False
) -> Callable[[str], bool]:
    """Tell of a text whether it is an integer where a body has it."""
    compiled = operation("m", "query", NUMBER)

    def accepts(text: str) -> bool:
        body = form.format(encoded(text) if is_encoded else text).encode()
        return not [*compiled.request_violations(request_of("POST", "", headers, body))]

    return accepts


def in_response(text: str) -> bool:
    """Tell of a text whether it is an integer where a header of a response has it."""
    response = response_to("POST", 200, (("X-N", text),), b"")
    return not [*operation("m", "query", NUMBER).response_violations(response)]


PLACES: dict[str, Callable[[str], bool]] = {
    "query": in_query(NUMBER, "n={}"),
    "an item of a query": in_query(NUMBERS, "n=1&n={}"),
    "an item after a comma": in_query(NUMBERS, "n=1,{}", explode=False),
    "an item after a space": in_query(NUMBERS, "n=1%20{}", style="spaceDelimited", explode=False),
    "an item after a pipe": in_query(NUMBERS, "n=1%7C{}", style="pipeDelimited", explode=False),
    "a member of a query": in_query(OBJECT, "n[n]={}", style="deepObject"),
    "a path": in_path("simple", "{}"),
    "a label": in_path("label", ".{}"),
    "a matrix": in_path("matrix", ";n={}"),
    "a header": in_headers("N", "header", "{}"),
    "a cookie": in_headers("Cookie", "cookie", "n={}"),
    "a form": in_body(URLENCODED, "n={}", is_encoded=True),
    "a part": in_body(MULTIPART, PART),
    "a text": in_body((("Content-Type", "text/plain"),), "{}"),
    "a header of a response": in_response,
}
SPACED = {"a header", "a cookie", "a header of a response"}
"""Where HTTP takes spaces around a value for nothing (RFC 9110 5.5, RFC 6265 5.2)."""


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ["0", "-0", "7", "-7", "10", "9007199254740993", "1" + "0" * 30])
def test_an_integer_of_json_is_one_everywhere(place: str, text: str) -> None:
    """Of any size that the schema allows (RFC 8259 6)."""
    assert PLACES[place](text)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "text",
    [
        "007", "00", "-07", "+7", "--7", "7-", "1.0", "1.", ".5", "1e2", "1E2", "0x10", "1_000", "1'000", "٧",
        "７", "²", "①", "−7", "seven", "NaN", "Infinity", "true", "1" + "0" * 5000,
    ],
)  # fmt: skip
def test_a_number_that_json_would_not_write_is_no_integer(place: str, text: str) -> None:
    """Neither 007 nor +7, 1.0, 1e2 or 0x10; two readers would differ on them."""
    assert not PLACES[place](text)


@pytest.mark.parametrize("place", sorted(PLACES.keys() - SPACED - {"an item after a space"}))
@pytest.mark.parametrize("text", [" 7", "7 ", "\t7", "7\n", "\xa07", "1 000"])
def test_a_space_makes_no_integer(place: str, text: str) -> None:
    """Outside of headers every character counts."""
    assert not PLACES[place](text)
