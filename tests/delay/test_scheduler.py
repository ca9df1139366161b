"""One alarm on the head of the queue, and turns for others while many messages are due."""

import pytest

from eqkit.delay.message import Draft
from eqkit.delay.queue import DelayQueue
from eqkit.delay.scheduler import Scheduler
from eqkit.timing.clock import ManualClock, WallClock
from tests.conftest import START_MS
from tests.timing.loops import HandDrivenLoop

SLICE = 2


class World:
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
        """When alarms will ring, in milliseconds from now; None at the next turn."""
        return [handle.when_ms for handle in self.loop.pending]

    @property
    def delivered(self) -> list[int]:
        """The ids of delivered messages."""
        return [each.id for each in self.queue.deliveries()]


@pytest.fixture
def world() -> World:
    """A queue without messages."""
    return World()


def test_an_empty_queue_needs_no_alarm(world: World) -> None:
    """Nothing wakes a server that has nothing to deliver, also when all is delivered."""
    world.scheduler.wake()
    assert world.alarms_ms == []
    world.put(100)
    world.loop.pass_time(100)
    assert (world.delivered, world.alarms_ms) == ([1], [])


def test_however_many_wait_there_is_one_alarm_on_the_head(world: World) -> None:
    """A message that is due no earlier than the head leaves the alarm alone."""
    world.put(100)
    alarms = world.loop.pending
    world.put(300, 100, 200)
    assert world.loop.pending == alarms
    assert world.alarms_ms == [100]


def test_an_earlier_message_moves_the_alarm(world: World) -> None:
    """The old alarm is called off, and the next message gets its own once the first is delivered."""
    world.put(300, 200, 199)
    assert world.alarms_ms == [199]
    world.loop.pass_time(199)
    assert (world.delivered, world.alarms_ms) == ([3], [200])
    world.put(0)
    assert world.alarms_ms == [None]


def test_a_tick_tells_when_the_next_is_due(world: World) -> None:
    """A message that cannot be delivered yet waits; None says that there is none."""
    world.put(100, 300)
    assert world.scheduler.tick() == START_MS + 100
    assert world.delivered == []
    world.loop.wall_ms += 100
    assert world.scheduler.tick() == START_MS + 300
    world.loop.wall_ms += 200
    assert world.scheduler.tick() is None
    assert world.delivered == [1, 2]


def test_a_tick_by_hand_leaves_one_alarm(world: World) -> None:
    """A tick that no alarm caused takes the place of the one that was set."""
    world.put(100)
    world.scheduler.tick()
    assert world.alarms_ms == [100]


@pytest.mark.parametrize("jump_ms", [0, 3_600_000])
def test_others_get_a_turn_while_many_messages_are_due(world: World, jump_ms: int) -> None:
    """Due messages go out in slices; another task waits for one slice and not for all."""
    world.put(*[jump_ms] * 5)
    if jump_ms:
        world.loop.wall_ms += jump_ms
        world.loop.ring()
    seen: list[int] = []
    for _ in range(3):
        world.loop.call_soon(lambda: seen.append(len(world.delivered)))
        world.loop.turn()
        world.loop.turn()
    assert seen == [2, 4, 5]
    assert world.delivered == [1, 2, 3, 4, 5]


def test_what_is_put_between_two_slices_keeps_the_order(world: World) -> None:
    """Ruling T4: the order holds among messages that are overdue already."""
    world.put(10, 30, 20, 40)
    world.loop.wall_ms += 35
    world.loop.monotonic_ms += 35
    world.loop.run()
    assert world.delivered == [1, 3, 2]
    world.put(39, 0, 41, 35)
    world.loop.pass_time(100)
    assert world.delivered == [1, 3, 2, 6, 8, 5, 4, 7]


@pytest.mark.parametrize("slice_size", [SLICE, 500])
def test_a_move_of_the_clock_delivers_up_to_the_alarms_of_others(clock: ManualClock, slice_size: int) -> None:
    """Ruling T7: what else lives by the clock finds delivered what is due before it, and nothing of later."""
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


def test_a_scheduler_that_was_stopped_delivers_nothing(world: World) -> None:
    """Pending messages stay where they are, due or not."""
    world.put(0, 100)
    world.scheduler.stop()
    world.scheduler.stop()
    assert world.alarms_ms == []
    world.loop.pass_time(1000)
    assert (world.delivered, len(world.queue)) == ([], 2)


def test_a_scheduler_that_was_stopped_sets_no_alarm_for_a_new_message(world: World) -> None:
    """Stopping is for good: a request that was under way may still put something."""
    world.scheduler.stop()
    world.put(0)
    assert world.alarms_ms == []
