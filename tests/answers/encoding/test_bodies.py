"""Bodies of each media type: examples as they are written, ranges, and values that have no form."""

import json
from typing import Any

import pytest
import yaml

from eqkit.answers.encoding import CannotEncode, encoded_items
from eqkit.contract.document import Json
from tests.answers.encoding.media import Media

OBJECT: Json = {"schema": {"type": "object"}}
TEXT: Json = {"schema": {"type": "string"}}
PEOPLE: Json = [{"name": "Ann, Bo", "age": 1}, {"name": 'C "D"', "born": None}]


@pytest.mark.parametrize(
    ("name", "node", "value", "written"),
    [
        # OpenAPI 3.0.4, "Example Object": a text, where JSON cannot show the media type.
        ("text/plain", TEXT, "a\nb", b"a\nb"),
        ("text/html", OBJECT, "<p>é</p>", "<p>é</p>".encode()),
        ("text/csv", {}, "a,b\r\n1,2", b"a,b\r\n1,2"),
        ("text/plain; charset=iso-8859-1", TEXT, "é", b"\xe9"),
        ("application/x-www-form-urlencoded", OBJECT, "a=1&b=é", "a=1&b=é".encode()),
        ("application/javascript", TEXT, "é", "é".encode()),
        ("application/yaml", OBJECT, "a: 1\n", b"a: 1\n"),
        ("application/graphql", OBJECT, "{a}", b"{a}"),
        ("multipart/form-data", OBJECT, "--b\nX: 1\n\n2\n--b--\n", b"--b\r\nX: 1\r\n\r\n2\r\n--b--\r\n"),
        # A text that is no JSON of its schema is JSON that was written as a text.
        ("application/json", OBJECT, '{"a": 1}', b'{"a": 1}'),
        ("application/json", OBJECT, "{a: 1}", b'"{a: 1}"'),
        ("application/json", OBJECT, "[]", b'"[]"'),
        ("application/json", TEXT, '{"a": 1}', rb'"{\"a\": 1}"'),
        ("application/json", {}, "a", b'"a"'),
        # "Considerations for File Uploads": a binary text has a character for each byte.
        ("application/octet-stream", {"schema": {"type": "string", "format": "binary"}}, "\x00\xff",
         b"\x00\xff"),
        ("image/png", TEXT, "\x89PNG", b"\x89PNG"),
        ("image/png", TEXT, "€", "€".encode()),
        ("image/svg+xml", TEXT, "<svg>é</svg>", "<svg>é</svg>".encode()),
        ("application/pdf", TEXT, "%PDF\xe2", b"%PDF\xe2"),
        ("application/octet-stream", TEXT, 7, b"7"),
        # Documents of media types that nearly always are JSON.
        ("text/plain", OBJECT, {"a": [1]}, b'{"a":[1]}'),
        ("text/json", OBJECT, {"a": 1}, b'{"a":1}'),
        ("application/vnd.odd", OBJECT, {"a": 1}, b'{"a":1}'),
        ("text/plain", {}, None, b""),
        ("text/plain", {}, True, b"true"),
        ("application/json", {}, None, b"null"),
        ("application/json", {}, 10**30, b"1" + b"0" * 30),
        # RFC 4180.
        ("text/csv", {}, PEOPLE, b'name,age,born\r\n"Ann, Bo",1,\r\n"C ""D""",,\r\n'),
        ("text/csv", {}, [["a", 1], [None, [2]], 3], b"a,1\r\n,[2]\r\n3\r\n"),
        ("text/csv", {}, [], b""),
        # Line by line, and in sequences (RFC 7464 2.2).
        ("application/x-ndjson", {}, [{"a": 1}, "b\n"], b'{"a":1}\n"b\\n"\n'),
        ("application/x-ndjson", {}, {"a": 1}, b'{"a":1}\n'),
        ("application/x-ndjson", {}, '{"a":1}\n', b'{"a":1}\n'),
        ("application/json-seq", {}, [1, 2], b"\x1e1\n\x1e2\n"),
        ("application/odd+json-seq", {}, [1], b"\x1e1\n"),
        # HTML, "Server-sent events"; data may be any document.
        ("text/event-stream", {}, [{"event": "a", "data": "1\n2", "id": "7", "retry": 5}],
         b"event: a\nid: 7\nretry: 5\ndata: 1\ndata: 2\n\n"),
        ("text/event-stream", {}, [{"data": {"a": 1}}, {"b": 2}, "c", 3],
         b'data: {"a":1}\n\ndata: {"b":2}\n\ndata: c\n\ndata: 3\n\n'),
        ("text/event-stream", {}, [{"event": "a\nb", "data": None}], b"event: a b\n\n"),
        ("text/event-stream", {}, {"a": 1}, b'data: {"a":1}\n\n'),
        ("text/event-stream", {}, "data: a\n\n", b"data: a\n\n"),
        ("text/event-stream", {}, ": comment\n\nid: 1\n\n", b": comment\n\nid: 1\n\n"),
        ("text/event-stream", {}, "a\nb", b"data: a\ndata: b\n\n"),
        # URL Standard: null is left out where a text may stand for it, and so is an array without items.
        ("application/x-www-form-urlencoded", OBJECT, {"a b": 1, "c": ["x", "y&"], "d": None, "e": []},
         b"a%20b=1&c=x&c=y%26"),
        ("application/x-www-form-urlencoded", {"schema": {"properties": {"d": {"type": "null"}}}},
         {"d": None}, b"d="),
        ("application/x-www-form-urlencoded", {"schema": {"properties": {"d": {"type": ["string", "null"]}}}},
         {"d": None}, b""),
        ("application/x-www-form-urlencoded", OBJECT, {"o": {"a": 1}}, b"o=%7B%22a%22%3A1%7D"),
    ],
)  # fmt: skip
def test_a_value_is_written(name: str, node: Json, value: Json, written: bytes) -> None:
    """Each by the source of its rule."""
    assert Media(name, node).write(value) == written


