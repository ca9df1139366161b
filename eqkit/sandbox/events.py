"""The events of a sandbox, numbered: the newest of them, to look back at and to wait for."""

import asyncio
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

KEPT = 100_000
"""How many events are kept; the oldest go first."""

EVENT_WEIGHT, DATA_WEIGHT = 25, 700
"""About how many bytes of memory an event takes, and its data beside the id of a message."""

NO_MESSAGE = -1

Data = dict[str, Any] | int
"""More about an event; for events that come by the thousand, only the id of the message."""


class Event(NamedTuple):
    """One thing that happened, at an instant of the sandbox's clock."""

    number: int
    at_ms: int
    kind: str
    data: Data


class Events:
    """A bounded list of events, oldest first; numbers begin at 1 and have no gaps.

    Most events are about a message, and there is one or two for each: they stand in columns that are written
    round and round, so that none is an object.
    """

    def __init__(self, kept: int = KEPT) -> None:
        """Keep the newest `kept` events."""
        self._max_events = kept
        self._instants = array("q")
        self._kinds: list[str] = []
        self._messages = array("q")
        self._data: dict[int, dict[str, Any]] = {}
        self.last = 0
        """The number of the newest event; 0 before the first."""
        self.began_after = 0
        """The number of the last event before all of these: above 0 in a sandbox that was begun anew."""
        self.closed = False
        """Whether nothing will happen any more that would be worth waiting for."""
        self._listeners: set[asyncio.Event] = set()

    def __deepcopy__(self, memo: dict[int, Any]) -> "Events":
        """Copy the events, and none of the listeners."""
        events = Events(self._max_events)
        events._instants, events._messages = self._instants[:], self._messages[:]
        events._kinds, events._data, events.last = self._kinds[:], self._data.copy(), self.last
        events.began_after = self.began_after
        return events

    def begin_after(self, number: int) -> None:
        """Number the events anew, so that all of them come after an event of another life."""
        by = number - self.began_after
        self._data = {each + by: data for each, data in self._data.items()}
        self.last += by
        self.began_after = number

    @property
    def weight(self) -> int:
        """About how many bytes of memory they take."""
        return EVENT_WEIGHT * len(self._messages) + DATA_WEIGHT * len(self._data)

    def record(self, at_ms: int, kind: str, data: Data) -> None:
        """Add an event."""
        place = (self.last - self.began_after) % self._max_events
        self.last += 1
        if self._data:
            self._data.pop(self.last - self._max_events, None)
        if isinstance(data, int):
            message = data
        else:
            message = NO_MESSAGE
            self._data[self.last] = data
        if place == len(self._messages):
            self._instants.append(at_ms)
            self._kinds.append(kind)
            self._messages.append(message)
        else:
            self._instants[place] = at_ms
            self._kinds[place] = kind
            self._messages[place] = message
        for listener in self._listeners:
            listener.set()

    def record_all(self, instants: Sequence[int], kind: str, messages: Sequence[int]) -> None:
        """Add an event of one kind for each of some messages, in order."""
        if len(messages) == 1:
            self.record(instants[0], kind, messages[0])
            return
        begin = 0
        while begin < len(messages):
            place = (self.last - self.began_after) % self._max_events
            end = min(len(messages), begin + self._max_events - place)
            # A slice beyond the end of a column extends it.
            places = slice(place, place + end - begin)
            self._instants[places] = array("q", instants[begin:end])
            self._kinds[places] = [kind] * (end - begin)
            self._messages[places] = array("q", messages[begin:end])
            if self._data:
                for number in range(self.last + 1, self.last + 1 + end - begin):
                    self._data.pop(number - self._max_events, None)
            self.last += end - begin
            begin = end
        for listener in self._listeners:
            listener.set()

    def since(self, number: int, limit: int) -> list[Event]:
        """Return up to `limit` events after the one of that number; those that were lost are left out."""
        begin = max(number, self.last - len(self._messages)) + 1
        return [self._event(each) for each in range(begin, min(begin + limit, self.last + 1))]

    def kinds(self, after: int, upto: int) -> Counter[str]:
        """Count the events between two numbers by kind, without those that were lost."""
        begin = max(after, self.last - len(self._messages))
        places = ((number - self.began_after) % self._max_events for number in range(begin, upto))
        return Counter(self._kinds[place] for place in places)

    def _event(self, number: int) -> Event:
        place = (number - 1 - self.began_after) % self._max_events
        message = self._messages[place]
        data: Data = self._data[number] if message == NO_MESSAGE else message
        return Event(number, self._instants[place], self._kinds[place], data)

    def close(self) -> None:
        """End all waits."""
        self.closed = True
        for listener in self._listeners:
            listener.set()

    def begin_loop(self) -> None:
        """Forget who waited in an event loop that has ended."""
        self._listeners.clear()

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
