"""The parts of a value that its schema looks at: the rest is left out where it would keep others waiting."""

from dataclasses import dataclass, field

from eqkit.contract.document import Json, escaped
from eqkit.contract.references import BASE, References

_CONTAINERS = {dict: "object", list: "array"}

_LOOKS_ONLY_THERE = frozenset((
    "additionalProperties", "deprecated", "description", "discriminator", "example", "examples",
    "externalDocs", "format", "items", "maxItems", "maxProperties", "minItems", "minProperties", "not",
    "nullable", "patternProperties", "properties", "readOnly", "required", "title", "type", "writeOnly",
    "xml",
))  # fmt: skip
"""The keywords of a schema by which values are clipped; any other may look into a member, or an item."""


@dataclass(slots=True)
class _Part:
    """The parts that one schema looks at, by default all; filled later, as schemas refer to themselves."""

    kind: str | None = None
    is_open: bool = False
    members: "dict[str, _Part]" = field(default_factory=dict)
    items: "_Part | None" = None
    max_items: int | None = None
    is_sliced: bool = False
    """Whether a long array is explained by a slice of it: no rule counts its items."""


SLICE = 1_000
"""How many items of a long array are explained at a time."""

_ANYTHING = _Part()
_OF_NO_KIND = _Part(kind="null", is_open=True)


class Clipping:
    """The parts of values that one schema looks at, worked out once."""

    def __init__(self, references: References, location: str) -> None:
        """Take the schema at a location of a document's references."""
        self._references = references
        self._known: dict[str, _Part] = {}
        self._root = self._part(location)
        self.has_long_arrays = any(part.max_items is not None for part in self._known.values())
        self.has_slices = any(part.is_sliced for part in self._known.values())

    def place(self, path: tuple[str | int, ...], value: Json, start: int) -> tuple[str | int, ...]:
        """Return the path in a value of a path in its slice."""
        part, found = self._root, list[str | int]()
        for step in path:
            if isinstance(step, int):
                found.append(step + _begin(value, part, start))
                part = part.items or _ANYTHING
            else:
                found.append(step)
                part = part.members.get(step, _ANYTHING)
            value = value[found[-1]]
        return tuple(found)

    def clipped(self, value: Json, start: int | None = None) -> Json:
        """Return a value without the items beyond a `maxItems`, nor those of members that no rule looks into.

        Of a long array there is the slice from `start` on, if that is given: such a value may be valid.

        A million items take minutes to explain, and half a second to be handed to the validator, in which
        nobody else is answered. A container where another type is wanted, and one under a name that an open
        object does not know, break the same rules when they are empty.
        """
        return _clipped(value, self._root, start)

    def _part(self, location: str) -> _Part:
        if location in self._known:
            return self._known[location]
        part = self._known[location] = _Part()
        try:
            schema = self._references.at(location)
        except KeyError:
            return part
        if not isinstance(schema, dict):
            return part
        if isinstance(schema.get("$ref"), str):
            target = self._references.target(schema["$ref"], BASE)
            # A keyword beside the reference may look anywhere, if the dialect obeys it.
            if target is not None and len(schema) == 1:
                self._known[location] = self._part(target)
            return self._known[location]
        if not _is_plain(schema):
            return part
        part.is_open = isinstance(schema.get("additionalProperties", True), bool)
        part.kind = schema["type"] if isinstance(schema.get("type"), str) else None
        properties, longest = schema.get("properties"), schema.get("maxItems")
        if isinstance(properties, dict):
            part.members = {name: self._part(f"{location}/properties/{escaped(name)}") for name in properties}
        if isinstance(schema.get("items", {}), dict):
            part.max_items = longest if isinstance(longest, int) else None
            part.is_sliced = longest is None and schema.get("minItems", 0) in range(SLICE + 1)
            part.items = self._part(f"{location}/items")
        return part


def _is_plain(schema: dict[str, Json]) -> bool:
    """Return whether a schema looks only into known members and items, by `properties` and `items`."""
    denied = schema.get("not", {})
    patterns = [schema.get("patternProperties", {}), schema.get("x-patternProperties", {})]
    return (
        all(each in _LOOKS_ONLY_THERE or each.startswith("x-") for each in schema)
        and "x-promised" not in schema
        and isinstance(denied, dict)
        and denied.keys() <= {"required"}
        and all(each in (True, {}) for one in patterns if isinstance(one, dict) for each in one.values())
    )


def _clipped(value: Json, part: _Part, start: int | None) -> Json:
    if not isinstance(value, dict | list):
        return value
    if part.is_open and part.kind is not None and part.kind != _CONTAINERS[type(value)]:
        return type(value)()
    if isinstance(value, dict) and part.members:
        others = _OF_NO_KIND if part.is_open else _ANYTHING
        return {
            name: _clipped(member, part.members.get(name, others), start) for name, member in value.items()
        }
    if isinstance(value, list) and part.max_items is not None:
        return [_clipped(item, part.items or _ANYTHING, start) for item in value[: part.max_items + 1]]
    if isinstance(value, list) and part.is_sliced and start is not None:
        begin = _begin(value, part, start)
        return [_clipped(item, part.items or _ANYTHING, start) for item in value[begin : begin + SLICE]]
    return value


def _begin(value: Json, part: _Part, start: int) -> int:
    """Return the first item of the slice of an array, which is as long as any; 0 if all of it is kept."""
    return max(0, min(start, len(value) - SLICE)) if part.is_sliced else 0
