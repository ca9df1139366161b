"""The clock on the wall and the one that is moved by hand: alarms, and time that goes back or jumps."""

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.delay.message import Draft
from eqkit.delay.queue import DelayQueue
from eqkit.delay.scheduler import Scheduler
from eqkit.timing.clock import JUMP_MS, MAX_WAIT_S, Alarm, ClockWentBackwards, ManualClock, WallClock
from tests.conftest import START_MS
from tests.timing.loops import HandDrivenLoop

repeatable = settings(derandomize=True, database=None, deadline=None, max_examples=200)
HOUR_MS = 3_600_000


@pytest.fixture
def loop() -> HandDrivenLoop:
    """A loop whose wall shows START_MS."""
    return HandDrivenLoop()


class Bell:
    """Notes the time of a clock whenever it rings."""

    def __init__(self, now: Callable[[], int]) -> None:
        """Take the source of the time."""
        self._now = now
        self.rang_at_ms: list[int] = []

    def __call__(self) -> None:
        """Ring."""
        self.rang_at_ms.append(self._now())


@pytest.mark.parametrize(("wall_s", "shown_ms"), [(0.0, 0), (1.5, 1500), (1.9996, 1999), (2.0, 2000)])
def test_the_wall_shows_whole_milliseconds_that_are_over(wall_s: float, shown_ms: int) -> None:
    """Ruling T1: rounded up, a clock would be at a due time before it has come."""
    assert WallClock(lambda: wall_s, lambda: 0.0).now() == shown_ms


@repeatable
@given(st.lists(st.integers(0, 2**42), min_size=1))
def test_the_clock_shows_the_latest_that_the_wall_has_shown(readings_ms: list[int]) -> None:
    """Ruling T6: the logical clock is max(previous, wall), however the wall is set."""
    loop = HandDrivenLoop()
    loop.wall_ms = readings_ms[0]
    clock = loop.clock()
    shown_ms = []
    for loop.wall_ms in readings_ms:
        shown_ms.append(clock.now())
    assert shown_ms == list(accumulate(readings_ms, max))


@pytest.mark.parametrize("in_ms", [1, 999, 1000, 1001, 2500, HOUR_MS])
def test_an_alarm_on_the_wall_rings_once_and_at_the_first_instant(loop: HandDrivenLoop, in_ms: int) -> None:
    """Ruling T1: not a millisecond before the deadline, and at the deadline if nothing holds it up."""
    clock = loop.clock()
    bell = Bell(clock.now)
    clock.call_at(START_MS + in_ms, bell)
    loop.pass_time(in_ms - 1)
    assert bell.rang_at_ms == []
    loop.pass_time(HOUR_MS)
    assert bell.rang_at_ms == [START_MS + in_ms]


def test_a_timer_that_rings_early_is_set_again(loop: HandDrivenLoop) -> None:
    """Ruling T1: an event loop may ring early; the clock on the wall decides."""
    clock = loop.clock()
    bell = Bell(clock.now)
    clock.call_at(START_MS + 2, bell)
    loop.ring()
    loop.pass_time(1)
    loop.ring()
    assert bell.rang_at_ms == []
    loop.pass_time(1)
    assert bell.rang_at_ms == [START_MS + 2]


@pytest.mark.parametrize("wall_back_ms", [0, HOUR_MS])
@pytest.mark.parametrize("ago_ms", [0, 1, HOUR_MS])
def test_an_alarm_for_now_or_the_past_rings_at_the_next_turn(
    loop: HandDrivenLoop, ago_ms: int, wall_back_ms: int
) -> None:
    """Ruling T6: never before the question is answered, and it does not take the clock back."""
    clock = loop.clock()
    loop.wall_ms -= wall_back_ms
    bell = Bell(clock.now)
    clock.call_at(START_MS - ago_ms, bell)
    assert bell.rang_at_ms == []
    loop.turn()
    assert bell.rang_at_ms == [START_MS]


@pytest.mark.parametrize(("in_ms", "waited_ms"), [(0, 0), (3000, 0), (3000, 1500), (3000, 2999)])
def test_an_alarm_on_the_wall_can_be_called_off(loop: HandDrivenLoop, in_ms: int, waited_ms: int) -> None:
    """That holds in each piece of its wait, and between its time and its turn."""
    clock = loop.clock()
    bell = Bell(clock.now)
    alarm = clock.call_at(START_MS + in_ms, bell)
    if waited_ms:
        loop.pass_time(waited_ms)
    alarm.cancel()
    assert loop.pending == []
    loop.pass_time(HOUR_MS)
    assert bell.rang_at_ms == []


