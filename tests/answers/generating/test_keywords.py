"""Each keyword of JSON Schema is met by the values that are generated, in every version of OpenAPI."""

from typing import Any

import jsonschema
import pytest

from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import Json
from tests.answers.generating.documents import POINTER, contract_of, generator_of

SEEDS = range(12)

ALIKE: list[Json] = [
    {"type": "string"},
    {"type": "integer"},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "array", "items": {}},
    {"type": "object"},
    {},
    {"enum": ["a", 1, None]},
    {"type": "string", "enum": ["a", "b"]},
    {"type": "string", "minLength": 200},
    {"type": "string", "maxLength": 1},
    {"type": "string", "maxLength": 0},
    {"type": "integer", "minimum": 7, "maximum": 7},
    {"type": "integer", "minimum": -9, "maximum": -8},
    {"type": "integer", "minimum": 10**20},
    {"type": "integer", "maximum": -(10**20)},
    {"type": "number", "minimum": 0.1, "maximum": 0.2},
    {"type": "number", "minimum": 1e-9, "maximum": 2e-9},
    {"type": "number", "multipleOf": 0.25, "minimum": 3.1},
    {"type": "integer", "multipleOf": 7, "minimum": 50},
    {"type": "array", "items": {"type": "integer"}, "minItems": 5},
    {"type": "array", "items": {"type": "integer"}, "maxItems": 0},
    {"type": "array", "items": {"type": "boolean"}, "minItems": 2, "uniqueItems": True},
    {"type": "array", "items": {"enum": [*range(20)]}, "minItems": 20, "uniqueItems": True},
    {
        "type": "array",
        "uniqueItems": True,
        "minItems": 3,
        "items": {"type": "array", "items": {"type": "boolean"}, "maxItems": 1},
    },
    {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
    {"type": "object", "required": ["a"]},
    {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "maxProperties": 1},
    {"type": "object", "minProperties": 4},
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 2},
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {"a": {"type": "string"}},
        "minProperties": 1,
    },
    {"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 4}]},
    {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string", "minLength": 2}}},
            {"properties": {"a": {"maxLength": 3}}, "required": ["a"]},
        ]
    },
    {"anyOf": [{"type": "string", "minLength": 2}, {"type": "integer"}]},
    {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "integer", "maximum": 10}]},
    {
        "oneOf": [
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}, "a": {}}},
        ]
    },
    {"not": {"type": "string"}},
    {"not": {"type": "object"}},
    {"type": "object", "not": {"required": ["a"]}, "properties": {"a": {}}},
    {"type": "string", "not": {"enum": ["a"]}, "maxLength": 1},
    {"type": "integer", "not": {"multipleOf": 2}},
    {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
    {"type": "string", "pattern": "x"},
    {"type": "string", "pattern": "^(?=.*[A-Z])(?=.*[0-9]).{8,12}$"},
    {"type": "string", "pattern": r"^(a|b)\1$"},
    {"type": "string", "pattern": "^[^a-z]+$", "minLength": 7, "maxLength": 7},
    {"type": "string", "pattern": r"^\p{Lu}\p{Ll}+$"},
    {"type": "string", "pattern": "^$"},
    {"type": "string", "pattern": "^(abc)*$", "minLength": 10, "maxLength": 13},
    {"type": "string", "pattern": r"^\+?[1-9]\d{1,14}$"},
    {"type": "string", "format": "int32"},
    {"type": "integer", "format": "int32", "minimum": 2**31 - 1},
]
"""Schemas that mean the same in every version."""

