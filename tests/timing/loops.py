"""A wall, a monotonic clock and an event loop that stand still until a test moves them."""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from typing import cast

from eqkit.timing.clock import WallClock
from tests.conftest import START_MS

MOST_TURNS = 1_000

UP_MS = 7_654_321
"""How long the machine has been up, so that the monotonic time does not begin with 0."""


class Handle:
    """A call that the loop was asked for, and when by its monotonic time; None is at the next turn."""

    def __init__(self, callback: Callable[[], object], when_ms: int | None) -> None:
        """Take the function to call, and its time."""
        self.callback = callback
        self.when_ms = when_ms
        self.is_cancelled = False

    def cancel(self) -> None:
        """Call it off."""
        self.is_cancelled = True


class HandDrivenLoop:
    """As much of an event loop as a clock asks for, and the two sources of time, in milliseconds."""

    def __init__(self) -> None:
        """Let the wall show START_MS, with nothing to do."""
        self.wall_ms = START_MS
        self.monotonic_ms = UP_MS
        self._ready: deque[Handle] = deque()
        self._timers: list[tuple[int, int, Handle]] = []
        self._order = itertools.count()

    def clock(self) -> WallClock:
        """Return a wall clock that lives by this loop."""
        # Half a millisecond more, so that no rounding of floats shows the millisecond before.
        return WallClock(
            lambda: (self.wall_ms + 0.5) / 1000,
            lambda: self.monotonic_ms / 1000,
            cast(asyncio.AbstractEventLoop, self),
        )

    def call_soon(self, callback: Callable[[], object]) -> Handle:
        """Call back at the next turn, after those who asked before."""
        handle = Handle(callback, None)
        self._ready.append(handle)
        return handle

    def call_later(self, delay: float, callback: Callable[[], object]) -> Handle:
        """Call back once the monotonic time has moved on by a delay in seconds."""
        when_ms = self.monotonic_ms + round(delay * 1000)
        handle = Handle(callback, when_ms)
        heapq.heappush(self._timers, (when_ms, next(self._order), handle))
        return handle

    @property
    def pending(self) -> list[Handle]:
        """The calls that are still to come."""
        handles = [*self._ready, *(handle for *_, handle in sorted(self._timers))]
        return [handle for handle in handles if not handle.is_cancelled]

    @property
    def has_timer(self) -> bool:
        """Whether a timer has not rung yet."""
        return bool(self._timers)

    def turn(self) -> None:
        """Call back who is first in line."""
        _call(self._ready.popleft())

    def ring(self) -> None:
        """Let the next timer ring, whether its time has come or not."""
        _call(heapq.heappop(self._timers)[2])

    def run(self) -> None:
        """Call back all who are in line or whose time has come; fail if they never come to an end."""
        for _ in range(MOST_TURNS):
            if self._ready:
                self.turn()
            elif self._timers and self._timers[0][0] <= self.monotonic_ms:
                self.ring()
            else:
                return
        raise AssertionError("something asks for another turn again and again")

    def pass_time(self, by_ms: int) -> None:
        """Let time pass from timer to timer, on the wall as well."""
        end_ms = self.monotonic_ms + by_ms
        self.run()
        while self._timers and self._timers[0][0] <= end_ms:
            self._move(self._timers[0][0] - self.monotonic_ms)
            self.run()
        self._move(end_ms - self.monotonic_ms)

    def _move(self, by_ms: int) -> None:
        self.monotonic_ms += by_ms
        self.wall_ms += by_ms


def _call(handle: Handle) -> None:
    if not handle.is_cancelled:
        handle.callback()
