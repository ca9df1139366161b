"""Time as an argument: the interface of a clock, the clock on the wall, and one that is moved by hand."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol

MAX_WAIT_S = 1.0
"""A wait on the wall is cut into pieces this long, so that a jump of the wall clock is noticed."""

ROUNDING_S = 1e-6
"""Less than this is left by the rounding of floats, and nothing to wait for."""

JUMP_MS = 1_000
"""More than this between two looks, while less time really passed, is a jump (ruling T7)."""


class ClockWentBackwards(ValueError):
    """A clock was asked to go back; time in a sandbox only moves forward (ruling T6)."""


class Alarm(Protocol):
    """A call that a clock was asked for."""

    def cancel(self) -> None:
        """Call it off; nothing happens when it has rung already."""


class Clock(Protocol):
    """The time for everything that waits or expires; instants are milliseconds since the epoch."""

    @property
    def runs(self) -> bool:
        """Whether it goes on by itself, so that due alarms ring on the next turn of the event loop."""
        ...

    def now(self) -> int:
        """Return the current instant; it never goes back (ruling T6)."""
        ...

    def call_at(self, deadline_ms: int, callback: Callable[[], object]) -> Alarm:
        """Call back once, at or after the deadline and never before it (ruling T1)."""
        ...

    def jumped(self) -> bool:
        """Return whether time has jumped since the last call, so that overdue messages keep their time."""
        ...

    def batch_until(self) -> int:
        """Return the instant up to which due events may happen in one go, each at its own time.

        It is later than now only while the clock is being moved: up to there no other alarm wants to ring.
        """
        ...


class WallClock:
    """The system's time, held monotonic: the greatest instant that it has shown, or rung an alarm for.

    An alarm waits by monotonic time, so that a wall that goes back holds nothing up (ruling T6); and it looks
    at the wall on the way, so that one that jumps ahead does not either (ruling T7).
    """

    runs = True

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Take the sources of time in seconds; without a loop, the running one when it is needed."""
        self._wall = wall
        self._monotonic = monotonic
        self._loop = loop
        self._latest_ms = 0
        self._looked_at = self.now(), monotonic()

    def now(self) -> int:
        """Return the wall's time in milliseconds, or the latest one seen if the wall went back."""
        now_ms = int(self._wall() * 1000)
        if now_ms > self._latest_ms:
            self._latest_ms = now_ms
        return self._latest_ms

    def call_at(self, deadline_ms: int, callback: Callable[[], object]) -> Alarm:
        """Call back on the event loop, waiting by its monotonic time."""
        loop = self._loop or asyncio.get_running_loop()
        if deadline_ms <= self._latest_ms:
            return loop.call_soon(callback)
        return _WallAlarm(self, loop, deadline_ms, callback)

    def left(self, deadline_ms: int, monotonic_deadline: float) -> float:
        """Return how many seconds are left until an instant, or until a monotonic time if that is sooner.

        Once none are left, this clock has reached the instant, for any time on the wall.
        """
        left = min((deadline_ms - self.now()) / 1000, monotonic_deadline - self._monotonic())
        if left > ROUNDING_S:
            return left
        self._latest_ms = max(self._latest_ms, deadline_ms)
        return 0

    def monotonic_at(self, instant_ms: int) -> float:
        """Return the monotonic time in seconds at which the wall, going on as it does, shows an instant."""
        return self._monotonic() + (instant_ms - self.now()) / 1000

    def jumped(self) -> bool:
        """Compare the move of the wall since the last question with the time that really passed."""
        now_ms, monotonic = self.now(), self._monotonic()
        then_ms, monotonic_then = self._looked_at
        self._looked_at = now_ms, monotonic
        return (now_ms - then_ms) - (monotonic - monotonic_then) * 1000 > JUMP_MS

    def batch_until(self) -> int:
        """Return the current instant: the wall cannot be moved."""
        return self.now()


class _WallAlarm:
    """A timer that is set again until the wall shows the deadline."""

    __slots__ = ("_callback", "_clock", "_deadline_ms", "_handle", "_loop", "_monotonic_deadline")

    def __init__(
        self,
        clock: WallClock,
        loop: asyncio.AbstractEventLoop,
        deadline_ms: int,
        callback: Callable[[], object],
    ) -> None:
        self._clock = clock
        self._loop = loop
        self._deadline_ms = deadline_ms
        self._monotonic_deadline = clock.monotonic_at(deadline_ms)
        self._callback = callback
        self._handle: asyncio.Handle
        self._set()

    def cancel(self) -> None:
        """Call it off."""
        self._handle.cancel()

    def _set(self) -> None:
        left = self._clock.left(self._deadline_ms, self._monotonic_deadline)
        if left <= 0:
            self._handle = self._loop.call_soon(self._callback)
        else:
            self._handle = self._loop.call_later(min(left, MAX_WAIT_S), self._set)


class ManualClock:
    """A clock that stands still until it is moved; moving it goes from alarm to alarm."""

    runs = False

    def __init__(self, start_ms: int) -> None:
        """Stand at an instant."""
        self._now_ms = start_ms
        self._destination_ms = start_ms
        self._alarms: list[tuple[int, int, CallbackAlarm]] = []
        self._order = itertools.count()

    def now(self) -> int:
        """Return where the clock stands."""
        return self._now_ms

    def call_at(self, deadline_ms: int, callback: Callable[[], object]) -> Alarm:
        """Call back when the clock is moved to the deadline or over it."""
        alarm = CallbackAlarm(callback)
        heapq.heappush(self._alarms, (deadline_ms, next(self._order), alarm))
        return alarm

    def jumped(self) -> bool:
        """Return False: every alarm sees its own time, so nothing is ever overtaken."""
        return False

    def batch_until(self) -> int:
        """Return where a move gets to before the next alarm rings."""
        next_ms = self._alarms[0][0] if self._alarms else self._destination_ms + 1
        return max(self._now_ms, min(self._destination_ms, next_ms - 1))

    def set(self, instant_ms: int) -> None:
        """Move to an instant; every alarm on the way rings, and sees its own deadline as now.

        Raises ClockWentBackwards for an instant that is past.
        """
        if instant_ms < self._now_ms:
            raise ClockWentBackwards(f"the clock stands at {self._now_ms}, after {instant_ms}")
        self._destination_ms = instant_ms
        while self._alarms and self._alarms[0][0] <= instant_ms:
            deadline_ms, _, alarm = heapq.heappop(self._alarms)
            self._now_ms = max(self._now_ms, deadline_ms)
            alarm.ring()
        self._now_ms = instant_ms

    def advance(self, by_ms: int) -> None:
        """Move on by a number of milliseconds; raises ClockWentBackwards for a negative one."""
        self.set(self._now_ms + by_ms)


class CallbackAlarm:
    """A callback until it is called off."""

    __slots__ = ("_callback",)

    def __init__(self, callback: Callable[[], object]) -> None:
        """Take the function to call."""
        self._callback: Callable[[], object] | None = callback

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing will happen when it rings."""
        return self._callback is None

    def cancel(self) -> None:
        """Call it off."""
        self._callback = None

    def ring(self) -> None:
        """Call back, unless it was called off."""
        if self._callback is not None:
            self._callback()
