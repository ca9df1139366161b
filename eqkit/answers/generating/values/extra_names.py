"""Names of members that have none in the schema: by `propertyNames`, by `patternProperties`, or a word."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.origins import Origin
from eqkit.answers.generating.places import Place
from eqkit.answers.generating.texts.words import KEYS

if TYPE_CHECKING:
    from eqkit.answers.generating.plan import Plan
    from eqkit.answers.generating.plans import Plans

_MAX_LENGTH = 40
"""How long a name is made that a pattern is for."""


class ExtraNames:
    """The names that the members of one conjunction may have."""

    def __init__(self, plans: "Plans", conjuncts: Sequence[Origin], *, is_strict: bool) -> None:
        """Take the schemas."""
        self._plans = plans
        self._conjuncts = conjuncts
        self._is_strict = is_strict
        patterns = {pattern for each in conjuncts for pattern in each.schema.get("patternProperties", {})}
        self.patterns = {
            pattern: plans.validate([conjuncts[0].made({"pattern": pattern})]) for pattern in sorted(patterns)
        }
        """Whether a name matches a pattern, by the patterns."""
        self._pattern_plans: dict[str, Plan] = {}
        self.is_closed = any(each.schema.get("additionalProperties") is False for each in conjuncts)
        """Whether each name has to be in the schema, or to match a pattern."""

    @functools.cached_property
    def _bound(self) -> "Plan | None":
        """The plan of the names, where they are bound by `propertyNames`."""
        bounds = [each.child("propertyNames") for each in self._conjuncts if "propertyNames" in each.schema]
        text = self._conjuncts[0].made({"type": "string"}) if bounds else None
        return None if text is None else self._plans.plan([*bounds, text], is_strict=self._is_strict)

    def admits(self, name: str) -> bool:
        """Return whether `propertyNames` admits a name."""
        return self._bound is None or self._bound.accepts(name)

    def make(self, attempt: Attempt, number: int) -> str:
        """Return a name for an object that has a number of members; it may have it already."""
        if self._bound is not None and (not self.patterns or attempt.below(2)):
            return str(self._bound.make(attempt, Place("key")))
        if self.patterns and (self.is_closed or attempt.below(4)):
            pattern = attempt.pick([*self.patterns])
            made = str(self._plan(pattern).make(attempt, Place()))
            longer = made + attempt.pick(KEYS)
            return longer if self.patterns[pattern](longer) else made
        word = attempt.pick(KEYS)
        return word if attempt.below(number + 2) < 2 else f"{word}{attempt.between(2, 99 + 10 * number)}"

    def _plan(self, pattern: str) -> "Plan":
        if pattern not in self._pattern_plans:
            schema = {"type": "string", "pattern": pattern, "maxLength": _MAX_LENGTH}
            self._pattern_plans[pattern] = self._plans.plan(
                [self._conjuncts[0].made(schema)], is_strict=self._is_strict
            )
        return self._pattern_plans[pattern]
