"""Texts read as the values that they stand for, where a schema tells of which types these may be."""

import contextlib
import json
import math
import re
from collections.abc import Iterator, Sequence

from eqkit.contract.decoding.shapes import Shape, Shapes
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson, json_of

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
"""A number as JSON writes it, so that ``007`` is none; in linear time, and no longer than a number can be."""


class Malformed(ValueError):
    """A text that its style does not write."""


def fault_of(error: Malformed | NotJson) -> str:
    """Return what is wrong with a value, to stand behind its name."""
    return f"is not JSON: {error}" if isinstance(error, NotJson) else str(error)


def readings(text: str) -> Iterator[tuple[str, Json]]:
    """Yield the values that a text may stand for with their JSON types, the text itself first."""
    yield "string", text
    if _NUMBER.fullmatch(text):
        number = json.loads(text)
        if isinstance(number, int):
            yield "integer", number
        elif math.isfinite(number):
            yield "number", number
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
    return first_accepted(shapes, pointers, found) if found else _nested(text, of_type)


def _nested(text: str, shape: Shape) -> Json:
    """Return the value of a text that cannot stand for a value of any type that is wanted.

    No style writes an object or an array within another; clients send them as JSON.
    """
    if not shape.is_primitive and text[:1] in ("{", "["):
        with contextlib.suppress(NotJson):
            return json_of(text.encode("utf-8", "surrogatepass"))
    return text


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
