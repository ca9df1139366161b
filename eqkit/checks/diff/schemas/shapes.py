"""Schemas in a normal form: for each type of JSON the values that they admit, however that is written.

``allOf`` and references are merged, ``oneOf`` and ``anyOf`` spread over the types of their alternatives; a
``const`` is an ``enum`` of one value, and ``nullable`` the type null.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

from eqkit.checks.diff.schemas.facets import (
    BOUNDS,
    LIMITS,
    MINIMA,
    TYPES,
    Condition,
    Facet,
    Limit,
    listed,
    type_of,
)
from eqkit.checks.diff.schemas.views import View
from eqkit.contract.document import Document, Json
from eqkit.contract.schemas.extensions import with_patterns

Schema = tuple[View, ...]
"""Schemas that hold together; none at all admits everything."""

GROUPS = ("anyOf", "oneOf")
MAX_ALTERNATIVES = 200
"""The most combinations of alternatives of several groups that are kept apart."""

NUMBER_FORMATS = (
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float",
    "double",
    "decimal",
)
STATED = {
    "pattern": "string",
    "multipleOf": "number",
    "contentEncoding": "string",
    "contentMediaType": "string",
}
MEMBERS = ("properties", "patternProperties", "additionalProperties")
ITEMS = ("items", "prefixItems")
CONDITIONS = {
    "contains": "array", "unevaluatedItems": "array", "propertyNames": "object",
    "dependentRequired": "object", "dependentSchemas": "object",
    "unevaluatedProperties": "object", "contentSchema": "string",
}  # fmt: skip
"""Keywords that hold further schemas, and the type that each of them is about."""

NOTES = (
    "default",
    "deprecated",
    "x-sunset",
    "readOnly",
    "writeOnly",
    "discriminator",
    "x-extensible-enum",
    "xml",
)
"""Keywords that admit no value more or less, and that clients go by."""


@dataclass(slots=True)
class Shape:
    """The meaning of a schema: alternatives of values by type, and notes; `view` is where it stands."""

    view: View | None
    types: dict[str, list[Facet]] = field(default_factory=dict)
    notes: dict[str, View] = field(default_factory=dict)

    def note(self, name: str) -> Json:
        """Return the value of a keyword that is a note, or None."""
        found = self.notes.get(name)
        return None if found is None else found.data[name]

    @property
    def type_names(self) -> list[str]:
        """The types as a contract calls them; a number that is always whole is an integer."""
        return sorted("integer" if is_whole(found) else name for name, found in self.types.items())

    @property
    def is_free(self) -> bool:
        """Whether any value at all is admitted."""
        return len(self.types) == len(TYPES) and all(
            len(found) == 1 and found[0].is_free for found in self.types.values()
        )


def is_whole(facets: Sequence[Facet]) -> bool:
    """Return whether all values are integers."""
    return facets[0].type == "number" and all(
        each.whole
        or (each.values is not None and all(float(value).is_integer() for value in each.values.values()))
        for each in facets
    )


class Shapes:
    """The normal forms of the schemas of one document, each worked out once."""

    def __init__(self, document: Document) -> None:
        """Take the document; in OpenAPI 3.0 the keywords beside a reference are ignored."""
        self.is_3_0 = str(document.data.get("openapi", "")).startswith("3.0")
        self._known: dict[tuple[str, ...], Shape] = {}
        self._begun: set[tuple[str, ...]] = set()

    def of(self, schema: Schema) -> Shape:
        """Return the normal form of schemas that hold together.

        One that stands within its own alternatives admits no value more by that.
        """
        key = tuple(each.pointer for each in schema)
        if key not in self._known:
            if key in self._begun:
                return Shape(schema[0])
            self._begun.add(key)
            self._known[key] = self._made(schema)
            self._begun.discard(key)
        return self._known[key]

    def canonical(self, view: View) -> View:
        """Return the schema that a reference names, where nothing else is said beside it."""
        while view.reference is not None and (self.is_3_0 or len(view.data) == 1):
            target = view.target()
            if target is None or len(view.via) > 100:
                break
            view = target
        return view

    def _parts(self, view: View, seen: set[str]) -> Iterator[View]:
        """Yield the schemas that one is made of: itself, its reference, and all of its ``allOf``."""
        if view.pointer in seen or view.data in (None, {}) or view.data is True:
            return
        seen.add(view.pointer)
        target = view.target()
        if target is None or not self.is_3_0:
            yield view
        if target is not None:
            yield from self._parts(target, seen)
            if self.is_3_0:
                return
        for each in view.items("allOf"):
            yield from self._parts(each, seen)

    def _made(self, schema: Schema) -> Shape:
        seen: set[str] = set()
        parts = [part for view in schema for part in self._parts(view, seen)]
        shape = Shape(schema[0] if schema else None, {name: [Facet(name)] for name in TYPES})
        if any(part.data is False for part in parts):
            shape.types.clear()
            return shape
        for part in parts:
            for name in NOTES:
                if part.get(name) is not None and part.data[name] is not False:
                    shape.notes.setdefault(name, part)
            self._narrow(shape, part)
        for part in parts:
            for group in GROUPS:
                if isinstance(part.get(group), list):
                    self._spread(shape, part, group)
            if (
                self._is_nullable(part)
                and "type" not in part.data
                and any(name in part.data for name in (*GROUPS, "allOf"))
            ):
                shape.types.setdefault("null", [Facet("null")])
        for name, facets in list(shape.types.items()):
            shape.types[name] = [each for facet in facets if (each := facet.settled()) is not None]
            if not shape.types[name]:
                del shape.types[name]
        return shape

    def _is_nullable(self, part: View) -> bool:
        return self.is_3_0 and part.get("nullable") is True

    def _narrow(self, shape: Shape, part: View) -> None:
        """Keep the values that the keywords of one schema admit, its groups left aside."""
        types = self._types(part)
        for name in list(shape.types):
            facet = self._facet(part, name, is_whole=types.get(name, False)) if name in types else None
            if facet is None:
                del shape.types[name]
            else:
                shape.types[name] = [each.intersected(facet) for each in shape.types[name]]

    def _types(self, part: View) -> dict[str, bool]:
        """Return the types that a schema lists, and whether a number has to be whole."""
        stated = part.get("type")
        if stated is None:
            return dict.fromkeys(TYPES, False)
        names = [stated] if isinstance(stated, str) else list(stated)
        unknown = [name for name in names if name not in (*TYPES, "integer")]
        if unknown:
            raise ValueError(f"{part.pointer}/type: {unknown[0]} is no type")
        found = {name: False for name in names if name != "integer"}
        if "integer" in names:
            found.setdefault("number", True)
        if self._is_nullable(part):
            found["null"] = False
        return found

    def _facet(self, part: View, name: str, *, is_whole: bool) -> Facet | None:
        """Return the facets of a type by one schema, or None if it admits no value of it."""
        facet = Facet(name, whole=is_whole)
        if not self._listed_values(part, facet):
            return None
        if name == "number":
            _limit(part, facet)
        for keyword, kind in BOUNDS.items():
            number = part.get(keyword)
            if kind == name and number is not None and (number > 0 or keyword not in MINIMA):
                facet.bounds[keyword] = number
                facet.where[keyword] = part
        _state(part, facet)
        data = with_patterns(part.data)
        if name == "object":
            for each in part.get("required", ()) if isinstance(part.get("required"), list) else ():
                facet.required[each] = part
            facet.parts = (part,) if any(keyword in data for keyword in MEMBERS) else ()
        if name == "array":
            facet.unique = part.get("uniqueItems") is True
            facet.parts = (part,) if any(keyword in data for keyword in ITEMS) else ()
        for keyword in ("uniqueItems", "required", "type", *MEMBERS, *ITEMS):
            if keyword in data:
                facet.where[keyword] = part
        return facet if self._conditions(part, facet) else None

    def _listed_values(self, part: View, facet: Facet) -> bool:
        """Note the values of ``enum`` and ``const``; tell whether there are any of the type."""
        if facet.type == "null" and self._is_nullable(part) and "type" in part.data:
            return True
        admitted = facet.values
        for keyword, values in (("enum", part.get("enum")), ("const", [part.get("const")])):
            if keyword in part.data and isinstance(values, list):
                found = listed(value for value in values if type_of(value) == facet.type)
                admitted = (
                    found if admitted is None else {text: found[text] for text in admitted if text in found}
                )
                facet.where["enum"] = part
        facet.values = admitted
        return admitted is None or bool(admitted)

    def _conditions(self, part: View, facet: Facet) -> bool:
        """Note the further demands of a schema on the values of a type; tell whether any can meet it."""
        data, found = part.data, []
        for keyword, kind in CONDITIONS.items():
            if kind == facet.type and keyword in data and not self._is_idle(part, keyword, facet):
                found.append(Condition(keyword, part))
        if "if" in data and ("then" in data or "else" in data):
            found.append(Condition("if", part))
        if "$ref" in data and part.target() is None:
            found.append(Condition("$ref", part))
        if "$dynamicRef" in data:
            found.append(Condition("$dynamicRef", part))
        if "not" in data:
            refused = self.of((self.canonical(part.below("not")),)).types.get(facet.type, [])
            if any(each.is_free for each in refused):
                return False
            if refused:
                found.append(Condition("not", part))
        facet.conditions = tuple(found)
        for condition in found:
            facet.where[condition.keyword] = part
        return True

    def _is_idle(self, part: View, keyword: str, facet: Facet) -> bool:
        """Return whether a keyword admits every value; limits on the number of items go into the facet."""
        if keyword.startswith("dependent"):
            return not part.data[keyword]
        if not self.of((self.canonical(part.below(keyword)),)).is_free:
            return False
        if keyword == "contains":
            facet.bounds["minItems"] = max(facet.bounds.get("minItems", 0), part.get("minContains", 1))
            if "maxContains" in part.data:
                facet.bounds["maxItems"] = min(
                    facet.bounds.get("maxItems", math.inf), part.data["maxContains"]
                )
        return True

    def _spread(self, shape: Shape, part: View, group: str) -> None:
        """Keep, for each type, the values of the alternatives of a group that admit the type."""
        alternatives = part.items(group)
        shapes = [self.of((self.canonical(each),)) for each in alternatives]
        beside_null = [each for each in shapes if each.types.keys() - {"null"}]
        if len(beside_null) == 1:
            shape.notes = beside_null[0].notes | shape.notes
        for name, facets in list(shape.types.items()):
            chosen: list[tuple[str, Facet]] = []
            for index, (view, found) in enumerate(zip(alternatives, shapes, strict=True)):
                label = view.reference or str(index)
                chosen += [(label, each) for each in found.types.get(name, ())]
            if len(facets) * len(chosen) > MAX_ALTERNATIVES:
                opaque = Facet(name, conditions=(Condition(group, part),), where={group: part})
                shape.types[name] = [each.intersected(opaque) for each in facets]
                continue
            made = []
            is_choice = len({label for label, _ in chosen}) > 1
            for facet, (label, other) in product(facets, chosen):
                both = facet.intersected(other)
                both.where.setdefault(group, part)
                if is_choice:
                    both.labels = (*facet.labels, label, *other.labels)
                    both.group = facet.group or group
                made.append(both)
            shape.types[name] = made
            if not made:
                del shape.types[name]


def _limit(part: View, facet: Facet) -> None:
    """Note the least and the most number: in 3.0 exclusive by `true` beside it, in 3.1 by another keyword."""
    for keyword, exclusive in LIMITS.items():
        number, beyond = part.get(keyword), part.get(exclusive)
        stated = [] if number is None else [Limit(number, beyond is True)]
        if beyond is not None and not isinstance(beyond, bool):
            stated.append(Limit(beyond, True))
        sign = 1 if keyword == "minimum" else -1
        if stated:
            facet.limits[keyword] = max(stated, key=lambda limit: limit.tightness(sign))
            for name in (keyword, exclusive):
                if name in part.data:
                    facet.where[name] = part


def _state(part: View, facet: Facet) -> None:
    """Note the keywords of which several may hold together, such as two patterns."""
    for keyword, kind in STATED.items():
        if kind == facet.type and part.get(keyword) is not None:
            facet.stated[keyword] = listed([part.data[keyword]])
            facet.where[keyword] = part
    name = part.get("format")
    if name is not None and facet.type == ("number" if name in NUMBER_FORMATS else "string"):
        facet.stated["format"] = listed([name])
        facet.where["format"] = part
