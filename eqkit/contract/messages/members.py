"""Members of a value of which its schema does not speak, or that are the other side's to send."""

from collections.abc import Iterator

from eqkit.contract.decoding.shapes import Shape, Shapes
from eqkit.contract.document import Json, escaped


def undocumented(shapes: Shapes, schema: str, value: Json) -> Iterator[tuple[str, str]]:
    """Yield the pointers to members that a schema does not speak of, and to the schema without them.

    An object is open where its schema says so, with ``additionalProperties`` or alternatives, or where it
    names no properties.
    """
    for pointer, shape, members in _objects(shapes, shapes.of(schema), value, "", is_closed=True):
        if shape.properties and not shape.is_open:
            for name in members:
                if name not in shape.properties:
                    yield f"{pointer}/{escaped(name)}", shape.pointers[0]


def misdirected(shapes: Shapes, schema: str, value: Json, mark: str) -> Iterator[tuple[str, str]]:
    """Yield the pointers to members that a schema marks as the other side's, and to their schemas.

    `mark` is `readOnly` in requests, and `writeOnly` in responses (OpenAPI 3.0.4, "Schema Object").
    """
    for pointer, shape, members in _objects(shapes, shapes.of(schema), value, "", is_closed=False):
        for name in members:
            pointers = shape.properties.get(name)
            if pointers and mark in shapes.of(*pointers).marks:
                yield f"{pointer}/{escaped(name)}", pointers[0]


def _objects(
    shapes: Shapes, shape: Shape, value: Json, pointer: str, *, is_closed: bool
) -> Iterator[tuple[str, Shape, dict[str, Json]]]:
    """Yield each object of a value that a schema speaks of, with its pointer and its shape.

    Where they have to be closed, nothing below an open one is yielded.
    """
    if isinstance(value, list) and shape.items:
        of_items = shapes.of(*shape.items)
        for index, item in enumerate(value):
            yield from _objects(shapes, of_items, item, f"{pointer}/{index}", is_closed=is_closed)
    elif isinstance(value, dict) and shape.properties:
        yield pointer, shape, value
        if is_closed and shape.is_open:
            return
        for name, member in value.items():
            pointers = shape.properties.get(name)
            if pointers and isinstance(member, dict | list):
                at = f"{pointer}/{escaped(name)}"
                yield from _objects(shapes, shapes.of(*pointers), member, at, is_closed=is_closed)
