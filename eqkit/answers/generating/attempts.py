"""One attempt at a value: its random numbers, its bounds, and how it chooses."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from eqkit.answers.generating.failures import OutOfBounds
from eqkit.answers.generating.places import MAX_DEPTH

MAX_VALUES = 20_000
"""The most values, members and items included, that are made for one value, failed tries included."""

MAX_FAILURES = 300
"""The most alternatives that are tried in vain for one value."""

MAX_CHARACTERS = 1_000_000
"""The most characters that the texts of one value have together."""

ENOUGH_VALUES = 200
"""After that many values, a value is completed by what its schema requires, and no more."""

PLENTY_OF_VALUES = 2_000
"""After that many values, no scalar is added either."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manner:
    """How an attempt chooses."""

    is_strict: bool = False
    """Whether each value is checked against the alternatives of `oneOf` that were not chosen."""
    has_echo: bool = True
    """Whether values of the request are taken over."""
    has_examples: bool = True
    """Whether examples and defaults of the schemas are taken."""
    fullness: float = 1.0
    """The share of optional members that are there."""
    is_free: bool = False
    """Whether the type of a value is chosen at random, where there are several."""


@dataclass(slots=True)
class Attempt:
    """The random numbers and the bounds of one attempt.

    Only `random()` and `getrandbits()` of Python's generator are asked, whose numbers are the same
    in every version.
    """

    seed: int
    manner: Manner
    texts: "Callable[[str, str, Attempt], str | None] | None" = None
    """The texts of a locale, by the name of a value and that of its holder; None for those of any."""
    made: int = 0
    failures: int = 0
    characters: int = 0
    limit: int = ENOUGH_VALUES
    """After that many values, the present one is completed by what its schema requires, and no more."""
    _around: set[int] = field(default_factory=set)
    """The plans, by their identity, of the objects around the present value."""
    _repeats: int = 0
    """How many of them are within another of the same plan."""
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Seed the random numbers."""
        self._random = random.Random(self.seed)  # noqa: S311 - the numbers are to be foreseen

    @property
    def has_enough(self) -> bool:
        """Whether only what is required is to be added."""
        return self.made > self.limit

    @property
    def has_plenty(self) -> bool:
        """Whether no value is to be added that is not required, not even a scalar."""
        return self.made > PLENTY_OF_VALUES

    def is_deep(self, depth: int) -> bool:
        """Return whether a value at a depth is to have no optional objects and arrays."""
        return depth >= MAX_DEPTH or self._repeats > 0 or self.has_enough

    def enter(self, plan: int) -> bool:
        """Begin with the members of an object, or the items of an array, of a plan.

        Return whether that is one within another of the same plan, as `leave` has to know.
        """
        is_repeated = plan in self._around
        if is_repeated:
            self._repeats += 1
        else:
            self._around.add(plan)
        return is_repeated

    def leave(self, plan: int, *, is_repeated: bool) -> None:
        """End with the members or the items of a plan."""
        if is_repeated:
            self._repeats -= 1
        else:
            self._around.discard(plan)

    def share(self, limit: int, parts: int) -> int:
        """Return the limit of values for one of the parts that are still to be made up to a limit."""
        return self.made + max(0, limit - self.made) // max(1, parts)

    def count(self, location: str) -> None:
        """Count one value; raises OutOfBounds."""
        self.made += 1
        if self.made > MAX_VALUES:
            raise OutOfBounds(location, "")

    def count_failure(self, location: str) -> None:
        """Count an alternative that led to no value; raises OutOfBounds."""
        self.failures += 1
        if self.failures > MAX_FAILURES:
            raise OutOfBounds(location, "")

    def count_characters(self, number: int, location: str) -> None:
        """Count the characters of a text that is about to be made; raises OutOfBounds."""
        self.characters += number
        if self.characters > MAX_CHARACTERS:
            raise OutOfBounds(location, "minLength")

    def fraction(self) -> float:
        """Return a number from 0 to below 1."""
        return self._random.random()

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to below a limit, which may be of any size."""
        if limit < 1 << 50:
            return int(self._random.random() * limit)
        return self._random.getrandbits(limit.bit_length() + 32) % limit

    def between(self, first: int, last: int) -> int:
        """Return a whole number from `first` to `last`."""
        return first + self.below(last - first + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.below(len(choices))]

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """Return the choices in another order."""
        left = list(choices)
        return [left.pop(self.below(len(left))) for _ in choices]
