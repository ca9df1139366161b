"""What a sandbox was asked and what it answered: the newest entries, in order."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

KEPT = 10_000
"""How many entries a journal keeps; the oldest go first."""

KEPT_IDS = 100_000
"""How many messages those entries may speak of together."""


class Entry(NamedTuple):
    """One request of the public API. Keys are not kept (ruling H4).

    `ids` are those of the messages that it put into a queue, accepted at `at_ms`; `wait_until_at_ms` is how
    the wait-until of each was read, None where it sent none (ruling D2).
    """

    at_ms: int
    method: str
    path: str
    operation: str | None
    status: int
    error_codes: tuple[str, ...] = ()
    ids: Sequence[int] = ()
    wait_until_at_ms: Sequence[int | None] = ()
    warnings: tuple[str, ...] = ()

    @property
    def due_at_ms(self) -> Sequence[int]:
        """When each message is due: as it was read, but never before its acceptance (ruling T3)."""
        return [self.at_ms if at is None else max(self.at_ms, at) for at in self.wait_until_at_ms]


class Journal:
    """A bounded list of entries, oldest first."""

    def __init__(self, kept: int = KEPT) -> None:
        """Keep the newest `kept` entries."""
        self._kept = kept
        self._ids = 0
        self.entries: deque[Entry] = deque()

    def record(self, entry: Entry) -> None:
        """Add an entry, and lose the oldest when full."""
        entries = self.entries
        entries.append(entry)
        self._ids += len(entry.ids)
        while len(entries) > self._kept or (self._ids > KEPT_IDS and len(entries) > 1):
            self._ids -= len(entries.popleft().ids)
