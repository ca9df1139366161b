"""The demands that schemas make of one value, gathered from all that apply to it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from eqkit.contract.decoding.shapes import KINDS
from eqkit.contract.document import Json, escaped
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.contract.schemas.extensions import with_promise

MAX_PARTS = 200
"""How many schemas are looked at for one value; a document may nest `allOf` without end."""

MAX_ALTERNATIVES = 24
"""How many alternatives of one `oneOf` or `anyOf` are tried."""

_UNBINDING = frozenset((
    "type", "title", "description", "summary", "example", "examples", "default", "nullable", "readOnly",
    "writeOnly", "deprecated", "externalDocs",
    "xml", "properties", "items", "required", "additionalProperties", "$ref",
    "allOf", "$comment", "discriminator", "minItems", "maxItems", "contentMediaType", "contentEncoding",
))  # fmt: skip
"""Keywords that rule out no text and no number, or that a view has taken in by itself."""

_KINDS: dict[type, str] = {
    str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null",
    list: "array", dict: "object",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """The alternatives of a ``oneOf`` or ``anyOf``, by the pointers to them."""

    pointer: str
    alternatives: tuple[str, ...]


@dataclass(slots=True)
class View:
    """The demands of some schemas that all apply to one value; each schema is named by its pointer."""

    pointers: tuple[str, ...]
    parts: list[str] = field(default_factory=list)
    """The schemas themselves and those that they lead to by ``$ref`` and ``allOf``."""
    kinds: frozenset[str] = KINDS
    is_stated: bool = False
    """Whether any schema states a type."""
    properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    required: dict[str, None] = field(default_factory=dict)
    items: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """The schemas of members without one of their own."""
    is_closed: bool = False
    values: list[Json] | None = None
    """The values that ``enum`` and ``const`` allow."""
    examples: list[Json] = field(default_factory=list)
    formats: set[str] = field(default_factory=set)
    max_length: int | None = None
    max_items: int | None = None
    min_items: int = 0
    choices: list[Choice] = field(default_factory=list)
    is_bound: bool = False
    """Whether any keyword may rule out a text or a number of the right type."""
    is_write_only: bool = False
    discriminators: list[tuple[str, str, dict[str, Json]]] = field(default_factory=list)
    """The member that names the schema of an object, with the discriminator's pointer and mapping."""

    @property
    def is_free(self) -> bool:
        """Whether any value will do, or any object."""
        says_nothing = not (self.is_bound or self.choices or self.properties or self.items or self.others)
        return says_nothing and not self.required and not self.is_closed and "object" in self.kinds


def view_of(schemas: DirectedSchemas, pointers: tuple[str, ...], settled: frozenset[str]) -> View:
    """Gather the demands of schemas; choices that are `settled` are left out, by their pointers."""
    view = View(pointers)
    for part in _parts(schemas, pointers):
        view.parts.append(part)
        node = schemas.node(part)
        if isinstance(node, dict):
            _take(view, part, with_promise(node), settled)
        elif node is False:
            view.is_bound = True
    if not view.is_stated and view.values is None:
        view.kinds = _implied(view)
    return view


def _implied(view: View) -> frozenset[str]:
    """Return the types that schemas are surely written for which state none."""
    if view.properties or view.others:
        return frozenset(("object",))
    if view.items:
        return frozenset(("array",))
    return KINDS - {"array", "object"} if view.is_bound and not view.choices else KINDS


def _parts(schemas: DirectedSchemas, pointers: tuple[str, ...]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = list(reversed(pointers))
    while waiting and len(seen) < MAX_PARTS:
        pointer = waiting.pop()
        if pointer in seen:
            continue
        seen.add(pointer)
        yield pointer
        node = schemas.node(pointer)
        every = node.get("allOf") if isinstance(node, dict) else None
        if isinstance(every, list):
            waiting += [f"{pointer}/allOf/{index}" for index in reversed(range(len(every[:MAX_PARTS])))]
        target = schemas.target(pointer)
        if target is not None:
            waiting.append(target)


def _take(view: View, part: str, node: dict[str, Json], settled: frozenset[str]) -> None:
    _take_kinds(view, node)
    _take_values(view, node)
    _take_members(view, part, node)
    _take_bounds(view, part, node)
    for keyword in ("oneOf", "anyOf"):
        several, pointer = node.get(keyword), f"{part}/{keyword}"
        if isinstance(several, list) and several and pointer not in settled:
            those = (f"{pointer}/{index}" for index in range(len(several[:MAX_ALTERNATIVES])))
            view.choices.append(Choice(pointer, tuple(those)))
    match node.get("discriminator"):
        case {"propertyName": str(name), **rest}:
            mapping = rest.get("mapping")
            view.discriminators.append((name, part, mapping if isinstance(mapping, dict) else {}))


def _take_kinds(view: View, node: dict[str, Json]) -> None:
    stated = node.get("type")
    types = [stated] if isinstance(stated, str) else stated
    if not isinstance(types, list):
        return
    kinds = frozenset(each for each in types if isinstance(each, str))
    kinds |= {"null"} if node.get("nullable") is True else frozenset()
    kinds |= {"integer"} if "number" in kinds else frozenset()
    view.kinds &= kinds
    view.is_stated = True


def _take_values(view: View, node: dict[str, Json]) -> None:
    if "const" in node:
        view.values = [node["const"]]
    elif isinstance(node.get("enum"), list) and view.values is None:
        view.values = node["enum"]
    if view.values is not None:
        view.kinds &= frozenset(_KINDS.get(type(each), "string") for each in view.values)
    view.examples += [node[name] for name in ("example", "default") if name in node]
    if isinstance(node.get("examples"), list):
        view.examples += node["examples"][:3]


def _take_members(view: View, part: str, node: dict[str, Json]) -> None:
    properties, required = node.get("properties"), node.get("required")
    for name in properties if isinstance(properties, dict) else ():
        pointer = f"{part}/properties/{escaped(str(name))}"
        view.properties[name] = (*view.properties.get(name, ()), pointer)
    if isinstance(required, list):
        view.required |= {each: None for each in required if isinstance(each, str)}
    if isinstance(node.get("items"), dict):
        view.items += (f"{part}/items",)
    others = node.get("additionalProperties")
    if isinstance(others, dict) and others:
        view.others += (f"{part}/additionalProperties",)
    view.is_closed |= others is False or node.get("unevaluatedProperties") is False
    view.is_write_only |= node.get("writeOnly") is True


def _take_bounds(view: View, part: str, node: dict[str, Json]) -> None:
    view.is_bound |= any(name not in _UNBINDING and not str(name).startswith("x-") for name in node)
    if isinstance(node.get("format"), str):
        view.formats.add(node["format"])
    view.max_length = _least(view.max_length, node.get("maxLength"))
    view.max_items = _least(view.max_items, node.get("maxItems"))
    fewest = node.get("minItems")
    if isinstance(fewest, int):
        view.min_items = max(view.min_items, fewest)


def _least(one: int | None, other: Json) -> int | None:
    if not isinstance(other, int | float) or isinstance(other, bool) or not 0 <= other < math.inf:
        return one
    return int(other) if one is None else min(one, int(other))