def test_without_a_loop_the_running_one_is_used() -> None:
    """A server's clock is made before its loop is."""
    clock = WallClock(lambda: 1.0, lambda: 0.0)

    async def ring() -> int:
        rung = asyncio.get_running_loop().create_future()
        clock.call_at(1000, lambda: rung.set_result(clock.now()))
        return await asyncio.wait_for(rung, timeout=10)

    assert asyncio.run(ring()) == 1000


def test_a_wall_that_moves_while_an_alarm_waits_is_noticed(loop: HandDrivenLoop) -> None:
    """Ruling T7: a wait is cut into pieces, and the wall is looked at after each."""
    clock = loop.clock()
    bell = Bell(clock.now)
    clock.call_at(START_MS + HOUR_MS, bell)
    loop.wall_ms += HOUR_MS
    loop.pass_time(int(MAX_WAIT_S * 1000))
    assert len(bell.rang_at_ms) == 1


@pytest.mark.parametrize(
    ("moved_ms", "passed_ms", "jumped"),
    [
        (JUMP_MS, 0, False),
        (JUMP_MS + 1, 0, True),
        (JUMP_MS, HOUR_MS, False),
        (JUMP_MS + 1, HOUR_MS, True),
        (0, HOUR_MS, False),
        (-HOUR_MS, 0, False),
        (-HOUR_MS, 2 * HOUR_MS, False),
    ],
)
def test_a_jump_is_a_move_of_the_wall_beyond_the_time_that_passed(
    loop: HandDrivenLoop, moved_ms: int, passed_ms: int, *, jumped: bool
) -> None:
    """Ruling T7: more than a second is a jump, and each is reported once."""
    clock = loop.clock()
    loop.pass_time(passed_ms)
    loop.wall_ms += moved_ms
    assert [clock.jumped(), clock.jumped()] == [jumped, False]


def waiting(loop: HandDrivenLoop, *in_ms: int, slice_size: int = 500) -> tuple[DelayQueue, Scheduler]:
    """Return a queue with one message for each delay, and the scheduler that delivers them."""
    clock = loop.clock()
    queue = DelayQueue(1)
    queue.put_all("q", [Draft("", None, START_MS + each) for each in in_ms], clock.now())
    scheduler = Scheduler(queue, clock, slice_size=slice_size)
    scheduler.wake()
    return queue, scheduler


def delivered(queue: DelayQueue) -> list[tuple[int, int]]:
    """Return the deliveries as (id, milliseconds after the start)."""
    return [(each.id, each.delivered_at_ms - START_MS) for each in queue.deliveries()]


def test_a_time_that_was_reached_stays_reached_when_the_wall_goes_back(loop: HandDrivenLoop) -> None:
    """Ruling T6: nothing is delivered twice, and a new message waits for no wall to catch up."""
    queue, scheduler = waiting(loop, 100)
    loop.pass_time(1000)
    loop.wall_ms -= HOUR_MS
    queue.put_all("q", [Draft("now"), Draft("past", None, START_MS + 500)], START_MS + 1000)
    scheduler.wake()
    loop.pass_time(2 * HOUR_MS)
    assert delivered(queue) == [(1, 100), (2, 1000), (3, 1000)]


def test_a_wall_that_goes_back_does_not_hold_up_a_waiting_message(loop: HandDrivenLoop) -> None:
    """Ruling T6: waiting uses monotonic time, so that a message five seconds away comes in five seconds."""
    queue, _ = waiting(loop, 5000)
    loop.pass_time(1000)
    loop.wall_ms -= HOUR_MS
    loop.pass_time(3999)
    assert delivered(queue) == []
    loop.pass_time(1)
    assert delivered(queue) == [(1, 5000)]


@pytest.mark.parametrize("slice_size", [2, 500])
def test_a_jump_delivers_all_in_order_and_each_at_its_own_time(loop: HandDrivenLoop, slice_size: int) -> None:
    """Ruling T7: a jump delivers the same messages as the passing of the time would have."""
    queue, _ = waiting(loop, 9000, 2000, 7000, 2000, 2 * HOUR_MS, slice_size=slice_size)
    loop.wall_ms += HOUR_MS
    loop.pass_time(1000)
    assert delivered(queue) == [(2, 2000), (4, 2000), (3, 7000), (1, 9000)]
    loop.pass_time(HOUR_MS)
    assert delivered(queue)[4:] == [(5, 2 * HOUR_MS)]


def test_a_loop_that_was_held_up_is_no_jump(loop: HandDrivenLoop) -> None:
    """Ruling T1: lateness is measured; time that really passed is never stamped away."""
    queue, _ = waiting(loop, 300, 100)
    loop.wall_ms += 2500
    loop.monotonic_ms += 2500
    loop.run()
    assert delivered(queue) == [(2, 2500), (1, 2500)]
    assert [each.lateness_ms for each in queue.deliveries()] == [2400, 2200]


