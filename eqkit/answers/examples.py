"""The examples of a contract for one body, parameter or header."""

from typing import NamedTuple

from eqkit.contract.document import Json
from eqkit.contract.messages.directed import DirectedSchemas


class Example(NamedTuple):
    """One example; that of the member `example`, or of a schema, has no name."""

    name: str
    value: Json


def examples_of(schemas: DirectedSchemas, holder: str) -> list[Example]:
    """Return the examples of the media type, parameter or header at a pointer, else those of its schema.

    One that has its value elsewhere (`externalValue`) is left out. Since OpenAPI 3.2 a value may be given
    as data or as written out (`dataValue`, `serializedValue`): the data counts.
    """
    found = []
    for name, at in schemas.members(holder, "examples").items():
        node = schemas.node(at)
        member = next(
            (each for each in ("value", "dataValue") if isinstance(node, dict) and each in node), None
        )
        if member is not None:
            found.append(Example(name, node[member]))
    node = schemas.node(holder)
    if not found and isinstance(node, dict) and "example" in node:
        found.append(Example("", node["example"]))
    return found or _of_schema(schemas, f"{holder}/schema")


def _of_schema(schemas: DirectedSchemas, pointer: str) -> list[Example]:
    node = schemas.node(schemas.followed(pointer))
    if not isinstance(node, dict):
        return []
    listed = node.get("examples")
    if isinstance(listed, list) and listed:
        return [Example("", each) for each in listed]
    return [Example("", node["example"])] if "example" in node else []
