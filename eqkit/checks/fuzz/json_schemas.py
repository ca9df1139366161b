"""Schemas of responses as plain JSON Schema, for a test that stands alone."""

from collections.abc import Set

from eqkit.contract.document import Json
from eqkit.contract.schemas.extensions import with_patterns, with_promise

_ONE = ("items", "not", "additionalProperties")
_MANY = ("allOf", "anyOf", "oneOf")
"""Keywords that hold one schema, and those that hold several."""


def to_json_schema(schema: Json, optional_in: Set[str] = frozenset()) -> Json:
    """Return a schema without references in plain JSON Schema; `optional_in` are the names it cannot require.

    A server is held to its promises, too.
    """
    if not isinstance(schema, dict):
        return schema
    schema = with_promise(schema)
    optional_in = optional_in | optional_by(schema)
    copy: dict[str, Json] = dict(with_patterns(schema))
    if isinstance(schema.get("properties"), dict):
        copy["properties"] = {name: to_json_schema(each) for name, each in schema["properties"].items()}
    for keyword in _ONE:
        if keyword in schema:
            copy[keyword] = to_json_schema(schema[keyword])
    for keyword in _MANY:
        if isinstance(schema.get(keyword), list):
            copy[keyword] = [to_json_schema(each, optional_in) for each in schema[keyword]]
    if optional_in and isinstance(schema.get("required"), list):
        copy["required"] = [name for name in schema["required"] if name not in optional_in]
        if not copy["required"]:
            del copy["required"]  # of which draft 4 wants one at least
    return nullable(copy)


def nullable(schema: dict[str, Json]) -> dict[str, Json]:
    """Return a schema that admits null where `nullable` says so.

    Beside `allOf` alone it has no effect by the letter of OpenAPI 3.0.3, and is written to have one: there is
    no other way to say it of a reference.
    """
    if schema.get("nullable") is not True:
        return schema
    if isinstance(schema.get("type"), str):
        return schema | {"type": [schema["type"], "null"]} | _with_null(schema)
    return {"anyOf": [{"enum": [None]}, schema]} if "allOf" in schema else schema


def _with_null(schema: dict[str, Json]) -> dict[str, Json]:
    return {"enum": [*schema["enum"], None]} if isinstance(schema.get("enum"), list) else {}


def optional_by(schema: Json) -> set[str]:
    """Return the properties of a schema and its parts that only a client sends."""
    if not isinstance(schema, dict):
        return set()
    stated, parts = schema.get("properties"), schema.get("allOf")
    properties = stated.items() if isinstance(stated, dict) else ()
    own = {name for name, each in properties if isinstance(each, dict) and each.get("writeOnly") is True}
    return own.union(*(optional_by(each) for each in (parts if isinstance(parts, list) else ())))
