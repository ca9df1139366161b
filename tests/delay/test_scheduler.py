"""One alarm on the head of the queue, and turns for others while many messages are due."""

import pytest

from eqkit.delay.message import Draft
from eqkit.delay.queue import DelayQueue
from eqkit.delay.scheduler import Scheduler
from eqkit.timing.clock import ManualClock, WallClock
from tests.conftest import START_MS
from tests.timing.loops import UP_MS, HandDrivenLoop

SLICE = 2


class Harness:
    """A queue, its scheduler and the loop that both live by."""

    def __init__(self) -> None:
        """Begin with nothing to deliver."""
        self.loop = HandDrivenLoop()
        self.clock: WallClock = self.loop.clock()
        self.queue = DelayQueue(1)
        self.scheduler = Scheduler(self.queue, self.clock, slice_size=SLICE)

    def put(self, *in_ms: int) -> None:
        """Put messages, and wake the scheduler after each."""
        for each in in_ms:
            self.queue.put("q", Draft("", None, START_MS + each), self.clock.now())
            self.scheduler.wake()

    @property
    def alarms_ms(self) -> list[int | None]:
        """When alarms will ring, in milliseconds from the start; None at the next turn."""
        return [None if handle.when_ms is None else handle.when_ms - UP_MS for handle in self.loop.pending]

    @property
    def delivered(self) -> list[int]:
        """The ids of delivered messages."""
        return [each.id for each in self.queue.deliveries()]


@pytest.fixture
def harness() -> Harness:
    """A queue without messages."""
    return Harness()


def test_an_empty_queue_needs_no_alarm(harness: Harness) -> None:
    """Nothing wakes a server that has nothing to deliver, also when all is delivered."""
    harness.scheduler.wake()
    assert harness.alarms_ms == []
    harness.put(100)
    harness.loop.pass_time(100)
    assert (harness.delivered, harness.alarms_ms) == ([1], [])


def test_however_many_wait_there_is_one_alarm_on_the_head(harness: Harness) -> None:
    """A message that is due no earlier than the head leaves the alarm alone."""
    harness.put(100)
    alarms = harness.loop.pending
    harness.put(300, 100, 200)
    assert harness.loop.pending == alarms
    assert harness.alarms_ms == [100]


def test_an_earlier_message_moves_the_alarm(harness: Harness) -> None:
    """The old alarm is called off, and the next message gets its own once the first is delivered."""
    harness.put(300, 200, 199)
    assert harness.alarms_ms == [199]
    harness.loop.pass_time(199)
    assert (harness.delivered, harness.alarms_ms) == ([3], [200])
    harness.put(0)
    assert harness.alarms_ms == [None]


def test_a_tick_returns_the_time_of_the_next(harness: Harness) -> None:
    """A message that cannot be delivered yet waits; None says that there is none."""
    harness.put(100, 300)
    assert harness.scheduler.tick() == START_MS + 100
    assert harness.delivered == []
    harness.loop.wall_ms += 100
    assert harness.scheduler.tick() == START_MS + 300
    harness.loop.wall_ms += 200
    assert harness.scheduler.tick() is None
    assert harness.delivered == [1, 2]


def test_a_tick_by_hand_leaves_one_alarm(harness: Harness) -> None:
    """A tick that no alarm caused takes the place of the one that was set."""
    harness.put(100)
    harness.scheduler.tick()
    assert harness.alarms_ms == [100]


@pytest.mark.parametrize("jump_ms", [0, 3_600_000])
def test_others_get_a_turn_while_many_messages_are_due(harness: Harness, jump_ms: int) -> None:
    """Due messages go out in slices; another task waits for one slice and not for all."""
    harness.put(*[jump_ms] * 5)
    if jump_ms:
        harness.loop.wall_ms += jump_ms
        harness.loop.ring()
    seen: list[int] = []
    for _ in range(3):
        harness.loop.call_soon(lambda: seen.append(len(harness.delivered)))
        harness.loop.turn()
        harness.loop.turn()
    assert seen == [2, 4, 5]
    assert harness.delivered == [1, 2, 3, 4, 5]


def test_a_message_that_is_put_between_two_slices_keeps_the_order(harness: Harness) -> None:
    """Ruling T4: the order holds among messages that are overdue already."""
    harness.put(10, 30, 20, 40)
    harness.loop.wall_ms += 35
    harness.loop.monotonic_ms += 35
    harness.loop.run()
    assert harness.delivered == [1, 3, 2]
    harness.put(39, 0, 41, 35)
    harness.loop.pass_time(100)
    assert harness.delivered == [1, 3, 2, 6, 8, 5, 4, 7]


@pytest.mark.parametrize("slice_size", [SLICE, 500])
def test_a_move_of_the_clock_delivers_up_to_the_alarms_of_others(clock: ManualClock, slice_size: int) -> None:
    """Ruling T7: at any other alarm, the messages due before it are delivered, and no later ones."""
    queue = DelayQueue(1)
    scheduler = Scheduler(queue, clock, slice_size=slice_size)
    dues_ms = [START_MS + in_ms for in_ms in (50, 10, 24, 25, 10, 26, 101)]
    queue.put_all("q", [Draft("", None, due_ms) for due_ms in dues_ms], START_MS)
    seen: list[list[int]] = []
    clock.call_at(START_MS + 25, lambda: seen.append([each.id for each in queue.deliveries()]))
    scheduler.wake()
    clock.advance(100)
    assert seen == [[2, 5, 3]]
    assert [each.id for each in queue.deliveries()] == [2, 5, 3, 4, 6, 1]
    assert {each.lateness_ms for each in queue.deliveries()} == {0}


def test_a_scheduler_that_was_stopped_delivers_nothing(harness: Harness) -> None:
    """Pending messages stay where they are, due or not."""
    harness.put(0, 100)
    harness.scheduler.stop()
    harness.scheduler.stop()
    assert harness.alarms_ms == []
    harness.loop.pass_time(1000)
    assert (harness.delivered, len(harness.queue)) == ([], 2)


def test_a_scheduler_that_was_stopped_sets_no_alarm_for_a_new_message(harness: Harness) -> None:
    """Stopping is for good: a request that was under way may still put something."""
    harness.scheduler.stop()
    harness.put(0)
    assert harness.alarms_ms == []
