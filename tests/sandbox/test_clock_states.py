"""The states of a sandbox's clock: restored, closed, taken to another event loop, waited for."""

import asyncio
import itertools

import pytest

from eqkit.sandbox.clock import IDLE_MS, SandboxClock
from eqkit.sandbox.clock_waits import ClockClosed
from eqkit.timing.clock import ManualClock
from eqkit.timing.instants import MAX_MS

START_MS = 1_000_000


def clocks() -> tuple[ManualClock, SandboxClock]:
    """Return a source that is moved by hand, and a clock that follows it."""
    source = ManualClock(START_MS)
    return source, SandboxClock(source)


async def turns() -> None:
    """Let everybody who is woken have some turns."""
    for _ in range(100):
        await asyncio.sleep(0)


def waiting(source: ManualClock) -> int:
    """Return how many alarms a source has still to ring."""
    return sum(not alarm.is_cancelled for _, _, alarm in source._alarms)


def test_a_new_clock_follows_its_source() -> None:
    """Nobody has stopped it, moved it or let it skip."""
    _, clock = clocks()
    assert (clock.runs, clock.rate, clock.pace, clock.frozen, clock.moved) == (True, 1.0, 1.0, False, False)
    assert (clock.auto_advance, clock.closed, clock.next_alarm_ms()) == (False, None, None)


@pytest.mark.parametrize(
    ("frozen", "rate", "auto_advance"), [*itertools.product([True, False], [1.0, 2.5], [True, False])]
)
def test_a_restored_clock_goes_on_as_the_other_was_going(
    *, frozen: bool, rate: float, auto_advance: bool
) -> None:
    """At its instant and pace, frozen or not, with its alarms."""

    async def work() -> None:
        source, clock = clocks()
        rung: list[int] = []
        clock.call_at(700, lambda: rung.append(clock.now()))
        clock.restore(500, frozen=frozen, rate=rate, auto_advance=auto_advance)
        assert (clock.now(), clock.rate, clock.frozen) == (500, rate, frozen)
        assert (clock.moved, clock.auto_advance, clock.runs) == (True, auto_advance, not frozen)
        assert clock.pace == (0.0 if frozen else rate)
        source.advance(10)
        assert clock.now() == 500 + (0 if frozen else int(10 * rate))
        source.advance(IDLE_MS)
        await turns()
        assert rung == ([700] if auto_advance else [])
        clock.resume()
        assert (clock.rate, clock.frozen, clock.pace) == (rate, False, rate)
        source.advance(1_000)
        assert len(rung) == 1

    asyncio.run(work())


@pytest.mark.parametrize("auto_advance", [True, False])
def test_a_closed_clock_rings_nothing_and_lets_everybody_go(*, auto_advance: bool) -> None:
    """Those that wait are told how it has ended; its source has nothing more to ring for it."""

    async def work() -> None:
        source, clock = clocks()
        rung: list[int] = []
        clock.call_at(START_MS + 10, lambda: rung.append(1))
        clock.set_auto_advance(auto_advance)
        waits = [asyncio.create_task(clock.wait_until(START_MS + 20)) for _ in range(2)]
        await turns()
        assert waiting(source) == 1 + auto_advance
        clock.close("was reset")
        await turns()
        for wait in waits:
            with pytest.raises(ClockClosed, match="was reset"):
                wait.result()
        clock.call_at(START_MS, lambda: rung.append(2))
        with pytest.raises(ClockClosed, match="was reset"):
            await clock.wait_until(START_MS)
        with pytest.raises(ClockClosed, match="was reset"):
            await clock.advance(START_MS + 100)
        source.advance(1_000)
        await turns()
        assert (rung, waiting(source), clock.auto_advance, clock.closed) == ([], 0, False, "was reset")
        assert clock.next_alarm_ms() is None

    asyncio.run(work())


def test_an_advance_of_a_clock_that_is_closed_on_the_way_ends() -> None:
    """It waits no longer for what an alarm has set off."""

    async def work() -> None:
        _, clock = clocks()
        never = asyncio.Event()

        async def busy() -> None:
            await never.wait()

        tasks: list[asyncio.Task[None]] = []
        clock.call_at(START_MS + 10, lambda: tasks.append(clock.start(busy())))
        advance = asyncio.create_task(clock.advance(START_MS + 100))
        await turns()
        assert (len(tasks), advance.done(), clock.now()) == (1, False, START_MS + 10)
        clock.close("was deleted")
        with pytest.raises(ClockClosed, match="was deleted"):
            await asyncio.wait_for(advance, 5)
        never.set()
        await tasks[0]

    asyncio.run(work())


