"""The timeline of a sandbox: when a message is due, in which order, under which id, how long it is known."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.delay.message import Delivery, Draft, Message, State
from eqkit.delay.queue import DelayQueue
from eqkit.delay.store import ROWS
from eqkit.timing.instants import MAX_MS
from tests.conftest import START_MS

FIRST_ID = 72_301_093_732
ALL = 10**6


@pytest.fixture
def queue() -> DelayQueue:
    """A queue without messages."""
    return DelayQueue(FIRST_ID)


def draft(at_ms: int | None) -> Draft:
    """Return a message for an instant."""
    return Draft("", at_ms, at_ms)


def message(queue: DelayQueue, identifier: int) -> Message:
    """Return a message that the queue "q" has."""
    found = queue.get("q", identifier)
    assert found is not None
    return found


def test_a_message_is_due_at_its_time_and_never_earlier(queue: DelayQueue) -> None:
    """Ruling T1: at the first instant at which the clock is at or past the due time."""
    queue.put("q", draft(START_MS + 10), START_MS)
    assert queue.next_due_ms() == START_MS + 10
    assert queue.deliver(START_MS + 9, limit=ALL) == 0
    assert len(queue) == 1
    assert queue.deliver(START_MS + 10, limit=ALL) == 1
    assert (len(queue), queue.next_due_ms()) == (0, None)
    assert queue.deliver(START_MS + 10, limit=ALL) == 0


@pytest.mark.parametrize("at_ms", [None, 0])
def test_without_a_time_a_message_is_due_at_once(queue: DelayQueue, at_ms: int | None) -> None:
    """Ruling T2: no wait-until and 0 are the same."""
    identifier = queue.put("q", draft(at_ms), START_MS)
    assert message(queue, identifier).due_at_ms == START_MS
    assert queue.deliver(START_MS, limit=ALL) == 1


@pytest.mark.parametrize(
    ("at_ms", "due_ms"),
    [
        (1000, START_MS),
        (START_MS - 1, START_MS),
        (START_MS, START_MS),
        (START_MS + 1, START_MS + 1),
    ],
)
def test_a_time_in_the_past_is_due_at_acceptance(queue: DelayQueue, at_ms: int, due_ms: int) -> None:
    """Ruling T3: the due time is the acceptance and not the past; the time that was sent is kept."""
    one = queue.put("q", Draft("", at_ms // 1000, at_ms), START_MS)
    (of_many,) = queue.put_all("q", [Draft("", at_ms // 1000, at_ms)], START_MS)
    for found in (message(queue, one), message(queue, of_many)):
        assert (found.due_at_ms, found.accepted_at_ms) == (due_ms, START_MS)
        assert (found.wait_until, found.wait_until_at_ms) == (at_ms // 1000, at_ms)


def test_a_time_in_the_past_overtakes_nobody(queue: DelayQueue) -> None:
    """Rulings T3 and T4: a message that is overdue already goes before one whose time is longer ago."""
    overdue = queue.put("q", draft(START_MS + 10), START_MS)
    past = queue.put("q", draft(START_MS), START_MS + 20)
    queue.deliver(START_MS + 30, limit=ALL)
    assert [each.id for each in queue.deliveries()] == [overdue, past]


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 20)), st.integers(0, 20), st.integers(1, 5))
def test_the_order_is_by_due_time_and_then_by_acceptance(times: list[int], now: int, limit: int) -> None:
    """Ruling T4: one total order holds over all queues, for overdue messages, too, and in any portions."""
    queue = DelayQueue(FIRST_ID)
    for number, at in enumerate(times):
        queue.put(f"q{number % 3}", draft(START_MS + at), START_MS)
    order = sorted((at, FIRST_ID + number) for number, at in enumerate(times))
    due = [identifier for at, identifier in order if at <= now]
    counts: list[int] = []
    while not counts or counts[-1]:
        counts.append(queue.deliver(START_MS + now, limit=limit))
    assert [each.id for each in queue.deliveries()] == due
    assert max(counts) <= limit
    assert (sum(counts), len(queue)) == (len(due), len(times) - len(due))


def test_the_last_instant_of_all_keeps_its_order(queue: DelayQueue) -> None:
    """Ruling T10: nothing overflows between the first millisecond and the last."""
    for at_ms in (MAX_MS, MAX_MS - 1, MAX_MS, 0):
        queue.put("q", draft(at_ms), 0)
    assert [queue.deliver(now_ms, limit=ALL) for now_ms in (0, MAX_MS - 2, MAX_MS)] == [1, 0, 3]
    assert [each.id - FIRST_ID for each in queue.deliveries()] == [3, 1, 0, 2]
    assert [each.due_at_ms for each in queue.deliveries()] == [0, MAX_MS - 1, MAX_MS, MAX_MS]


def test_many_are_accepted_in_the_order_of_their_array(queue: DelayQueue) -> None:
    """Ruling T5: ids are contiguous and positional, and the array's order decides among equals."""
    queue.put("other", draft(None), START_MS)
    drafts = [Draft(str(index), None, START_MS + 10 * (index % 2)) for index in range(6)]
    ids = queue.put_all("q", drafts, START_MS)
    assert [*ids] == [FIRST_ID + index for index in range(1, 7)]
    assert [message(queue, identifier).body for identifier in ids] == ["0", "1", "2", "3", "4", "5"]
    queue.deliver(START_MS + 10, limit=ALL)
    assert [each.id - ids[0] for each in queue.deliveries() if each.queue == "q"] == [0, 2, 4, 1, 3, 5]


