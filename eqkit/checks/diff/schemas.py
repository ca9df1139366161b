"""Two schemas compared: where the new one admits less than the old one, and where more."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from eqkit.contract.document import Document, Json, escaped, pointer_of, reference_parts

LEAST = ("minLength", "minItems", "minProperties")
MOST = ("maxLength", "maxItems", "maxProperties", "x-max-bytes")
LIMITS = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
"""The keywords of the least and the most number, and those that take the number itself away."""

OPAQUE = (
    "const", "pattern", "format", "multipleOf", "not", "if", "then", "else", "contains", "minContains",
    "maxContains", "propertyNames", "dependentRequired", "dependentSchemas", "unevaluatedItems",
    "unevaluatedProperties",
)  # fmt: skip
"""Keywords of which one cannot say whether a change admits less or more: it is taken for both."""

ALTERNATIVES = ("oneOf", "anyOf")
NESTED = ("items", "additionalProperties")
KEYED = ("patternProperties", "prefixItems")


class Way(StrEnum):
    """What a change does to the set of values that a schema admits."""

    NARROWER = "narrower"
    WIDER = "wider"


@dataclass(frozen=True, slots=True)
class View:
    """A part of a document, references resolved, with the pointer that it stands at.

    `via` has the pointers of the references that have led to it, the first one first.
    """

    document: Document
    data: Json
    pointer: str = ""
    via: tuple[str, ...] = ()

    def child(self, *names: str | int) -> "View":
        """Return what stands below, or None's view where nothing does; references are followed."""
        data, pointer, via = self.data, self.pointer, self.via
        for name in names:
            here = data if isinstance(data, dict | list) else {}
            data = here.get(name) if isinstance(here, dict) else here[int(name)]
            pointer = f"{pointer}/{name if isinstance(name, int) else escaped(name)}"
            while isinstance(data, dict) and "$ref" in data:
                via = (*via, f"{pointer}/$ref")
                pointer = pointer_of(reference_parts(data["$ref"]))
                data = self.document.at(data["$ref"])
        return View(self.document, data, pointer, via)

    def members(self, *names: str) -> dict[str, "View"]:
        """Return the members of the object that stands below, by name."""
        below = self.child(*names)
        return {name: below.child(name) for name in below.data} if isinstance(below.data, dict) else {}

    def get(self, name: str, default: Json = None) -> Json:
        """Return a plain member."""
        return self.data.get(name, default) if isinstance(self.data, dict) else default


