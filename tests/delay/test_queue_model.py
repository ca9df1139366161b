"""The delay queue beside a plain sorted list, under clocks that are moved, set back, and late."""

from dataclasses import dataclass
from operator import attrgetter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from eqkit.delay.message import Delivery, Draft, Message
from eqkit.delay.queue import DelayQueue
from eqkit.delay.scheduler import Scheduler
from eqkit.timing.clock import Clock, ManualClock
from tests.conftest import START_MS
from tests.timing.loops import HandDrivenLoop

FIRST_ID = 72_301_093_732
SLICE = 3

QUEUES = st.sampled_from(["a", "b", "c"])
# None, 0, the past, now and soon: near enough to each other that many are due in the same millisecond.
WAITS_MS = st.one_of(st.none(), st.just(-START_MS), st.integers(-3, 12))
REPEATABLE = settings(
    derandomize=True, database=None, deadline=None, max_examples=150, stateful_step_count=40, print_blob=True
)


@dataclass
class Expected:
    """A message as the list has it; `delivered_at_ms` None until it was seen in the log."""

    id: int
    queue: str
    draft: Draft
    accepted_at_ms: int
    due_at_ms: int
    delivered_at_ms: int | None = None

    def message(self) -> Message:
        """The expected result of reading the message."""
        return Message(
            self.id, self.queue, *self.draft, self.accepted_at_ms, self.due_at_ms, self.delivered_at_ms
        )


class Machine(RuleBasedStateMachine):
    """Messages are put, and rules have to hold for any moves of the clock."""

    retained = 6

    def __init__(self, clock: Clock) -> None:
        """Begin with an empty queue and an empty list."""
        super().__init__()
        self.clock = clock
        self.queue = DelayQueue(FIRST_ID, retained=self.retained)
        self.scheduler = Scheduler(self.queue, clock, slice_size=SLICE)
        self.accepted: list[Expected] = []
        self.delivered: list[Expected] = []

    @rule(queue=QUEUES, wait_ms=WAITS_MS)
    def put(self, queue: str, wait_ms: int | None) -> None:
        """Put one message."""
        draft = self.expect(queue, [wait_ms])[0]
        assert self.queue.put(queue, draft, self.clock.now()) == self.accepted[-1].id
        self.scheduler.wake()

    @rule(queue=QUEUES, waits_ms=st.lists(WAITS_MS, min_size=1, max_size=8))
    def put_all(self, queue: str, waits_ms: list[int | None]) -> None:
        """Put many in one step."""
        drafts = self.expect(queue, waits_ms)
        ids = self.queue.put_all(queue, drafts, self.clock.now())
        assert [*ids] == [each.id for each in self.accepted[-len(drafts) :]]
        self.scheduler.wake()

    @rule(data=st.data(), queue=QUEUES)
    def read(self, data: st.DataObject, queue: str) -> None:
        """Read a message that was put, or one just outside of those; by one queue or another."""
        index = data.draw(st.integers(-1, len(self.accepted)), "index")
        found = self.queue.get(queue, FIRST_ID + index)
        if not 0 <= index < len(self.accepted):
            assert found is None
            return
        expected = self.accepted[index]
        is_known = expected.queue == queue and expected not in self.delivered[: -self.retained]
        assert found == (expected.message() if is_known else None)

    @invariant()
    def ids_and_queues_are_those_of_the_list(self) -> None:
        """Ids are contiguous, and queues stand in the order of their first message."""
        assert [each.id - FIRST_ID for each in self.accepted] == [*range(len(self.accepted))]
        assert [*self.queue.queues] == [*dict.fromkeys(each.queue for each in self.accepted)]

    @invariant()
    def nothing_is_lost_and_nothing_waits_that_was_delivered(self) -> None:
        """An accepted message waits or was delivered; the head is due first."""
        waiting = self.waiting()
        assert len(self.queue) == len(waiting)
        assert self.queue.next_due_ms() == (waiting[0].due_at_ms if waiting else None)

    @invariant()
    def the_newest_deliveries_are_known_in_order(self) -> None:
        """The log ends with the last delivery, and holds no more than it retains."""
        log = [
            Delivery(each.id, each.queue, each.due_at_ms, each.delivered_at_ms)
            for each in self.delivered[-self.retained :]
            if each.delivered_at_ms is not None
        ]
        assert [*self.queue.deliveries()] == log

    def expect(self, queue: str, waits_ms: list[int | None]) -> list[Draft]:
        """Add messages to the list and return them as they are put."""
        now_ms = self.clock.now()
        drafts = []
        for wait_ms in waits_ms:
            identifier = FIRST_ID + len(self.accepted)
            at_ms = None if wait_ms is None else max(now_ms + wait_ms, 0)
            draft = Draft(f"body of {identifier}", at_ms, at_ms)
            due_ms = max(now_ms, at_ms or 0)
            self.accepted.append(Expected(identifier, queue, draft, now_ms, due_ms))
            drafts.append(draft)
        return drafts

    def waiting(self) -> list[Expected]:
        """The pending messages, in the order in which they have to be delivered."""
        # A list of what was accepted is in the order of acceptance, and sorting keeps that among equals.
        waiting = [each for each in self.accepted if each.delivered_at_ms is None]
        return sorted(waiting, key=attrgetter("due_at_ms"))

    def expect_delivered(self, expected: Expected, at_ms: int) -> None:
        """Note in the list that a message was delivered."""
        expected.delivered_at_ms = at_ms
        self.delivered.append(expected)


