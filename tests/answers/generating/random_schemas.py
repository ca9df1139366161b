"""Random schemas with the keywords that an author writes together, and not each with every other."""

from hypothesis import strategies as st

from eqkit.contract.document import Json

NAMES = ["a", "b", "kind", "x-1"]
SCALARS: st.SearchStrategy[Json] = st.sampled_from([None, True, 0, 1, 2.5, "", "a", "b"])
CONSTANTS = (
    SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.sampled_from(NAMES), SCALARS, max_size=2)
)
PATTERNS = [
    "^a+$",
    "b",
    "^[^a]{2,4}$",
    r"^\d{3}-\w+$",
    "^(a|bc)*$",
    "^(?=.*[0-9])(?=.*[A-Z]).{4,9}$",
    "^(?!a).+$",
    r"^([ab])x\1$",
    "^.{3}$",
    r"\s",
    "^$|^ab$",
]
FORMATS = ["date", "ipv4", "ipv6", "uuid"]
"""Formats that the reference implementation checks by itself, and all agree about."""

REFERENCE = {"$ref": "#/components/schemas/Self"}

TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "minLength": st.integers(0, 4),
        "maxLength": st.integers(4, 40),
        "pattern": st.sampled_from(PATTERNS),
    },
) | st.fixed_dictionaries(
    {"type": st.just("string"), "format": st.sampled_from(FORMATS)},
    optional={"maxLength": st.integers(40, 60)},
)
NUMBERS = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number", ["integer", "null"]])},
    optional={
        "minimum": st.integers(-9, 3),
        "maximum": st.integers(4, 9),
        "exclusiveMinimum": st.integers(-9, 2),
        "exclusiveMaximum": st.integers(6, 9),
        "multipleOf": st.integers(1, 4),
    },
)
LEAVES = st.one_of(
    TEXTS,
    NUMBERS,
    st.just({"type": "boolean"}),
    st.booleans(),
    st.just({}),
    st.just(REFERENCE),
    CONSTANTS.map(lambda each: {"const": each}),
    st.lists(CONSTANTS, min_size=1, max_size=4).map(lambda each: {"enum": each}),
)


def of_kinds(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Return objects, arrays, and combinations of inner schemas."""
    names = st.sampled_from(NAMES)
    objects = st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(names, inner, max_size=4)},
        optional={
            "required": st.lists(names, unique=True, max_size=2),
            "additionalProperties": inner | st.just(False),
            "patternProperties": st.dictionaries(st.sampled_from(["^x-", "^[a-c]$"]), inner, max_size=1),
            "propertyNames": st.sampled_from(
                [{"pattern": "^[a-z]"}, {"maxLength": 6}, {"enum": ["a", "kind"]}]
            ),
            "minProperties": st.integers(0, 3),
            "maxProperties": st.integers(1, 4),
            "dependentRequired": st.dictionaries(names, st.lists(names, unique=True, max_size=2), max_size=1),
            "dependentSchemas": st.dictionaries(names, inner, max_size=1),
            "unevaluatedProperties": inner | st.just(False),
        },
    )
    arrays = st.fixed_dictionaries(
        {"type": st.just("array")},
        optional={
            "items": inner,
            "prefixItems": st.lists(inner, min_size=1, max_size=2),
            "contains": inner,
            "minItems": st.integers(0, 3),
            "maxItems": st.integers(2, 4),
            "uniqueItems": st.booleans(),
            "minContains": st.integers(0, 2),
            "maxContains": st.integers(1, 2),
            "unevaluatedItems": inner | st.just(False),
        },
    )
    several = st.lists(inner, min_size=1, max_size=3)
    beside = st.one_of(
        st.builds(lambda word, each: {word: each}, st.sampled_from(["allOf", "anyOf", "oneOf"]), several),
        st.builds(lambda each: {"not": each}, inner),
        st.fixed_dictionaries({"if": inner}, optional={"then": inner, "else": inner}),
    )
    both = st.builds(lambda one, other: {**one, **other}, objects | arrays, beside)
    return st.one_of(objects, arrays, beside, both)


SCHEMAS = st.recursive(LEAVES, of_kinds, max_leaves=10)
SELF: Json = {
    "type": "object",
    "properties": {"kind": {"enum": ["a", "b"]}, "a": {"type": "array", "items": REFERENCE}, "b": REFERENCE},
}
"""What the reference refers to: an object that may hold others of its kind."""
