"""Numbers: within their bounds, a multiple where that is wanted, and of a size that their name suggests."""

import functools
import math
from collections.abc import Sequence
from fractions import Fraction

from eqkit.answers.generating.attempts import Attempt
from eqkit.answers.generating.failures import Unfit
from eqkit.answers.generating.origins import Origin
from eqkit.answers.generating.places import Place
from eqkit.answers.generating.texts.names import Range, number_range
from eqkit.contract.document import Json

_LARGEST = Fraction(10) ** 307
"""Beyond it, a number may not be written as a double."""

_DECIMALS = (2, 4, 8, 16)
_SPAN = 1000


class NumberMaker:
    """Makes the numbers of one conjunction."""

    def __init__(self, conjuncts: Sequence[Origin], *, is_whole: bool) -> None:
        """Take the schemas; `is_whole` for integers alone."""
        self._is_whole = is_whole
        self._location = conjuncts[0].location if conjuncts else ""
        lowest = [(each, False) for each in _numbers(conjuncts, "minimum")]
        lowest += [(each, True) for each in _numbers(conjuncts, "exclusiveMinimum")]
        highest = [(each, 0) for each in _numbers(conjuncts, "maximum")]
        highest += [(each, -1) for each in _numbers(conjuncts, "exclusiveMaximum")]
        self._low: Fraction | None
        self._high: Fraction | None
        self._low, self._above = max(lowest, default=(None, False))
        self._high, below = min(highest, default=(None, 0))
        self._below = below < 0
        self._known: dict[Range, tuple[Fraction, int, int | None]] = {}
        """The choices among numbers of each natural range, of which names suggest a few."""
        steps = _numbers(conjuncts, "multipleOf")
        self._step: Fraction | None = Fraction(1) if is_whole else None
        for each in steps:
            self._step = each if self._step is None else _least_common(self._step, each)

    @functools.cached_property
    def is_possible(self) -> bool:
        """Whether there is a number."""
        if self._low is not None and self._high is not None:
            is_open = self._above or self._below
            if self._low > self._high or (self._low == self._high and is_open):
                return False
            if self._step is not None:
                first, last = self._multiples(self._step, self._low, self._high)
                return first <= last
        return True

    def make(self, attempt: Attempt, place: Place) -> Json:
        """Return a number; raises Unfit where there is none."""
        if not self.is_possible:
            raise Unfit(self._location, "minimum")
        natural = number_range(place.name, is_whole=self._is_whole)
        choice = self._known.get(natural)
        if choice is None:
            choice = self._known[natural] = self._choice(natural)
        step, first, last = choice
        factor = first if last is None else attempt.between(first, last)
        is_whole = self._is_whole or natural.decimals == 0
        return _written(factor * step.numerator, step.denominator, is_whole=is_whole)

    def _choice(self, natural: Range) -> tuple[Fraction, int, int | None]:
        """Return a step with the first and the last factor to choose from; None for the last of one alone."""
        low, high = self._range(Fraction(natural.low), Fraction(natural.high))
        if self._step is not None:
            step = self._step
            if not self._is_whole and natural.decimals and step < 1:
                step = _least_common(step, Fraction(1, 10**natural.decimals))
            for each in (step, self._step):
                first, last = self._multiples(each, low, high)
                if first <= last:
                    return each, first, last
            first, last = self._multiples(self._step, *self._bounds)
            return self._step, min(max(math.ceil(low / self._step), first), last), None
        for decimals in (natural.decimals, *_DECIMALS):
            step = Fraction(1, 10**decimals)
            first, last = self._multiples(step, low, high)
            if first <= last:
                return step, first, last
        return (low + high) / 2, 1, None

    @property
    def _bounds(self) -> tuple[Fraction, Fraction]:
        return (
            -_LARGEST if self._low is None else self._low,
            _LARGEST if self._high is None else self._high,
        )

    def _range(self, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
        """Return the part of a range that is within the bounds; another as wide if there is none."""
        lowest, highest = self._bounds
        width = min(high - low, Fraction(_SPAN))
        if low > highest or (low == highest and self._below):
            low = max(lowest, highest - width)
        if high < lowest or (high == lowest and self._above):
            high = min(highest, lowest + width)
        return max(low, lowest), min(high, highest)

    def _multiples(self, step: Fraction, low: Fraction, high: Fraction) -> tuple[int, int]:
        """Return the first and the last factor of a step within a range and the bounds."""
        first, last = math.ceil(low / step), math.floor(high / step)
        if self._above and first * step == self._low:
            first += 1
        if self._below and last * step == self._high:
            last -= 1
        return first, last


def _written(numerator: int, denominator: int, *, is_whole: bool) -> Json:
    """Return a number as it is written best: `is_whole` says that there are to be no decimals, if may be."""
    if numerator % denominator == 0:
        whole = numerator // denominator
        return whole if is_whole or abs(whole) > 1 << 53 else float(whole)
    return numerator / denominator


def _numbers(conjuncts: Sequence[Origin], keyword: str) -> list[Fraction]:
    """Return the values of a keyword, exactly; one that is no finite number is left out."""
    found = []
    for each in conjuncts:
        value = each.schema.get(keyword)
        if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
            found.append(Fraction(repr(value)) if isinstance(value, float) else Fraction(value))
    return [each for each in found if each > 0] if keyword == "multipleOf" else found


def _least_common(one: Fraction, other: Fraction) -> Fraction:
    """Return the least common multiple of two fractions."""
    return Fraction(math.lcm(one.numerator, other.numerator), math.gcd(one.denominator, other.denominator))
