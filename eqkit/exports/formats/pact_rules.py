"""Matching rules of Pact (specification 3): values are compared by their types, as the schemas have them.

A rule stands at a path such as ``$.items[*].name``, and reaches the values below it that have no nearer one.
"""

import re
from collections.abc import Iterator, Mapping

from eqkit.contract.decoding.shapes import Shape, Shapes
from eqkit.contract.document import Json

Rules = dict[str, Json]

MAX_RULES = 2000
"""How many rules of one body are written; values beyond them have the rule of a value above."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUOTABLE = re.compile(r"[^'\\\x00-\x1f]+")


def all_of(*matchers: Mapping[str, Json]) -> Rules:
    """Return the rule that all matchers have to accept a value."""
    return {"combine": "AND", "matchers": list(matchers)}


def of_type() -> Rules:
    """Return the rule that a value has the type of the example, and so have those below it."""
    return all_of({"match": "type"})


def body_rules(shapes: Shapes, schema: str | None, value: Json) -> Rules:
    """Return the rules of a body by their paths; without a schema, the types of the example are enough."""
    rules: Rules = {}
    pointers = () if schema is None else (schema,)
    for path, rule in _rules(shapes, pointers, value, "$"):
        if len(rules) == MAX_RULES:
            break
        rules.setdefault(path, rule)
    return rules


def trimmed(shapes: Shapes, schema: str | None, value: Json) -> Json:
    """Return the example of an answer, cut to the part that any answer has to have.

    The first item of an array stands for any number of such, and a member that is null for one of any type.
    """
    return _trimmed(shapes, () if schema is None else (schema,), value)


def _trimmed(shapes: Shapes, pointers: tuple[str, ...], value: Json) -> Json:
    shape = _shape(shapes, pointers)
    match value:
        case list():
            return [_trimmed(shapes, shape.items, each) for each in value[:1]]
        case dict():
            members = value.items()
            return {
                name: _trimmed(shapes, shape.member(name), each) for name, each in members if each is not None
            }
    return value


def _rules(
    shapes: Shapes, pointers: tuple[str, ...], value: Json, path: str, *, is_new: bool = True
) -> Iterator[tuple[str, Rules]]:
    """Yield the rules of a value; one by type is left out where the value above it has it already."""
    shape = _shape(shapes, pointers)
    if isinstance(value, dict) and value and not shape.properties and shape.others:
        # The names are data: any of them may be there, each with such a value.
        yield path, all_of({"match": "values"})
        yield from _rules(shapes, shape.others, next(iter(value.values())), f"{path}.*")
        return
    rule = _rule(shape, value)
    if is_new or rule != of_type():
        yield path, rule
    match value:
        case [first, *_]:
            yield from _rules(shapes, shape.items, first, f"{path}[*]")
        case dict():
            for name, each in value.items():
                below = _below(path, name)
                if below is not None:
                    is_new = rule != of_type()
                    yield from _rules(shapes, shape.member(name), each, below, is_new=is_new)


def _shape(shapes: Shapes, pointers: tuple[str, ...]) -> Shape:
    return shapes.of(*pointers) if pointers else Shape(frozenset(), (), is_stated=False)


def _rule(shape: Shape, value: Json) -> Rules:
    """Return the rule of a value; where its schemas admit null or numbers as well, so does the rule."""
    own = _matcher(shape, value)
    known = shape.kinds if shape.is_stated else frozenset()
    others = [{"match": each} for each in ("number", "integer", "null") if each in known]
    if "number" in known:
        others = [each for each in others if each["match"] != "integer"]
    others = [each for each in others if each != own]
    return {"combine": "OR", "matchers": [own, *others]} if others else all_of(own)


def _matcher(shape: Shape, value: Json) -> dict[str, Json]:
    match value:
        case list() if value:
            return {"match": "type", "min": 1}
        case bool():
            return {"match": "type"}
        case int() if shape.is_stated and "number" not in shape.kinds:
            return {"match": "integer"}
        case int() | float():
            return {"match": "number"}
        case None:
            return {"match": "null"}
    return {"match": "type"}


def _below(path: str, name: str) -> str | None:
    """Return the path of a member; None for a name that no path can have."""
    if _PLAIN.fullmatch(name):
        return f"{path}.{name}"
    return f"{path}['{name}']" if _QUOTABLE.fullmatch(name) else None
