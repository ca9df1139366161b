"""The examples of a contract for one body, parameter or header."""

from typing import NamedTuple

from eqkit.contract.document import Json, pointer_parts
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.directed import DirectedSchemas


class Example(NamedTuple):
    """One example; that of the member `example`, or of a schema, has no name."""

    name: str
    value: Json


def examples_of(schemas: DirectedSchemas, holder: str) -> list[Example]:
    """Return the examples of the media type, parameter or header at a pointer, else those of its schema.

    One that has its value elsewhere (`externalValue`) is left out. Since OpenAPI 3.2 a value may be given
    as data or as written out (`dataValue`, `serializedValue`): the data counts where it is given.
    """
    found = []
    for name, at in schemas.members(holder, "examples").items():
        node = schemas.node(at)
        member = next(
            (each for each in ("value", "dataValue") if isinstance(node, dict) and each in node), None
        )
        if member is not None:
            found.append(Example(name, node[member]))
        elif isinstance(node, dict) and isinstance(node.get("serializedValue"), str):
            found += _read(name, node["serializedValue"], pointer_parts(holder)[-1])
    node = schemas.node(holder)
    if not found and isinstance(node, dict) and "example" in node:
        found.append(Example("", node["example"]))
    return found or _of_schema(schemas, f"{holder}/schema")


def _read(name: str, text: str, media_type: str) -> list[Example]:
    """Return the example that is written out in a media type; none where it is not JSON, and should be."""
    if not is_json(media_type):
        return [Example(name, text)]
    try:
        return [Example(name, json_of(text.encode("utf-8", "replace")))]
    except NotJson:
        return []


def _of_schema(schemas: DirectedSchemas, pointer: str) -> list[Example]:
    node = schemas.node(schemas.followed(pointer))
    if not isinstance(node, dict):
        return []
    listed = node.get("examples")
    if isinstance(listed, list) and listed:
        return [Example("", each) for each in listed]
    return [Example("", node["example"])] if "example" in node else []
