"""What is told of a sandbox: its snapshot, what it has accepted, and how far its numbers have come."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from eqkit.sandbox.rules import Rules


class Snapshot(NamedTuple):
    """All that is in a sandbox at one instant of its clock."""

    rules: Rules
    contents: dict[str, Any]
    data: Any
    now_ms: int
    frozen: bool
    rate: float
    auto_advance: bool
    weight: int


class Numbers(NamedTuple):
    """How far the numbers of a sandbox have come: those of its requests and events."""

    requests: int = 0
    events: int = 0


class Accepted(NamedTuple):
    """What one request put into a queue and when, in request order, and what looks like a mistake."""

    at_ms: int
    ids: Sequence[int]
    wait_until_at_ms: Sequence[int | None]
    warnings: tuple[str, ...] = ()
