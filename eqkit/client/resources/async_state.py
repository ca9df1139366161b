"""Clock, deliveries, queues, sandboxes and events, for the client of coroutines."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from eqkit.client import operations
from eqkit.client.durations import Duration, Instant
from eqkit.client.models import (
    ClockState,
    Deliveries,
    Delivery,
    Event,
    Moved,
    PendingMessages,
    Queue,
    Sandbox,
)
from eqkit.client.operations import Operation
from eqkit.client.resources.names import own_or

Result = TypeVar("Result")
Stream = Callable[[int | None, bool], AbstractAsyncContextManager[AsyncIterator[Event]]]


class AsyncSend(Protocol):
    """Sends a call and returns its answer."""

    async def __call__(self, call: Operation[Result]) -> Result:
        """Send a call; raises StatusError or ConnectError."""
        ...


class AsyncClock:
    """The time that everything in the sandbox lives by."""

    def __init__(self, send: AsyncSend) -> None:
        """Take the function that sends calls."""
        self._send = send

    async def get(self) -> ClockState:
        """Return the time of the clock, and whether it is frozen."""
        return await self._send(operations.get_clock())

    async def freeze(self, at: Instant | None = None) -> Moved:
        """Stop the clock where it is, or at an instant; an earlier one only while nothing has happened."""
        return await self._send(operations.freeze_clock(at))

    async def advance(self, by: Duration) -> Moved:
        """Move the clock on through all that falls due on the way, and return the events of that time."""
        return await self._send(operations.advance_clock(by))

    async def advance_to(self, at: Instant) -> Moved:
        """Move the clock on to an instant; StatusError with ``clock-backwards`` if it has passed."""
        return await self._send(operations.advance_clock_to(at))

    async def advance_to_next(self) -> Moved:
        """Move on to the time when the next thing is due; StatusError with ``nothing-due`` if nothing is."""
        return await self._send(operations.advance_clock_to_next())

    async def resume(self, rate: float | None = None) -> ClockState:
        """Let the clock run, at the rate it had or at another."""
        return await self._send(operations.resume_clock(rate))

    async def auto_advance(self, enabled: bool = True) -> ClockState:
        """Skip the time in which nothing happens, or not any more."""
        return await self._send(operations.set_auto_advance(enabled))


class AsyncDeliveryLog:
    """The deliveries of a sandbox."""

    def __init__(self, send: AsyncSend) -> None:
        """Take the function that sends calls."""
        self._send = send

    async def list(
        self, queue: str | None = None, *, after: int | None = None, limit: int | None = None
    ) -> Deliveries:
        """Return deliveries, oldest first, without the first `after` of them."""
        return await self._send(operations.list_deliveries(queue, after, limit, None, None))

    async def wait(
        self, count: int = 1, *, queue: str | None = None, after: int | None = None, within: Duration = "10s"
    ) -> Deliveries:
        """Return deliveries once `count` are there or `within` has passed on the sandbox's clock."""
        return await self._send(operations.list_deliveries(queue, after, None, count, within))


class AsyncPending:
    """Messages that are not delivered yet."""

    def __init__(self, send: AsyncSend) -> None:
        """Take the function that sends calls."""
        self._send = send

    async def list(self, queue: str | None = None, *, limit: int | None = None) -> PendingMessages:
        """Return messages in the order in which they fall due, without touching them."""
        return await self._send(operations.list_pending(queue, limit))

    async def run(self, identifier: str) -> Delivery:
        """Deliver a message now."""
        return await self._send(operations.run_message(identifier))

    async def cancel(self, identifier: str) -> None:
        """Forget a message before it is delivered."""
        await self._send(operations.cancel_message(identifier))


class AsyncQueues:
    """The queues of the sandbox."""

    def __init__(self, send: AsyncSend) -> None:
        """Take the function that sends calls."""
        self._send = send

    async def list(self, *, limit: int | None = None) -> tuple[Queue, ...]:
        """Return the queues in the order in which they were made."""
        return (await self._send(operations.list_queues(limit))).queues

    async def pause(self, queue: str) -> Queue:
        """Hold back the due messages of a queue."""
        return await self._send(operations.pause_queue(queue))

    async def resume(self, queue: str) -> Queue:
        """Deliver the messages that were held back."""
        return await self._send(operations.resume_queue(queue))

    async def purge(self, queue: str) -> int:
        """Drop the pending messages of a queue, and return their number."""
        return (await self._send(operations.purge_queue(queue))).purged


class AsyncSandboxes:
    """The sandboxes behind the keys; a name left out is that of the client's own key."""

    def __init__(self, send: AsyncSend, own: str | None) -> None:
        """Take the function that sends calls, and the client's own key."""
        self._send = send
        self._own = own

    async def list(self, *, limit: int | None = None) -> tuple[Sandbox, ...]:
        """Return the sandboxes that there are, the one used last at the end."""
        return (await self._send(operations.list_sandboxes(limit))).sandboxes

    async def get(self, name: str | None = None) -> Sandbox:
        """Return how much there is in a sandbox."""
        return await self._send(operations.get_sandbox(own_or(name, self._own)))

    async def reset(self, name: str | None = None, *, seed: int | None = None) -> Sandbox:
        """Empty a sandbox, and let its clock follow the wall."""
        return await self._send(operations.reset_sandbox(own_or(name, self._own), seed))

    async def delete(self, name: str | None = None) -> None:
        """Forget a sandbox and its snapshot."""
        await self._send(operations.delete_sandbox(own_or(name, self._own)))

    async def save(self, name: str | None = None) -> Sandbox:
        """Keep a snapshot of all that is in a sandbox."""
        return await self._send(operations.save_snapshot(own_or(name, self._own)))

    async def restore(self, name: str | None = None) -> Sandbox:
        """Put a sandbox back to its snapshot."""
        return await self._send(operations.restore_snapshot(own_or(name, self._own)))

    async def fork(self, to: str, name: str | None = None) -> Sandbox:
        """Copy a sandbox to a key that has none yet."""
        return await self._send(operations.fork_sandbox(own_or(name, self._own), to))


class AsyncEvents:
    """Everything that happens in the sandbox, as it happens."""

    def __init__(self, stream: Stream) -> None:
        """Take the opener of streams."""
        self._stream = stream

    def watch(
        self, *, after: int | None = None, follow: bool = True
    ) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """Watch from now on, or from after event number `after`; for ``async with``, which gives an iterator.

        Every event after the beginning of the block is seen. The iterator waits for further events; without
        `follow` it gives the events so far, as far as they are kept, and ends.
        """
        return self._stream(after, follow)
