"""Faults of deliveries, seen from the queue itself."""

import copy
import sys
from collections.abc import Callable, Iterable
from types import FrameType

import pytest

from eqkit.delay.delivery_faults import DeliveryFault, DeliveryFaultKind
from eqkit.delay.message import Draft, Message
from eqkit.delay.queue import DelayQueue
from eqkit.timing.instants import MAX_MS
from eqkit.timing.slices import at_once

FIRST = 100


def queue_with(count: int, faults: Iterable[DeliveryFault | None], retained: int = 10) -> DelayQueue:
    """Return a queue of messages that are due at 1, 2, 3 …, on which the faults act in this order."""
    queue, upcoming = DelayQueue(FIRST, retained=retained), iter(faults)

    def apply(message: Message, at_ms: int, can_defer: Callable[[], bool]) -> DeliveryFault | None:
        fault = next(upcoming, None)
        if fault is not None and fault.kind is DeliveryFaultKind.REORDER and not can_defer():
            return None
        return fault

    queue.fault_of = apply
    for index in range(count):
        queue.put("a-queue", Draft(str(index), index + 1, index + 1), 0)
    return queue


def delivered(queue: DelayQueue, skip: int = 0) -> list[tuple[int, int]]:
    """The number and attempt of each delivery that is still known."""
    return [(each.id - FIRST, each.attempt) for each in queue.deliveries(skip)]


DUPLICATE, DROP = DeliveryFault(DeliveryFaultKind.DUPLICATE), DeliveryFault(DeliveryFaultKind.DROP)
REORDER, DELAY = DeliveryFault(DeliveryFaultKind.REORDER), DeliveryFault(DeliveryFaultKind.DELAY, 10)


def test_the_second_delivery_is_known_when_the_first_is_forgotten_already() -> None:
    """The log is cut between the two, and the message can still be read."""
    queue = queue_with(3, [DUPLICATE], retained=3)
    queue.deliver(9, limit=100)
    assert (delivered(queue), queue.delivered_total) == ([(0, 1), (1, 1), (2, 1)], 4)
    assert queue.find(FIRST) is not None
    queue.put("a-queue", Draft("more"), 9)
    queue.deliver(9, limit=100)
    assert delivered(queue) == [(1, 1), (2, 1), (3, 1)]
    assert queue.find(FIRST) is None


def test_the_attempt_is_right_wherever_the_reader_begins() -> None:
    """Skipping the first delivery does not make the second one the first."""
    queue = queue_with(2, [None, DUPLICATE])
    queue.deliver(9, limit=100)
    assert [delivered(queue, skip) for skip in range(4)] == [
        [(0, 1), (1, 1), (1, 2)],
        [(1, 1), (1, 2)],
        [(1, 2)],
        [],
    ]


def test_a_deferred_message_waits_with_a_paused_queue() -> None:
    """Both come when the queue is resumed, in the order that the fault gave them."""
    queue = queue_with(2, [REORDER])
    queue.deliver(1, limit=100)
    queue.pause("a-queue")
    queue.deliver(9, limit=100)
    assert (delivered(queue), len(queue), len(queue.pending())) == ([], 2, 2)
    queue.resume("a-queue")
    queue.deliver(9, limit=100)
    assert (delivered(queue), len(queue)) == ([(1, 1), (0, 1)], 0)


def test_a_message_that_waits_behind_another_can_be_run_cancelled_and_purged() -> None:
    """It is pending like any other, and leaves nothing behind."""
    queue = queue_with(2, [REORDER])
    queue.deliver(1, limit=100)
    assert queue.run(FIRST, 1)
    queue.deliver(9, limit=100)
    assert (delivered(queue), len(queue)) == ([(0, 1), (1, 1)], 0)
    queue = queue_with(2, [REORDER])
    queue.deliver(1, limit=100)
    assert (at_once(queue.purging("a-queue")), queue.next_due_ms()) == (2, None)
    queue.deliver(9, limit=100)
    assert (delivered(queue), len(queue), queue.pending()) == ([], 0, [])


def test_a_message_that_waits_behind_one_that_is_run_by_hand_is_still_delivered() -> None:
    """Once the other one is out of the order, it is due."""
    queue = queue_with(2, [REORDER])
    queue.deliver(1, limit=100)
    assert queue.run(FIRST + 1, 1)
    assert queue.next_due_ms() == 1
    queue.deliver(1, limit=100)
    assert (delivered(queue), len(queue)) == ([(1, 1), (0, 1)], 0)


def test_the_first_message_of_all_that_waits_behind_another_is_not_lost() -> None:
    """Its place in the order is the least that there is: due in 1970, and accepted before any other."""
    queue = queue_with(0, [REORDER])
    for body in ("first", "second"):
        queue.put("a-queue", Draft(body), 0)
    queue.deliver(0, limit=1)
    assert queue.cancel(FIRST + 1)
    queue.deliver(0, limit=100)
    assert (delivered(queue), len(queue)) == ([(0, 1)], 0)


def test_no_fault_applies_to_a_message_twice() -> None:
    """A message that was delayed, or let another one by, is delivered when its time has come."""
    queue = queue_with(1, [DELAY, DELAY, DROP])
    queue.deliver(1, limit=100)
    assert (delivered(queue), queue.next_due_ms(), len(queue)) == ([], 11, 1)
    queue.deliver(11, limit=100)
    assert delivered(queue) == [(0, 1)]
    queue = queue_with(3, [REORDER, REORDER])
    queue.deliver(9, limit=100)
    assert delivered(queue) == [(1, 1), (0, 1), (2, 1)]