class Limit(NamedTuple):
    """The least or the most number that a schema admits; if `exclusive`, only what lies beyond it."""

    number: float
    exclusive: bool

    def whole(self, sign: int) -> "Limit":
        """Return what this limit is to integers; `sign` is 1 for the least and -1 for the most."""
        number = sign * self.number
        least = math.floor(number) + 1 if self.exclusive else math.ceil(number)
        return Limit(sign * least, False)


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One change: `place` is the new document's view, or the old one's for what is gone."""

    keyword: str
    way: Way
    told: str
    place: View
    is_old: bool = False


@dataclass(slots=True)
class Comparison:
    """A walk through two schemas; a pair that was begun once is not begun again, as it may be recursive."""

    seen: set[tuple[str, str]] = field(default_factory=set)

    def changes(self, old: View, new: View, name: str) -> Iterator[SchemaChange]:
        """Yield what changed from `old` to `new`, a schema that people know as `name`."""
        if (old.pointer, new.pointer) in self.seen:
            return
        self.seen.add((old.pointer, new.pointer))
        yield from self._types(old, new, name)
        yield from self._enum(old, new, name)
        yield from self._bounds(old, new, name)
        yield from self._alternatives(old, new, name)
        yield from self._members(old, new, name)
        yield from self._parts(old, new, name)
        yield from self._below(old, new, name)

    def _types(self, old: View, new: View, name: str) -> Iterator[SchemaChange]:
        before, after = types_of(old), types_of(new)
        told = f"{name} was {_listed(before)} and is {_listed(after)}"
        if before - after:
            yield SchemaChange("type", Way.NARROWER, told, new)
        if after - before:
            yield SchemaChange("type", Way.WIDER, told, new)

    def _enum(self, old: View, new: View, name: str) -> Iterator[SchemaChange]:
        before, after = (_values(view.get("enum")) for view in (old, new))
        if before == after:
            return
        if after is not None and (before is None or before - after):
            gone = "any other value" if before is None else ", ".join(sorted(before - after))
            yield SchemaChange("enum", Way.NARROWER, f"{name} no longer admits {gone}", new)
        if before is not None and (after is None or after - before):
            added = "any value" if after is None else ", ".join(sorted(after - before))
            yield SchemaChange("enum", Way.WIDER, f"{name} now admits {added}", new)

    def _bounds(self, old: View, new: View, name: str) -> Iterator[SchemaChange]:
        yield from _limits(old, new, name)
        for keyword in (*LEAST, *MOST, "uniqueItems", *OPAQUE):
            # At least none of them, which holds anyway, is said by not saying it; so is false.
            default = 0 if keyword in LEAST else False if keyword == "uniqueItems" else None
            # A schema that stands below a keyword may have changed where it refers to.
            before, after = (view.document.inlined(view.get(keyword, default)) for view in (old, new))
            if before == after:
                continue
            told = f"{name}: {keyword} was {_shown(before)} and is {_shown(after)}"
            if keyword in OPAQUE:
                tighter, looser = after is not None, before is not None
            else:
                sign = -1 if keyword in MOST else 1
                tighter = after is not None and (before is None or sign * (after - before) > 0)
                looser = not tighter
            if tighter:
                yield SchemaChange(keyword, Way.NARROWER, told, new)
            if looser:
                yield SchemaChange(keyword, Way.WIDER, told, new)

    def _below(self, old: View, new: View, name: str) -> Iterator[SchemaChange]:
        """Yield the changes of items and of members that go by no name of their own."""
        for keyword in NESTED:
            if isinstance(old.get(keyword), dict) and isinstance(new.get(keyword), dict):
                yield from self.changes(old.child(keyword), new.child(keyword), f"{name}[]")
        for keyword in KEYED:
            before, after = (_keyed(view, keyword) for view in (old, new))
            for key in (each for each in before if each in after):
                yield from self.changes(before[key], after[key], f"{name}[{key}]")
            if before.keys() != after.keys():
                told = f"{name}: {keyword} were {_shown([*before])} and are {_shown([*after])}"
                # One more admits less, unless all that no other names is refused: it is taken for both.
                yield SchemaChange(keyword, Way.NARROWER, told, new)
                yield SchemaChange(keyword, Way.WIDER, told, new)

    def _alternatives(self, old: View, new: View, name: str) -> Iterator[SchemaChange]:
        for keyword in ALTERNATIVES:
            first, second = _by_reference(old, keyword), _by_reference(new, keyword)
            # One of the same name is the same alternative, whatever has changed in it.
            common = [reference for reference in first if reference in second]
            for reference in common:
                yield from self.changes(first[reference], second[reference], name)
            before, after = (_others(view, keyword, common) for view in (old, new))
            if before == after:
                continue
            if after is not None and (before is None or before - after):
                yield SchemaChange(keyword, Way.NARROWER, f"{name} lost an alternative of {keyword}", new)
            if before is not None and (after is None or after - before):
                yield SchemaChange(keyword, Way.WIDER, f"{name} got an alternative of {keyword}", new)

    def _parts(self, old: View, new: View, name: str) -> Iterator[SchemaChange]:
        """Yield the changes of what a schema is made of; a part of one side alone is held against nothing."""
        before, after = _parts_of(old), _parts_of(new)
        for part in (each for each in before if each in after):
            yield from self.changes(before[part], after[part], name)
        for part in (each for each in before if each not in after):
            yield from self.changes(before[part], _nothing(before[part], new), name)
        for part in (each for each in after if each not in before):
            yield from self.changes(_nothing(after[part], old), after[part], name)

    def _members(self, old: View, new: View, name: str) -> Iterator[SchemaChange]:
        before, after = old.members("properties"), new.members("properties")
        was_required, is_required = set(old.get("required", ())), set(new.get("required", ()))
        was_closed, is_closed = (view.get("additionalProperties") is False for view in (old, new))
        for member in (each for each in before if each not in after):
            told = f"{name} lost the property {member}"
            keyword = "property-lost-closed" if is_closed else "property-lost"
            yield SchemaChange(keyword, Way.NARROWER, told, before[member], is_old=True)
        for member in (each for each in after if each not in {*before, *is_required}):
            told = f"{name} got the optional property {member}"
            yield SchemaChange("property-added", Way.WIDER, told, after[member])
        for member in sorted(is_required - was_required):
            told = f"{name} now requires {member}"
            yield SchemaChange("required", Way.NARROWER, told, new)
        for member in sorted(was_required & after.keys() - is_required):
            told = f"{name} no longer requires {member}"
            yield SchemaChange("required", Way.WIDER, told, after[member])
        if is_closed != was_closed:
            way, told = (Way.NARROWER, "closed") if is_closed else (Way.WIDER, "open")
            yield SchemaChange("additionalProperties", way, f"{name} is now {told} to other properties", new)
        for member in sorted(before.keys() & after.keys()):
            yield from self.changes(before[member], after[member], f"{name}.{member}")


def _limits(old: View, new: View, name: str) -> Iterator[SchemaChange]:
    """Yield the changes of the least and of the most number, however each of them is spelt."""
    whole = all("number" not in types_of(view) for view in (old, new))
    for keyword, exclusive in LIMITS.items():
        sign = 1 if keyword == "minimum" else -1
        before, after = (_limit(view, keyword) for view in (old, new))
        first, second = (each.whole(sign) if each and whole else each for each in (before, after))
        if first == second:
            continue
        is_tighter = second is not None and (
            first is None or _tightness(first, sign) < _tightness(second, sign)
        )
        way = Way.NARROWER if is_tighter else Way.WIDER
        changed = exclusive if any(each and each.exclusive for each in (before, after)) else keyword
        told = f"{name}: {keyword} was {_shown_limit(before)} and is {_shown_limit(after)}"
        yield SchemaChange(changed, way, told, new)


def _limit(view: View, keyword: str) -> Limit | None:
    """Return the limit that holds: in 3.0 one is exclusive by `true` beside it, in 3.1 by another keyword."""
    number, exclusive = view.get(keyword), view.get(LIMITS[keyword])
    stated = [] if number is None else [Limit(number, exclusive is True)]
    if exclusive is not None and not isinstance(exclusive, bool):
        stated.append(Limit(exclusive, True))
    sign = 1 if keyword == "minimum" else -1
    return max(stated, key=lambda limit: _tightness(limit, sign), default=None)


def _tightness(limit: Limit, sign: int) -> tuple[float, bool]:
    return sign * limit.number, limit.exclusive


def types_of(view: View) -> set[str]:
    """Return the types that a schema admits; an integer is a number, and no type is any."""
    stated = view.get("type", ["array", "boolean", "integer", "null", "number", "object", "string"])
    types = {stated} if isinstance(stated, str) else set(stated)
    if view.get("nullable"):
        types.add("null")
    return types | {"integer"} if "number" in types else types


def _parts_of(view: View) -> dict[str, View]:
    """Return the schemas of `allOf`, by what they refer to, or by their position among those that do not."""
    named = _by_reference(view, "allOf")
    plain = [index for index, each in enumerate(view.get("allOf", ())) if not _refers(each)]
    return named | {str(position): view.child("allOf", index) for position, index in enumerate(plain)}


def _nothing(part: View, beside: View) -> View:
    """Return a schema that says nothing but the type, in the document that lacks a part."""
    stated = {"type": part.get("type")} if part.get("type") is not None else {}
    return View(beside.document, stated, beside.pointer)


def _keyed(view: View, keyword: str) -> dict[str, View]:
    """Return the schemas of a keyword by pattern, or by position."""
    stated = view.get(keyword)
    if isinstance(stated, list):
        return {str(index): view.child(keyword, index) for index in range(len(stated))}
    return view.members(keyword)


def _by_reference(view: View, keyword: str) -> dict[str, View]:
    """Return the alternatives of a schema that are references, by what they refer to."""
    found = enumerate(view.get(keyword, ()))
    return {each["$ref"]: view.child(keyword, index) for index, each in found if _refers(each)}


def _others(view: View, keyword: str, common: list[str]) -> set[str] | None:
    """Return the other alternatives as texts to compare, or None where the schema has no alternatives."""
    stated = view.get(keyword)
    if stated is None:
        return None
    others = [each for each in stated if not (_refers(each) and each["$ref"] in common)]
    return _values(view.document.inlined(others))


def _refers(schema: Json) -> bool:
    # In 3.1 a schema may be true or false.
    return isinstance(schema, dict) and "$ref" in schema


def _listed(types: set[str]) -> str:
    return "of any type" if len(types) == 7 else " or ".join(sorted(types))


def _values(values: Any) -> set[str] | None:
    return None if values is None else {json.dumps(value, sort_keys=True) for value in values}


def _shown(value: Json) -> str:
    text = "none" if value is None else json.dumps(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _shown_limit(limit: Limit | None) -> str:
    return "none" if limit is None else f"{limit.number}{' (exclusive)' if limit.exclusive else ''}"
