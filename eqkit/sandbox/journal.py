"""What a sandbox was asked and what it answered: the newest entries, in order."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

KEPT = 10_000
"""How many entries a journal keeps; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of the public API. Keys are not kept (ruling H4).

    `ids` are those of the messages it put into a queue; how each wait-until was read stands on the message.
    """

    at_ms: int
    method: str
    path: str
    operation: str | None
    status: int
    error_codes: tuple[str, ...] = ()
    ids: Sequence[int] = ()
    warnings: tuple[str, ...] = ()


class Journal:
    """A bounded list of entries, oldest first."""

    def __init__(self, kept: int = KEPT) -> None:
        """Keep the newest `kept` entries."""
        self.entries: deque[Entry] = deque(maxlen=kept)

    def record(self, entry: Entry) -> None:
        """Add an entry, and lose the oldest when full."""
        self.entries.append(entry)
