"""Objects: documented members in their order, others where they are wanted."""

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.conjunctions import Conjunction
from eqkit.answers.generating.failures import Unfit
from eqkit.answers.generating.origins import Origin
from eqkit.answers.generating.places import ABSENT, Place
from eqkit.answers.generating.values.extra_names import ExtraNames
from eqkit.contract.document import Json

if TYPE_CHECKING:
    from eqkit.answers.generating.plan import Plan
    from eqkit.answers.generating.plans import Plans

MAX_EXTRA = 1_000
"""The most members without a name in the schema that an object is given."""

MAX_SCALAR_DEPTH = 12
"""Below that many levels, an object has only the members that it requires."""

_TRIES = 20
"""How often another name is thought of for a member."""


class _Slot(NamedTuple):
    """One member that may be there: its name, its plan, and the facts that are asked for each time."""

    name: str
    plan: "Plan"
    is_wanted: bool
    is_scalar: bool
    has_scalars: bool
    is_hidden: bool


class ObjectMaker:
    """Makes the objects of one conjunction."""

    def __init__(self, plans: "Plans", conjunction: Conjunction) -> None:
        """Take the schemas."""
        self._plans = plans
        self._is_strict = conjunction.is_strict
        self._conjuncts = conjuncts = conjunction.conjuncts
        self.location = conjuncts[0].location if conjuncts else ""
        self.title = next((each.component for each in conjuncts if each.component), "")
        """The name of the first of the schemas that has one, such as Customer."""
        schemas = [each.schema for each in conjuncts]
        self.names = dict.fromkeys(name for each in schemas for name in each.get("properties", {}))
        self._min_members = max((each.get("minProperties", 0) for each in schemas), default=0)
        limits = [each["maxProperties"] for each in schemas if "maxProperties" in each]
        self._max_members: int | None = min(limits, default=None)
        self._dependent = [each["dependentRequired"] for each in schemas if "dependentRequired" in each]
        self._wanted = self._with_dependent(name for each in schemas for name in each.get("required", ()))
        """The required names, and those that depend on them."""
        self._members: dict[str, Plan] = {}
        self._extra = ExtraNames(plans, conjuncts, is_strict=self._is_strict)
        self._is_map = any(
            isinstance(each.get("additionalProperties"), dict) or each.get("patternProperties")
            for each in schemas
        )
        """Whether members are documented that have no name in the schema."""

    def _with_dependent(self, names: Iterable[str]) -> dict[str, None]:
        found = dict.fromkeys(names)
        waiting = [*found]
        while waiting and self._dependent:
            name = waiting.pop()
            for each in self._dependent:
                for other in each.get(name, ()):
                    if other not in found:
                        found[other] = None
                        waiting.append(other)
        return found

    def member(self, name: str) -> "Plan":
        """Return the plan of the member of a name."""
        if name in self._members:
            return self._members[name]
        plan = self._plans.plan([*self._schemas_of(name)], is_strict=self._is_strict)
        if name in self.names or len(self._members) < MAX_EXTRA + len(self.names):
            self._members[name] = plan
        return plan

    def _schemas_of(self, name: str) -> Iterable[Origin]:
        is_evaluated = False
        for conjunct in self._conjuncts:
            schema, is_own = conjunct.schema, False
            if name in schema.get("properties", {}):
                is_own = True
                yield conjunct.child("properties", name)
            for pattern in schema.get("patternProperties", {}):
                if self._extra.patterns[pattern](name):
                    is_own = True
                    yield conjunct.child("patternProperties", pattern)
            if not is_own and "additionalProperties" in schema:
                is_own = True
                yield conjunct.child("additionalProperties")
            is_evaluated |= is_own
        if not is_evaluated:
            for conjunct in self._conjuncts:
                if "unevaluatedProperties" in conjunct.schema:
                    yield conjunct.child("unevaluatedProperties")

    def fits_within(self, levels: int) -> bool:
        """Return whether the required members have so few levels."""
        if self._max_members is not None and max(self._min_members, len(self._wanted)) > self._max_members:
            return False
        is_full = self._extra.is_closed and not self._extra.patterns
        if is_full and self._min_members > len(self.names):
            return False
        if not self._wanted and not self._min_members:
            return True
        return levels > 0 and all(
            self._extra.admits(name) and self.member(name).fits_within(levels - 1) for name in self._wanted
        )

    def reason(self, around: frozenset[int]) -> Unfit:
        """Return why there is no object."""
        for name in self._wanted:
            if self.member(name).height is None:
                return self.member(name).reason(around)
        is_bound = self._max_members is not None and self._max_members < len(self._wanted)
        return Unfit(self.location, "maxProperties" if is_bound else "minProperties")

    @functools.cached_property
    def _slots(self) -> list[_Slot]:
        """The members that an object may have, in their order."""
        slots = []
        for name in [*self.names, *(each for each in self._wanted if each not in self.names)]:
            plan, is_wanted = self.member(name), name in self._wanted
            is_possible = not plan.is_hidden and plan.height is not None and self._extra.admits(name)
            if is_wanted or is_possible:
                slots.append(_Slot(name, plan, is_wanted, plan.is_scalar, plan.has_scalars, plan.is_hidden))
        return slots

    def make(self, attempt: Attempt, place: Place) -> dict[str, Json]:
        """Return an object; raises Unfit where a required member, or one too few, has no value."""
        made: dict[str, Json] = {}
        chosen = self._chosen(attempt, place)
        echo = place.echo if isinstance(place.echo, Mapping) and place.echo else None
        is_envelope = echo is not None and not any(each in echo for each in self.names)
        # The values that are left are for those members that may have members of their own.
        larger = sum(not slot.is_scalar for slot in chosen)
        limit, holder = attempt.limit, self.title or place.name
        for slot in chosen:
            given = ABSENT if echo is None else _given(slot, echo, is_envelope=is_envelope)
            if not slot.is_scalar:
                attempt.limit = attempt.share(limit, larger)
                larger -= 1
            try:
                made[slot.name] = slot.plan.make(attempt, place.member(slot.name, given, holder))
            except Unfit:
                if slot.is_wanted:
                    raise
            finally:
                attempt.limit = limit
        if self._dependent:
            self._complete(made, attempt, place)
        if len(made) < self._min_members or (self._is_map and not made):
            self._extend(made, attempt, place)
        return made

    def _chosen(self, attempt: Attempt, place: Place) -> list[_Slot]:
        """Return the documented members that an object is to have, in their order.

        A deep object has only what is required, and scalars.
        """
        is_deep = attempt.is_deep(place.depth)
        fullness = attempt.manner.fullness
        has_scalars = not is_deep or (place.depth <= MAX_SCALAR_DEPTH and not attempt.has_plenty)
        chosen = [
            slot
            for slot in self._slots
            if slot.is_wanted
            or (
                (slot.has_scalars or not is_deep)
                and has_scalars
                and (fullness >= 1 or attempt.fraction() < fullness)
            )
        ]
        if len(chosen) < self._min_members or (self._max_members or len(chosen)) < len(chosen):
            return self._bounded(chosen, attempt)
        return chosen

    def _bounded(self, chosen: list[_Slot], attempt: Attempt) -> list[_Slot]:
        """Return more of the members where there are too few, and fewer where there are too many."""
        names = {slot.name for slot in chosen}
        others = attempt.shuffled([slot.name for slot in self._slots if slot.name not in names])
        names.update(others[: max(0, self._min_members - len(names))])
        if self._max_members is not None and len(names) > self._max_members:
            optional = [slot.name for slot in self._slots if slot.name in names and not slot.is_wanted]
            names.difference_update(attempt.shuffled(optional)[: len(names) - self._max_members])
        return [slot for slot in self._slots if slot.name in names]

    def _complete(self, made: dict[str, Json], attempt: Attempt, place: Place) -> None:
        """Add the members that others depend on, or leave those out."""
        for name in [*made]:
            if name not in made:
                continue
            missing = [each for each in self._with_dependent([name]) if each not in made]
            try:
                for each in missing:
                    made[each] = self.member(each).make(
                        attempt, place.member(each, ABSENT, self.title or place.name)
                    )
                if self._max_members is not None and len(made) > self._max_members:
                    raise Unfit(self.location, "dependentRequired")
            except Unfit:
                if name in self._wanted:
                    raise
                for each in (name, *missing):
                    made.pop(each, None)

    def _extend(self, made: dict[str, Json], attempt: Attempt, place: Place) -> None:
        """Add members without a name in the schema: those that are wanting, or a few."""
        if self._min_members > MAX_EXTRA:
            raise Unfit(self.location, "minProperties")
        is_short = attempt.is_deep(place.depth) or attempt.manner.fullness <= 0
        goal = max(self._min_members, 0 if is_short else attempt.between(1, 2))
        goal = goal if self._max_members is None else min(goal, self._max_members)
        for _ in range(_TRIES + goal):
            if len(made) >= goal:
                return
            try:
                self._add_extra(made, attempt, place)
            except Unfit:
                continue
        if len(made) < self._min_members:
            raise Unfit(self.location, "minProperties")

    def _add_extra(self, made: dict[str, Json], attempt: Attempt, place: Place) -> None:
        """Add a member, unless the object has one of the same name, or its name has no value."""
        name = self._extra.make(attempt, len(made))
        if name not in made and self._extra.admits(name):
            plan = self.member(name)
            if not plan.is_hidden and plan.height is not None:
                made[name] = plan.make(attempt, place.member(name, ABSENT, self.title or place.name))


def _given(slot: _Slot, echo: Mapping[str, Json], *, is_envelope: bool) -> Json:
    """Return the value that the request has for a member.

    An object that has no name in common with the request may be an envelope, whose members are looked into.
    """
    if slot.is_hidden:
        return ABSENT
    if slot.name in echo:
        return echo[slot.name]
    return echo if is_envelope and not slot.is_scalar else ABSENT
