"""One timeline for all queues of a world: what is due is delivered in the order of (due, accepted)."""

import heapq
import itertools
from collections import deque
from collections.abc import Iterator, Sequence

from eqkit.delay.instants import MAX_MS
from eqkit.delay.message import Delivery, Draft, Message
from eqkit.delay.mishaps import MishapKind, MishapOf
from eqkit.delay.store import Store

RETAINED = 100_000
"""How many delivered messages can still be looked at; the ones delivered first are forgotten first."""

GONE_WEIGHT = 110
"""About how many bytes of memory is taken by what is cancelled, until it leaves the order."""

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
        self._held: dict[str, list[int]] = {}
        self._gone: set[int] = set()
        self._behind: dict[int, int] = {}
        self._spared: set[int] = set()
        self.mishap_of: MishapOf | None = None
        """Asked what befalls each delivery, while there is something to ask."""
        self.delivered_total = 0
        """How many deliveries there ever were; the log knows the newest of them."""

    def __len__(self) -> int:
        """Return how many messages are not delivered yet."""
        held = sum(map(len, self._held.values()))
        return len(self._heap) + held + len(self._behind) - len(self._gone)

    @property
    def queues(self) -> Sequence[str]:
        """The names of the queues: each is made by the first message it accepts (ruling H13)."""
        return self._store.queue_names

    @property
    def accepted_total(self) -> int:
        """How many messages were ever accepted."""
        return self._store.size

    @property
    def weight(self) -> int:
        """About how many bytes of memory all of it takes."""
        return self._store.weight + GONE_WEIGHT * len(self._gone)

    @property
    def delivered_weight(self) -> int:
        """About how many bytes of that the messages take that are delivered, as if all were of a size."""
        return self._store.weight * len(self._delivered) // max(1, self._store.kept)

    def forget_delivered(self, size: int) -> int:
        """Forget messages that were delivered first, until so many bytes are free; return how many are."""
        before = self._store.weight
        while self._delivered and before - self._store.weight < size:
            self._forget_oldest()
        return before - self._store.weight

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

    def find(self, identifier: int) -> Message | None:
        """Return a message by its id, whatever queue it is in; None if there is none."""
        return self._store.get(identifier)

    def next_due_ms(self) -> int | None:
        """Return when the next message is due; None while nothing waits."""
        while self._gone and self._heap and self._heap[0] & _OFFSET_MASK in self._gone:
            offset = heapq.heappop(self._heap) & _OFFSET_MASK
            self._gone.remove(offset)
            if offset in self._behind:
                heapq.heappush(self._heap, self._behind.pop(offset))
        return self._heap[0] >> _OFFSET_BITS if self._heap else None

    def deliver(self, now_ms: int, *, most: int, at_own_time: bool = False) -> int:
        """Deliver up to `most` messages that are due, in order, and return how many.

        They are stamped with `now_ms`, or each with its own due time (ruling T7).
        """
        heap, store, delivered = self._heap, self._store, self._delivered
        beyond = (now_ms + 1) << _OFFSET_BITS
        is_plain = not (self._held or self._gone or self._behind or self.mishap_of)
        count, before = 0, len(delivered)
        while heap and heap[0] < beyond and count < most:
            entry = heapq.heappop(heap)
            offset = entry & _OFFSET_MASK
            at_ms = entry >> _OFFSET_BITS if at_own_time else now_ms
            if is_plain:
                store.deliver(offset, at_ms)
                delivered.append(offset)
            else:
                self._deliver_warily(entry, at_ms)
            count += 1
        count = len(delivered) - before
        self._retain(count)
        return count

    def _deliver_warily(self, entry: int, at_ms: int) -> None:
        """Deliver what is not gone, nor held by a paused queue, as mishaps want it; and who let it by."""
        offset = entry & _OFFSET_MASK
        if offset in self._gone:
            self._gone.remove(offset)
        else:
            held = self._held.get(self._store.at(offset).queue)
            if held is not None:
                held.append(entry)
                return
            self._deliver_or_not(entry, at_ms)
        let_by = self._behind.pop(offset, None)
        if let_by is not None:
            self._deliver_warily(let_by, at_ms)

    def _deliver_or_not(self, entry: int, at_ms: int) -> None:
        """Deliver a message as the mishap wants it that befalls it; none befalls it twice."""
        offset = entry & _OFFSET_MASK
        mishap = None
        if offset in self._spared:
            self._spared.remove(offset)
        elif self.mishap_of is not None:
            message = self._store.at(offset)
            mishap = self.mishap_of(message, at_ms, lambda: self._next_of(message.queue) is not None)
        match mishap:
            case None:
                copies = 1
            case (MishapKind.DUPLICATE, _):
                copies = 2
            case (MishapKind.DROP, _):
                self._store.forget(offset)
                return
            case (MishapKind.DELAY, delay_ms):
                self._spared.add(offset)
                heapq.heappush(self._heap, min(at_ms + delay_ms, MAX_MS) << _OFFSET_BITS | offset)
                return
            case _:
                later = self._next_of(self._store.at(offset).queue)
                assert later is not None  # or there would be no reordering
                self._spared |= {offset, later}
                self._behind[later] = entry
                return
        self._store.deliver(offset, at_ms)
        self._delivered.extend([offset] * copies)

    def _next_of(self, queue: str) -> int | None:
        """Return the offset of the message of a queue that is next, and free to change places with."""
        taken = self._gone | self._spared
        offsets = ((entry, entry & _OFFSET_MASK) for entry in self._heap)
        free = (each for each in offsets if each[1] not in taken and self._store.at(each[1]).queue == queue)
        return min(free, default=(0, None))[1]

    def _retain(self, count: int) -> None:
        self.delivered_total += count
        while len(self._delivered) > self._retained:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        delivered = self._delivered
        offset = delivered.popleft()
        # Of a message that was delivered twice the second delivery is still known.
        if not delivered or delivered[0] != offset:
            self._store.forget(offset)

    def newest(self, count: int) -> tuple[list[int], list[int]]:
        """Return times and ids of the newest deliveries, oldest first: what happened in one tick."""
        delivered, first = self._delivered, self._first_id
        offsets = [delivered[-1]] if count == 1 else [*itertools.islice(reversed(delivered), count)][::-1]
        return self._store.delivered_ms(offsets), [first + offset for offset in offsets]

    @property
    def paused(self) -> Sequence[str]:
        """The queues that hold back what falls due."""
        return list(self._held)

    def pause(self, queue: str) -> None:
        """Hold back what falls due in a queue, until it is resumed."""
        self._held.setdefault(queue, [])

    def resume(self, queue: str) -> None:
        """Let what a queue has held back be delivered, in its order."""
        for entry in self._held.pop(queue, ()):
            heapq.heappush(self._heap, entry)

    def run(self, identifier: int, now_ms: int) -> bool:
        """Deliver a message now, whatever it waits for; False if it is not pending."""
        offset = identifier - self._first_id
        if not self._take(identifier):
            return False
        self._store.deliver(offset, now_ms)
        self._delivered.append(offset)
        self._retain(1)
        return True

    def cancel(self, identifier: int) -> bool:
        """Forget a message before it is delivered; False if it is not pending."""
        if not self._take(identifier):
            return False
        self._store.forget(identifier - self._first_id)
        return True

    def _take(self, identifier: int) -> bool:
        """Leave a message out of the order, where it is left behind until its turn comes."""
        message = self._store.get(identifier)
        if message is None or message.delivered_at_ms is not None:
            return False
        self._gone.add(identifier - self._first_id)
        self._spared.discard(identifier - self._first_id)
        return True

    def purge(self, queue: str) -> int:
        """Forget every message of a queue that is not delivered yet, and return how many there were."""
        pending = self.pending(queue)
        for message in pending:
            self.cancel(message.id)
        return len(pending)

    def pending(self, queue: str | None = None, most: int | None = None) -> list[Message]:
        """Return messages that are not delivered yet, of one queue or of all, in the order of delivery."""
        entries = sorted(itertools.chain(self._heap, *self._held.values(), self._behind.values()))
        offsets = (entry & _OFFSET_MASK for entry in entries)
        messages = (self._store.at(offset) for offset in offsets if offset not in self._gone)
        return list(itertools.islice((each for each in messages if queue in (None, each.queue)), most))

    def deliveries(self, skip: int = 0) -> Iterator[Delivery]:
        """Yield the deliveries that are still known, oldest first; of all there ever were, skip the first."""
        first = max(0, skip - (self.delivered_total - len(self._delivered)))
        before = self._delivered[first - 1] if 0 < first <= len(self._delivered) else None
        attempt = 1
        for offset in itertools.islice(self._delivered, first, None):
            message = self._store.at(offset)
            assert message.delivered_at_ms is not None
            # The second delivery of a message follows the first at once.
            attempt = attempt + 1 if offset == before else 1
            before = offset
            yield Delivery(message.id, message.queue, message.due_at_ms, message.delivered_at_ms, attempt)
