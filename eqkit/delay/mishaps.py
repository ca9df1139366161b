"""What may go wrong with a delivery."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from eqkit.delay.message import Message


class MishapKind(StrEnum):
    """What becomes of one delivery."""

    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DELAY = "delay"
    DROP = "drop"


class Mishap(NamedTuple):
    """A mishap; `delay_ms` is how much later a message is delivered that is delayed."""

    kind: MishapKind
    delay_ms: int = 0


MishapOf = Callable[[Message, int, Callable[[], bool]], Mishap | None]
"""Asked about a message, when it is to be delivered, and how to learn whether one is there to let by."""
