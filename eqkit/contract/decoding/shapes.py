"""The shape that a schema gives a value, as far as a reader of texts has to know it before it has the value.

A query string has no types: whether ``1`` is a number, and ``a,b`` a list, only the schema says. A shape
gathers the statements of all schemas that apply to one value: those behind ``$ref``, and the branches of
``allOf``, ``anyOf``, ``oneOf`` and ``if``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from eqkit.contract.document import Json, escaped

PRIMITIVES = frozenset(("string", "number", "integer", "boolean", "null"))
KINDS = PRIMITIVES | {"array", "object"}

_ALL, _SOME = ("allOf",), ("anyOf", "oneOf")
_MARKS = ("readOnly", "writeOnly")
_OPENING = frozenset((
    "additionalProperties", "patternProperties", "x-patternProperties", "unevaluatedProperties", "oneOf",
    "anyOf", "if", "propertyNames",
))  # fmt: skip
"""Keywords of an object that speaks of other members than those of its `properties`."""

_TYPES: dict[type, str] = {
    str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null",
    list: "array", dict: "object",
}  # fmt: skip


class SchemaAccess(Protocol):
    """The schemas of a contract by pointer, as readers of messages need them."""

    def node(self, pointer: str) -> Json:
        """Return the value at a pointer; None if there is none."""
        ...

    def target(self, pointer: str) -> str | None:
        """Return the pointer that a ``$ref`` at a pointer leads to; None without one, or for a lost one."""
        ...

    def accepts(self, pointer: str, value: Json) -> bool:
        """Return whether a value is valid by the schema at a pointer; a broken schema accepts everything."""
        ...


@dataclass(frozen=True)
class Shape:
    """The common statement of some schemas about one value.

    `kinds` are the JSON types that they admit. `properties` and `items` are pointers to the schemas of
    members and items; `others` to those of members without a schema of their own.
    """

    kinds: frozenset[str]
    pointers: tuple[str, ...]
    properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    items: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    is_stated: bool = True
    """Whether any schema names types; without, every kind is admitted."""

    is_open: bool = False
    """Whether an object may have members that no `properties` names, by the schemas that speak of them."""
    marks: frozenset[str] = frozenset()
    """`readOnly` and `writeOnly`, where the schemas say so."""

    def member(self, name: str) -> tuple[str, ...]:
        """Return the pointers to the schemas of a member."""
        return self.properties.get(name, self.others)

    @property
    def is_primitive(self) -> bool:
        """Whether the value may be a text, a number, a boolean or null."""
        return bool(self.kinds & PRIMITIVES)


class Shapes:
    """The shapes of one contract, each worked out once."""

    def __init__(self, access: SchemaAccess) -> None:
        """Take the schemas."""
        self.access = access
        self._known: dict[tuple[str, ...], Shape] = {}
        self._empty_arrays: dict[tuple[str, ...], tuple[str, ...]] = {}

    def of(self, *pointers: str) -> Shape:
        """Return the shape that the schemas at some pointers give one value, all of them together."""
        if pointers not in self._known:
            self._known[pointers] = _shape(self.access, pointers)
        return self._known[pointers]

    def schemas(self, *pointers: str) -> list[dict[str, Json]]:
        """Return all schemas that may apply to one value by those at some pointers, the nearest first."""
        parts = dict.fromkeys(part for each in pointers for part in _parts(self.access, each, frozenset()))
        return [node for part in parts if isinstance(node := self.access.node(part), dict)]

    def empty_arrays(self, shape: Shape) -> tuple[str, ...]:
        """Return the required members of an object that may be arrays without items.

        Forms and XML write nothing for such an array, so that one that is not there was sent all the same.
        """
        if shape.pointers not in self._empty_arrays:
            self._empty_arrays[shape.pointers] = tuple(self._of_empty_arrays(shape))
        return self._empty_arrays[shape.pointers]

    def _of_empty_arrays(self, shape: Shape) -> Iterator[str]:
        lists = [_listed(each, "required") for each in self.schemas(*shape.pointers)]
        for name, pointers in shape.properties.items():
            of_member = self.of(*pointers)
            is_array = of_member.is_stated and "array" in of_member.kinds
            is_wanted = is_array and any(name in each for each in lists)
            if is_wanted and all(self.access.accepts(each, []) for each in pointers):
                yield name


def _shape(access: SchemaAccess, pointers: tuple[str, ...]) -> Shape:
    # Several pointers may be those of alternatives, so that a value has any of their types.
    stated = [found for each in pointers if (found := _kinds(access, each, frozenset())) is not None]
    parts = dict.fromkeys(part for pointer in pointers for part in _parts(access, pointer, frozenset()))
    nodes = {part: node for part in parts if isinstance(node := access.node(part), dict)}
    certain = [
        {part for part in _parts(access, pointer, frozenset(), _ALL) if part in nodes} for pointer in pointers
    ]
    properties: dict[str, tuple[str, ...]] = {}
    for part, node in nodes.items():
        for name in _mapping(node, "properties"):
            properties[name] = (*properties.get(name, ()), f"{part}/properties/{escaped(name)}")
    return Shape(
        frozenset().union(*stated) if stated else KINDS,
        pointers,
        properties,
        items=tuple(f"{part}/items" for part, node in nodes.items() if isinstance(node.get("items"), dict)),
        others=tuple(
            f"{part}/additionalProperties"
            for part, node in nodes.items()
            if isinstance(node.get("additionalProperties"), dict)
        ),
        is_stated=bool(stated),
        is_open=any(_OPENING & node.keys() for node in nodes.values()),
        marks=frozenset(
            mark
            for mark in _MARKS
            if certain and all(any(nodes[part].get(mark) is True for part in each) for each in certain)
        ),
    )


def _parts(
    access: SchemaAccess, pointer: str, seen: frozenset[str], keywords: tuple[str, ...] = (*_ALL, *_SOME)
) -> Iterator[str]:
    """Yield the pointers to a schema and to all that may apply to the same value by some keywords."""
    if pointer in seen:
        return
    seen |= {pointer}
    yield pointer
    target = access.target(pointer)
    if target is not None:
        yield from _parts(access, target, seen, keywords)
    node = access.node(pointer)
    if not isinstance(node, dict):
        return
    for keyword in keywords:
        for index in range(len(_listed(node, keyword))):
            yield from _parts(access, f"{pointer}/{keyword}/{index}", seen, keywords)
    for keyword in ("then", "else") if "anyOf" in keywords else ():
        if keyword in node:
            yield from _parts(access, f"{pointer}/{keyword}", seen, keywords)


def _kinds(access: SchemaAccess, pointer: str, seen: frozenset[str]) -> frozenset[str] | None:
    """Return the types that a schema admits; None if it says nothing of them."""
    if pointer in seen:
        return None
    seen |= {pointer}
    target = access.target(pointer)
    found = [] if target is None else [_kinds(access, target, seen)]
    node = access.node(pointer)
    if isinstance(node, dict):
        found.append(_own(node))
        found += [
            _kinds(access, f"{pointer}/allOf/{each}", seen) for each in range(len(_listed(node, "allOf")))
        ]
        for keyword in _SOME:
            branches = [_kinds(access, f"{pointer}/{keyword}/{each}", seen)
                        for each in range(len(_listed(node, keyword)))]  # fmt: skip
            known = [each for each in branches if each is not None]
            if branches and len(known) == len(branches):
                found.append(frozenset().union(*known))
    stated = [each for each in found if each is not None]
    if not stated:
        return _implied(node)
    return frozenset.intersection(*stated)


def _own(node: dict[str, Json]) -> frozenset[str] | None:
    stated = node.get("type")
    types = [stated] if isinstance(stated, str) else stated
    if isinstance(types, list) and types:
        kinds = frozenset(each for each in types if isinstance(each, str))
        kinds |= {"null"} if node.get("nullable") is True else frozenset()
        return kinds | {"integer"} if "number" in kinds else kinds
    values = [node["const"]] if "const" in node else node.get("enum")
    if isinstance(values, list) and values:
        return frozenset(_TYPES.get(type(each), "string") for each in values)
    return None


def _implied(node: Json) -> frozenset[str] | None:
    """Return the type that a schema without one is surely written for."""
    if isinstance(node, dict):
        if "properties" in node:
            return frozenset(("object",))
        if "items" in node:
            return frozenset(("array",))
    return None


def _listed(node: dict[str, Json], keyword: str) -> list[Json]:
    found = node.get(keyword)
    return found if isinstance(found, list) else []


def _mapping(node: dict[str, Json], keyword: str) -> dict[str, Json]:
    found = node.get(keyword)
    return found if isinstance(found, dict) else {}
