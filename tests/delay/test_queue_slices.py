"""Long work on a queue is done in slices, and others go on with the queue in between."""

import random

from eqkit.delay.message import Draft
from eqkit.delay.queue import DelayQueue
from eqkit.timing.slices import PART, at_once

FIRST_ID = 100
FAR_MS = 10**9


def filled(count: int, *, queues: int = 2, due_ms: int = FAR_MS) -> DelayQueue:
    """A queue of messages that are all due at once, in turn in q0, q1 and so on."""
    queue = DelayQueue(FIRST_ID)
    for index in range(count):
        queue.put(f"q{index % queues}", Draft("", due_ms, due_ms), 0)
    return queue


def test_a_purge_takes_the_messages_of_its_beginning() -> None:
    """In slices; a message that comes meanwhile stays, and one delivered meanwhile was delivered."""
    queue = filled(4 * PART)
    purging = queue.purging("q0")
    next(purging)
    before = len(queue)
    assert PART < before < 4 * PART
    new = queue.put("q0", Draft("new", 5, 5), 0)
    assert queue.run(FIRST_ID + 4 * PART - 2, 1)
    assert at_once(purging) == 2 * PART - 1
    assert [each.id for each in queue.pending("q0")] == [new]
    assert len(queue.pending("q1")) == 2 * PART == len(queue) - 1
    assert len(queue._heap) < len(queue) + 100


def test_a_purge_loses_no_other_message_under_any_operation() -> None:
    """Put, deliver, pause, resume, cancel and purge, one between the slices of the other, many times."""
    for seed in range(60):
        lot = random.Random(seed)
        queue = filled(3 * PART, due_ms=50)
        purging, doomed = queue.purging("q0"), {each.id for each in queue.pending("q0")}
        ended, now_ms = False, 0
        for _ in range(40):
            now_ms += 4
            match lot.randrange(6):
                case 0:
                    queue.put(lot.choice(["q0", "q1"]), Draft("", now_ms + 20, now_ms + 20), now_ms)
                case 1:
                    queue.deliver(now_ms, limit=100)
                case 2:
                    queue.pause("q0")
                case 3:
                    queue.resume("q0")
                case 4:
                    queue.cancel(FIRST_ID + lot.randrange(3 * PART))
                case _:
                    ended = ended or next(purging, "ended") == "ended"
        for _ in purging:
            queue.deliver(now_ms, limit=10)
        delivered = {each.id for each in queue.deliveries()}
        waiting = {each.id for each in queue.pending()}
        assert not waiting & (doomed | delivered)
        assert len(queue) == len(waiting) == queue.count("q0") + queue.count("q1")
        queue.resume("q0")
        while queue.deliver(10**6, limit=1000):
            pass
        assert (len(queue), queue.next_due_ms(), queue._cancelled, queue._heap) == (0, None, set(), [])
        assert {each.id for each in queue.deliveries()} >= waiting


def test_a_cancelled_message_leaves_the_order_long_before_its_time() -> None:
    """Enqueueing and cancelling for ever takes no memory."""
    queue = filled(100)
    for _ in range(5_000):
        assert queue.cancel(queue.put("q0", Draft("", FAR_MS, FAR_MS), 0))
    assert len(queue) == 100
    assert len(queue._heap) < 200
    for _ in range(20):
        ids = queue.put_all("q2", [Draft("", FAR_MS, FAR_MS)] * 1_000, 0)
        assert at_once(queue.purging("q2")) == len(ids)
    assert len(queue._heap) < 200


def test_a_list_of_waiting_messages_is_made_in_slices_and_in_order() -> None:
    """The list has the first of one queue or of all, past any number in front, without the cancelled ones."""
    queue = filled(3 * PART, queues=3)
    early = queue.put("q2", Draft("", 7, 7), 0)
    listing = queue.listing("q2", 3)
    next(listing)
    assert queue.cancel(FIRST_ID + 5)
    assert [each.id for each in at_once(listing)] == [early, FIRST_ID + 2]
    assert [each.id for each in queue.pending("q2", 3)] == [early, FIRST_ID + 2, FIRST_ID + 8]
    assert [each.id for each in queue.pending(None, 2)] == [early, FIRST_ID]
    assert queue.pending("q2", 0) == queue.pending("none") == []
