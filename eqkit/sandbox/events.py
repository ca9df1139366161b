"""What happens in a sandbox, numbered: the newest of it, for who looks back and who waits for more."""

import asyncio
from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

KEPT = 100_000
"""How many events are kept; the oldest go first."""


Data = dict[str, Any] | int
"""More about an event; of what happens by the thousand, only the id of the message."""


class Event(NamedTuple):
    """One thing that happened, at an instant of the sandbox's clock."""

    number: int
    at_ms: int
    kind: str
    data: Data


class Events:
    """A bounded list of events, oldest first; numbers begin at 1 and have no gaps."""

    def __init__(self, kept: int = KEPT) -> None:
        """Keep the newest `kept` events."""
        self._kept: deque[tuple[int, str, Data]] = deque(maxlen=kept)
        self.last = 0
        """The number of the newest event; 0 before the first."""
        self.closed = False
        """Whether nothing will happen any more that would be worth waiting for."""
        self._listeners: set[asyncio.Event] = set()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Events":
        """Copy what happened, and none of who waits for more."""
        events = Events()
        events._kept, events.last = self._kept.copy(), self.last
        return events

    def record(self, at_ms: int, kind: str, data: Data) -> None:
        """Add an event."""
        self._kept.append((at_ms, kind, data))
        self.last += 1
        for listener in self._listeners:
            listener.set()

    def record_all(self, events: Iterable[tuple[int, str, Data]]) -> None:
        """Add events, in order."""
        rows = list(events)
        self._kept.extend(rows)
        self.last += len(rows)
        for listener in self._listeners:
            listener.set()

    def since(self, number: int, most: int) -> list[Event]:
        """Return up to `most` events after the one of that number; those that were lost are left out."""
        first = self.last - len(self._kept) + 1
        begin = max(number + 1, first)
        skipped, wanted = begin - first, self.last - begin + 1
        if skipped < wanted:
            rows = list(islice(self._kept, skipped, skipped + most))
        else:
            # The end of a deque is reached from its end, and whoever follows wants the newest.
            rows = list(islice(reversed(self._kept), max(0, wanted - most), max(0, wanted)))[::-1]
        return [Event(begin + index, *row) for index, row in enumerate(rows)]

    def close(self) -> None:
        """Let nobody wait any longer."""
        self.closed = True
        for listener in self._listeners:
            listener.set()

    async def more(self, number: int) -> None:
        """Wait until there is an event after the one of that number, or until there will be none."""
        if self.last > number or self.closed:
            return
        listener = asyncio.Event()
        self._listeners.add(listener)
        try:
            await listener.wait()
        finally:
            self._listeners.discard(listener)
