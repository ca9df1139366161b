"""Texts of a message as the values that a schema makes of them: the lexical forms of JSON's own types."""

import json
import re
from collections.abc import Iterator, Sequence

from eqkit.contract.decoding.shapes import Shapes
from eqkit.contract.document import Json

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
"""A number as JSON writes it, so that ``007`` is none; in linear time, and no longer than a number can be."""


def readings(text: str) -> Iterator[tuple[str, Json]]:
    """Yield the values that a text may stand for with their JSON types, the text itself first."""
    yield "string", text
    if _NUMBER.fullmatch(text):
        number = json.loads(text)
        yield ("integer" if isinstance(number, int) else "number"), number
    if text in ("true", "false"):
        yield "boolean", text == "true"
    if text in ("", "null"):
        yield "null", None


def read_text(shapes: Shapes, text: str, pointers: Sequence[str]) -> Json:
    """Return the value that a text stands for: one that the schemas accept, else one of their types."""
    if not pointers:
        return text
    of_type = shapes.of(*pointers)
    found = [value for kind, value in readings(text) if kind in of_type.kinds]
    return first_accepted(shapes, pointers, found) if found else text


def first_accepted(shapes: Shapes, pointers: Sequence[str], values: Sequence[Json]) -> Json:
    """Return the first of some values that all schemas accept, else any of them, else the first of all."""
    accepts = shapes.access.accepts
    for how in (all, any):
        for value in values if len(values) > 1 else ():
            if how(accepts(pointer, value) for pointer in pointers):
                return value
    return values[0]


def write_text(value: Json) -> str:
    """Return a value that is neither an array nor an object as a text; null is the empty one."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)