def test_a_wait_ends_at_its_instant_and_is_an_activity_again_from_then_on() -> None:
    """An advance goes on only once whoever was woken has come to rest."""

    async def work() -> None:
        _, clock = clocks()
        clock.freeze()
        seen: list[int] = []

        async def waits() -> None:
            for in_ms in (10, 20):
                await clock.wait_until(START_MS + in_ms)
                await asyncio.sleep(0)
                seen.append(clock.now() - START_MS)

        task = clock.start(waits())
        await turns()
        clock.call_at(START_MS + 11, lambda: seen.append(-1))
        await clock.advance(START_MS + 15)
        assert (seen, task.done()) == ([10, -1], False)
        await clock.advance(START_MS + 20)
        assert (seen, task.done()) == ([10, -1, 20], True)

    asyncio.run(work())


def test_a_wait_that_is_called_off_leaves_no_alarm() -> None:
    """And the clock can travel on, as if nobody had waited."""

    async def work() -> None:
        _, clock = clocks()
        clock.freeze()

        async def waits() -> None:
            with clock.activity():
                await clock.wait_until(START_MS + 10)

        task = asyncio.create_task(waits())
        await turns()
        assert clock.next_alarm_ms() == START_MS + 10
        task.cancel()
        await asyncio.wait([task])
        assert clock.next_alarm_ms() is None
        assert clock._active == 0
        await asyncio.wait_for(clock.advance(START_MS + 100), 5)

    asyncio.run(work())


@pytest.mark.parametrize("frozen", [True, False])
def test_a_clock_goes_on_in_another_event_loop_from_where_an_advance_was_cut_off(*, frozen: bool) -> None:
    """Nothing that was going on in the one that has ended holds it up."""
    source, clock = clocks()
    rung: list[int] = []

    async def cut_off() -> None:
        async def busy() -> None:
            await asyncio.Event().wait()

        clock.call_at(START_MS + 10, lambda: clock.start(busy()))
        clock.call_at(START_MS + 50, lambda: rung.append(clock.now() - START_MS))
        advance = asyncio.create_task(clock.advance(START_MS + 100, freeze=frozen))
        await turns()
        assert (clock.now(), advance.done()) == (START_MS + 10, False)

    async def going_on() -> None:
        clock.begin_loop(has_ended=True)
        assert (clock.runs, clock.frozen) == (not frozen, frozen)
        assert clock.now() == START_MS + 10
        await asyncio.wait_for(clock.advance(START_MS + 60), 5)

    # The first loop ends with the advance under way, as with a test that was given up.
    ended = asyncio.new_event_loop()
    ended.run_until_complete(cut_off())
    asyncio.run(going_on())
    assert (rung, source.now()) == ([50], START_MS)
    left = asyncio.all_tasks(ended)
    for task in left:
        task.cancel()
    ended.run_until_complete(asyncio.wait(left))
    ended.close()


@pytest.mark.parametrize("freeze", [True, False])
def test_an_advance_freezes_where_it_is_told_to(*, freeze: bool) -> None:
    """And a clock that was frozen before stays so."""
    source, clock = clocks()
    asyncio.run(clock.advance(lambda now_ms: now_ms + 5, freeze=freeze))
    source.advance(10)
    assert (clock.now(), clock.frozen, clock.moved) == (START_MS + (5 if freeze else 15), freeze, True)
    clock.freeze()
    asyncio.run(clock.advance(clock.now() + 5, freeze=False))
    assert (clock.frozen, clock.runs) == (True, False)


def test_a_clock_may_be_frozen_and_resumed_while_it_travels() -> None:
    """It travels on, and is then as it was told last."""
    _, clock = clocks()
    states: list[tuple[int, bool]] = []

    def state() -> None:
        states.append((clock.now() - START_MS, clock.runs))

    clock.call_at(START_MS + 1, clock.freeze)
    clock.call_at(START_MS + 2, state)
    clock.call_at(START_MS + 3, clock.resume)
    clock.call_at(START_MS + 4, state)
    asyncio.run(clock.advance(START_MS + 5))
    assert (states, clock.runs, clock.frozen) == ([(2, False), (4, False)], True, False)
    clock.call_at(START_MS + 6, clock.freeze)
    asyncio.run(clock.advance(START_MS + 7))
    assert (clock.now(), clock.runs, clock.frozen) == (START_MS + 7, False, True)


def test_a_deadline_beyond_the_end_of_time_comes_then() -> None:
    """Also for an advance that goes there."""
    _, clock = clocks()
    rung: list[int] = []
    clock.call_at(MAX_MS + 1, lambda: rung.append(clock.now()))
    asyncio.run(clock.advance(MAX_MS))
    assert rung == [MAX_MS]