@pytest.mark.parametrize(
    "name", ["application/yaml", "text/yaml", "application/x-yaml", "application/openapi+yaml"]
)
def test_yaml(name: str) -> None:
    """RFC 9512; members stay in their order."""
    value = {"b": [1, None, "é: #"], "a": {"c": True}}
    written = Media(name, OBJECT).text(value)
    assert yaml.safe_load(written) == value
    assert written.startswith("b:")


@pytest.mark.parametrize(
    ("name", "value", "sent_as"),
    [
        ("application/json", {}, "application/json"),
        ("Text/Plain; charset=utf-16", "a", "Text/Plain; charset=utf-16"),
        ("*/*", {"a": 1}, "application/json"),
        ("*/*", "a", "text/plain"),
        ("application/*", "a", "application/json"),
        ("text/*", {"a": 1}, "text/plain"),
        ("image/*", "a", "image/png"),
        ("audio/*", "a", "audio/mpeg"),
        ("application/*+json", [], "application/x+json"),
        ("application/*+xml", {}, "application/x+xml"),
        ("font/*", "a", "font/x"),
        ("multipart/mixed", "--b\r\n\r\n1\r\n--b--", "multipart/mixed; boundary=b"),
        ("multipart/mixed", "--b c\r\n", "multipart/mixed; boundary=b"),
        ("multipart/mixed", "--b:c\r\n", 'multipart/mixed; boundary="b:c"'),
        ("multipart/mixed; boundary=x", "--x--", "multipart/mixed; boundary=x"),
        ("multipart/form-data", "nothing", "multipart/form-data; boundary=none"),
    ],
)
def test_a_body_is_of_one_media_type(name: str, value: Json, sent_as: str) -> None:
    """RFC 9110 8.3: no range, and a boundary where the body has one."""
    assert Media(name, {}).sent_as(value) == sent_as


def test_a_boundary_is_in_no_part() -> None:
    """It follows from the parts, so that the same value has the same bytes; it is in none of them."""
    one = Media("multipart/form-data", {})
    first = one.write({"a": "b"})
    assert first == one.write({"a": "b"})
    boundary = first.partition(b"\r\n")[0].decode()
    assert boundary not in one.text({"a": boundary}).partition("\r\n")[0]


def test_parts_have_their_names_and_types() -> None:
    """RFC 7578 4.2 and 4.4: a text has no type, a file has a name."""
    properties = {"file": {"type": "string", "format": "binary"}}
    written = Media("multipart/form-data", {"schema": {"properties": properties}}).text(
        {"text": 1, "file": "x", "object": {"a": 1}, 'a"\r\n': "b", "gone": []}
    )
    _, text, file, document, odd, end = written.split(written.partition("\r\n")[0])
    assert text == '\r\nContent-Disposition: form-data; name="text"\r\n\r\n1\r\n'
    assert 'name="file"; filename="file"\r\nContent-Type: application/octet-stream\r\n\r\nx' in file
    assert 'name="object"\r\nContent-Type: application/json\r\n\r\n{"a":1}' in document
    assert 'name="a\\"%0D%0A"\r\n' in odd
    assert end == "--\r\n"


