"""Values about a sandbox: its snapshot, the messages of one request, and its latest numbers."""

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
    """The latest numbers of a sandbox: those of its requests and events."""

    requests: int = 0
    events: int = 0


class Accepted(NamedTuple):
    """The messages that one request put into a queue, in request order, with its instant and its warnings."""

    at_ms: int
    ids: Sequence[int]
    wait_until_at_ms: Sequence[int | None]
    warnings: tuple[str, ...] = ()
