"""A sandbox's time: the wall's, until somebody stops it, moves it on, or lets it run at another pace."""

import asyncio
import heapq
import itertools
import math
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from eqkit.sandbox.clock_waits import ClockClosed, Waits
from eqkit.timing.clock import Alarm, CallbackAlarm, Clock, ClockWentBackwards
from eqkit.timing.instants import MAX_MS

TURN_S = 0.005
"""How long alarms ring on an advance, in real seconds, before others get a turn on the event loop."""

TURNS_TO_LOOK = 10
"""How many turns of the event loop a waiting task gets to be woken, before a clock skips on."""

IDLE_MS = 20
"""How long no request may have come, in the source's milliseconds, before a clock skips idle time.

A client on this machine needs that between two requests.
"""

LONGEST_SETTLING_S = 30.0
"""How long an advance waits, in real seconds, for the work that an alarm began (a webhook's post, say)."""


class SandboxClock:
    """The clock that everything in one sandbox lives by; instants are milliseconds since the epoch.

    It follows a source (the wall) at a rate, or stands. On an advance it goes from alarm to alarm,
    each of which sees its own deadline as now, and waits until all that an alarm set off has come to rest.
    """

    def __init__(self, source: Clock) -> None:
        """Follow `source` at its own pace."""
        self._source = source
        self._rate = 1.0
        self._stands_at: int | None = None
        self._anchor_ms = self._source_anchor_ms = source.now()
        self._alarms: list[tuple[int, int, CallbackAlarm]] = []
        self._order = itertools.count()
        self._source_alarm: Alarm | None = None
        self._source_alarm_ms = 0
        self._is_due = False
        self._destination: int | None = None
        self._journey = asyncio.Lock()
        self._active = 0
        self._at_rest = asyncio.Event()
        self._skip_alarm: Alarm | None = None
        self._skip: asyncio.Task[None] | None = None
        self._is_skipping = False
        self._waits = Waits(self._begin, self._end)
        self.closed: str | None = None
        """How the sandbox of this clock has ended, None while it goes on."""
        self.frozen = False
        self.moved = False
        """Whether this clock was ever stopped, moved on or made to run otherwise than its source."""
        self.auto_advance = False
        """Whether it moves on by itself to the next alarm while nothing is going on."""

    @property
    def runs(self) -> bool:
        """Whether it goes on by itself, and does not stand."""
        return self._stands_at is None

    @property
    def rate(self) -> float:
        """How many of this clock's seconds go by in one of the source's while it runs."""
        return self._rate

    @property
    def pace(self) -> float:
        """How many of its seconds go by in one of a client's: none while it is frozen."""
        return 0.0 if self.frozen else self._rate

    def now(self) -> int:
        """Return the current instant; it never goes back (ruling T6)."""
        if self._stands_at is not None:
            return self._stands_at
        passed = self._source.now() - self._source_anchor_ms
        now_ms = self._anchor_ms + (passed if self._rate == 1.0 else int(passed * self._rate))
        return min(now_ms, MAX_MS)

    def jumped(self) -> bool:
        """Return whether the source has jumped while this clock was following it (ruling T7)."""
        return self._stands_at is None and self._source.jumped()

    def batch_until(self) -> int:
        """Return up to when things may happen in one go, each at its own time (see `Clock`)."""
        now_ms = self.now()
        if self._destination is None:
            return now_ms
        next_ms = self.next_alarm_ms()
        reach_ms = self._destination if next_ms is None else min(self._destination, next_ms - 1)
        return max(now_ms, reach_ms)

    def call_at(self, deadline_ms: int, callback: Callable[[], object]) -> Alarm:
        """Call back once, at or after the deadline and never before it (ruling T1).

        A deadline beyond the end of time, MAX_MS, comes then.
        """
        alarm = CallbackAlarm(callback)
        if self.closed is not None:
            return alarm
        deadline_ms = min(deadline_ms, MAX_MS)
        heapq.heappush(self._alarms, (deadline_ms, next(self._order), alarm))
        if self._source_alarm is None or deadline_ms < self._source_alarm_ms:
            self._arm()
        if self.auto_advance and self._skip_alarm is None and not self._is_skipping:
            self.mark_active()
        return alarm

    async def wait_until(self, deadline_ms: int) -> None:
        """Wait for an instant of this clock; the waiting task counts as idle until it is woken.

        Raises ClockClosed once the clock is closed.
        """
        self.require_open()
        await self._waits.until(deadline_ms, self.call_at)

    def close(self, how: str) -> None:
        """Ring nothing any more, and let go of all that waits for this clock; `how` its sandbox has ended."""
        self.closed = how
        self.auto_advance = False
        self._alarms.clear()
        for alarm in (self._source_alarm, self._skip_alarm):
            if alarm is not None:
                alarm.cancel()
        self._waits.close(how)
        self._at_rest.set()

    def require_open(self) -> None:
        """Raise ClockClosed once this clock is closed."""
        if self.closed is not None:
            raise ClockClosed(self.closed)

    def begin_loop(self, *, has_ended: bool) -> None:
        """Go on in another event loop; work in one that `has_ended` never comes to an end."""
        if has_ended:
            self._journey, self._at_rest = asyncio.Lock(), asyncio.Event()
            self._active, self._skip_alarm, self._is_skipping = 0, None, False
            if self._destination is not None and self._stands_at is not None:
                self._destination = None
                if not self.frozen:
                    self._run_from(self._stands_at)
        self._arm()
        self.mark_active()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run something as an activity, from this very moment until it is done."""
        self._begin()
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(lambda _: self._end())
        return task

    @contextmanager
    def activity(self) -> Iterator[None]:
        """Keep an advance from going on while the block runs, but for when it waits for this clock."""
        self._begin()
        try:
            yield
        finally:
            self._end()

    def freeze(self) -> None:
        """Stand where the clock is."""
        if self._destination is None:
            self._stands_at = self.now()
        self.frozen = self.moved = True
        self._arm()

    def set_back(self, instant_ms: int) -> None:
        """Stand at any instant, past ones included: for a sandbox in which nothing has happened yet."""
        self._stands_at = instant_ms
        self.frozen = self.moved = True
        self._arm()

    def restore(self, instant_ms: int, *, frozen: bool, rate: float, auto_advance: bool = False) -> None:
        """Continue as another clock was going at an instant."""
        self.set_back(instant_ms)
        if not frozen:
            self.resume(rate)
        self._rate = rate
        self.set_auto_advance(auto_advance)

    def set_auto_advance(self, enabled: bool) -> None:
        """Turn auto-advance on or off: go to the next alarm whenever the sandbox is idle."""
        self.auto_advance = enabled
        self.mark_active()

    def mark_active(self) -> None:
        """Note a use of this sandbox, so that its clock skips nothing for the next moment."""
        if self._skip_alarm is not None:
            self._skip_alarm.cancel()
            self._skip_alarm = None
        if self.auto_advance:
            self._skip_alarm = self._source.call_at(self._source.now() + IDLE_MS, self._begin_to_skip)

    def resume(self, rate: float | None = None) -> None:
        """Run again from where the clock is, at the rate it had or at another; raises ValueError below 0."""
        if rate is not None and not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"the clock can run at any rate above 0, and not at {rate}")
        now_ms = self.now()
        self._rate = self._rate if rate is None else float(rate)
        self.frozen = False
        self.moved = True
        if self._destination is None:
            self._run_from(now_ms)

    def run_due(self) -> None:
        """Ring the alarms that are due, and not only on the next turn of the event loop.

        A look right after something has fallen due finds it done, however quick the next request is.
        """
        if self._is_due and self._source_alarm is not None:
            self._source_alarm.cancel()
            self._ring()

    def next_alarm_ms(self) -> int | None:
        """Return when the next alarm rings; None while there is none."""
        self._drop_cancelled()
        return self._alarms[0][0] if self._alarms else None

    async def advance(self, to_ms: int | Callable[[int], int], *, freeze: bool = False) -> None:
        """Move to an instant through all that falls due on the way, and return when it has come to rest.

        Advances are made one after the other; a destination that depends on where the clock is then is a
        function of that. With `freeze` it stands there afterwards. Raises ClockWentBackwards for an instant
        that is past, and ClockClosed if its sandbox ends on the way.
        """
        async with self._journey:
            self.require_open()
            now_ms = self.now()
            if not isinstance(to_ms, int):
                to_ms = to_ms(now_ms)
            if to_ms < now_ms:
                raise ClockWentBackwards(f"the clock stands at {now_ms}, after {to_ms}")
            self.moved = True
            self.frozen = self.frozen or freeze
            self._stands_at, self._destination = now_ms, to_ms
            self._arm()
            try:
                await self._travel(to_ms)
                self._stands_at = to_ms
            finally:
                self._destination = None
                if not self.frozen:
                    self._run_from(self._stands_at)

    async def _travel(self, to_ms: int) -> None:
        loop = asyncio.get_running_loop()
        turn_over = loop.time() + TURN_S
        while True:
            if self._active:
                await self._wait_until_idle()
            self.require_open()
            deadline_ms = self.next_alarm_ms()
            if deadline_ms is None or deadline_ms > to_ms:
                return
            _, _, alarm = heapq.heappop(self._alarms)
            self._stands_at = max(self.now(), deadline_ms)
            alarm.ring()
            if loop.time() > turn_over:
                await asyncio.sleep(0)
                turn_over = loop.time() + TURN_S

    async def _wait_until_idle(self) -> None:
        try:
            async with asyncio.timeout(LONGEST_SETTLING_S):
                while self._active and self.closed is None:
                    # A new one each time: an event belongs to the loop that first waits for it.
                    self._at_rest = asyncio.Event()
                    await self._at_rest.wait()
        except TimeoutError:
            return

    def _begin_to_skip(self) -> None:
        self._skip_alarm = None
        if not self._is_skipping:
            self._is_skipping = True
            self._skip = asyncio.get_running_loop().create_task(self._skip_on())

    async def _skip_on(self) -> None:
        """Go from alarm to alarm until there is none, or something goes on that takes its own time."""
        try:
            while self.auto_advance and self._skip_alarm is None and not self._active:
                next_ms = self.next_alarm_ms()
                if next_ms is None:
                    return
                await self.advance(partial(max, next_ms))
                for _ in range(TURNS_TO_LOOK):
                    await asyncio.sleep(0)
        finally:
            self._is_skipping = False

    def _begin(self) -> None:
        self._active += 1

    def _end(self) -> None:
        self._active -= 1
        if not self._active:
            self._at_rest.set()
            if self.auto_advance and not self._is_skipping:
                self.mark_active()

    def _run_from(self, now_ms: int) -> None:
        self._anchor_ms, self._source_anchor_ms = now_ms, self._source.now()
        self._stands_at = None
        self._arm()

    def _drop_cancelled(self) -> None:
        while self._alarms and self._alarms[0][2].is_cancelled:
            heapq.heappop(self._alarms)

    def _arm(self) -> None:
        """Set the source's alarm to the first one due; on a frozen clock, to now or never."""
        if self._source_alarm is not None:
            self._source_alarm.cancel()
            self._source_alarm = None
        self._is_due = False
        deadline_ms = self.next_alarm_ms()
        if deadline_ms is None or self._destination is not None:
            return
        if self._stands_at is None:
            left = deadline_ms - self._anchor_ms
            if self._rate != 1.0:
                left = math.ceil(left / self._rate)
                # Floats may round such that the clock would be just short of the deadline then.
                left += int(left * self._rate) < deadline_ms - self._anchor_ms
            source_ms = self._source_anchor_ms + left
            self._is_due = self._source.runs and source_ms <= self._source.now()
            self._source_alarm = self._source.call_at(source_ms, self._ring)
        elif deadline_ms <= self._stands_at:
            self._is_due = self._source.runs
            self._source_alarm = self._source.call_at(self._source.now(), self._ring)
        self._source_alarm_ms = deadline_ms

    def _ring(self) -> None:
        """Ring the alarms that are due; alarms that these set wait for the next turn of the event loop."""
        self._source_alarm = None
        now_ms, later = self.now(), next(self._order)
        while self._alarms and self._alarms[0][0] <= now_ms and self._alarms[0][1] < later:
            heapq.heappop(self._alarms)[2].ring()
        self._arm()