def test_ids_are_counted_over_all_queues_and_never_used_again() -> None:
    """Ruling B11: increasing and unique, also after their messages were delivered and forgotten."""
    queue = DelayQueue(FIRST_ID, retained=0)
    ids = []
    for name in ("a", "b", "a"):
        ids.append(queue.put(name, draft(None), START_MS))
        ids += queue.put_all(name, [draft(None)] * 2, START_MS)
        queue.deliver(START_MS, limit=ALL)
    assert ids == [FIRST_ID + index for index in range(9)]
    assert [queue.get(name, identifier) for name in ("a", "b") for identifier in ids] == [None] * 18


def test_no_messages_make_no_queue(queue: DelayQueue) -> None:
    """Ruling H13: a queue is made by the first message that it accepts."""
    assert [*queue.put_all("q", [], START_MS)] == []
    assert [*queue.queues] == []


def test_a_message_is_known_in_its_own_queue_alone(queue: DelayQueue) -> None:
    """An id is no way into another queue; a queue is made by its first message."""
    identifier = queue.put("q", draft(None), START_MS)
    queue.put("other", draft(None), START_MS)
    assert queue.get("other", identifier) is None
    assert queue.get("third", identifier) is None
    assert message(queue, identifier).id == identifier
    assert [*queue.queues] == ["q", "other"]


@pytest.mark.parametrize(
    ("at_own_time", "stamps_ms"), [(False, [START_MS + 50] * 2), (True, [START_MS + 10, START_MS + 30])]
)
def test_a_delivery_is_stamped_with_the_clock_or_with_its_own_time(
    queue: DelayQueue, stamps_ms: list[int], *, at_own_time: bool
) -> None:
    """Ruling T7: its own due time if the clock jumped, and how late it is otherwise (T1)."""
    dues_ms = [START_MS + 10, START_MS + 30]
    ids = queue.put_all("q", [draft(due_ms) for due_ms in dues_ms], START_MS)
    queue.deliver(START_MS + 50, limit=ALL, at_own_time=at_own_time)
    log = [Delivery(*each) for each in zip(ids, "qq", dues_ms, stamps_ms, strict=True)]
    assert [*queue.deliveries()] == log
    assert [message(queue, identifier).delivered_at_ms for identifier in ids] == stamps_ms
    assert [each.lateness_ms for each in log] == [
        stamp_ms - due_ms for stamp_ms, due_ms in zip(stamps_ms, dues_ms, strict=True)
    ]


def test_a_message_is_delayed_then_due_then_delivered(queue: DelayQueue) -> None:
    """Ruling H1: the state goes with the clock until the delivery, which it then stays."""
    identifier = queue.put("q", draft(START_MS + 10), START_MS)
    states = [message(queue, identifier).state(START_MS + after_ms) for after_ms in (0, 9, 10, 99)]
    assert states == [State.DELAYED, State.DELAYED, State.DUE, State.DUE]
    queue.deliver(START_MS + 99, limit=ALL)
    assert message(queue, identifier).state(START_MS + 99) is State.DELIVERED


def test_the_ones_delivered_first_are_forgotten_first() -> None:
    """A pending message is never forgotten, and acceptance does not count."""
    queue = DelayQueue(FIRST_ID, retained=2)
    ids = queue.put_all("q", [draft(START_MS + in_ms) for in_ms in (30, 10, 40, 20, 99)], START_MS)
    queue.deliver(START_MS + 40, limit=ALL)
    assert [each.id for each in queue.deliveries()] == [ids[0], ids[2]]
    assert [identifier for identifier in ids if queue.get("q", identifier)] == [ids[0], ids[2], ids[4]]


def test_a_forgotten_message_leaves_no_memory_behind() -> None:
    """A server that runs for months keeps its pending and retained messages, and no more."""
    queue = DelayQueue(FIRST_ID, retained=10)
    waiting = queue.put("q", draft(MAX_MS), START_MS)
    last = queue.put_all("q", [draft(None)] * (5 * ROWS - 1), START_MS)[-1]
    queue.deliver(START_MS, limit=10 * ROWS)
    assert [each.id for each in queue.deliveries()] == [*range(last - 9, last + 1)]
    assert len(queue._store._chunks) == 2
    assert message(queue, waiting).delivered_at_ms is None
    assert queue.put("q", draft(None), START_MS) == last + 1
