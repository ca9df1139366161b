"""Delivers due messages, with one alarm on the head of the queue."""

from collections.abc import Callable

from eqkit.delay.queue import DelayQueue
from eqkit.timing.clock import Alarm, Clock

SLICE = 500
"""How many messages are delivered before others get a turn: about a millisecond's worth."""


def _nobody(count: int) -> None:
    """Report nothing."""


class Scheduler:
    """Keeps one alarm: at the time when the next message is due."""

    def __init__(
        self,
        queue: DelayQueue,
        clock: Clock,
        *,
        slice_size: int = SLICE,
        on_delivered: Callable[[int], None] = _nobody,
        batch_until: Callable[[], int] | None = None,
    ) -> None:
        """Take the queue, its clock, and a function that is called with each number of deliveries.

        `batch_until` returns the instant up to which to deliver in one go, by default as far as the clock
        allows.
        """
        self._horizon = batch_until or clock.batch_until
        self._on_delivered = on_delivered
        self._queue = queue
        self._clock = clock
        self._slice = slice_size
        self._alarm: Alarm | None = None
        self._alarm_ms = 0
        self._overtaken_until_ms = 0
        self._stopped = False

    def wake(self) -> int | None:
        """Set the alarm anew if the next message is due before it rings, and return when that is.

        To be called after a put.
        """
        due_ms = self._queue.next_due_ms()
        if due_ms is None or self._stopped or (self._alarm is not None and self._alarm_ms <= due_ms):
            return due_ms
        self._cancel()
        self._alarm = self._clock.call_at(due_ms, self.tick)
        self._alarm_ms = due_ms
        return due_ms

    def tick(self) -> int | None:
        """Deliver a slice of the due messages, set the alarm for the rest, and return when the next is due.

        Each message keeps its own time while the clock is being moved; and after a jump of the clock, until
        all that was overtaken is delivered (ruling T7).
        """
        self._cancel()
        now_ms, batch_until_ms = self._clock.now(), self._horizon()
        if self._clock.jumped():
            self._overtaken_until_ms = now_ms
        due_ms = self._queue.next_due_ms()
        if due_ms is not None and due_ms <= self._overtaken_until_ms:
            count = self._queue.deliver(self._overtaken_until_ms, limit=self._slice, at_own_time=True)
        else:
            at_own_time = batch_until_ms > now_ms
            count = self._queue.deliver(batch_until_ms, limit=self._slice, at_own_time=at_own_time)
        self._on_delivered(count)
        return self.wake()

    def look_again(self) -> None:
        """Set the alarm anew, sooner or later; to be called after a removal."""
        self._cancel()
        self.wake()

    def stop(self) -> None:
        """Set no alarm any more; pending messages stay.

        It also lets go of its callbacks: as a cycle of references they would wait for the garbage collector.
        """
        self._stopped = True
        self._cancel()
        self._on_delivered, self._horizon = _nobody, self._clock.batch_until

    def _cancel(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
