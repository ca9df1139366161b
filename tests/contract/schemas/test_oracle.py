"""The engine and Python's `jsonschema` say the same of random values by random schemas."""

from typing import Any

import jsonschema
import jsonschema.validators
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eqkit.contract.document import Document
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas

ROOT = "/components/schemas/Root"
NAMES = st.sampled_from(["a", "b", "c", "7", "a/b", "~"])
NUMBERS = st.integers(-3, 3) | st.sampled_from([0.5, 1.0, -2.5, 2**40])
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.sampled_from(["", "a", "ab", "ä", "x1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
SIZES = st.integers(0, 3)
REFERENCES = st.sampled_from([f"#{ROOT}", "#/components/schemas/Other"])


def keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas of 2020-12 with a few of the keywords that the engine claims."""
    named = st.dictionaries(NAMES, inner, max_size=2)
    several = st.lists(inner, min_size=1, max_size=2)
    names = st.lists(NAMES, max_size=2, unique=True)
    patterns = st.sampled_from(["^a", "b$", "[0-9]$", "^.?$"])
    values = {
        **dict.fromkeys(
            ("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames"), inner
        ),
        **dict.fromkeys(("then", "unevaluatedItems", "unevaluatedProperties"), inner),
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), several),
        **dict.fromkeys(("minContains", "minItems", "maxItems", "minLength", "maxLength"), SIZES),
        **dict.fromkeys(("minProperties", "maxProperties"), SIZES),
        **dict.fromkeys(("minimum", "exclusiveMaximum"), NUMBERS),
        **dict.fromkeys(("properties", "dependentSchemas"), named),
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "const": VALUES,
        "multipleOf": st.sampled_from([1, 2, 0.5]),
        "pattern": patterns,
        "patternProperties": st.dictionaries(patterns, inner, max_size=2),
        "uniqueItems": st.booleans(),
        "required": names,
        "dependentRequired": st.dictionaries(NAMES, names, max_size=2),
    }
    pairs = st.sampled_from(sorted(values)).flatmap(lambda name: st.tuples(st.just(name), values[name]))
    return st.lists(pairs, min_size=1, max_size=4).map(dict)


LEAVES = st.booleans() | keywords(st.booleans())
SCHEMAS = LEAVES | keywords(LEAVES | keywords(LEAVES))
WHOLE = keywords(SCHEMAS)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Return two schemas, of which one refers to the other from within."""
    root, other = draw(WHOLE), draw(SCHEMAS)
    root["properties"] = {
        **root.get("properties", {}),
        "a": {"$ref": draw(REFERENCES), **draw(WHOLE)},
    }
    return {"openapi": "3.1.0", "components": {"schemas": {"Root": root, "Other": other}}}


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(documents(), VALUES)
def test_any_value_by_any_schema_is_as_good_as_another_engine_says(
    document: dict[str, Any], value: Any
) -> None:
    """`jsonschema` is the reference implementation in Python, of another author."""
    oracle = jsonschema.validators.Draft202012Validator(
        {"$id": "urn:contract", **document, "$ref": f"#{ROOT}"}
    )
    validator = Schemas(Document(document)).validator(ROOT, Direction.RESPONSE)
    expected = oracle.is_valid(value)
    assert validator.is_valid(value) is expected
    assert (validator.violations(value) == []) is expected
