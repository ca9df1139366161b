"""Coroutines that wait for an instant of a clock, and how they end when the clock does."""

import asyncio
from collections.abc import Callable

from eqkit.timing.clock import Alarm


class ClockClosed(Exception):
    """The sandbox of a clock has ended; the message says how, as in "was reset"."""


class Waits:
    """Coroutines that wait for one clock: each is at rest until it is woken, and active again then."""

    def __init__(self, begin: Callable[[], None], end: Callable[[], None]) -> None:
        """Take how an activity of the clock begins and ends."""
        self._begin = begin
        self._end = end
        self._woken: set[asyncio.Future[None]] = set()

    async def until(self, deadline_ms: int, call_at: Callable[[int, Callable[[], object]], Alarm]) -> None:
        """Wait for an instant, of which `call_at` sets the alarm; raises ClockClosed."""
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()

        def wake() -> None:
            # A loop that has ended took its waiting tasks along.
            if not woken.done() and not loop.is_closed():
                self._begin()
                woken.set_result(None)

        alarm = call_at(deadline_ms, wake)
        self._woken.add(woken)
        self._end()
        try:
            await woken
        except asyncio.CancelledError:
            alarm.cancel()
            if not woken.done() or woken.cancelled():
                self._begin()
            raise
        finally:
            self._woken.discard(woken)

    def close(self, how: str) -> None:
        """End all that wait with ClockClosed."""
        for woken in self._woken:
            if not woken.done() and not woken.get_loop().is_closed():
                self._begin()
                woken.set_exception(ClockClosed(how))
