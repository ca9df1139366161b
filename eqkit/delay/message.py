"""A message, as it is handed in and as it is looked at."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How far a message has come."""

    DELAYED = "delayed"
    DUE = "due"
    DELIVERED = "delivered"


class Draft(NamedTuple):
    """A message to be put into a queue; `wait_until` is as sent, `wait_until_at_ms` as it was read."""

    body: str
    wait_until: int | None = None
    wait_until_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a queue at the moment of looking; instants are milliseconds since the epoch."""

    id: int
    queue: str
    body: str
    wait_until: int | None
    wait_until_at_ms: int | None
    accepted_at_ms: int
    due_at_ms: int
    delivered_at_ms: int | None

    def state(self, now_ms: int) -> State:
        """Return the state at an instant: delayed before it is due, and due until it is delivered."""
        if self.delivered_at_ms is not None:
            return State.DELIVERED
        return State.DUE if now_ms >= self.due_at_ms else State.DELAYED


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery, as the log has it."""

    id: int
    queue: str
    due_at_ms: int
    delivered_at_ms: int
    attempt: int = 1

    @property
    def lateness_ms(self) -> int:
        """How long after its due time the message was delivered; negative only by hand (ruling T1)."""
        return self.delivered_at_ms - self.due_at_ms
