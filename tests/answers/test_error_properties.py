"""Errors in any schema: valid, the same each time, within bounds of time, and without an exception."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqkit.answers.error_documents import ErrorDocuments
from eqkit.answers.error_shapes.names import BY_NAME
from eqkit.answers.error_shapes.problems import PROBLEM
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.errors import Code, ErrorObject
from tests.answers.shapes import ERRORS

OPERATION = "/paths/~1things/post"
SCHEMA = f"{OPERATION}/responses/default/content/application~1json/schema"
DETAIL = "Wrong, and “ü”.".replace("“", '"')

NAMES = st.sampled_from([*sorted(BY_NAME), "errorMessage", "error_code", "x", "@type", "ÜBER", ""])
TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "maxLength": st.integers(0, 40), "minLength": st.integers(0, 5), "nullable": st.booleans(),
        "enum": st.lists(st.sampled_from(["error", "bad_request", "INVALID", "400", ""]), min_size=1),
        "format": st.sampled_from(["uri", "uuid", "date-time", "html"]),
        "example": st.sampled_from(["a_b", "4", 1]),
        "pattern": st.sampled_from(["^[A-Z_]+$", "^[0-9]{3}$", "."]),
    },
)  # fmt: skip
NUMBERS = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={
        "minimum": st.integers(0, 900),
        "enum": st.lists(st.integers(399, 503), min_size=1, unique=True),
    },
)
LEAVES = TEXTS | NUMBERS | st.sampled_from([{}, {"type": "boolean"}, {"type": "object"}, {"type": "array"}])
REFERENCES = st.sampled_from([{"$ref": "#/components/schemas/Error"}, {"$ref": f"#{SCHEMA}"}])


def of_kinds(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Return objects, lists and alternatives of schemas."""
    objects = st.builds(
        lambda properties, required, more: {
            "type": "object",
            "properties": properties,
            "required": required,
            **more,
        },
        st.dictionaries(NAMES, inner, max_size=5),
        st.lists(NAMES, max_size=2, unique=True),
        st.sampled_from([{}, {}, {"additionalProperties": False}, {"nullable": True}, {"minProperties": 2}]),
    )
    lists = st.builds(
        lambda items, more: {"type": "array", "items": items, **more},
        inner,
        st.sampled_from([{}, {"minItems": 1}, {"maxItems": 1}, {"uniqueItems": True}]),
    )
    several = st.builds(
        lambda keyword, each: {keyword: each},
        st.sampled_from(["oneOf", "anyOf", "allOf"]),
        st.lists(inner, min_size=1, max_size=3),
    )
    maps = st.builds(lambda each: {"type": "object", "additionalProperties": each}, inner)
    return objects | lists | several | maps


SCHEMAS = st.recursive(LEAVES | REFERENCES, of_kinds, max_leaves=10)


EACH_OTHER = {"One": {"$ref": "#/components/schemas/Two"}, "Two": {"$ref": "#/components/schemas/One"}}


def documents_of(schema: Json, version: str = "3.0.3") -> tuple[ErrorDocuments, CompiledContract]:
    """Return the error documents of a contract with one schema, for every status."""
    response = {"description": "d", "content": {"application/json": {"schema": schema}}}
    error = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
    document = Document(
        {
            "openapi": version,
            "paths": {"/things": {"post": {"responses": {"default": response}}}},
            "components": {"schemas": {"Error": error, **EACH_OTHER}},
        }
    )
    compiled = CompiledContract(document)
    return ErrorDocuments(compiled, document), compiled


ERROR = st.builds(
    lambda code, detail, place: ErrorObject(code, detail, **place),
    st.sampled_from(Code),
    st.sampled_from([DETAIL, "", "x" * 3000]),
    st.sampled_from([{}, {"pointer": ""}, {"pointer": "/a/0/~1"}, {"parameter": "q"}, {"header": "X-Ü"}]),
)


@settings(max_examples=300, derandomize=True, database=None, deadline=None,
          suppress_health_check=[HealthCheck.too_slow])  # fmt: skip
