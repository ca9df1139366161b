"""Long work in slices: a generator that may pause at each `yield`, and returns the result."""

from collections.abc import Generator, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
Slices = Generator[None, None, T]
"""Work in slices, each a few milliseconds long, so that others get their turn in between."""

PART = 500
"""How many small things are done between two yields: less than a millisecond's worth."""


def at_once(work: Slices[T]) -> T:
    """Do all of the work at once, and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as stop:
            result: T = stop.value
            return result


def parts(items: Sequence[T], size: int = PART) -> Iterator[Sequence[T]]:
    """Yield a sequence in pieces."""
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]
