"""One attempt at a value: its random numbers, its bounds, and how it chooses."""

import contextlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from eqkit.answers.generating.failures import OutOfBounds
from eqkit.answers.generating.places import MAX_DEPTH

MAX_VALUES = 20_000
"""The most values, members and items included, that are made for one value, failed tries included."""

MAX_CHARACTERS = 1_000_000
"""The most characters that the texts of one value have together."""

ENOUGH_VALUES = 300
"""After that many values, a value is completed by what its schema requires, and no more."""

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


@dataclass(slots=True)
class Attempt:
    """The random numbers and the bounds of one attempt.

    Only `random()` and `getrandbits()` of Python's generator are asked, whose numbers are the same
    in every version.
    """

    seed: int
    manner: Manner
    made: int = 0
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

    def is_deep(self, depth: int) -> bool:
        """Return whether a value at a depth is to have no optional objects and arrays."""
        return depth >= MAX_DEPTH or self._repeats > 0 or self.has_enough

    @contextlib.contextmanager
    def inside(self, plan: int) -> Iterator[None]:
        """Make the members of an object of a plan."""
        is_repeated = plan in self._around
        self._around.add(plan)
        self._repeats += is_repeated
        try:
            yield
        finally:
            self._repeats -= is_repeated
            if not is_repeated:
                self._around.discard(plan)

    @contextlib.contextmanager
    def share(self, parts: int) -> Iterator[None]:
        """Make one of that many parts, which has its share of the values that are left."""
        before = self.limit
        self.limit = self.made + max(0, before - self.made) // max(1, parts)
        try:
            yield
        finally:
            self.limit = before

    def count(self, location: str) -> None:
        """Count one value; raises OutOfBounds."""
        self.made += 1
        if self.made > MAX_VALUES:
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
