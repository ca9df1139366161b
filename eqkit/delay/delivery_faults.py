"""Faults of deliveries: duplicated, reordered, delayed or dropped."""

from collections import Counter
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from eqkit.delay.message import Message


class DeliveryFaultKind(StrEnum):
    """The effect on one delivery."""

    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DELAY = "delay"
    DROP = "drop"


class DeliveryFault(NamedTuple):
    """A fault of one delivery; `delay_ms` is how much later a delayed message is delivered."""

    kind: DeliveryFaultKind
    delay_ms: int = 0


DeliveryFaultOf = Callable[[Message, int, Callable[[], bool]], DeliveryFault | None]
"""Asked about a message, when it is to be delivered, and how to learn whether one is there to let by."""


class Immune:
    """Messages, by their offset, that a fault has acted on already: no other one does."""

    def __init__(self) -> None:
        """Begin with none."""
        self._queues: dict[int, str] = {}
        self._counts: Counter[str] = Counter()

    def __contains__(self, offset: int) -> bool:
        """Return whether a message is one of them."""
        return offset in self._queues

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._queues)

    def count(self, queue: str) -> int:
        """Return how many of them are in a queue."""
        return self._counts[queue]

    def add(self, offset: int, queue: str) -> None:
        """Spare a message of a queue from now on."""
        self._queues[offset] = queue
        self._counts[queue] += 1

    def discard(self, offset: int) -> None:
        """Forget a message, if it is one of them."""
        queue = self._queues.pop(offset, None)
        if queue is not None:
            self._counts[queue] -= 1

    def copy(self) -> "Immune":
        """Return the same messages once more."""
        immune = Immune()
        immune._queues, immune._counts = self._queues.copy(), self._counts.copy()
        return immune