NEW: list[Json] = [
    {"const": {"a": [1]}},
    {"type": ["string", "null"]},
    {"type": ["null"]},
    True,
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-9},
    {
        "type": "object",
        "patternProperties": {"^x-": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 3,
    },
    {"type": "object", "propertyNames": {"pattern": "^[a-z]{2}$"}, "minProperties": 3},
    {"type": "object", "propertyNames": {"enum": ["a", "b", "c"]}, "minProperties": 3},
    {"type": "object", "dependentRequired": {"a": ["b"]}, "properties": {"a": {}, "b": {"type": "integer"}}},
    {"type": "object", "dependentRequired": {"a": ["b"]}, "properties": {"a": {}, "b": False}},
    {
        "type": "object",
        "dependentSchemas": {"a": {"required": ["c"]}},
        "properties": {"a": {"type": "string"}},
    },
    {"type": "object", "dependentSchemas": {"a": False}, "properties": {"a": {"type": "string"}}},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}, "minItems": 3},
    {"type": "array", "contains": {"type": "integer"}, "items": {"type": ["integer", "string"]}},
    {"type": "array", "contains": {"const": 1}, "minContains": 2, "maxContains": 3, "minItems": 5},
    {"type": "array", "contains": {"const": 1}, "minContains": 0},
    {"type": "array", "contains": {"type": "integer"}, "unevaluatedItems": False, "minItems": 3},
    {"type": "array", "contains": {"const": 1}, "maxContains": 1, "items": {"enum": [1, 2]}, "minItems": 3},
    {
        "if": {"properties": {"a": {"const": 1}}, "required": ["a"]},
        "then": {"required": ["b"]},
        "else": {"required": ["c"]},
        "type": "object",
        "properties": {"a": {"enum": [1, 2]}},
    },
    {"type": "object", "properties": {"a": {"type": "string"}}, "unevaluatedProperties": False},
    {
        "allOf": [{"properties": {"a": {"type": "string"}}}],
        "unevaluatedProperties": False,
        "minProperties": 1,
        "type": "object",
    },
    {"type": "array", "prefixItems": [{"type": "string"}], "unevaluatedItems": False},
    {"type": "string", "contentEncoding": "base64"},
    {"type": "string", "contentMediaType": "application/json"},
    {
        "not": {"properties": {"a": {"type": "string"}}, "required": ["a"]},
        "type": "object",
        "required": ["a"],
    },
    {"not": {"not": {"type": "integer"}}},
    {"not": {"anyOf": [{"type": "string"}, {"type": "object"}]}},
    {"type": "array", "not": {"uniqueItems": True}},
    {"$ref": "#/components/schemas/It/$defs/a", "$defs": {"a": {"type": "integer"}}, "minimum": 5},
    {"$ref": "#here", "$defs": {"a": {"$anchor": "here", "type": "integer"}}},
]

FORMATS = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "uuid",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "byte",
    "base64",
    "binary",
    "password",
    "unheard-of",
]

OLD: list[Json] = [
    {"type": "string", "nullable": True},
    {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 4},
    {"type": "string", "enum": ["a"], "nullable": True},
    {"allOf": [{"type": "string"}], "nullable": True},
    {"type": "object", "x-patternProperties": {"^x-": {"type": "integer"}}, "minProperties": 1},
]

CASES = [
    *(("3.0.3", schema) for schema in [*ALIKE, *OLD]),
    *(("3.1.0", schema) for schema in [*ALIKE, *NEW]),
    *(("3.2.0", schema) for schema in [*ALIKE, *NEW]),
    *(("3.1.0", {"type": "string", "format": name}) for name in FORMATS),
    *(("3.1.0", {"type": "string", "format": name, "maxLength": 36}) for name in FORMATS),
]


@pytest.mark.parametrize(("version", "schema"), CASES, ids=str)
def test_values_are_valid(version: str, schema: Json) -> None:
    """The engine accepts each value; the reference implementation, too, where it knows the dialect."""
    contract = contract_of(schema, version)
    generator = Generator(contract.responses)
    for seed in SEEDS:
        value = generator.value(POINTER, seed)
        assert contract.responses.accepts(POINTER, value), value
        if version != "3.0.3" and "\\p" not in str(schema):
            whole = {"components": {"schemas": {"It": schema}}, **(schema if schema is not True else {})}
            jsonschema.Draft202012Validator(whole).validate(value)


IMPOSSIBLE: list[Any] = [
    (False, ""),
    ({"type": "integer", "minimum": 5, "maximum": 4}, ""),
    ({"allOf": [{"type": "string"}, {"type": "null"}]}, ""),
    ({"type": "string", "minLength": 3, "maxLength": 2}, ""),
    ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}, ""),
    ({"type": "object", "required": ["a"], "properties": {"a": False}}, ""),
    ({"not": {}}, "not"),
    ({"enum": [1], "type": "string"}, ""),
    ({"type": "string", "pattern": "^a$", "minLength": 2}, "pattern"),
    ({"type": "array", "uniqueItems": True, "minItems": 3, "items": {"type": "boolean"}}, "uniqueItems"),
    ({"type": "object", "required": ["It"], "properties": {"It": {"$ref": f"#{POINTER}"}}}, ""),
    ({"type": "string", "format": "uuid", "maxLength": 24}, "format"),
    ({"type": "string", "minLength": 10_000_000}, "minLength"),
    ({"type": "array", "minItems": 10_000_000}, "minItems"),
    ({"type": "object", "minProperties": 10_000_000}, "minProperties"),
]


@pytest.mark.parametrize(("schema", "keyword"), IMPOSSIBLE, ids=str)
def test_a_schema_without_values_is_named(schema: Json, keyword: str) -> None:
    """The error is one sentence with the pointer, and the keyword where it is known."""
    with pytest.raises(CannotGenerate) as caught:
        generator_of(schema).value(POINTER, 1)
    message = str(caught.value)
    assert POINTER in message
    assert keyword in message
    assert "\n" not in message
