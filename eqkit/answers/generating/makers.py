"""The makers of values of each type, for the schemas of one conjunction."""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eqkit.answers.generating.arrays import ArrayMaker
from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.conjunctions import Conjunction
from eqkit.answers.generating.numbers import NumberMaker
from eqkit.answers.generating.objects import ObjectMaker
from eqkit.answers.generating.places import Place
from eqkit.answers.generating.texts.strings import StringMaker
from eqkit.contract.document import Json

if TYPE_CHECKING:
    from eqkit.answers.generating.plans import Plans


class Makers:
    """Makes values by type; the maker of each is worked out when it is first needed."""

    def __init__(self, plans: "Plans", conjunction: Conjunction, kinds: Sequence[str]) -> None:
        """Take the schemas, and the types that they admit."""
        self._plans = plans
        self._conjunction = conjunction
        self._kinds = kinds

    @functools.cached_property
    def _objects(self) -> ObjectMaker:
        return ObjectMaker(self._plans, self._conjunction)

    @functools.cached_property
    def _arrays(self) -> ArrayMaker:
        return ArrayMaker(self._plans, self._conjunction)

    @functools.cached_property
    def _strings(self) -> StringMaker:
        return StringMaker(self._conjunction.conjuncts, self._plans.validate)

    @functools.cached_property
    def _numbers(self) -> NumberMaker:
        return NumberMaker(self._conjunction.conjuncts, is_whole="number" not in self._kinds)

    def fits_within(self, kind: str, levels: int) -> bool:
        """Return whether, as far as is plain, a value of a type has so few levels below its own."""
        match kind:
            case "object":
                return self._objects.fits_within(levels)
            case "array":
                return self._arrays.fits_within(levels)
            case "string":
                return self._strings.is_possible
            case "number" | "integer":
                return self._numbers.is_possible
            case _:
                return True

    def make(self, kind: str, attempt: Attempt, place: Place) -> Json:
        """Return a value of a type; raises Unfit, or OutOfBounds."""
        match kind:
            case "object":
                return self._objects.make(attempt, place)
            case "array":
                return self._arrays.make(attempt, place)
            case "string":
                return self._strings.make(attempt, place)
            case "number" | "integer":
                return self._numbers.make(attempt, place)
            case "boolean":
                return attempt.below(2) == 1
            case _:
                return None
