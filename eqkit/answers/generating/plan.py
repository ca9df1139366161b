"""A plan: how values of some schemas are made, worked out once and kept."""

import copy
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.conjunctions import Conjunction, Kind
from eqkit.answers.generating.failures import OutOfBounds, Unfit
from eqkit.answers.generating.kinds import CONTAINERS, kinds_of
from eqkit.answers.generating.negations import negations
from eqkit.answers.generating.origins import Origin
from eqkit.answers.generating.places import ABSENT, MAX_LEVELS, Place
from eqkit.answers.generating.texts.names import is_identity, similar_to
from eqkit.answers.generating.values.makers import Makers
from eqkit.contract.document import Json

if TYPE_CHECKING:
    from eqkit.answers.generating.plans import Plans

Validate = Callable[[Json], bool]

MAX_HEIGHT = 30
"""A schema that requires more levels than these, such as one that requires itself, has no value."""

MAX_PLANS = 2_000
"""How many combinations of alternatives are looked at for one value."""

_REDRAWS = 3
"""How often a scalar is made anew that is valid by a schema that it must not be valid by."""


class Plan:
    """How values of one conjunction are made.

    While a choice is open, the plan has a plan for each alternative; else a maker for each type.
    """

    def __init__(
        self,
        plans: "Plans",
        parts: tuple[Origin, ...],
        conjunction: Conjunction,
        unfit: Unfit | None = None,
        base: "Plan | None" = None,
        avoided: frozenset[Any] = frozenset(),
    ) -> None:
        """Take the schemas; `unfit` says why they admit no value, where that is known already."""
        self._plans = plans
        self._parts = parts
        self.location = parts[0].location if parts else ""
        """The location of the first schema."""
        self.conjunction = conjunction
        self._is_contradictory = unfit is not None
        self._reason = unfit
        self.base = base or self
        self._avoided = avoided
        """The denied schemas, by their keys, that the conjunction has a negation of."""
        self.counter = itertools.count(1)
        """Counts the plans that are derived from this one."""
        self._fits: dict[int, bool] = {}
        self._ways: dict[Any, list[Plan]] = {}

    @functools.cached_property
    def accepts(self) -> Validate:
        """Return whether a value is valid by the schemas that this plan was first made for."""
        if self.base is not self:
            return self.base.accepts
        return self._plans.validate(self._parts) if self._parts else lambda _: True

    @functools.cached_property
    def is_hidden(self) -> bool:
        """Whether only the other side sends the value."""
        hidden = self._plans.hidden
        return any(
            part.schema.get(keyword) is True for part in self.conjunction.conjuncts for keyword in hidden
        )

    @functools.cached_property
    def alternatives(self) -> "list[Plan]":
        """The plans of the alternatives of the first choice that are not contradictory by themselves."""
        found = []
        for alternative in self.conjunction.choices[0].alternatives:
            try:
                found.append(self._derived(self.conjunction.chosen(alternative)))
            except Unfit as error:
                self._reason = error
        return found

    def _derived(self, conjunction: Conjunction, *avoided: Any) -> "Plan":
        if next(self.base.counter) > MAX_PLANS:
            raise OutOfBounds(self.location, "anyOf")
        return Plan(
            self._plans, self._parts, conjunction, base=self.base, avoided=self._avoided.union(avoided)
        )

    @functools.cached_property
    def kinds(self) -> tuple[str, ...]:
        """The types of the values, those to be tried first in front."""
        return kinds_of(self.conjunction.conjuncts)

    @functools.cached_property
    def has_scalars(self) -> bool:
        """Whether a value may be one without members and items."""
        if self.conjunction.choices:
            return any(each.has_scalars for each in self.alternatives if each.height is not None)
        if self.values is not None:
            return any(not isinstance(each, dict | list) for each in self.values)
        return any(kind not in CONTAINERS for kind in self.kinds)

    @functools.cached_property
    def is_scalar(self) -> bool:
        """Whether no value has members or items."""
        if self.conjunction.choices:
            return self._bare.is_scalar or all(each.is_scalar for each in self.alternatives)
        if self.values is not None:
            return not any(isinstance(each, dict | list) for each in self.values)
        return not any(kind in CONTAINERS for kind in self.kinds)

    @functools.cached_property
    def values(self) -> list[Json] | None:
        """The only values that there are, by `enum` or `const`; None if there is no such list."""
        listed = [
            [part.schema["const"]] if "const" in part.schema else part.schema["enum"]
            for part in self.conjunction.conjuncts
            if "const" in part.schema or isinstance(part.schema.get("enum"), list)
        ]
        if not listed:
            return None
        accepts = self._plans.validate(self.conjunction.conjuncts)
        return [value for value in min(listed, key=len) if accepts(value) and self.accepts(value)]

    @functools.cached_property
    def examples(self) -> list[Json]:
        """The valid examples of the schemas; their defaults, if there are none."""
        examples, defaults = [], []
        for part in self.conjunction.conjuncts:
            if "example" in part.schema:
                examples.append(part.schema["example"])
            if isinstance(part.schema.get("examples"), list):
                examples.extend(part.schema["examples"])
            if part.schema.get("default") is not None:
                defaults.append(part.schema["default"])
        return [each for each in examples if self.accepts(each)] or [
            each for each in defaults if self.accepts(each)
        ]

    @functools.cached_property
    def _makers(self) -> Makers:
        return Makers(self._plans, self.conjunction, self.kinds)

    @functools.cached_property
    def height(self) -> int | None:
        """How many levels a value has at least below its own; None if there is no value."""
        return next((levels for levels in range(MAX_HEIGHT) if self.fits_within(levels)), None)

    def fits_within(self, levels: int) -> bool:
        """Return whether, as far as is plain, there is a value with that many levels below its own."""
        if self._is_contradictory:
            return False
        if levels not in self._fits:
            self._fits[levels] = self._has_value_within(levels)
        return self._fits[levels]

    def _has_value_within(self, levels: int) -> bool:
        if self.conjunction.choices:
            return self._bare.fits_within(levels) and any(
                each.fits_within(levels) for each in self.alternatives
            )
        if self.values is not None:
            return bool(self.values)
        return any(self._makers.fits_within(kind, levels) for kind in self.kinds)

    @functools.cached_property
    def _bare(self) -> "Plan":
        """The plan for the same schemas without their choices, which admits more."""
        conjunction = self.conjunction.copy()
        conjunction.choices.clear()
        return self._derived(conjunction)

    def reason(self, around: frozenset[int]) -> Unfit:
        """Return why there is no value; `around` are the identities of the plans that ask for it."""
        if self._reason is not None:
            return self._reason
        if id(self) in around or len(around) > MAX_HEIGHT:
            return Unfit(self.location, "required")
        if self.conjunction.choices:
            failed = [self._bare, *self.alternatives]
            wrong = next((each for each in failed if each.height is None), self._bare)
            return wrong.reason(around | {id(self)})
        if self.values is not None:
            return Unfit(self.location, "enum")
        kind = self.kinds[0] if self.kinds else ""
        return self._makers.reason(kind, around | {id(self)}) or Unfit(self.location, "type")

    def make(self, attempt: Attempt, place: Place) -> Json:
        """Return a value; raises Unfit, or OutOfBounds."""
        attempt.count(self.location)
        if self.height is None or place.depth > MAX_LEVELS:
            raise self.reason(frozenset())
        if place.echo is not ABSENT or (self.examples and attempt.manner.has_examples):
            given = self._given(attempt, place)
            if given is not ABSENT:
                return given
        if self._scalars is not None:
            return self._scalars(attempt, place)
        if self.conjunction.choices:
            return self._make_one_of(self._in_order(attempt, place), attempt, place)
        return self._make_allowed(attempt, place)

    @functools.cached_property
    def _scalars(self) -> Callable[[Attempt, Place], Json] | None:
        """The maker of the values, if they are of one type, without a list of values, choice or denial."""
        is_plain = not self.conjunction.choices and self.values is None and not self._denials
        is_of_one = is_plain and len(self._possible_kinds) == 1 and self._possible_kinds[0] not in CONTAINERS
        return self._makers.maker(self._possible_kinds[0]) if is_of_one else None

    def _given(self, attempt: Attempt, place: Place) -> Json:
        """Return the value that the request has for a place, or an example; ABSENT without any that fits."""
        echo = place.echo
        if echo is not ABSENT and self._may_take(echo) and self.accepts(echo):
            return copy.deepcopy(echo)
        if self.examples and attempt.manner.has_examples and not isinstance(echo, dict):
            return self._example(attempt, place)
        return ABSENT

    def _may_take(self, echo: Json) -> bool:
        """Return whether a value may be taken over whole: no object is, and a list where there may be one.

        That is known without the schemas compiled, which have megabytes where each leads to all others.
        """
        if isinstance(echo, list):
            return "array" in (self._bare.kinds if self.conjunction.choices else self.kinds)
        return not isinstance(echo, dict)

    def _example(self, attempt: Attempt, place: Place) -> Json:
        """Return an example; of a later item, neither the whole nor its identity is that of the first."""
        example = attempt.pick(self.examples)
        if place.number > 0 and isinstance(example, dict):
            return ABSENT
        if place.number > 0 and is_identity(place.name):
            other = similar_to(example, attempt) if isinstance(example, str) else ABSENT
            return other if other is not ABSENT and self.accepts(other) else ABSENT
        return copy.deepcopy(example)

    def _in_order(self, attempt: Attempt, place: Place) -> "list[Plan]":
        fit = [each for each in self.alternatives if each.height is not None]
        if self.conjunction.choices[0].kind is Kind.ORDERED:
            return fit
        if attempt.is_deep(place.depth):
            return sorted(fit, key=lambda each: (not each.has_scalars, each.height or 0))
        return sorted(attempt.shuffled(fit), key=lambda each: each.is_null)

    @functools.cached_property
    def is_null(self) -> bool:
        """Whether null is the only value."""
        return self.kinds == ("null",) or (not self.conjunction.choices and self.values == [None])

    def _make_one_of(self, ways: "Iterable[Plan]", attempt: Attempt, place: Place) -> Json:
        failure: Unfit | None = None
        for each in ways:
            try:
                return each.make(attempt, place)
            except Unfit as error:
                attempt.count_failure(self.location)
                failure = error
        raise failure or self.reason(frozenset())

    def _make_allowed(self, attempt: Attempt, place: Place) -> Json:
        """Make a value that is not valid by any of the denied schemas."""
        if not self._denials:
            return self._make_plain(attempt, place)
        wrong: list[Origin] = []
        for _ in range(_REDRAWS if self.is_scalar else 1):
            value = self._make_plain(attempt, place)
            wrong = [each for each, accepts in self._denials if accepts(value)]
            if not wrong:
                return value
            place = place._replace(echo=ABSENT)
        open_ = [each for each in wrong if each.key not in self._avoided]
        if not open_:
            raise Unfit(wrong[0].location, "not")
        return self._make_one_of(self._ways_around(open_[0]), attempt, place)

    @functools.cached_property
    def _denials(self) -> list[tuple[Origin, Validate]]:
        return [(each, self._plans.validate([each])) for each in self.conjunction.denied]

    def _ways_around(self, denied: Origin) -> "Iterator[Plan]":
        """Return plans for values that are not valid by a denied schema."""
        if denied.key not in self._ways:
            self._ways[denied.key] = []
            for way in negations(denied, self._plans.origins):
                conjunction = self.conjunction.copy()
                try:
                    conjunction.add([way])
                    self._ways[denied.key].append(self._derived(conjunction, denied.key))
                except Unfit:
                    continue
        return (each for each in self._ways[denied.key] if each.height is not None)

    def _make_plain(self, attempt: Attempt, place: Place) -> Json:
        if self.values is not None:
            known = [each for each in self.values if each is not None] or self.values
            return copy.deepcopy(attempt.pick(known))
        failure: Unfit | None = None
        for kind in self._kinds_in_order(attempt, place):
            try:
                return self._make_kind(kind, attempt, place)
            except Unfit as error:
                attempt.count_failure(self.location)
                failure = error
        raise failure or Unfit(self.location, "type")

    def _make_kind(self, kind: str, attempt: Attempt, place: Place) -> Json:
        if kind not in CONTAINERS:
            return self._makers.make(kind, attempt, place)
        is_repeated = attempt.enter(id(self.base))
        try:
            return self._makers.make(kind, attempt, place)
        finally:
            attempt.leave(id(self.base), is_repeated=is_repeated)

    def _kinds_in_order(self, attempt: Attempt, place: Place) -> Sequence[str]:
        """Return the types in the order in which they are tried: null last, unless the value is deep."""
        kinds = self._possible_kinds
        if len(kinds) == 1:
            return kinds
        if attempt.manner.is_free:
            return attempt.shuffled(kinds)
        if attempt.is_deep(place.depth):
            return sorted(kinds, key=lambda kind: kind in CONTAINERS)
        return sorted(kinds, key=lambda kind: kind == "null")

    @functools.cached_property
    def _possible_kinds(self) -> Sequence[str]:
        return [kind for kind in self.kinds if self._makers.fits_within(kind, MAX_HEIGHT - 1)]
