"""Auto-advance of a clock: it goes from alarm to alarm by itself, but never while somebody is at it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from eqkit.sandbox.clock import IDLE_MS, SandboxClock
from eqkit.timing.clock import ManualClock

START_MS = 1_000_000
DAY_MS = 86_400_000


def frozen() -> tuple[ManualClock, SandboxClock]:
    """A source that is moved by hand, and a clock that stands."""
    source = ManualClock(START_MS)
    clock = SandboxClock(source)
    clock.freeze()
    return source, clock


async def idle(source: ManualClock, by_ms: int = IDLE_MS) -> None:
    """Let some time of the source pass, and everything that it makes happen."""
    source.advance(by_ms)
    for _ in range(100):
        await asyncio.sleep(0)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a test on an event loop."""
    asyncio.run(work)


def test_an_idle_clock_goes_from_alarm_to_alarm_and_stands_at_the_last() -> None:
    """Each alarm rings at its own time, as does one that it sets, and the clock stops at the last."""
    source, clock = frozen()
    seen: list[int] = []

    def first() -> None:
        seen.append(clock.now() - START_MS)
        clock.call_at(START_MS + 3 * DAY_MS, lambda: seen.append(clock.now() - START_MS))

    async def work() -> None:
        clock.call_at(START_MS + DAY_MS, first)
        clock.set_auto_advance(True)
        await idle(source)

    run(work())
    assert seen == [DAY_MS, 3 * DAY_MS]
    assert (clock.now(), clock.frozen) == (START_MS + 3 * DAY_MS, True)


def test_a_clock_skips_nothing_while_somebody_is_using_it() -> None:
    """Each use puts it off by another moment."""
    source, clock = frozen()

    async def work() -> None:
        clock.call_at(START_MS + DAY_MS, lambda: None)
        clock.set_auto_advance(True)
        for _ in range(3):
            await idle(source, IDLE_MS - 1)
            clock.mark_active()
        assert clock.now() == START_MS
        await idle(source)
        assert clock.now() == START_MS + DAY_MS

    run(work())


def test_a_clock_skips_nothing_while_something_is_going_on() -> None:
    """An activity takes its own time; a moment after its end the clock goes on."""
    source, clock = frozen()

    async def work() -> None:
        clock.call_at(START_MS + DAY_MS, lambda: None)
        clock.set_auto_advance(True)
        with clock.activity():
            await idle(source, 10 * IDLE_MS)
            assert clock.now() == START_MS
        await idle(source)
        assert clock.now() == START_MS + DAY_MS

    run(work())


def test_an_activity_that_waits_for_the_clock_does_not_hold_it_up() -> None:
    """A latency is waited for by the clock, and by nothing else."""
    source, clock = frozen()
    waited: list[int] = []

    async def wait() -> None:
        await clock.wait_until(START_MS + DAY_MS)
        waited.append(clock.now() - START_MS)

    async def work() -> None:
        clock.set_auto_advance(True)
        clock.start(wait())
        await idle(source)
        await idle(source)

    run(work())
    assert waited == [DAY_MS]


def test_a_clock_that_skips_no_more_stands_where_it_is() -> None:
    """Turned off, a clock stays where it is even on the verge of an advance; a running one runs on."""
    source, clock = frozen()

    async def work() -> None:
        clock.call_at(START_MS + DAY_MS, lambda: None)
        clock.set_auto_advance(True)
        clock.set_auto_advance(False)
        await idle(source, 1_000)
        assert clock.now() == START_MS
        clock.resume()
        clock.set_auto_advance(True)
        await idle(source, 1_000)
        assert clock.now() >= START_MS + DAY_MS
        assert clock.frozen is False

    run(work())


def test_an_alarm_that_is_set_later_is_skipped_to_as_well() -> None:
    """An alarm that comes while nothing waits begins a new moment of idleness."""
    source, clock = frozen()

    async def work() -> None:
        clock.set_auto_advance(True)
        await idle(source)
        assert clock.now() == START_MS
        clock.call_at(START_MS + DAY_MS, lambda: None)
        await idle(source)
        assert clock.now() == START_MS + DAY_MS

    run(work())
