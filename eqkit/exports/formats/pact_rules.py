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


def trimmed(shapes: Shapes, schema: str | None, value: Json, *, is_example: bool) -> Json:
    """Return the body of an answer, cut to the part that any answer has to have.

    The first item of an array stands for any number of such, and a member that is null for one of any type.
    Of a value that is no example, those members are left that the schema requires.
    """
    return _trimmed(shapes, () if schema is None else (schema,), value, is_example)


def _trimmed(shapes: Shapes, pointers: tuple[str, ...], value: Json, is_example: bool) -> Json:
    shape = _shape(shapes, pointers)
    match value:
        case list():
            return [_trimmed(shapes, shape.items, _common(value), is_example)] if value else []
        case dict():
            is_map = bool(shape.others) and not shape.properties
            needed = value.keys() if is_example or is_map else _required(shapes, pointers)
            return {
                name: _trimmed(shapes, shape.member(name), each, is_example)
                for name, each in value.items()
                if each is not None and name in needed
            }
    return value


def _common(items: list[Json]) -> Json:
    """Return the first item, of objects with those members alone that all of them have."""
    if not all(isinstance(each, dict) for each in items):
        return items[0]
    return {name: each for name, each in items[0].items() if all(name in item for item in items)}


def _required(shapes: Shapes, pointers: tuple[str, ...]) -> set[str]:
    """Return the members that all of some schemas require, with those behind `$ref` and `allOf`."""
    found: set[str] = set()
    ahead, seen = list(pointers), set[str]()
    while ahead:
        pointer = ahead.pop()
        if pointer in seen:
            continue
        seen.add(pointer)
        node, target = shapes.access.node(pointer), shapes.access.target(pointer)
        ahead += [] if target is None else [target]
        if isinstance(node, dict):
            found.update(each for each in _listed(node, "required") if isinstance(each, str))
            ahead += [f"{pointer}/allOf/{index}" for index in range(len(_listed(node, "allOf")))]
    return found


def _listed(node: dict[str, Json], name: str) -> list[Json]:
    found = node.get(name)
    return found if isinstance(found, list) else []


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