def test_an_array_is_parts_without_names() -> None:
    """RFC 2046 5.1.3, as `itemSchema` has it (OpenAPI 3.2)."""
    written = Media("multipart/mixed", {"itemSchema": True}).text([{"a": 1}, "b"])
    assert '\r\nContent-Type: application/json\r\n\r\n{"a":1}\r\n' in written
    assert "\r\n\r\nb\r\n" in written
    assert "Content-Disposition" not in written


HEADERS: list[tuple[Json, str | None]] = [
    ({"required": True, "example": "a\nb", "schema": {"type": "string"}}, "X-One: a b\r\n"),
    ({"required": True, "schema": {"const": 7}}, "X-One: 7\r\n"),
    ({"required": True, "schema": {"type": "array", "items": {"const": 1}, "minItems": 2, "maxItems": 2}},
     "X-One: 1,1\r\n"),
    ({"schema": {"const": 7}}, ""),
    (None, ""),
    ({"required": True, "schema": False}, None),
]  # fmt: skip


@pytest.mark.parametrize(("header", "line"), HEADERS, ids=json.dumps)
def test_parts_have_the_headers_that_they_must_have(header: Json, line: str | None) -> None:
    """OpenAPI 3.0.4, "Encoding Object"; the engine finds none missing."""
    headers = {"X-One": header, "Content-Type": {"required": True, "schema": {"const": "odd"}}}
    one = Media("multipart/form-data", {"schema": True, "encoding": {"a": {"headers": headers}}})
    if line is None:
        with pytest.raises(CannotEncode, match="X-One"):
            one.write({"a": "b"})
        return
    written = one.text({"a": "b"})
    assert ("X-One" in written) is bool(line)
    assert line in written
    assert "odd" not in written


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("application/json", "\ud800", "utf-8 does not have"),
        ("application/json; charset=odd", 1, "charset odd is not known"),
        ("text/plain; charset=ascii", "é", "ascii does not have"),
        ("text/plain; charset=hex", "é", "hex"),
        ("text/plain", "\ud800", "utf-8 does not have"),
        ("application/octet-stream", {"a": 1}, "An object has no form in application/octet-stream."),
        ("image/png", [1], "An array has no form in image/png."),
        ("application/x-protobuf", {"a": 1}, "An object has no form"),
        ("text/csv", {"a": "\ud800"}, "utf-8"),
        ("application/x-www-form-urlencoded", [1], "A value that is no object has no form"),
        ("application/x-www-form-urlencoded", {"a": [{"b": 1}]}, 'The member "a" has no form'),
        ("multipart/form-data", 7, "A value that is no object has no form"),
    ],
)
def test_a_value_without_a_form_is_an_error(name: str, value: Json, reason: str) -> None:
    """One sentence that says why."""
    with pytest.raises(CannotEncode, match=reason) as caught:
        Media(name, {}).write(value)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


KINDS = (
    "application/json", "application/x-ndjson", "application/xml", "text/yaml", "text/csv",
    "multipart/form-data", "application/x-www-form-urlencoded",
)  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_a_value_that_is_too_deep_is_an_error(name: str) -> None:
    """No stack is deep enough for it."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(CannotEncode):
        Media(name, {}).write({"a": deep})


@pytest.mark.parametrize("name", ["application/x-ndjson", "application/json-seq", "text/event-stream"])
def test_a_sequence_is_written_item_by_item(name: str) -> None:
    """So that a stream can wait between two of them."""
    one = Media(name, {"itemSchema": True})
    items: list[Json] = [{"data": "1"}, {"data": "2"}]
    pieces = list(encoded_items(one.media_type, items))
    assert len(pieces) == 2
    assert b"".join(pieces) == one.write(items)


def test_other_media_types_are_no_sequences() -> None:
    """They have no items that could be written one by one."""
    with pytest.raises(CannotEncode, match="no sequence"):
        list(encoded_items(Media("application/json", {}).media_type, [1]))
