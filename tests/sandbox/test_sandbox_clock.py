"""A sandbox's clock: it follows its source, stands, runs at another pace, and travels from alarm to alarm."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.sandbox.clock import SandboxClock
from eqkit.timing.clock import ClockWentBackwards, ManualClock, WallClock
from eqkit.timing.instants import MAX_MS

START_MS = 1_000_000


def clocks() -> tuple[ManualClock, SandboxClock]:
    """Return a source that is moved by hand, and a clock that follows it."""
    source = ManualClock(START_MS)
    return source, SandboxClock(source)


def noting(clock: SandboxClock, seen: list[int]) -> Callable[[], None]:
    """Return a callback that notes the time of the clock."""
    return lambda: seen.append(clock.now() - START_MS)


def travel(clock: SandboxClock, by_ms: int) -> None:
    """Move a clock on."""
    asyncio.run(clock.advance(clock.now() + by_ms))


def test_it_follows_its_source_and_rings_when_the_source_gets_there() -> None:
    """A sandbox runs by the wall until somebody says otherwise."""
    source, clock = clocks()
    seen: list[int] = []
    clock.call_at(START_MS + 500, noting(clock, seen))
    clock.call_at(START_MS + 200, noting(clock, seen))
    source.advance(300)
    assert (clock.now() - START_MS, seen) == (300, [200])
    source.advance(300)
    assert seen == [200, 500]


def test_a_frozen_clock_stands_and_rings_nothing() -> None:
    """Freezing stops every wait until the clock is moved or runs again; then it goes on where it stood."""
    source, clock = clocks()
    seen: list[int] = []
    clock.call_at(START_MS + 100, noting(clock, seen))
    clock.freeze()
    source.advance(1_000)
    assert (clock.now(), seen) == (START_MS, [])
    clock.resume()
    source.advance(99)
    assert seen == []
    source.advance(1)
    assert (clock.now(), seen) == (START_MS + 100, [100])


def test_an_alarm_that_is_due_rings_while_the_clock_stands() -> None:
    """A message that is to run right away does so on a frozen clock, too."""
    source, clock = clocks()
    seen: list[int] = []
    clock.freeze()
    clock.call_at(START_MS, noting(clock, seen))
    source.advance(0)
    assert seen == [0]


def test_it_runs_at_another_pace_and_never_rings_early() -> None:
    """Ruling T1: at a rate of 10, an alarm in 95 ms rings after 10 ms of the source and not after 9."""
    source, clock = clocks()
    seen: list[int] = []
    clock.call_at(START_MS + 95, noting(clock, seen))
    clock.resume(rate=10)
    source.advance(9)
    assert (clock.now() - START_MS, seen) == (90, [])
    source.advance(1)
    assert seen == [100]


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_it_runs_at_no_rate_that_is_none(rate: float) -> None:
    """A rate is a finite number above 0; a clock that is to stand is frozen."""
    _, clock = clocks()
    with pytest.raises(ValueError, match="any rate above 0"):
        clock.resume(rate=rate)


def test_an_advance_rings_each_alarm_at_its_own_time_and_those_that_it_sets() -> None:
    """An alarm that another one sets inside the duration rings inside the duration."""
    _, clock = clocks()
    seen: list[int] = []

    def again() -> None:
        seen.append(clock.now() - START_MS)
        if len(seen) < 4:
            clock.call_at(clock.now() + 15, again)

    clock.call_at(START_MS + 10, again)
    travel(clock, 50)
    assert (seen, clock.now() - START_MS) == ([10, 25, 40], 50)
    travel(clock, 5)
    assert seen == [10, 25, 40, 55]


def test_an_advance_of_a_running_clock_leaves_it_running() -> None:
    """`advance` moves a running clock on, and it goes on running from there."""
    source, clock = clocks()
    travel(clock, 1_000)
    source.advance(7)
    assert clock.now() - START_MS == 1_007


def test_an_advance_never_goes_back() -> None:
    """Ruling T6: time in a sandbox only moves forward."""
    _, clock = clocks()
    clock.freeze()
    with pytest.raises(ClockWentBackwards):
        travel(clock, -1)
    assert clock.now() == START_MS


def test_a_new_sandbox_may_be_set_to_any_instant() -> None:
    """A test that wants 2016 says so before anything happened."""
    source, clock = clocks()
    clock.set_back(5)
    source.advance(10)
    assert (clock.now(), clock.frozen) == (5, True)


def test_an_advance_waits_for_the_activity_that_an_alarm_has_started() -> None:
    """An activity may wait for the sandbox outside (a receiver's answer) and for the clock."""
    _, clock = clocks()
    seen: list[tuple[str, int]] = []

    async def two_attempts() -> None:
        for attempt in ("first", "second"):
            for _ in range(5):
                await asyncio.sleep(0)
            seen.append((attempt, clock.now() - START_MS))
            await clock.wait_until(clock.now() + 20)
        seen.append(("done", clock.now() - START_MS))

    async def travelled() -> asyncio.Task[None]:
        started: list[asyncio.Task[None]] = []
        clock.call_at(START_MS + 10, lambda: started.append(clock.start(two_attempts())))
        await clock.advance(START_MS + 100)
        return started[0]

    assert asyncio.run(travelled()).done()
    assert seen == [("first", 10), ("second", 30), ("done", 50)]


def test_an_activity_that_is_cancelled_while_it_waits_does_not_hold_up_an_advance() -> None:
    """A client that hangs up in the middle of a delay leaves nothing behind."""
    _, clock = clocks()

    async def travelled() -> int:
        waiting = clock.start(clock.wait_until(START_MS + 50))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        await clock.advance(START_MS + 100)
        return clock.now() - START_MS

    assert asyncio.run(travelled()) == 100


def test_others_get_a_turn_during_a_long_advance() -> None:
    """A million due messages starve nobody: the event loop goes round until the last of them is delivered."""
    _, clock = clocks()
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def travelled() -> None:
        def ring_until_others_had_a_turn() -> None:
            if turns < 10:
                clock.call_at(clock.now(), ring_until_others_had_a_turn)

        clock.call_at(START_MS, ring_until_others_had_a_turn)
        other = asyncio.create_task(count_turns())
        await clock.advance(START_MS)
        other.cancel()

    asyncio.run(travelled())
    assert turns >= 10


@given(
    deadlines=st.lists(st.integers(0, 1_000), max_size=30), stops=st.lists(st.integers(0, 300), max_size=6)
)
def test_alarms_ring_in_order_once_and_on_time_in_advances_of_any_size(
    deadlines: list[int], stops: list[int]
) -> None:
    """Rulings T1, T4: by deadline, then in the order in which they were asked for."""
    source, clock = clocks()
    seen: list[tuple[int, int]] = []
    for number, deadline in enumerate(deadlines):

        def ring(number: int = number) -> None:
            seen.append((clock.now() - START_MS, number))

        clock.call_at(START_MS + deadline, ring)
    clock.freeze()
    for by_ms in stops:
        travel(clock, by_ms)
    source.advance(0)
    reached = sum(stops)
    assert seen == sorted((due, number) for number, due in enumerate(deadlines) if due <= reached)


@pytest.mark.parametrize("rate", [0.29, 0.57, 1.1, 7.3])
def test_it_rings_at_any_rate_despite_the_rounding_of_floats(rate: float) -> None:
    """100 × 0.29 is 28.999…: a clock that took the quotient for the time to ring would never get there."""
    for duration_ms in range(1, 100):
        source, clock = clocks()
        clock.resume(rate)
        seen: list[int] = []
        clock.call_at(START_MS + duration_ms, noting(clock, seen))
        source.advance(1_000)
        (rung_ms,) = seen
        assert duration_ms <= rung_ms <= duration_ms + 2 * rate + 1


def test_a_clock_outlives_the_event_loop_that_it_was_first_waited_for_on() -> None:
    """An application in-process may be asked from one event loop after the other."""
    _, clock = clocks()

    async def travelled(by_ms: int) -> None:
        async def work() -> None:
            await asyncio.sleep(0)

        clock.call_at(clock.now() + by_ms, lambda: clock.start(work()))
        await clock.advance(clock.now() + by_ms)

    asyncio.run(travelled(10))
    asyncio.run(travelled(10))
    assert clock.now() == START_MS + 20


def test_an_immediate_look_finds_due_alarms_rung() -> None:
    """Ruling T1: a due alarm rings before the next look, without a turn of the event loop, and once."""

    async def rung() -> list[int]:
        clock, messages = SandboxClock(WallClock()), list[int]()
        clock.call_at(clock.now(), lambda: messages.append(1))
        clock.call_at(clock.now() + 60_000, lambda: messages.append(2))
        clock.run_due()
        messages.append(0)
        clock.run_due()
        await asyncio.sleep(0)
        clock.freeze()
        clock.call_at(clock.now(), lambda: messages.append(3))
        clock.run_due()
        return messages

    assert asyncio.run(rung()) == [1, 0, 3]


@pytest.mark.parametrize("rate", [1.0, 60.0])
def test_a_clock_that_runs_stops_at_the_end_of_time(rate: float) -> None:
    """A later alarm rings at the last millisecond of the year 9999."""
    source, clock = clocks()
    seen: list[int] = []
    clock.resume(rate)
    clock.call_at(MAX_MS + 10, lambda: seen.append(clock.now()))
    assert clock.next_alarm_ms() == MAX_MS
    source.advance(MAX_MS - START_MS + 5)
    assert (clock.now(), seen) == (MAX_MS, [MAX_MS])
    assert clock.batch_until() == MAX_MS


def test_things_happen_in_one_go_up_to_the_next_alarm_of_an_advance() -> None:
    """The clock goes no further than the end of the advance or, without an advance, than now."""
    _, clock = clocks()
    clock.freeze()
    reached: list[int] = []
    clock.call_at(START_MS + 10, lambda: reached.append(clock.batch_until() - START_MS))
    clock.call_at(START_MS + 30, lambda: reached.append(clock.batch_until() - START_MS))
    clock.call_at(START_MS + 100, lambda: reached.append(-1))
    travel(clock, 50)
    assert reached == [29, 50]
    assert clock.batch_until() == START_MS + 50
