"""The makers of values of each type, for the schemas of one conjunction."""

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.conjunctions import Conjunction
from eqkit.answers.generating.failures import Unfit
from eqkit.answers.generating.places import Place
from eqkit.answers.generating.texts.names import flag_for
from eqkit.answers.generating.texts.strings import StringMaker
from eqkit.answers.generating.values.arrays import ArrayMaker
from eqkit.answers.generating.values.numbers import NumberMaker
from eqkit.answers.generating.values.objects import ObjectMaker
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

    def reason(self, kind: str, around: frozenset[int]) -> Unfit | None:
        """Return why there is no value of a type, where that is known."""
        location = self._conjunction.conjuncts[0].location
        match kind:
            case "object":
                return self._objects.reason(around)
            case "array":
                return self._arrays.reason(around)
            case "string":
                return Unfit(location, self._strings.fault)
            case "number" | "integer":
                return Unfit(location, "minimum")
            case _:
                return None

    def maker(self, kind: str) -> Callable[[Attempt, Place], Json]:
        """Return the maker of the values of a type."""
        match kind:
            case "object":
                return self._objects.make
            case "array":
                return self._arrays.make
            case "string":
                return self._strings.make
            case "number" | "integer":
                return self._numbers.make
            case "boolean":
                return lambda attempt, place: flag_for(place.name, attempt)
            case _:
                return lambda *_: None

    def make(self, kind: str, attempt: Attempt, place: Place) -> Json:
        """Return a value of a type; raises Unfit, or OutOfBounds."""
        return self.maker(kind)(attempt, place)
