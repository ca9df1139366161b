"""The plans for the schemas of one document, each made when it is first needed."""

from collections.abc import Sequence
from typing import Any

from eqkit.answers.generating.conjunctions import Conjunction
from eqkit.answers.generating.failures import Unfit
from eqkit.answers.generating.origins import Origin, Origins
from eqkit.answers.generating.plan import Plan, Validate
from eqkit.answers.generating.validations import Validation
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.translation import Translation


class Plans:
    """The plans for the schemas of one translation, each made when it is first needed."""

    def __init__(self, translation: Translation, direction: Direction) -> None:
        """Take the schemas, and the direction that values travel in."""
        self.origins = Origins(translation)
        self.hidden = () if direction is Direction.EITHER else direction.optional_keywords
        """The keywords of members that only the other side sends."""
        self._translation = translation
        self._known: dict[tuple[bool, tuple[Any, ...]], Plan] = {}
        self._validations: dict[tuple[Any, ...], Validation] = {}

    def plan(self, parts: Sequence[Origin], *, is_strict: bool) -> "Plan":
        """Return the plan for values that are valid by some schemas together."""
        stated = {
            part.key: part for part in map(self.origins.followed, parts) if part.schema not in (True, {})
        }
        key = (is_strict, tuple(stated))
        if key not in self._known:
            conjunction, unfit = Conjunction(self.origins, is_strict=is_strict), None
            try:
                conjunction.add(stated.values())
            except Unfit as error:
                unfit = error
            self._known[key] = Plan(self, tuple(stated.values()), conjunction, unfit)
        return self._known[key]

    def validate(self, parts: Sequence[Origin]) -> Validate:
        """Return whether a value is valid by some schemas together, as a function."""
        followed = tuple(map(self.origins.followed, parts))
        key = tuple(part.key for part in followed)
        if key not in self._validations:
            self._validations[key] = Validation(followed, self.origins, self._translation)
        return self._validations[key]
