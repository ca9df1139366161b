"""The books of a queue: its number of messages and their bytes stay right through every operation."""

import copy
import random
from collections import Counter
from sys import getsizeof

import pytest

from eqkit.delay.message import Draft
from eqkit.delay.queue import FEW, GONE_WEIGHT, RETAINED, DelayQueue
from eqkit.delay.store import MESSAGE_WEIGHT, QUEUE_WEIGHT, ROWS
from eqkit.timing.slices import PART, at_once

FIRST_ID = 100
FAR_MS = 10**9
NAMES = ("a", "b", "c")


class Books:
    """A queue, and beside it the state of each message: waiting, delivered, or gone."""

    def __init__(self, seed: int) -> None:
        """Begin with an empty queue that remembers few deliveries."""
        self.random = random.Random(seed)
        self.queue = DelayQueue(FIRST_ID, retained=8)
        self.bodies: list[str] = []
        self.names: list[str] = []
        self.delivered: list[int] = []
        self.gone: set[int] = set()
        self.now_ms = 0

    @property
    def waiting(self) -> list[int]:
        """The offsets of the messages that are neither delivered nor gone."""
        return [
            offset
            for offset in range(len(self.bodies))
            if offset not in self.gone and offset not in self.delivered
        ]

    @property
    def known(self) -> list[int]:
        """The offsets of the messages that can still be looked at."""
        return sorted({*self.waiting, *(each.id - FIRST_ID for each in self.queue.deliveries())})

    def put(self, count: int) -> None:
        """Put some messages, with bodies and times of their own."""
        name = self.random.choice(NAMES)
        drafts = []
        for _ in range(count):
            at_ms = self.now_ms + self.random.randint(-2, 9)
            drafts.append(Draft("x" * self.random.randint(0, 50), at_ms, at_ms))
        self.bodies += [draft.body for draft in drafts]
        self.names += [name] * count
        if count == 1:
            self.queue.put(name, drafts[0], self.now_ms)
        else:
            self.queue.put_all(name, drafts, self.now_ms)

    def deliver(self) -> None:
        """Let time pass, and deliver some of the messages that are due."""
        self.now_ms += self.random.randint(0, 4)
        before = self.queue.delivered_total
        limit = self.random.randint(1, 6)
        count = self.queue.deliver(self.now_ms, limit=limit)
        assert count == self.queue.delivered_total - before <= limit
        if count:
            times, ids = self.queue.newest(count)
            assert times == [self.now_ms] * count
            self.delivered += [identifier - FIRST_ID for identifier in ids]

    def take_out(self) -> None:
        """Cancel or run a message that may be any: one that waits, one that does not, one that never was."""
        offset = self.random.randint(-1, len(self.bodies))
        if self.random.random() < 0.5:
            assert self.queue.cancel(FIRST_ID + offset) == (offset in self.waiting)
            self.gone |= {offset} & {*self.waiting}
        else:
            is_pending = offset in self.waiting
            assert self.queue.run(FIRST_ID + offset, self.now_ms) == is_pending
            self.delivered += [offset] * is_pending

    def purge(self) -> None:
        """Purge a queue."""
        name = self.random.choice(NAMES)
        doomed = {offset for offset in self.waiting if self.names[offset] == name}
        assert at_once(self.queue.purging(name)) == len(doomed)
        self.gone |= doomed

    def forget(self) -> None:
        """Forget deliveries, the oldest first, until some bytes are free."""
        before, weight, size = self.known, self.queue.weight, self.random.randint(0, 600)
        freed = self.queue.forget_delivered(size)
        assert freed == weight - self.queue.weight
        lost = sorted(set(before) - set(self.known), key=self.delivered.index)
        sizes = [MESSAGE_WEIGHT + getsizeof(self.bodies[offset]) for offset in lost]
        assert freed == sum(sizes)
        assert freed - (sizes[-1] if sizes else 0) < size or not size
        assert freed >= size or not [*self.queue.deliveries()]

    def pause_or_resume(self) -> None:
        """Pause a queue, or let it go on."""
        name = self.random.choice(NAMES)
        if self.queue.is_paused(name):
            self.queue.resume(name)
        else:
            self.queue.pause(name)
            self.queue.pause(name)
        assert self.queue.is_paused(name) == (name in self.queue.paused)

    def step(self) -> None:
        """Do one thing at random."""
        match self.random.randrange(7):
            case 0:
                self.put(1)
            case 1:
                self.put(self.random.randint(2, 4))
            case 2 | 3:
                self.deliver()
            case 4:
                self.take_out()
            case 5:
                self.forget() if self.random.random() < 0.3 else self.pause_or_resume()
            case _:
                self.purge() if self.random.random() < 0.2 else self.take_out()

    def check(self) -> None:
        """Hold every count of the queue against the books."""
        queue, waiting, known = self.queue, self.waiting, self.known
        counts = Counter(self.names[offset] for offset in waiting)
        assert len(queue) == len(waiting) == len(queue.pending())
        assert {name: queue.count(name) for name in NAMES} == {name: counts[name] for name in NAMES}
        assert {each.id - FIRST_ID for each in queue.pending()} == {*waiting}
        assert queue.accepted_total == len(self.bodies)
        assert queue.delivered_total == len(self.delivered)
        assert [*queue.queues] == [*dict.fromkeys(self.names)]
        bodies = sum(getsizeof(self.bodies[offset]) for offset in known)
        store = MESSAGE_WEIGHT * len(known) + QUEUE_WEIGHT * len(queue.queues) + bodies
        assert queue.weight == store + GONE_WEIGHT * len(queue._cancelled)
        # Each message that has left the order by hand is in it until its turn or the sweep comes.
        assert len(queue._heap) + sum(map(len, queue._paused.values())) == len(waiting) + len(
            queue._cancelled
        )
        delivered = len([*queue.deliveries()])
        assert queue.delivered_weight == (store * delivered // max(1, len(known)))


def state(queue: DelayQueue) -> object:
    """Return everything that can be seen of a queue."""
    return (
        queue.pending(),
        [*queue.deliveries()],
        queue.next_due_ms(),
        queue.weight,
        queue.delivered_total,
        sorted(queue.paused),
        [queue.count(name) for name in NAMES],
    )


@pytest.mark.parametrize("seed", range(30))
def test_the_books_of_a_queue_are_right_after_every_step(seed: int) -> None:
    """Counts and bytes match the messages, through put, deliver, cancel, run, purge and forget."""
    books = Books(seed)
    for _ in range(40):
        books.step()
        books.check()


@pytest.mark.parametrize("seed", range(10))
def test_a_copy_of_a_queue_is_the_same_and_lives_by_itself(seed: int) -> None:
    """The copy goes on as the first would; neither sees any change of the other."""
    books = Books(seed)
    for _ in range(30):
        books.step()
    twin = copy.deepcopy(books)
    assert state(twin.queue) == state(books.queue)
    before = state(books.queue)
    for _ in range(20):
        twin.step()
        twin.check()
    assert state(books.queue) == before
    for _ in range(20):
        books.step()
    assert state(twin.queue) == state(books.queue)


def test_as_many_deliveries_are_remembered_as_the_limits_say() -> None:
    """Where nothing else is said; the one delivered first is the one forgotten."""
    queue = DelayQueue(FIRST_ID)
    queue.put_all("q", [Draft("")] * (RETAINED + 1), 0)
    queue.deliver(0, limit=RETAINED)
    assert queue.find(FIRST_ID) is not None
    queue.deliver(0, limit=1)
    assert queue.find(FIRST_ID) is None
    assert queue.find(FIRST_ID + 1) is not None


@pytest.mark.parametrize("count", [0, 1, FEW - 1, FEW, FEW + 1])
def test_paused_messages_go_on_in_their_order(count: int) -> None:
    """Paused messages of any number take their places among those that others have put meanwhile."""
    queue = DelayQueue(FIRST_ID, retained=2 * FEW)
    dues_ms = [(7 * index) % 500 for index in range(count)]
    queue.put_all("held", [Draft("", due_ms, due_ms) for due_ms in dues_ms], 0)
    queue.pause("held")
    assert queue.deliver(500, limit=FAR_MS) == 0
    queue.put_all("other", [Draft("", due_ms, due_ms) for due_ms in range(500, 480, -1)], 0)
    queue.resume("held")
    order = sorted([*dues_ms, *range(500, 480, -1)])
    assert queue.next_due_ms() == order[0]
    assert queue.deliver(500, limit=FAR_MS) == count + 20
    assert [each.due_at_ms for each in queue.deliveries()] == order


def test_a_reader_that_is_overtaken_goes_on_with_the_rest() -> None:
    """Of the deliveries that it has not read yet, those that were forgotten meanwhile are left out."""
    queue = DelayQueue(FIRST_ID, retained=4)
    queue.put_all("q", [Draft("")] * 6, 0)
    queue.deliver(0, limit=4)
    reading = queue.deliveries()
    assert next(reading).id == FIRST_ID
    queue.deliver(0, limit=2)
    assert [each.id - FIRST_ID for each in reading] == [2, 3]


@pytest.mark.parametrize("size", [1, ROWS, 3 * PART + 1])
def test_the_newest_deliveries_come_with_their_times(size: int) -> None:
    """In the order in which they were made, each with its own time."""
    queue = DelayQueue(FIRST_ID, retained=2 * size)
    queue.put_all("q", [Draft("", at_ms, at_ms) for at_ms in range(size)], 0)
    queue.deliver(size, limit=size, at_own_time=True)
    assert queue.newest(size) == ([*range(size)], [FIRST_ID + offset for offset in range(size)])
    assert queue.newest(1) == ([size - 1], [FIRST_ID + size - 1])


def test_a_purge_of_a_paused_queue_takes_its_paused_messages() -> None:
    """The purge leaves messages that pause after its beginning; in the end no purged one is in the order."""
    queue = DelayQueue(FIRST_ID)
    count = 2 * PART + 10
    queue.put_all("q", [Draft("", 5, 5)] * count, 0)
    queue.pause("q")
    queue.deliver(5, limit=FAR_MS)
    purging = queue.purging("q")
    next(purging)
    late = queue.put("q", Draft("late"), 6)
    queue.deliver(6, limit=FAR_MS)
    assert at_once(purging) == count
    assert (queue._cancelled, [each.id for each in queue.pending()]) == (set(), [late])
    queue.resume("q")
    assert queue.next_due_ms() == 6
    queue.deliver(6, limit=FAR_MS)
    assert [each.id for each in queue.deliveries()] == [late]
