"""Arrays: a few items, as many as are wanted, no two alike where that is wanted."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jsonschema_rs.canonical.json import to_string

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.conjunctions import Conjunction
from eqkit.answers.generating.failures import Unfit
from eqkit.answers.generating.origins import Origin
from eqkit.answers.generating.places import Place
from eqkit.contract.document import Json

if TYPE_CHECKING:
    from eqkit.answers.generating.plan import Plan
    from eqkit.answers.generating.plans import Plans

MAX_ITEMS = 10_000
"""The most items that an array is given."""

_TRIES = 12
"""How often an item is made anew that is like another."""

_SHORT_TRIES = 2
"""How many of them are as short as may be: an item that holds nothing differs from those that do."""


class ArrayMaker:
    """Makes the arrays of one conjunction."""

    def __init__(self, plans: "Plans", conjunction: Conjunction) -> None:
        """Take the schemas."""
        self._plans = plans
        self._is_strict = conjunction.is_strict
        self._conjuncts = conjuncts = conjunction.conjuncts
        self.location = conjuncts[0].location if conjuncts else ""
        schemas = [each.schema for each in conjuncts]
        self._first = max((len(each.get("prefixItems", ())) for each in schemas), default=0)
        self._is_unique = any(each.get("uniqueItems") is True for each in schemas)
        self._contained = [each for each in conjuncts if "contains" in each.schema]
        self._min_items = max((each.get("minItems", 0) for each in schemas), default=0)
        max_items = [each["maxItems"] for each in schemas if "maxItems" in each]
        self._max_items: int | None = min(max_items, default=None)
        self._items: dict[tuple[int, int | None], Plan] = {}

    @property
    def _needed(self) -> int:
        """The number of items that there are to be for `contains`, if each is there for one of them."""
        needed: int = sum(each.schema.get("minContains", 1) for each in self._contained)
        numbers = range(len(self._contained))
        first = [
            any(self.item(index, each).height is not None for each in numbers)
            for index in range(self._first if needed else 0)
        ]
        return needed if needed <= sum(first) else needed - sum(first) + len(first)

    def item(self, index: int, contained: int | None = None) -> "Plan":
        """Return the plan of the item at an index, which may have to fit one of the `contains`."""
        key = min(index, self._first), contained
        if key not in self._items:
            self._items[key] = self._plans.plan([*self._schemas_of(*key)], is_strict=self._is_strict)
        return self._items[key]

    def _schemas_of(self, index: int, contained: int | None) -> Iterator[Origin]:
        is_evaluated = False
        for conjunct in self._conjuncts:
            schema = conjunct.schema
            if index < len(schema.get("prefixItems", ())):
                is_evaluated = True
                yield conjunct.child("prefixItems", index)
            elif "items" in schema:
                is_evaluated = True
                yield conjunct.child("items")
        if contained is not None:
            yield self._contained[contained].child("contains")
        for number, each in enumerate(self._contained):
            if number != contained and "maxContains" in each.schema:
                yield each.made({"not": each.schema["contains"]}, "contains")
        if not is_evaluated and contained is None:
            for conjunct in self._conjuncts:
                if "unevaluatedItems" in conjunct.schema:
                    yield conjunct.child("unevaluatedItems")

    def fits_within(self, levels: int) -> bool:
        """Return whether the items that are wanted have so few levels."""
        min_items = max(self._min_items, *(each.schema.get("minContains", 1) for each in self._contained), 0)
        if self._max_items is not None and min_items > self._max_items:
            return False
        if min_items == 0:
            return True
        return levels > 0 and all(
            any(self.item(index, each).fits_within(levels - 1) for each in self._ways)
            for index in range(min(self._min_items, self._first + 1))
        )

    @property
    def _ways(self) -> Iterator[int | None]:
        yield None
        yield from range(len(self._contained))

    def reason(self, around: frozenset[int]) -> Unfit:
        """Return why there is no array."""
        for index in range(min(self._min_items, self._first + 1)):
            if all(self.item(index, each).height is None for each in self._ways):
                return self.item(index).reason(around)
        return Unfit(self.location, "maxItems")

    def make(self, attempt: Attempt, place: Place) -> list[Json]:
        """Return an array; raises Unfit where an item that is wanted has no value."""
        length = self._length(attempt, place)
        kinds = self._assigned(length)
        made: list[Json] = []
        seen: set[str] = set()
        limit = attempt.limit
        for index in range(length):
            attempt.limit = attempt.share(limit, length - index)
            try:
                made.append(self._new_item(index, kinds.get(index), seen, attempt, place))
            except Unfit:
                if index < self._min_items or index <= max(kinds, default=-1):
                    raise
                break
            finally:
                attempt.limit = limit
        return made

    def _new_item(
        self, index: int, contained: int | None, seen: set[str], attempt: Attempt, place: Place
    ) -> Json:
        plan = self.item(index, contained)
        if not self._is_unique:
            return plan.make(attempt, place.item(index))
        for number in range(_TRIES):
            if number == _TRIES - _SHORT_TRIES:
                attempt.limit = 0
            value = plan.make(attempt, place.item(index + number))
            key = to_string(value)
            if key not in seen:
                seen.add(key)
                return value
        rest = [each for each in plan.values or () if to_string(each) not in seen]
        if not rest:
            raise Unfit(self.location, "uniqueItems")
        seen.add(to_string(rest[0]))
        return rest[0]

    def _length(self, attempt: Attempt, place: Place) -> int:
        min_items = max(self._min_items, min(self._needed, MAX_ITEMS + 1))
        if self._contained and self._max_items is not None:
            min_items = max(self._min_items, min(min_items, self._max_items))
        if min_items > MAX_ITEMS:
            raise Unfit(self.location, "minItems")
        wanted = min_items
        if self.item(self._first).height is not None or self._first:
            is_short = attempt.is_deep(place.depth) or attempt.manner.fullness <= 0
            wanted = min_items if is_short else max(min_items, self._first, attempt.between(1, 3))
        if self.item(self._first).height is None:
            wanted = max(min_items, min(wanted, self._first))
        return wanted if self._max_items is None else min(wanted, self._max_items)

    def _assigned(self, length: int) -> dict[int, int]:
        """Return which items are to fit which of the `contains`, by their index.

        Those go first that cannot be there otherwise, those of `prefixItems` last.
        """
        if not self._contained:
            return {}
        assigned: dict[int, int] = {}
        order = [*range(self._first, length), *range(min(self._first, length))]
        free = sorted(order, key=lambda at: self.item(at).height is not None)
        for number, each in enumerate(self._contained):
            needed = each.schema.get("minContains", 1)
            limit = each.schema.get("maxContains", length)
            for at in [*free]:
                is_needed = needed > 0 or (at < self._min_items and self.item(at).height is None)
                if limit > 0 and is_needed and self.item(at, number).height is not None:
                    free.remove(at)
                    assigned[at] = number
                    needed, limit = needed - 1, limit - 1
        return assigned
