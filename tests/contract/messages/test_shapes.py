"""The common shape of the schemas of one value: its types, its members, and whether anything is stated."""

import pytest

from eqkit.contract.decoding.shapes import Shapes
from eqkit.contract.document import Json
from tests.contract.messages.schemas import Schemas

INTEGER: Json = {"type": "integer"}
OTHERS: dict[str, Json] = {
    "number": {"type": "number"},
    "own": {"allOf": [{"$ref": "#/schemas/own"}], "type": "string"},
    "loop": {"$ref": "#/schemas/loop"},
}
EVERYTHING = {"array", "boolean", "integer", "null", "number", "object", "string"}


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({"type": "string"}, {"string"}),
        ({"type": "number"}, {"number", "integer"}),
        ({"type": ["array", "null"]}, {"array", "null"}),
        ({"type": "integer", "nullable": True}, {"integer", "null"}),
        ({"type": "integer", "nullable": False}, {"integer"}),
        ({"const": 1}, {"integer"}),
        ({"enum": [1.5, "a", None, True, [], {}]}, EVERYTHING - {"integer"}),
        ({"type": "integer", "enum": ["a"]}, {"integer"}),
        ({"$ref": "#/schemas/number"}, {"number", "integer"}),
        ({"$ref": "#/schemas/number", "type": "integer"}, {"integer"}),
        ({"allOf": [{"$ref": "#/schemas/number"}, {}, INTEGER]}, {"integer"}),
        ({"anyOf": [INTEGER, {"type": "array"}]}, {"integer", "array"}),
        ({"oneOf": [INTEGER, {"type": "null"}], "type": ["integer", "string"]}, {"integer"}),
        ({"$ref": "#/schemas/own"}, {"string"}),
        ({"properties": {}}, {"object"}),
        ({"items": {}}, {"array"}),
        ({"type": "string", "properties": {}}, {"string"}),
    ],
)
def test_the_types_of_a_schema_are_those_that_all_of_it_admits(schema: Json, kinds: set[str]) -> None:
    """By its own words, by references, by all of its parts, and by any of its alternatives."""
    shape = Shapes(Schemas(it=schema, **OTHERS)).of("/schemas/it")
    assert shape.is_stated
    assert set(shape.kinds) == kinds
    assert shape.is_primitive == bool(kinds - {"array", "object"})


@pytest.mark.parametrize(
    "schema",
    [
        {},
        True,
        {"type": []},
        {"enum": []},
        {"anyOf": [INTEGER, {}]},
        {"anyOf": []},
        {"$ref": "#/schemas/loop"},
        {"minimum": 3},
    ],
)
def test_a_schema_that_states_no_type_admits_every_one(schema: Json) -> None:
    """One alternative without a type is enough."""
    shape = Shapes(Schemas(it=schema, **OTHERS)).of("/schemas/it")
    assert set(shape.kinds) == EVERYTHING
    assert (shape.is_stated, shape.is_primitive) == (False, True)


def test_members_and_items_come_from_every_part_that_may_apply() -> None:
    """Alternatives and conditions included; a member that none names has the schemas of all others."""
    schema = {
        "properties": {"a": INTEGER, "x/y": {}},
        "additionalProperties": INTEGER,
        "allOf": [{"properties": {"a": {}}, "items": INTEGER}],
        "oneOf": [{"properties": {"b": {}}}, {"additionalProperties": False}],
        "if": {"properties": {"unsure": {}}},
        "then": {"properties": {"c": {}}},
        "else": {"items": {}},
        "$ref": "#/schemas/other",
    }
    shapes = Shapes(Schemas(it=schema, other={"properties": {"d": {}}, "items": False}))
    shape = shapes.of("/schemas/it")
    assert shape.properties == {
        "a": ("/schemas/it/properties/a", "/schemas/it/allOf/0/properties/a"),
        "x/y": ("/schemas/it/properties/x~1y",),
        "b": ("/schemas/it/oneOf/0/properties/b",),
        "c": ("/schemas/it/then/properties/c",),
        "d": ("/schemas/other/properties/d",),
    }
    assert shape.items == ("/schemas/it/allOf/0/items", "/schemas/it/else/items")
    assert shape.others == ("/schemas/it/additionalProperties",)
    assert shape.member("a") == shape.properties["a"]
    assert shape.member("new") == shape.others
    assert shapes.of("/schemas/it") is shape


@pytest.mark.parametrize(
    ("schema", "marks"),
    [
        ({"readOnly": True}, {"readOnly"}),
        ({"readOnly": False, "writeOnly": True}, {"writeOnly"}),
        ({"allOf": [{"readOnly": True}]}, {"readOnly"}),
        ({"$ref": "#/schemas/marked"}, {"readOnly"}),
        ({"anyOf": [{"readOnly": True}]}, set()),
        ({}, set()),
    ],
)
def test_a_mark_counts_where_it_surely_applies(schema: Json, marks: set[str]) -> None:
    """By a part or a reference, and not by an alternative."""
    shapes = Shapes(Schemas(it=schema, marked={"readOnly": True}, plain={}))
    assert shapes.of("/schemas/it").marks == marks
    assert shapes.of("/schemas/it", "/schemas/plain").marks == set()
    assert shapes.of("/schemas/it", "/schemas/marked").marks == marks & {"readOnly"}
