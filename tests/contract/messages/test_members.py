"""Members that a schema does not speak of, or that are the other side's to send, however deep they stand."""

import pytest

from eqkit.contract.decoding.shapes import Shapes
from eqkit.contract.document import Json
from eqkit.contract.messages.contents import misdirected, undocumented
from tests.contract.messages.schemas import Schemas

TREE: Json = {
    "type": "object",
    "properties": {
        "id": {"readOnly": True},
        "a/b": {"type": "object", "properties": {"id": {"readOnly": True}}},
        "list": {"type": "array", "items": {"$ref": "#/schemas/it"}},
        "open": {
            "properties": {"x": {"properties": {}}, "id": {"readOnly": True}},
            "additionalProperties": True,
        },
        "bare": {"type": "object"},
        "text": {"type": "string"},
    },
}


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ({}, []),
        ({"id": 1, "text": "x"}, []),
        ({"x": 1, "id": 1, "y/z": 2}, ["/x", "/y~1z"]),
        ({"a/b": {"x": 1}}, ["/a~1b/x"]),
        ({"list": [{}, {"x": 1}, {"list": [{"y": 1}]}]}, ["/list/1/x", "/list/2/list/0/y"]),
        ({"open": {"y": 1, "x": {"z": 1}}}, []),
        ({"bare": {"x": 1}}, []),
        ({"text": {"x": 1}}, []),
        ([{"x": 1}], []),
        ("x", []),
    ],
)
def test_a_member_that_nobody_speaks_of_is_found(value: Json, pointers: list[str]) -> None:
    """But not in an open object, nor anywhere below it, nor where no properties are named."""
    shapes = Shapes(Schemas(it=TREE))
    assert [pointer for pointer, _ in undocumented(shapes, "/schemas/it", value)] == pointers


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({}, []),
        ({"id": 1}, [("/id", "/schemas/it/properties/id")]),
        ({"a/b": {"id": 1, "x": 1}}, [("/a~1b/id", "/schemas/it/properties/a~1b/properties/id")]),
        ({"list": [{}, {"id": 1}]}, [("/list/1/id", "/schemas/it/properties/id")]),
        ({"open": {"id": 1, "y": 1}}, [("/open/id", "/schemas/it/properties/open/properties/id")]),
        ({"bare": {"id": 1}, "text": "x", "x": {"id": 1}}, []),
    ],
)
def test_a_member_of_the_other_side_is_found_with_its_schema(
    value: Json, found: list[tuple[str, str]]
) -> None:
    """In open objects, too (OpenAPI 3.0.4, "Schema Object")."""
    shapes = Shapes(Schemas(it=TREE))
    assert list(misdirected(shapes, "/schemas/it", value, "readOnly")) == found
    assert list(misdirected(shapes, "/schemas/it", value, "writeOnly")) == []
