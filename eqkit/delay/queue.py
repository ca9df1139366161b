"""One timeline for all queues of a sandbox: due messages are delivered in the order of (due, accepted)."""

import copy
import heapq
import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from eqkit.delay.delivery_faults import DeliveryFaultKind, DeliveryFaultOf, Immune
from eqkit.delay.heaps import sweep
from eqkit.delay.message import Delivery, Draft, Message
from eqkit.delay.store import Store
from eqkit.timing.instants import MAX_MS
from eqkit.timing.slices import PART, Slices, at_once, parts

RETAINED = 100_000
"""How many delivered messages can still be looked at; the ones delivered first are forgotten first."""

GONE_WEIGHT = 110
"""About how many bytes of memory a message takes that is cancelled, until it leaves the order."""

FEW = 1_000
"""How many entries may be put into the order one by one."""

SWEEP = 64
"""How many places are swept for each message that leaves the order by hand: more than come with it."""

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
        self._paused: dict[str, list[int]] = {}
        self._cancelled: set[int] = set()
        self._swept_to = 0
        self._deferred: dict[str, int] = {}
        self._immune = Immune()
        self.fault_of: DeliveryFaultOf | None = None
        """Asked for the fault of each delivery, while one may have any."""
        self.delivered_total = 0
        """How many deliveries there ever were; the log knows the newest of them."""

    def __len__(self) -> int:
        """Return how many messages are not delivered yet."""
        return self._store.pending_total

    def __deepcopy__(self, memo: dict[int, Any]) -> "DelayQueue":
        """Copy columns and order, some hundredths of a second for a million messages; but not `fault_of`."""
        queue = DelayQueue(self._first_id, retained=self._retained)
        queue._store = copy.deepcopy(self._store)
        queue._heap, queue._delivered = self._heap.copy(), self._delivered.copy()
        queue._paused = {name: paused.copy() for name, paused in self._paused.items()}
        queue._cancelled, queue._deferred, queue._immune = (
            self._cancelled.copy(),
            self._deferred.copy(),
            self._immune.copy(),
        )
        queue.delivered_total = self.delivered_total
        return queue

    def count(self, queue: str) -> int:
        """Return how many messages of a queue are not delivered yet."""
        return self._store.pending(queue)

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
        return self._store.weight + GONE_WEIGHT * len(self._cancelled)

    @property
    def delivered_weight(self) -> int:
        """About how many bytes of that the messages take that are delivered, as if all were of a size."""
        return self._store.weight * len(self._delivered) // max(1, self._store.kept)

    def forget_delivered(self, size: int) -> int:
        """Forget those that were delivered first until `size` bytes are free; return the bytes freed."""
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
        """Return a message by its id, from any queue; None if there is none."""
        return self._store.get(identifier)

    def next_due_ms(self) -> int | None:
        """Return when the next message is due; None while nothing waits."""
        while self._cancelled and self._heap and self._heap[0] & _OFFSET_MASK in self._cancelled:
            self._cancelled.remove(heapq.heappop(self._heap) & _OFFSET_MASK)
        return self._heap[0] >> _OFFSET_BITS if self._heap else None

    def deliver(self, now_ms: int, *, limit: int, at_own_time: bool = False) -> int:
        """Deliver up to `limit` messages that are due, in order, and return how many.

        They are stamped with `now_ms`, or each with its own due time (ruling T7).
        """
        heap, store, delivered = self._heap, self._store, self._delivered
        beyond = (now_ms + 1) << _OFFSET_BITS
        is_plain = not (self._paused or self._cancelled or self._deferred or self._immune or self.fault_of)
        count, before = 0, len(delivered)
        while heap and heap[0] < beyond and count < limit:
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
        """Deliver messages that are neither gone nor held by a paused queue, as faults want it."""
        offset = entry & _OFFSET_MASK
        if offset in self._cancelled:
            self._cancelled.remove(offset)
            return
        queue = self._store.queue_of(offset)
        paused = self._paused.get(queue)
        if paused is not None:
            paused.append(entry)
        elif offset in self._immune:
            self._immune.discard(offset)
            self._log(offset, at_ms)
        elif queue in self._deferred:
            self._log(offset, at_ms)
            self._log(self._deferred.pop(queue) & _OFFSET_MASK, at_ms)
        else:
            self._deliver_or_not(entry, at_ms, queue)

    def _deliver_or_not(self, entry: int, at_ms: int, queue: str) -> None:
        """Deliver a message under its fault; no message has a fault twice."""
        offset, fault = entry & _OFFSET_MASK, None
        if self.fault_of is not None:
            fault = self.fault_of(self._store.at(offset), at_ms, lambda: self._others(queue) > 1)
        match fault:
            case None:
                self._log(offset, at_ms)
            case (DeliveryFaultKind.DUPLICATE, _):
                self._log(offset, at_ms, copies=2)
            case (DeliveryFaultKind.DROP, _):
                self._store.forget(offset)
            case (DeliveryFaultKind.DELAY, delay_ms):
                self._make_immune(min(at_ms + delay_ms, MAX_MS) << _OFFSET_BITS | offset, queue)
            case _:
                # The next message of the queue goes first, without a fault of its own.
                self._deferred[queue] = entry

    def _log(self, offset: int, at_ms: int, copies: int = 1) -> None:
        self._store.deliver(offset, at_ms)
        self._delivered.extend([offset] * copies)

    def _others(self, queue: str) -> int:
        """Return how many messages of a queue wait for their own turn, which no fault has touched."""
        return self.count(queue) - self._immune.count(queue) - (queue in self._deferred)

    def _make_immune(self, entry: int, queue: str) -> None:
        self._immune.add(entry & _OFFSET_MASK, queue)
        heapq.heappush(self._heap, entry)

    def _retain(self, count: int) -> None:
        self.delivered_total += count
        while len(self._delivered) > self._retained:
            self._forget_oldest()

    def _forget_oldest(self) -> None:
        offset = self._delivered.popleft()
        # Of a message that was delivered twice the second delivery is still known.
        if not self._delivered or self._delivered[0] != offset:
            self._store.forget(offset)

    def newest(self, count: int) -> tuple[list[int], list[int]]:
        """Return times and ids of the newest deliveries, such as those of one tick, oldest first."""
        delivered, first = self._delivered, self._first_id
        offsets = [delivered[-1]] if count == 1 else [*itertools.islice(reversed(delivered), count)][::-1]
        return self._store.delivered_ms(offsets), [first + offset for offset in offsets]

    @property
    def paused(self) -> Sequence[str]:
        """The queues that hold their deliveries back."""
        return list(self._paused)

    def is_paused(self, queue: str) -> bool:
        """Return whether a queue holds its deliveries back."""
        return queue in self._paused

    def pause(self, queue: str) -> None:
        """Hold back the deliveries of a queue, until it is resumed."""
        self._paused.setdefault(queue, [])

    def resume(self, queue: str) -> None:
        """Resume the deliveries that a queue has held back, in their order."""
        paused = self._paused.pop(queue, [])
        if len(paused) < FEW:
            for entry in paused:
                heapq.heappush(self._heap, entry)
        else:
            self._heap += paused
            heapq.heapify(self._heap)

    def run(self, identifier: int, now_ms: int) -> bool:
        """Deliver a message now, before its time; False if it is not pending."""
        offset = identifier - self._first_id
        if not self._store.is_pending(offset):
            return False
        self._log(offset, now_ms)
        self._take(offset)
        self._sweep(SWEEP)
        self._retain(1)
        return True

    def cancel(self, identifier: int) -> bool:
        """Forget a message before it is delivered; False if it is not pending."""
        offset = identifier - self._first_id
        if not self._store.is_pending(offset):
            return False
        queue = self._store.queue_of(offset)
        self._store.forget(offset)
        self._take(offset, queue)
        self._sweep(SWEEP)
        return True

    def _take(self, offset: int, queue: str | None = None) -> None:
        """Leave a message out of the order that is not pending any more.

        Its entry stays until its turn comes, or the sweep; many of them at once would hold everybody up.
        """
        queue = queue or self._store.queue_of(offset)
        self._immune.discard(offset)
        waiting = self._deferred.get(queue, -1)
        if waiting >= 0 and waiting & _OFFSET_MASK == offset:
            del self._deferred[queue]
            return
        self._cancelled.add(offset)
        if waiting >= 0 and not self._others(queue):
            # Nobody is left to be let by.
            self._make_immune(self._deferred.pop(queue), queue)

    def _sweep(self, count: int) -> None:
        self._swept_to = sweep(self._heap, self._cancelled, _OFFSET_MASK, self._swept_to, count)

    def purging(self, queue: str) -> Slices[int]:
        """Forget every message that a queue has now, but for those delivered meanwhile."""
        store, paused, count = self._store, self._paused.get(queue, []), 0
        held_then = len(paused)
        for part in parts(self._entries(queue)):
            for offset in store.pending_among([entry & _OFFSET_MASK for entry in part], queue):
                store.forget(offset)
                self._take(offset, queue)
                count += 1
            yield
        if self._paused.get(queue) is paused:
            # All that it held then is gone.
            left, paused[:held_then] = paused[:held_then], []
            for part in parts(left):
                self._cancelled.difference_update([entry & _OFFSET_MASK for entry in part])
                yield
        for _ in range(0, len(self._heap), PART):
            self._sweep(PART)
            yield
        return count

    def pending(self, queue: str | None = None, limit: int | None = None) -> list[Message]:
        """Return messages that are not delivered yet, of one queue or of all, in the order of delivery."""
        return at_once(self.listing(queue, len(self) if limit is None else limit))

    def listing(self, queue: str | None, limit: int) -> Slices[list[Message]]:
        """Return the first messages that wait now, of one queue or of all, in the order of delivery."""
        first: list[int] = []
        for part in parts(self._entries(queue) if limit else []):
            found = {*self._store.pending_among([entry & _OFFSET_MASK for entry in part], queue)}
            first += [entry for entry in part if entry & _OFFSET_MASK in found]
            if len(first) > 2 * limit + PART:
                first = heapq.nsmallest(limit, first)
            yield
        messages = (self.find(self._first_id + (entry & _OFFSET_MASK)) for entry in sorted(first)[:limit])
        return [each for each in messages if each is not None and each.delivered_at_ms is None]

    def _entries(self, queue: str | None) -> list[int]:
        """Return the places to look for pending messages of a queue, or of any."""
        if not (len(self) if queue is None else self.count(queue)):
            return []
        paused = self._paused.values() if queue is None else [self._paused.get(queue, [])]
        return [*self._heap, *itertools.chain.from_iterable(paused), *self._deferred.values()]

    def deliveries(self, skip: int = 0) -> Iterator[Delivery]:
        """Yield the deliveries that are still known, oldest first; of all there ever were, skip the first."""
        first = max(0, skip - (self.delivered_total - len(self._delivered)))
        before = self._delivered[first - 1] if 0 < first <= len(self._delivered) else None
        attempt = 1
        # A list of its own, so that more may be delivered before the last of them is asked for.
        for offset in list(itertools.islice(self._delivered, first, None)):
            message = self.find(self._first_id + offset)
            if message is None or message.delivered_at_ms is None:
                continue
            # The second delivery of a message follows the first at once.
            attempt = attempt + 1 if offset == before else 1
            before = offset
            yield Delivery(message.id, message.queue, message.due_at_ms, message.delivered_at_ms, attempt)
