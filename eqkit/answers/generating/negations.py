"""The ways in which a value can be invalid by a schema, each a schema that such a value is valid by."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from eqkit.answers.generating.origins import Origin, Origins
from eqkit.contract.document import Json

_TYPES = ("object", "string", "array", "boolean", "null", "integer", "number")
_OTHER_NAME = "other"

_LEAVES = ("const", "enum", "format", "multipleOf", "pattern")
"""Keywords whose negation is tried by making values until one does not fit."""

_TYPE_OF = {"pattern": "string", "format": "string", "multipleOf": "number"}

_EXACT = frozenset((
    "exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "maximum", "minItems",
    "minLength", "minProperties", "minimum", "not", "required", "type", "allOf", "anyOf", "oneOf",
))  # fmt: skip
_REMARKS = frozenset(("$comment", "default", "deprecated", "description", "example", "examples", "title"))


def negations(denied: Origin, origins: Origins) -> tuple[Origin, ...]:
    """Return schemas; a value that is valid by one of them is, most likely, not valid by the denied one.

    The value is checked in the end: a way that does not lead there costs a try.
    """
    known = origins.negations.get(denied.key)
    if known is None:
        known = origins.negations[denied.key] = tuple(_negations(denied, origins))
    return known


def is_exact(denied: Origin) -> bool:
    """Return whether the one negation of a schema admits all values that the schema does not admit."""
    keywords = denied.schema.keys() - _REMARKS if isinstance(denied.schema, dict) else ()
    return len(keywords) == 1 and not keywords.isdisjoint(_EXACT)


def _negations(denied: Origin, origins: Origins) -> Iterator[Origin]:
    denied = origins.followed(denied)
    if isinstance(denied.schema, dict):
        for way in _ways(denied.schema):
            yield denied.made(way)
        if len(denied.schema) > 1:
            for target in origins.referred(denied):
                yield denied.made({"not": target.schema})


def _ways(schema: Mapping[str, Json]) -> Iterator[Json]:
    yield from _of_types(schema)
    yield from _of_objects(schema)
    yield from _of_arrays(schema)
    yield from _of_bounds(schema)
    yield from _of_logic(schema)
    for keyword in _LEAVES:
        if keyword in schema and len(schema) > 1:
            kind = {"type": _TYPE_OF[keyword]} if keyword in _TYPE_OF else {}
            yield {**kind, "not": {keyword: schema[keyword]}}


def _of_types(schema: Mapping[str, Json]) -> Iterator[Json]:
    if "type" in schema:
        named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        others = [each for each in _TYPES if each not in named]
        if "number" in named:
            others = [each for each in others if each != "integer"]
        if "integer" in named and "number" not in named:
            whole = {"type": "number", "not": {"type": "integer"}} if len(schema) > 1 else {"type": "number"}
            yield {"anyOf": [{"type": [each for each in others if each != "number"]}, whole]}
        elif others:
            yield {"type": others}


def _of_objects(schema: Mapping[str, Json]) -> Iterator[Json]:
    for name in schema.get("required", ()):
        yield {"type": "object", "properties": {name: False}}
    properties = schema.get("properties", {})
    for name, each in properties.items():
        if each not in (True, {}):
            yield {"type": "object", "required": [name], "properties": {name: {"not": each}}}
    others = schema.get("additionalProperties", True)
    if others not in (True, {}):
        name = next(name for name in _other_names() if name not in properties)
        yield {"type": "object", "required": [name], "properties": {name: {"not": others}}}
    for each in schema.get("patternProperties", {}).values():
        yield {"type": "object", "minProperties": 1, "additionalProperties": {"not": each}}
    if "propertyNames" in schema:
        names = {"not": schema["propertyNames"]}
        yield {"type": "object", "minProperties": 1, "propertyNames": names}
    if schema.get("minProperties", 0) > 0:
        yield {"type": "object", "maxProperties": schema["minProperties"] - 1}
    if "maxProperties" in schema:
        yield {"type": "object", "minProperties": schema["maxProperties"] + 1}
    for name, wanted in schema.get("dependentRequired", {}).items():
        for missing in wanted:
            yield {"type": "object", "required": [name], "properties": {missing: False}}
    for name, each in schema.get("dependentSchemas", {}).items():
        yield {"type": "object", "required": [name], "not": each}


def _other_names() -> Iterator[str]:
    yield _OTHER_NAME
    number = 1
    while True:
        number += 1
        yield f"{_OTHER_NAME}{number}"


def _of_arrays(schema: Mapping[str, Json]) -> Iterator[Json]:
    if schema.get("minItems", 0) > 0:
        yield {"type": "array", "maxItems": schema["minItems"] - 1}
    if "maxItems" in schema:
        yield {"type": "array", "minItems": schema["maxItems"] + 1}
    first = schema.get("prefixItems", [])
    for index, each in enumerate(first):
        if each not in (True, {}):
            before = [True] * index
            yield {"type": "array", "minItems": index + 1, "prefixItems": [*before, {"not": each}]}
    if schema.get("items", True) not in (True, {}):
        before = [True] * len(first)
        wrong = {"not": schema["items"]}
        yield {"type": "array", "minItems": len(first) + 1, "prefixItems": [*before, wrong]}
    if schema.get("uniqueItems") is True:
        yield {"type": "array", "minItems": 2, "items": {"const": 0}}
    if "contains" in schema:
        min_contains, wanted = schema.get("minContains", 1), schema["contains"]
        if min_contains == 1:
            yield {"type": "array", "items": {"not": wanted}}
        elif min_contains > 1:
            yield {"type": "array", "contains": wanted, "minContains": 0, "maxContains": min_contains - 1}
        if "maxContains" in schema:
            yield {"type": "array", "contains": wanted, "minContains": schema["maxContains"] + 1}


def _of_bounds(schema: Mapping[str, Json]) -> Iterator[Json]:
    for keyword, opposite in _OPPOSITES.items():
        if keyword in schema:
            yield {"type": "number", opposite: schema[keyword]}
    if schema.get("minLength", 0) > 0:
        yield {"type": "string", "maxLength": schema["minLength"] - 1}
    if "maxLength" in schema:
        yield {"type": "string", "minLength": schema["maxLength"] + 1}


_OPPOSITES = {
    "minimum": "exclusiveMaximum", "exclusiveMinimum": "maximum", "maximum": "exclusiveMinimum",
    "exclusiveMaximum": "minimum",
}  # fmt: skip


def _of_logic(schema: Mapping[str, Json]) -> Iterator[Json]:
    if "not" in schema:
        yield schema["not"]
    for part in schema.get("allOf", ()):
        yield {"not": part}
    if "anyOf" in schema:
        yield {"allOf": [{"not": each} for each in schema["anyOf"]]}
    if "oneOf" in schema:
        yield {"allOf": [{"not": each} for each in schema["oneOf"]]}
        for pair in combinations(schema["oneOf"][:10], 2):
            yield {"allOf": [*pair]}
    if "if" in schema:
        if "then" in schema:
            yield {"allOf": [schema["if"], {"not": schema["then"]}]}
        if "else" in schema:
            yield {"allOf": [{"not": schema["if"]}, {"not": schema["else"]}]}
