"""Bodies are read as the values that they were written of, in every media type that the engine reads."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.contract.document import Json
from tests.answers.encoding.media import media

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
SCHEMAS: dict[str, tuple[dict[str, Json], st.SearchStrategy[Json]]] = {
    "text": ({"type": "string"}, TEXTS),
    "whole": ({"type": "integer"}, st.integers(-(10**30), 10**30)),
    "number": ({"type": "number"}, st.floats(allow_nan=False, allow_infinity=False)),
    "flag": ({"type": "boolean"}, st.booleans()),
    "texts": ({"type": "array", "items": {"type": "string"}}, st.lists(TEXTS, min_size=1)),
    "numbers": ({"type": "array", "items": {"type": "integer"}}, st.lists(st.integers(), min_size=1)),
}
PROPERTIES: dict[str, Json] = {name: schema for name, (schema, _) in SCHEMAS.items()}
FORM: Json = {"type": "object", "properties": PROPERTIES}
MEMBERS = st.fixed_dictionaries({}, optional={name: values for name, (_, values) in SCHEMAS.items()})
"""Objects of members that each have a form of their own in a form."""


@pytest.mark.parametrize(
    "name", ["application/json", "application/problem+json", "application/json; charset=utf-16"]
)
@given(value=JSON)
def test_json(name: str, value: Json) -> None:
    """RFC 8259: any value, in any charset that the media type names."""
    assert media(name, {"schema": True}).again(value) == value


@pytest.mark.parametrize("name", ["application/x-ndjson", "application/jsonl", "application/json-seq"])
@pytest.mark.parametrize("node", [{"itemSchema": True}, {"itemSchema": True, "schema": {"type": "array"}}])
@given(value=st.lists(JSON, min_size=1))
def test_sequences_of_json(name: str, node: Json, value: Json) -> None:
    """OpenAPI 3.2, "Sequential Media Types": each item is read by itself."""
    one = media(name, node)
    found = one.read(one.write(value)).values
    assert [each for schema, _, each in found if schema.endswith("/itemSchema")] == value


EVENT = st.fixed_dictionaries(
    {},
    optional={
        "event": st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])),
        "id": st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])),
        "data": st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"])),
        "retry": st.integers(0, 10**9),
    },
).filter(bool)


@given(value=st.lists(EVENT, min_size=1))
def test_events(value: list[Json]) -> None:
    """HTML, "Server-sent events", with the members that OpenAPI 3.2 gives an event."""
    one = media("text/event-stream", {"itemSchema": True})
    assert [each for _, _, each in one.read(one.write(value)).values] == value


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-16", "; charset=utf-32-le"])
@pytest.mark.parametrize("kind", ["text", "whole", "number", "flag"])
@given(data=st.data())
def test_plain_texts(charset: str, kind: str, data: st.DataObject) -> None:
    """A text, or another value that is none of its own."""
    schema, values = SCHEMAS[kind]
    value = data.draw(values)
    assert media(f"text/plain{charset}", {"schema": schema}).again(value) == value


@given(value=MEMBERS)
def test_urlencoded_forms(value: Json) -> None:
    """URL Standard, "application/x-www-form-urlencoded", by the default style."""
    assert media("application/x-www-form-urlencoded", {"schema": FORM}).again(value) == value


XML_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"))
XML_MEMBERS = st.fixed_dictionaries(
    {},
    optional={
        name: XML_TEXTS if name == "text" else st.lists(XML_TEXTS, min_size=1) if name == "texts" else values
        for name, (_, values) in SCHEMAS.items()
    },
)


@pytest.mark.parametrize("charset", ["", "; charset=utf-16"])
@pytest.mark.parametrize("hints", [{}, {"wrapped": True, "name": "list"}, {"nodeType": "element"}])
@given(value=XML_MEMBERS)
def test_xml(charset: str, hints: dict[str, Json], value: Json) -> None:
    """OpenAPI 3.0.4, "XML Object": of the texts, all that XML has a form for."""
    texts = {"type": "array", "items": {"type": "string"}, "xml": hints}
    whole = {"type": "integer", "xml": {"attribute": True}}
    schema = {"type": "object", "properties": {**PROPERTIES, "texts": texts, "whole": whole}}
    assert media(f"application/xml{charset}", {"schema": schema}).again(value) == value


STYLES: list[dict[str, Any]] = [
    {"style": "form", "explode": False}, {"style": "spaceDelimited"}, {"style": "pipeDelimited"},
    {"style": "form", "explode": True, "allowReserved": True}, {"style": "odd"},
    {"style": ["odd"], "explode": 1}, {"contentType": "application/json"}, {"contentType": "text/plain"},
]  # fmt: skip


@pytest.mark.parametrize("how", STYLES, ids=json.dumps)
@given(
    value=st.fixed_dictionaries(
        {"numbers": st.lists(st.integers(), min_size=1), "text": TEXTS, "flag": st.booleans()}
    )
)
def test_urlencoded_forms_in_other_styles(how: Json, value: Json) -> None:
    """OpenAPI 3.0.4, "Encoding Object"; a style that is none is the default one."""
    node = {"schema": FORM, "encoding": dict.fromkeys(("numbers", "text", "flag"), how)}
    assert media("application/x-www-form-urlencoded", node).again(value) == value


@given(value=st.dictionaries(st.sampled_from("abc"), st.integers() | st.booleans(), min_size=1))
def test_deep_objects(value: Json) -> None:
    """RFC 3986 has no brackets in a query, so that they are encoded."""
    member = {"type": "object", "additionalProperties": {"type": ["integer", "boolean"]}}
    schema = {"type": "object", "properties": {"o": member}}
    node = {"schema": schema, "encoding": {"o": {"style": "deepObject", "explode": True}}}
    one = media("application/x-www-form-urlencoded", node)
    assert one.again({"o": value}) == {"o": value}
    assert b"[" not in one.write({"o": value})


MULTIPART: Json = {
    "type": "object",
    "properties": {
        **PROPERTIES,
        "file": {"type": "string", "format": "binary"},
        "files": {"type": "array", "items": {"type": "string", "contentMediaType": "image/png"}},
        "object": {"type": "object"},
        "objects": {"type": "array", "items": {"type": "object"}},
        "lists": {"type": "array", "items": {"type": "array"}},
        "nothing": {"type": "null"},
    },
}
BYTES = st.binary().map(lambda data: data.decode("latin-1"))
PARTS = st.fixed_dictionaries(
    {},
    optional={
        **{name: values for name, (_, values) in SCHEMAS.items()},
        "file": BYTES,
        "files": st.lists(BYTES, min_size=1),
        "object": st.dictionaries(TEXTS, JSON, max_size=3),
        "objects": st.lists(st.dictionaries(TEXTS, JSON, max_size=3), min_size=1),
        "lists": st.lists(st.lists(JSON, max_size=3), min_size=1),
        "nothing": st.none(),
    },
).filter(bool)


@given(value=PARTS)
def test_multipart_forms(value: Json) -> None:
    """RFC 7578: texts, files, and JSON for objects; one part for each item of an array."""
    assert media("multipart/form-data", {"schema": MULTIPART}).again(value) == value


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "image/png, image/jpeg", "image/*", "*/*", ""]
)
@given(value=st.fixed_dictionaries({"text": BYTES, "whole": st.integers()}))
def test_multipart_forms_with_media_types(kind: str, value: Json) -> None:
    """The first media type that a member may have, or one of its range."""
    encoding = {"text": {"contentType": kind}, "whole": {"contentType": "text/plain"}}
    assert media("multipart/form-data", {"schema": MULTIPART, "encoding": encoding}).again(value) == value


@given(
    name=st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs", "Cc"]), min_size=1),
    value=TEXTS,
)
def test_names_of_parts(name: str, value: str) -> None:
    """Quotes and backslashes are escaped, other characters stand as they are."""
    schema = {"type": "object", "properties": {name: {"type": "string"}}}
    assert media("multipart/form-data", {"schema": schema}).again({name: value}) == {name: value}
