"""Objects: documented members in their order, others where they are wanted."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.conjunctions import Conjunction
from eqkit.answers.generating.failures import Unfit
from eqkit.answers.generating.origins import Origin
from eqkit.answers.generating.places import ABSENT, Place
from eqkit.answers.generating.texts.words import KEYS
from eqkit.contract.document import Json

if TYPE_CHECKING:
    from eqkit.answers.generating.plans import Plan, Plans

MAX_EXTRA = 1_000
"""The most members without a name in the schema that an object is given."""

_TRIES = 20
"""How often another name is thought of for a member."""


class ObjectMaker:
    """Makes the objects of one conjunction."""

    def __init__(self, plans: "Plans", conjunction: Conjunction) -> None:
        """Take the schemas."""
        self._plans = plans
        self._is_strict = conjunction.is_strict
        self._conjuncts = conjuncts = conjunction.conjuncts
        self.location = conjuncts[0].location if conjuncts else ""
        self.names = [
            *dict.fromkeys(name for each in conjuncts for name in each.schema.get("properties", {}))
        ]
        self.required = [
            *dict.fromkeys(name for each in conjuncts for name in each.schema.get("required", ()))
        ]
        self._min_members = max((each.schema.get("minProperties", 0) for each in conjuncts), default=0)
        max_members = [each.schema["maxProperties"] for each in conjuncts if "maxProperties" in each.schema]
        self._max_members: int | None = min(max_members, default=None)
        self._dependent = [
            each.schema["dependentRequired"] for each in conjuncts if "dependentRequired" in each.schema
        ]
        self._members: dict[str, Plan] = {}
        patterns = {pattern for each in conjuncts for pattern in each.schema.get("patternProperties", {})}
        self._patterns = {
            pattern: plans.validate([conjuncts[0].made({"pattern": pattern})]) for pattern in sorted(patterns)
        }

    @functools.cached_property
    def _name_plan(self) -> "Plan | None":
        """The plan of the names of members, where they are bound by `propertyNames`."""
        bounds = [each.child("propertyNames") for each in self._conjuncts if "propertyNames" in each.schema]
        if not bounds:
            return None
        return self._plans.plan(
            [*bounds, self._conjuncts[0].made({"type": "string"})], is_strict=self._is_strict
        )

    @functools.cached_property
    def _is_map(self) -> bool:
        """Whether members are documented that have no name in the schema."""
        return any(
            isinstance(each.schema.get("additionalProperties"), dict) or each.schema.get("patternProperties")
            for each in self._conjuncts
        )

    @functools.cached_property
    def _wanted(self) -> list[str]:
        """The required names, and those that depend on them."""
        return self._with_dependent(self.required)

    def _with_dependent(self, names: Iterable[str]) -> list[str]:
        found = dict.fromkeys(names)
        waiting = [*found]
        while waiting:
            name = waiting.pop()
            for each in self._dependent:
                for other in each.get(name, ()):
                    if other not in found:
                        found[other] = None
                        waiting.append(other)
        return [*found]

    def member(self, name: str) -> "Plan":
        """Return the plan of the member of a name."""
        if name not in self._members:
            plan = self._plans.plan([*self._schemas_of(name)], is_strict=self._is_strict)
            if len(self._members) > MAX_EXTRA + len(self.names):
                return plan
            self._members[name] = plan
        return self._members[name]

    def _schemas_of(self, name: str) -> Iterable[Origin]:
        is_evaluated = False
        for conjunct in self._conjuncts:
            schema, is_own = conjunct.schema, False
            if name in schema.get("properties", {}):
                is_own = True
                yield conjunct.child("properties", name)
            for pattern in schema.get("patternProperties", {}):
                if self._patterns[pattern](name):
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

    def _admits(self, name: str) -> bool:
        return self._name_plan is None or self._name_plan.accepts(name)

    def fits_within(self, levels: int) -> bool:
        """Return whether the required members have so few levels."""
        if self._max_members is not None and max(self._min_members, len(self._wanted)) > self._max_members:
            return False
        if not self._wanted and not self._min_members:
            return True
        return levels > 0 and all(
            self._admits(name) and self.member(name).fits_within(levels - 1) for name in self._wanted
        )

    def make(self, attempt: Attempt, place: Place) -> dict[str, Json]:
        """Return an object; raises Unfit where a required member, or one too few, has no value."""
        echo = place.echo if isinstance(place.echo, Mapping) else {}
        made: dict[str, Json] = {}
        names = self._chosen(attempt, place)
        # The values that are left are for those members that may have members of their own.
        larger = sum(not self.member(name).is_scalar for name in names)
        for name in names:
            plan = self.member(name)
            given = _given(name, plan, echo, self.names)
            is_larger = not plan.is_scalar
            try:
                if is_larger:
                    with attempt.share(larger):
                        made[name] = plan.make(attempt, place.member(name, given))
                else:
                    made[name] = plan.make(attempt, place.member(name, given))
            except Unfit:
                if name in self._wanted:
                    raise
            larger -= is_larger
        self._complete(made, attempt, place)
        if len(made) < self._min_members or self._has_optional_extra(attempt, place, made):
            self._extend(made, attempt, place)
        return made

    def _chosen(self, attempt: Attempt, place: Place) -> list[str]:
        """Return the names of the documented members that an object is to have, in their order."""
        wanted = self._wanted
        room = None if self._max_members is None else self._max_members - len(wanted)
        chosen = set(wanted)
        optional = [name for name in self.names if name not in chosen]
        if room is not None and room < len(optional):
            optional = attempt.shuffled(optional)
        for name in optional:
            if room is not None and len(chosen) - len(wanted) >= room:
                break
            if self._has_optional(name, attempt, place) or len(chosen) < self._min_members:
                chosen.add(name)
        return [name for name in self.names if name in chosen] + [
            name for name in wanted if name not in self._documented
        ]

    @functools.cached_property
    def _documented(self) -> frozenset[str]:
        return frozenset(self.names)

    def _has_optional(self, name: str, attempt: Attempt, place: Place) -> bool:
        """Return whether an optional member is there: not in a deep object, unless it is a scalar."""
        plan = self.member(name)
        if plan.is_hidden or plan.height is None or not self._admits(name):
            return False
        if attempt.is_deep(place.depth) and not (plan.has_scalars and place.depth <= MAX_SCALAR_DEPTH):
            return False
        return attempt.manner.fullness >= 1 or attempt.fraction() < attempt.manner.fullness

    def _complete(self, made: dict[str, Json], attempt: Attempt, place: Place) -> None:
        """Add the members that others depend on, or leave those out."""
        if not self._dependent:
            return
        for name in [*made]:
            if name not in made:
                continue
            missing = [each for each in self._with_dependent([name]) if each not in made]
            try:
                for each in missing:
                    made[each] = self.member(each).make(attempt, place.member(each, ABSENT))
                if self._max_members is not None and len(made) > self._max_members:
                    raise Unfit(self.location, "dependentRequired")
            except Unfit:
                if name in self._wanted:
                    raise
                for each in (name, *missing):
                    made.pop(each, None)

    def _has_optional_extra(self, attempt: Attempt, place: Place, made: Mapping[str, Json]) -> bool:
        return not made and self._is_map and attempt.manner.fullness > 0 and not attempt.is_deep(place.depth)

    def _extend(self, made: dict[str, Json], attempt: Attempt, place: Place) -> None:
        """Add members without a name in the schema: those that are wanting, or a few."""
        if self._min_members > MAX_EXTRA:
            raise Unfit(self.location, "minProperties")
        is_wanting = len(made) < self._min_members
        goal = max(self._min_members, len(made) + attempt.between(1, 2))
        goal = goal if self._max_members is None else min(goal, self._max_members)
        for _ in range(_TRIES + goal):
            if len(made) >= goal:
                return
            try:
                name = self._new_name(made, attempt)
                if name is not None:
                    made[name] = self.member(name).make(attempt, place.member(name, ABSENT))
            except Unfit:
                continue
        if is_wanting and len(made) < self._min_members:
            raise Unfit(self.location, "minProperties")

    def _new_name(self, made: Mapping[str, Json], attempt: Attempt) -> str | None:
        """Return a name that an object has not, None if a try did not lead to any."""
        name = self._name(attempt, len(made))
        plan_of_name = name not in made and self._admits(name) and self.member(name)
        is_fit = plan_of_name and not plan_of_name.is_hidden and plan_of_name.height is not None
        return name if is_fit else None

    def _name(self, attempt: Attempt, number: int) -> str:
        sources = [*self._patterns]
        if self._name_plan is not None:
            made = self._name_plan.make(attempt, Place("key"))
            if isinstance(made, str) and (not sources or attempt.below(2)):
                return made
        if sources and (attempt.below(4) or self._is_closed):
            pattern = attempt.pick(sources)
            made = str(self._plan_of_pattern(pattern).make(attempt, Place()))
            longer = made + attempt.pick(KEYS)
            return longer if self._patterns[pattern](longer) else made
        word = attempt.pick(KEYS)
        return word if attempt.below(number + 2) < 2 else f"{word}{attempt.between(2, 99 + 10 * number)}"

    @functools.cached_property
    def _is_closed(self) -> bool:
        return any(each.schema.get("additionalProperties") is False for each in self._conjuncts)

    def _plan_of_pattern(self, pattern: str) -> "Plan":
        key = f"\0{pattern}"
        if key not in self._members:
            schema = {"type": "string", "pattern": pattern, "maxLength": 40}
            self._members[key] = self._plans.plan([self._conjuncts[0].made(schema)], is_strict=False)
        return self._members[key]


MAX_SCALAR_DEPTH = 12
"""Below that many levels, an object has only the members that it requires."""


def _given(name: str, plan: "Plan", echo: Mapping[str, Json], names: Sequence[str]) -> Json:
    """Return the value that the request has for a member.

    An object that has no name in common with the request may be an envelope, whose members are looked into.
    """
    if plan.is_hidden:
        return ABSENT
    if name in echo:
        return echo[name]
    is_envelope = echo and not any(each in echo for each in names)
    return echo if is_envelope and not plan.is_scalar else ABSENT