class MovedByHand(Machine):
    """On a clock moved by hand everything is delivered at its very time."""

    def __init__(self) -> None:
        """Begin at START_MS."""
        self.manual = ManualClock(START_MS)
        super().__init__(self.manual)

    @rule(by_ms=st.integers(0, 8))
    def advance(self, by_ms: int) -> None:
        """Move the clock on."""
        self.manual.advance(by_ms)
        self.expect_due()

    @rule(further_ms=st.integers(0, 40))
    def set(self, further_ms: int) -> None:
        """Move the clock to an instant, far enough to pass many due times."""
        self.manual.set(self.manual.now() + further_ms)
        self.expect_due()

    def expect_due(self) -> None:
        """Take the due messages from the front of the sorted list, each at its own time."""
        for each in self.waiting():
            if each.due_at_ms <= self.manual.now():
                self.expect_delivered(each, each.due_at_ms)

    def teardown(self) -> None:
        """In the end all is delivered."""
        self.set(100)
        self.nothing_is_lost_and_nothing_waits_that_was_delivered()
        self.the_newest_deliveries_are_known_in_order()
        assert len(self.queue) == 0


class OnTheWall(Machine):
    """On the wall it is the loop that decides how late it is, and somebody sets the wall meanwhile."""

    retained = 10**6  # the log is all that tells what was delivered

    def __init__(self) -> None:
        """Begin at START_MS."""
        self.loop = HandDrivenLoop()
        super().__init__(self.loop.clock())

    @rule(by_ms=st.integers(0, 20))
    def let_time_pass(self, by_ms: int) -> None:
        """Let time pass, and the loop ring its timers."""
        for _ in range(by_ms):
            self.loop.pass_time(1)
            self.observe()
        self.loop.run()
        self.observe()

    @rule(by_ms=st.integers(1, 3000))
    def hold_the_loop_up(self, by_ms: int) -> None:
        """Let time pass while the loop is busy with something else."""
        self.loop.wall_ms += by_ms
        self.loop.monotonic_ms += by_ms

    @rule(by_ms=st.one_of(st.integers(-20, 20), st.sampled_from([-3_600_000, 3_600_000])))
    def set_the_wall(self, by_ms: int) -> None:
        """Somebody, or time synchronisation, sets the clock."""
        self.loop.wall_ms += by_ms

    @precondition(lambda self: self.loop.has_timer)
    @rule()
    def ring_early(self) -> None:
        """The loop rings a timer before its time."""
        self.loop.ring()
        self.observe()

    def observe(self) -> None:
        """Take the new deliveries of the log from the front of the sorted list; none may be early."""
        known = {each.id for each in self.delivered}
        for delivery in self.queue.deliveries():
            if delivery.id not in known:
                first = self.waiting()[0]
                assert delivery.id == first.id
                assert first.due_at_ms <= delivery.delivered_at_ms <= self.clock.now()
                self.expect_delivered(first, delivery.delivered_at_ms)

    def teardown(self) -> None:
        """In the end all is delivered, once the wall is past every due time."""
        self.loop.wall_ms = self.clock.now() + 100
        self.loop.pass_time(1000)
        self.observe()
        self.nothing_is_lost_and_nothing_waits_that_was_delivered()
        self.the_newest_deliveries_are_known_in_order()
        assert len(self.queue) == 0


def test_a_clock_moved_by_hand_delivers_as_a_sorted_list_would() -> None:
    """Rulings T1, T2, T3, T4, T5 and B11: put, move, read and list agree with a plain list at every step."""
    run_state_machine_as_test(MovedByHand, settings=REPEATABLE)


def test_a_wall_that_is_set_and_a_loop_that_is_late_keep_the_order() -> None:
    """Rulings T1, T4, T6 and T7: never early, twice, lost or out of order, at any time of the wall."""
    run_state_machine_as_test(OnTheWall, settings=REPEATABLE)