@pytest.mark.parametrize("slice_size", [2, 500])
def test_a_jump_ends_with_the_last_message_that_it_overtook(loop: HandDrivenLoop, slice_size: int) -> None:
    """Ruling T7: a later message is stamped with the clock, even if the jump filled its slices."""
    queue, _ = waiting(loop, 2000, 3000, HOUR_MS + 5000, slice_size=slice_size)
    loop.wall_ms += HOUR_MS
    loop.pass_time(1000)
    loop.wall_ms += 4500
    loop.monotonic_ms += 4500
    loop.run()
    assert delivered(queue) == [(1, 2000), (2, 3000), (3, HOUR_MS + 5500)]


@pytest.fixture
def bell(clock: ManualClock) -> Bell:
    """A bell for the clock that is moved by hand."""
    return Bell(clock.now)


def test_a_clock_moved_by_hand_rings_when_it_comes_to_the_deadline(clock: ManualClock, bell: Bell) -> None:
    """Ruling T1: not a millisecond before."""
    clock.call_at(START_MS + 10, bell)
    clock.advance(9)
    assert bell.rang_at_ms == []
    clock.advance(1)
    assert bell.rang_at_ms == [START_MS + 10]
    clock.advance(10)
    assert bell.rang_at_ms == [START_MS + 10]


def test_a_long_move_shows_every_alarm_its_own_time(clock: ManualClock) -> None:
    """Ruling T7: alarms ring by deadline, then as they were asked for, each with its deadline as now."""
    rung: list[tuple[str, int]] = []

    def ring(name: str) -> None:
        rung.append((name, clock.now() - START_MS))

    for name, in_ms in [("c", 30), ("a", 10), ("b", 20), ("a, too", 10), ("too far", 101)]:
        clock.call_at(START_MS + in_ms, partial(ring, name))
    clock.advance(100)
    assert rung == [("a", 10), ("a, too", 10), ("b", 20), ("c", 30)]
    assert clock.now() == START_MS + 100
    assert not clock.jumped()


def test_a_clock_on_its_way_gives_the_time_before_the_next_alarm(clock: ManualClock) -> None:
    """Ruling T7: up to there all may be delivered in one go; a clock that stands gets no further."""
    told_ms: list[int] = []
    for in_ms in (10, 30):
        clock.call_at(START_MS + in_ms, lambda: told_ms.append(clock.batch_until() - START_MS))
    assert clock.batch_until() == START_MS
    clock.advance(100)
    assert told_ms == [29, 100]
    assert clock.batch_until() == START_MS + 100


def test_an_alarm_may_ask_for_another_on_the_way(clock: ManualClock, bell: Bell) -> None:
    """All consequences of a move have happened when the move is over."""
    clock.call_at(START_MS + 10, lambda: clock.call_at(START_MS + 20, bell))
    clock.advance(20)
    assert bell.rang_at_ms == [START_MS + 20]


def test_an_alarm_for_the_past_rings_at_the_next_move_and_does_not_go_back(
    clock: ManualClock, bell: Bell
) -> None:
    """Ruling T6: a deadline that is over shows the present as now."""
    clock.call_at(START_MS - 10, bell)
    assert bell.rang_at_ms == []
    clock.advance(0)
    assert bell.rang_at_ms == [START_MS]


def test_a_clock_moved_by_hand_cannot_be_moved_back(clock: ManualClock, bell: Bell) -> None:
    """Ruling T6: going back is refused, and leaves the clock and its alarms as they were."""
    clock.call_at(START_MS, bell)
    moves: list[Callable[[], None]] = [lambda: clock.set(START_MS - 1), lambda: clock.advance(-1)]
    for move in moves:
        with pytest.raises(ClockWentBackwards, match=f"stands at {START_MS}, after {START_MS - 1}"):
            move()
    assert (clock.now(), bell.rang_at_ms) == (START_MS, [])
    clock.set(START_MS)
    assert bell.rang_at_ms == [START_MS]


def test_an_alarm_moved_by_hand_can_be_called_off(clock: ManualClock, bell: Bell) -> None:
    """That holds for one alone; calling it off again, or after it rang, changes nothing."""
    alarms: list[Alarm] = [clock.call_at(START_MS + 10, bell) for _ in range(2)]
    alarms[0].cancel()
    alarms[0].cancel()
    clock.advance(10)
    alarms[1].cancel()
    assert bell.rang_at_ms == [START_MS + 10]