@given(schema=SCHEMAS, errors=st.lists(ERROR, max_size=3), status=st.sampled_from([400, 404, 422, 500, 599]))
def test_every_document_is_valid(schema: Json, errors: list[ErrorObject], status: int) -> None:
    """By the declared schema, unless it is a problem because nothing valid was found; and always the same."""
    documents, compiled = documents_of(schema)
    reported = [(f"error-{number}", each) for number, each in enumerate(errors)]
    media_type, document = documents.make(OPERATION, status, reported)
    if media_type != PROBLEM:
        assert compiled.responses.validator(SCHEMA).check(document) == []
    json.dumps(document)
    again, _ = documents_of(schema)
    assert again.make(OPERATION, status, reported) == (media_type, document)


def nested(depth: int, keyword: str) -> Json:
    """Return schemas that each hold two of the next."""
    schema: Json = {"type": "object", "properties": {"message": {"type": "string"}}}
    for _ in range(depth):
        schema = {keyword: [schema, {"type": "object", "properties": {"error": schema}}]}
    return schema


def to_each_other(keyword: str) -> dict[str, Any]:
    """Return schemas of which the members each may be any of the schemas."""
    names = [f"S{number}" for number in range(30)]
    any_of_them = {keyword: [{"$ref": f"#/components/schemas/{name}"} for name in names]}
    members = dict.fromkeys(("error", "errors", "details", "x", "message"), any_of_them)
    return {name: {"type": "object", "required": [*members], "properties": members} for name in names}


def lists_within(depth: int) -> Json:
    """Return a list that holds a list, and so on."""
    value: Json = []
    for _ in range(depth):
        value = [value]
    return value


HOSTILE: dict[str, Json] = {
    "itself": {"$ref": f"#{SCHEMA}"},
    "each other": {"$ref": "#/components/schemas/One"},
    "all of itself": {"allOf": [{"$ref": f"#{SCHEMA}"}]},
    "one of itself": {"oneOf": [{"$ref": f"#{SCHEMA}"}, {"type": "string"}]},
    "required itself": {"required": ["error"], "properties": {"error": {"$ref": f"#{SCHEMA}"}}},
    "nested choices": nested(12, "anyOf"),
    "nested unions": nested(12, "allOf"),
    "many alternatives": {"oneOf": [{"properties": {f"p{each}": {}}} for each in range(3000)]},
    "alternatives that exclude each other": {"oneOf": [{"required": [f"p{each}"]} for each in range(1900)]},
    "many properties": {"properties": {f"error{each}": {"type": "object"} for each in range(5000)}},
    "long names": {"type": "object", "properties": {"error_" * 20_000: {"type": "string"}}},
    "long lists": {"type": "string", "enum": [f"value_{each}" for each in range(20_000)]},
    "wrong types": {"type": 7, "properties": [], "required": "message", "items": 3, "oneOf": {}, "allOf": 1},
    "wrong members": {"type": ["object", 3], "properties": {"message": 7, "error": [], "code": None}},
    "wrong words": {"discriminator": {"propertyName": 3, "mapping": []}, "maxLength": "a", "enum": {}},
    "deep value": {"type": "object", "required": ["x"], "properties": {"x": {"const": lists_within(400)}}},
    "deep value within": {"required": ["error"], "properties": {"error": {"enum": [lists_within(260)]}}},
    "lost": {"$ref": "#/components/schemas/Lost"},
    "large": {"type": "array", "minItems": 10**9, "items": {"type": "string"}},
    "negative": {"type": "string", "maxLength": -1, "minLength": -5},
    "no number": {"type": "array", "maxItems": 1e400, "items": {"type": "string"}},
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_a_hostile_schema_has_an_error(name: str, version: str) -> None:
    """Cycles, bombs and wrong types end in a document within seconds."""
    documents, _ = documents_of(HOSTILE[name], version)
    began = time.process_time()
    _, document = documents.make(OPERATION, 400, ERRORS)
    json.dumps(document)
    assert time.process_time() - began < 20


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf", "allOf"])
def test_schemas_that_all_refer_to_each_other_have_an_error(keyword: str) -> None:
    """Thirty schemas make thirty to the power of their depth of ways."""
    response = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/S0"}}}}
    paths = {"/things": {"post": {"responses": {"default": response}}}}
    document = Document(
        {"openapi": "3.1.0", "paths": paths, "components": {"schemas": to_each_other(keyword)}}
    )
    documents = ErrorDocuments(CompiledContract(document), document)
    began = time.process_time()
    json.dumps(documents.make(OPERATION, 400, ERRORS)[1])
    assert time.process_time() - began < 20