def test_a_dropped_message_is_forgotten() -> None:
    """It is neither pending nor delivered, and cannot be run."""
    queue = queue_with(2, [DROP])
    queue.deliver(9, limit=100)
    assert (delivered(queue), len(queue), queue.find(FIRST)) == ([(1, 1)], 0, None)
    assert not queue.run(FIRST, 9)


def test_a_message_lets_by_only_one_of_its_own_queue() -> None:
    """Another queue's messages keep their places."""
    queue = queue_with(1, [REORDER])
    queue.put("b-queue", Draft("other", 2, 2), 0)
    queue.put("a-queue", Draft("next", 3, 3), 0)
    queue.deliver(9, limit=100)
    assert delivered(queue) == [(1, 1), (2, 1), (0, 1)]


def test_the_next_message_goes_first() -> None:
    """The message that was to go first is cancelled, so that the one after it does."""
    queue = queue_with(3, [REORDER])
    queue.deliver(1, limit=100)
    assert queue.cancel(FIRST + 1)
    queue.deliver(9, limit=100)
    assert (delivered(queue), len(queue)) == ([(2, 1), (0, 1)], 0)


def test_a_message_that_is_delayed_lets_nobody_by() -> None:
    """A fault has acted on it already, so that with no other in the queue nothing is reordered."""
    queue = queue_with(2, [DELAY, REORDER])
    queue.deliver(9, limit=100)
    assert delivered(queue) == [(1, 1)]
    queue.deliver(99, limit=100)
    assert delivered(queue) == [(1, 1), (0, 1)]


def test_queues_are_reordered_each_by_itself() -> None:
    """The next message is the next of the same queue, even with messages of other queues in between."""
    queue = DelayQueue(FIRST)
    queue.fault_of = lambda message, at_ms, can_defer: REORDER if can_defer() else None
    for index, name in enumerate(["a", "b", "b", "a", "c"]):
        queue.put(name, Draft("", index + 1, index + 1), 0)
    queue.deliver(9, limit=100)
    assert [number for number, _ in delivered(queue)] == [2, 1, 3, 0, 4]


def test_reordering_takes_no_longer_for_each_the_more_there_are() -> None:
    """How many others wait, in this queue or in others: a look at each of them would take minutes."""

    def looks(count: int) -> int:
        queue, looked = DelayQueue(FIRST), 0

        def apply(message: Message, at_ms: int, can_defer: Callable[[], bool]) -> DeliveryFault | None:
            return REORDER if can_defer() else None

        def trace(frame: FrameType, event: str, argument: object) -> None:
            nonlocal looked
            looked += event in ("call", "c_call")

        queue.fault_of = apply
        for index in range(count):
            queue.put(f"q{index % (count // 2)}", Draft("", index, index), 0)
        sys.setprofile(trace)
        try:
            queue.deliver(count, limit=2 * count)
        finally:
            sys.setprofile(None)
        assert queue.delivered_total == count
        return looked

    assert looks(2_000) < 11 * looks(200)


def test_a_delay_ends_with_the_time_that_there_is() -> None:
    """A message that would be delayed beyond the year 9999 is delivered at its last millisecond."""
    queue = queue_with(0, [DeliveryFault(DeliveryFaultKind.DELAY, 1_000)])
    queue.put("a-queue", Draft("late", MAX_MS - 1, MAX_MS - 1), 0)
    assert queue.deliver(MAX_MS - 1, limit=100) == 0
    assert queue.next_due_ms() == MAX_MS
    assert queue.deliver(MAX_MS, limit=100) == 1
    assert [each.delivered_at_ms for each in queue.deliveries()] == [MAX_MS]


def delivering(queue: DelayQueue) -> None:
    """Deliver the delayed message at its second turn."""
    queue.deliver(1 + DELAY.delay_ms, limit=100)


@pytest.mark.parametrize(
    "leaving",
    [
        delivering,
        lambda queue: queue.cancel(FIRST),
        lambda queue: queue.run(FIRST, 1),
        lambda queue: at_once(queue.purging("a-queue")),
    ],
    ids=["delivered", "cancelled", "run", "purged"],
)
def test_a_message_that_is_gone_is_immune_no_more(leaving: Callable[[DelayQueue], object]) -> None:
    """Counted among those that wait, it would keep the next two from being reordered."""
    queue = queue_with(1, [DELAY, REORDER])
    queue.deliver(1, limit=100)
    leaving(queue)
    before = queue.delivered_total
    for body in ("one", "two"):
        queue.put("a-queue", Draft(body, 20, 20), 0)
    queue.deliver(20, limit=100)
    assert delivered(queue, before) == [(2, 1), (1, 1)]


def test_a_copy_counts_its_immune_messages_by_itself() -> None:
    """One that leaves the copy is still immune in the original."""
    queue = queue_with(1, [DELAY])
    queue.deliver(1, limit=100)
    twin = copy.deepcopy(queue)
    assert twin.cancel(FIRST)
    assert queue.deliver(1 + DELAY.delay_ms, limit=100) == 1
    assert (delivered(queue), len(twin), delivered(twin)) == ([(0, 1)], 0, [])
