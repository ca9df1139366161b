"""Random schemas of OpenAPI 3.1, values for them, and the same schemas written in other ways."""

import copy
from typing import Any

from hypothesis import strategies as st

Schema = Any
NAMES = ("a", "b", "c")
PATTERNS = ("^a", "b$", "c")
TYPES = ("string", "null", "integer", "boolean")
"""Of few names and values, so that two schemas often speak of the same."""

leaves = st.one_of(
    st.sampled_from([True, {}, {"type": "null"}, {"type": "boolean"}]),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["integer", "number"])},
        optional={
            "minimum": st.integers(0, 3),
            "exclusiveMaximum": st.integers(1, 4),
            "multipleOf": st.integers(1, 2),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("string")},
        optional={
            "minLength": st.integers(0, 2),
            "maxLength": st.integers(0, 2),
            "pattern": st.sampled_from(PATTERNS),
        },
    ),
    st.builds(
        lambda values: {"enum": values}, st.lists(st.sampled_from(["a", "ab", 0, 1, None]), min_size=1)
    ),
    st.builds(lambda value: {"const": value}, st.sampled_from(["a", 1, None])),
    st.builds(
        lambda types: {"type": types},
        st.lists(
            st.sampled_from(["string", "null", "integer", "boolean"]), min_size=1, max_size=3, unique=True
        ),
    ),
)


def nested(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    """Return schemas that hold others."""
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from(NAMES), inner, max_size=2)},
        optional={
            "required": st.lists(st.sampled_from(NAMES), max_size=2, unique=True),
            "additionalProperties": st.one_of(st.booleans(), inner),
            "patternProperties": st.dictionaries(st.sampled_from(PATTERNS), inner, max_size=1),
            "propertyNames": st.just({"maxLength": 1}),
            "maxProperties": st.integers(1, 2),
            "dependentRequired": st.just({"a": ["b"]}),
        },
    )
    arrays = st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={
            "items": st.one_of(inner, st.just(False)),
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "minItems": st.integers(0, 2),
            "uniqueItems": st.booleans(),
        },
    )
    groups = st.builds(
        lambda keyword, alternatives: {keyword: alternatives},
        st.sampled_from(["anyOf", "allOf"]),
        st.lists(inner, min_size=1, max_size=3),
    )
    conditions = st.fixed_dictionaries({}, optional={"not": inner, "if": inner, "then": inner, "else": inner})
    return st.one_of(objects, arrays, groups, conditions)


def exclusive(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    """Return schemas that hold others, ``oneOf`` among them."""
    one_of = st.builds(lambda alternatives: {"oneOf": alternatives}, st.lists(inner, min_size=1, max_size=3))
    return nested(inner) | one_of


schemas = st.recursive(leaves, nested, max_leaves=5)
"""Without ``oneOf``, whose refusal of a value of two alternatives is not always reported."""

exclusive_schemas = st.recursive(leaves, exclusive, max_leaves=5)

scalars = st.sampled_from(["", "a", "ab", "b", "abc", 0, 1, 2, 1.5, 4, -1, None, True])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*NAMES, "ab"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def mutated(draw: st.DrawFn, schema: Schema) -> Schema:
    """Return a schema with one part of it changed."""
    new = copy.deepcopy(schema)
    parts = [each for each in _parts(new) if isinstance(each, dict) and each]
    if not parts:
        return draw(leaves)
    part = draw(st.sampled_from(parts))
    keyword = draw(st.sampled_from(sorted(part)))
    if draw(st.booleans()):
        del part[keyword]
    elif keyword in HOLDING:
        part[keyword] = draw(leaves)
    else:
        part |= draw(leaves.filter(lambda each: isinstance(each, dict)))
    return new


HOLDING = ("additionalProperties", "items", "contains", "not", "if", "then", "else")
"""Keywords that hold one schema."""


def _parts(schema: Schema) -> list[Schema]:
    """Return a schema and all within it."""
    if not isinstance(schema, dict):
        return [schema]
    below = [schema[keyword] for keyword in HOLDING if keyword in schema]
    for keyword in ("properties", "patternProperties"):
        below += schema.get(keyword, {}).values()
    for keyword in ("oneOf", "anyOf", "allOf", "prefixItems"):
        below += schema.get(keyword, [])
    return [schema, *(part for each in below for part in _parts(each))]


@st.composite
def rewritten(draw: st.DrawFn, schema: Schema, components: dict[str, Schema]) -> Schema:
    """Return a schema of the same meaning; parts of it may have become components."""
    if isinstance(schema, bool):
        return draw(st.sampled_from([True, {}])) if schema else draw(st.sampled_from([False, {"not": {}}]))
    new = {keyword: _below(draw, keyword, each, components) for keyword, each in schema.items()}
    new = _spelt(draw, new)
    match draw(st.integers(0, 6)):
        case 0:
            return {draw(st.sampled_from(["allOf", "anyOf", "oneOf"])): [new]}
        case 1:
            name = f"Part{len(components)}"
            components[name] = new
            return {
                "$ref": f"#/components/schemas/{name}",
                **draw(st.sampled_from([{}, {"title": "A part"}])),
            }
        case 2:
            return {"allOf": [new, draw(st.sampled_from([True, {}, {"description": "Anything."}]))]}
        case 3:
            return _split(new)
    return new


def _below(draw: st.DrawFn, keyword: str, each: Any, components: dict[str, Schema]) -> Any:
    if keyword in ("properties", "patternProperties"):
        return {name: draw(rewritten(part, components)) for name, part in each.items()}
    if keyword in ("oneOf", "anyOf", "allOf"):
        parts = [draw(rewritten(part, components)) for part in each]
        return draw(st.permutations(parts))
    if keyword == "prefixItems":
        return [draw(rewritten(part, components)) for part in each]
    if keyword in HOLDING:
        return draw(rewritten(each, components))
    return copy.deepcopy(each)


def _spelt(draw: st.DrawFn, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema with some of its own keywords spelt otherwise."""
    new = dict(schema)
    if "const" in new and draw(st.booleans()):
        new["enum"] = [new.pop("const")]
    if "enum" in new:
        new["enum"] = draw(st.permutations([*new["enum"], *new["enum"][:1]]))
    if "required" in new:
        new["required"] = draw(st.permutations(new["required"]))
    if isinstance(new.get("type"), str) and draw(st.booleans()):
        new["type"] = [new["type"]]
    elif isinstance(new.get("type"), list):
        new["type"] = draw(st.permutations(new["type"]))
        if draw(st.booleans()):
            new["anyOf"] = [{"type": name} for name in new.pop("type")]
    if new.get("type") in ("integer", ["integer"]) and "minimum" in new and draw(st.booleans()):
        new["exclusiveMinimum"] = new.pop("minimum") - 1
    if draw(st.booleans()):
        new |= {"minLength": 0} if "minLength" not in new else {}
        new.setdefault("x-note", "Nobody reads it.")
        new.setdefault("uniqueItems", False)
    if new.get("type") in ("object", "array") and draw(st.booleans()):
        new["maxLength"] = 3
    return new


def _split(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the keywords of a schema in parts; those that look at each other stay together."""
    together = {
        "properties", "patternProperties", "additionalProperties", "prefixItems", "items",
        "if", "then", "else",
    }  # fmt: skip
    first = {keyword: each for keyword, each in schema.items() if keyword in together}
    others = [{keyword: each} for keyword, each in schema.items() if keyword not in together]
    return {"allOf": [*others, first]}
