"""The values of one JSON type that a schema admits, as limits that can be intersected and compared."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from eqkit.checks.diff.schemas.views import View
from eqkit.contract.document import Json

TYPES = ("array", "boolean", "null", "number", "object", "string")
"""The types of JSON values; an integer is a number that is whole."""

MINIMA = ("minLength", "minItems", "minProperties")
BOUNDS = {
    "minLength": "string", "maxLength": "string", "x-max-bytes": "string",
    "minItems": "array", "maxItems": "array", "minProperties": "object", "maxProperties": "object",
}  # fmt: skip
"""The keywords that count, and the type that each of them is about."""

LIMITS = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
"""The keywords of the least and the most number, and those that take the number itself away."""


class Limit(NamedTuple):
    """The least or the most number that a schema admits; if `exclusive`, only numbers beyond it."""

    number: float
    exclusive: bool

    def whole(self, sign: int) -> "Limit":
        """Return this limit as it holds for integers; `sign` is 1 for the least and -1 for the most."""
        number = sign * self.number
        minimum = math.floor(number) + 1 if self.exclusive else math.ceil(number)
        return Limit(sign * minimum, False)

    def tightness(self, sign: int) -> tuple[float, bool]:
        """Return a key by which the tighter of two limits is the greater one."""
        return sign * self.number, self.exclusive

    def __str__(self) -> str:
        """Return the limit as a report shows it."""
        return f"{format_number(self.number)}{' (exclusive)' if self.exclusive else ''}"


class Condition(NamedTuple):
    """A keyword that holds schemas or names, of one part of a schema: `part` is the schema that states it."""

    keyword: str
    part: View


@dataclass(slots=True)
class Facet:
    """The values of one type that a schema admits, in one of its alternatives.

    `values` are the only ones where there is an ``enum`` or ``const``. `stated` holds keywords such as
    ``pattern`` with all their values, which hold together. `parts` are the schemas that speak of members or
    items. `where` has the schema that states a keyword. `labels` are the alternatives of ``oneOf`` or
    ``anyOf`` that it comes from, and `group` which of the two.
    """

    type: str
    values: dict[str, Json] | None = None
    whole: bool = False
    limits: dict[str, Limit] = field(default_factory=dict)
    bounds: dict[str, float] = field(default_factory=dict)
    stated: dict[str, dict[str, Json]] = field(default_factory=dict)
    unique: bool = False
    required: dict[str, View] = field(default_factory=dict)
    parts: tuple[View, ...] = ()
    conditions: tuple[Condition, ...] = ()
    where: dict[str, View] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    group: str | None = None

    def intersected(self, other: "Facet") -> "Facet":
        """Return the values that both admit."""
        limits = dict(self.limits)
        for keyword, limit in other.limits.items():
            sign = 1 if keyword == "minimum" else -1
            limits[keyword] = max(limits.get(keyword, limit), limit, key=lambda each: each.tightness(sign))
        bounds = dict(self.bounds)
        for keyword, number in other.bounds.items():
            tighter = max if keyword in MINIMA else min
            bounds[keyword] = tighter(bounds.get(keyword, number), number)
        names = [*self.stated, *(each for each in other.stated if each not in self.stated)]
        return Facet(
            self.type,
            values=_common(self.values, other.values),
            whole=self.whole or other.whole,
            limits=limits,
            bounds=bounds,
            stated={name: self.stated.get(name, {}) | other.stated.get(name, {}) for name in names},
            unique=self.unique or other.unique,
            required=other.required | self.required,
            parts=(*self.parts, *(each for each in other.parts if each not in self.parts)),
            conditions=(
                *self.conditions,
                *(each for each in other.conditions if each not in self.conditions),
            ),
            where=other.where | self.where,
            labels=(*self.labels, *other.labels),
            group=self.group or other.group,
        )

    def settled(self) -> "Facet | None":
        """Return this facet without the parts that the rest implies, or None if it admits no value."""
        if self.values is not None:
            self.values = {text: each for text, each in self.values.items() if self._admits(each)}
            if not self.values:
                return None
            self.limits, self.bounds, self.whole = {}, {}, False
            self.stated = {
                name: each for name, each in self.stated.items() if name not in ("format", "multipleOf")
            }
            if self.type == "null" or (self.type == "boolean" and len(self.values) == 2):
                self.values = None
        if self._is_empty():
            return None
        if any(float(each).is_integer() for each in self.stated.get("multipleOf", {}).values()):
            self.whole = True
        multiples = {text: each for text, each in self.stated.get("multipleOf", {}).items() if each != 1}
        self.stated = {name: each for name, each in (self.stated | {"multipleOf": multiples}).items() if each}
        if self.bounds.get("minProperties", 0) <= len(self.required):
            self.bounds.pop("minProperties", None)
        return self

    def _is_empty(self) -> bool:
        """Return whether no value can meet the limits."""
        for keyword in MINIMA:
            if self.bounds.get(keyword, 0) > self.bounds.get(keyword.replace("min", "max"), math.inf):
                return True
        if self.type == "object" and len(self.required) > self.bounds.get("maxProperties", math.inf):
            return True
        at_least, at_most = self.limit("minimum"), self.limit("maximum")
        return at_least is not None and at_most is not None and not _beyond(at_least.number, at_most, -1)

    def limit(self, keyword: str) -> Limit | None:
        """Return the least or the most number that holds."""
        found = self.limits.get(keyword)
        return found.whole(1 if keyword == "minimum" else -1) if found and self.whole else found

    @property
    def is_free(self) -> bool:
        """Whether every value of the type is admitted."""
        limited = (self.limits, self.bounds, self.stated, self.required, self.parts, self.conditions)
        return self.values is None and not self.whole and not self.unique and not any(limited)

    def _admits(self, value: Json) -> bool:
        """Return whether the limits beside a list of values admit one of them."""
        if isinstance(value, str):
            return self.bounds.get("minLength", 0) <= len(value) <= self.bounds.get("maxLength", math.inf)
        if self.type != "number":
            return True
        if self.whole and not float(value).is_integer():
            return False
        at_least, at_most = self.limits.get("minimum"), self.limits.get("maximum")
        return (at_least is None or _beyond(value, at_least, 1)) and (
            at_most is None or _beyond(value, at_most, -1)
        )


def _beyond(number: float, limit: Limit, sign: int) -> bool:
    distance = sign * (number - limit.number)
    return distance > 0 or (distance == 0 and not limit.exclusive)


def _common(one: dict[str, Json] | None, other: dict[str, Json] | None) -> dict[str, Json] | None:
    if one is None or other is None:
        return other if one is None else one
    return {text: value for text, value in one.items() if text in other}


def type_of(value: Json) -> str:
    """Return the type of a JSON value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
    return "array" if isinstance(value, list) else "object"


def canonical(value: Json) -> str:
    """Return a text that is the same for values that are equal in JSON Schema: 1.0 is 1, and true is not."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return {name: _plain(each) for name, each in value.items()} if isinstance(value, dict) else value


def listed(values: Iterable[Json]) -> dict[str, Json]:
    """Return values by their canonical texts."""
    return {canonical(value): value for value in values}


def format_number(number: float) -> str:
    """Return a number as a report shows it: 5 and not 5.0."""
    return str(int(number)) if math.isfinite(number) and float(number).is_integer() else str(number)
