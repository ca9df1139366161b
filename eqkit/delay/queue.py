"""One timeline for all queues of a world: what is due is delivered in the order of (due, accepted)."""

import heapq
from collections import deque
from collections.abc import Iterator, Sequence

from eqkit.delay.message import Delivery, Draft, Message
from eqkit.delay.store import Store

RETAINED = 100_000
"""How many delivered messages can still be looked at; the ones delivered first are forgotten first."""

_OFFSET_BITS = 40
_OFFSET_MASK = (1 << _OFFSET_BITS) - 1


class DelayQueue:
    """Messages that wait for their time.

    The order is total: due time, then acceptance (ruling T4). An entry of the heap is one integer, the due
    time in the high bits and the offset in the low ones, so that comparing is cheap and ties cannot occur.
    """

    def __init__(self, first_id: int, *, retained: int = RETAINED) -> None:
        """Begin empty, with `first_id` as the next id."""
        self._first_id = first_id
        self._store = Store(first_id)
        self._heap: list[int] = []
        self._delivered: deque[int] = deque()
        self._retained = retained

    def __len__(self) -> int:
        """Return how many messages are not delivered yet."""
        return len(self._heap)

    @property
    def queues(self) -> Sequence[str]:
        """The names of the queues: each is made by the first message it accepts (ruling H13)."""
        return self._store.queue_names

    def put(self, queue: str, draft: Draft, now_ms: int) -> int:
        """Accept a message and return its id; one whose time is past is due now (rulings T2, T3)."""
        at_ms = draft.wait_until_at_ms
        due_ms = now_ms if at_ms is None or at_ms < now_ms else at_ms
        offset = self._store.append(queue, draft, now_ms, due_ms)
        heapq.heappush(self._heap, due_ms << _OFFSET_BITS | offset)
        return self._first_id + offset

    def put_all(self, queue: str, drafts: Sequence[Draft], now_ms: int) -> range:
        """Accept messages in one step and return their ids: contiguous, in the order given (ruling T5)."""
        dues_ms = [now_ms if at_ms is None or at_ms < now_ms else at_ms for _, _, at_ms in drafts]
        offset = self._store.append_all(queue, drafts, now_ms, dues_ms)
        first = self._first_id + offset
        for due_ms in dues_ms:
            heapq.heappush(self._heap, due_ms << _OFFSET_BITS | offset)
            offset += 1
        return range(first, first + len(drafts))

    def get(self, queue: str, identifier: int) -> Message | None:
        """Return a message of a queue by its id; None if the queue has no such message."""
        message = self._store.get(identifier)
        return message if message is not None and message.queue == queue else None

    def next_due_ms(self) -> int | None:
        """Return when the next message is due; None while nothing waits."""
        return self._heap[0] >> _OFFSET_BITS if self._heap else None

    def deliver(self, now_ms: int, *, most: int, at_own_time: bool = False) -> int:
        """Deliver up to `most` messages that are due, in order, and return how many.

        They are stamped with `now_ms`, or each with its own due time (ruling T7).
        """
        heap, store, delivered = self._heap, self._store, self._delivered
        beyond = (now_ms + 1) << _OFFSET_BITS
        count = 0
        while heap and heap[0] < beyond and count < most:
            entry = heapq.heappop(heap)
            offset = entry & _OFFSET_MASK
            store.deliver(offset, entry >> _OFFSET_BITS if at_own_time else now_ms)
            delivered.append(offset)
            count += 1
        while len(delivered) > self._retained:
            store.forget(delivered.popleft())
        return count

    def deliveries(self) -> Iterator[Delivery]:
        """Yield the deliveries that are still known, in the order in which they happened."""
        for offset in self._delivered:
            message = self._store.at(offset)
            assert message.delivered_at_ms is not None
            yield Delivery(message.id, message.queue, message.due_at_ms, message.delivered_at_ms)
