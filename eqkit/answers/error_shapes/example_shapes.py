"""The shape of errors that a contract shows by an example, where no schema says more."""

from eqkit.answers.error_shapes.fillers import OMIT, copied
from eqkit.answers.error_shapes.shapes import ErrorShape
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract

MAX_DEPTH = 8
"""How deep an example is read."""

_AT = "/components/schemas/Error"
_TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
_SAYS_NOTHING = frozenset(("type", "title", "description", "example", "examples", "additionalProperties"))


def is_bare(schema: Json) -> bool:
    """Return whether a schema says no more of an object than that it is one."""
    return schema is True or (
        isinstance(schema, dict)
        and schema.keys() <= _SAYS_NOTHING
        and schema.get("type", "object") == "object"
        and schema.get("additionalProperties", True) in (True, {})
    )


def shape_of_example(example: Json, media_type: str, status: int) -> ErrorShape:
    """Return the shape of errors with the members of an example, and its values where none is an error's."""
    schemas = CompiledContract(
        Document({"openapi": "3.1.1", "components": {"schemas": {"Error": _schema_of(example, MAX_DEPTH)}}})
    ).responses

    def make_value(pointer: str) -> Json:
        node = schemas.node(pointer)
        return copied(node["example"]) if isinstance(node, dict) and "example" in node else OMIT

    return ErrorShape(schemas, _AT, media_type, status, make_value)


def _schema_of(example: Json, depth: int) -> dict[str, Json]:
    """Return a schema for values that are as an example; it says nothing of null."""
    if example is None or not depth:
        return {"example": example}
    if isinstance(example, dict):
        properties = {name: _schema_of(each, depth - 1) for name, each in example.items()}
        return {"type": "object", "required": [*example], "properties": properties, "example": example}
    if isinstance(example, list):
        items: Json = _schema_of(example[0], depth - 1) if example else {}
        return {"type": "array", "items": items, "example": example}
    return {"type": _TYPES[type(example)], "example": example}
