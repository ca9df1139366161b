"""A request that waits by the clock of its sandbox, as long as its client is there."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any, TypeVar

from eqkit.sandbox.journal.entries import UNDER_WAY, JournalEntry, entry_of
from eqkit.sandbox.values import Accepted
from eqkit.timing.instants import MAX_MS
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.request_bodies import ClientDisconnected
from eqkit.web.recording import pack_entry

Result = TypeVar("Result")


class Unanswered(ClientDisconnected):
    """The request gets no answer: its client is gone, or a fault takes it away."""


async def wait(
    context: RequestContext,
    duration_ms: int,
    stopped: Callable[[], Awaitable[None]],
    accepted: Accepted | None = None,
    *,
    is_journaled: bool = False,
) -> bool:
    """Let a duration of the sandbox's clock go by, and return whether the client is still there.

    A server that shuts down holds nobody up: once `stopped` returns, the wait is over. To be called in an
    activity of the clock. Raises ClockClosed if the sandbox ends before that. Unless the request
    `is_journaled` already, the journal counts it as under way meanwhile, with its `accepted` messages.
    """
    with contextlib.nullcontext() if is_journaled else _under_way(context, accepted):
        return await _waited(context, duration_ms, stopped)


async def while_connected(context: RequestContext, work: Coroutine[Any, Any, Result]) -> Result:
    """Return the result of some work; raises ClientDisconnected if the client leaves before that.

    A reading request may wait for long, and its work is of no use to anybody else.
    """

    async def gone() -> None:
        while (await context.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.create_task(work), asyncio.create_task(gone())
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnected
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()


@contextlib.contextmanager
def _under_way(context: RequestContext, accepted: Accepted | None) -> Iterator[None]:
    """Show verifications a request that is in no journal yet."""
    sandbox = context.sandbox
    assert sandbox is not None  # a request without a sandbox has no clock to wait by

    def entry() -> JournalEntry:
        so_far = entry_of(pack_entry(context, Response(0, accepted=accepted), sandbox))
        return so_far._replace(outcome=UNDER_WAY)

    sandbox.waiting[context] = entry
    try:
        yield
    finally:
        del sandbox.waiting[context]


async def _waited(context: RequestContext, duration_ms: int, stopped: Callable[[], Awaitable[None]]) -> bool:
    assert context.sandbox is not None
    clock = context.sandbox.clock
    until_ms = min(clock.now() + duration_ms, MAX_MS)
    gone = asyncio.ensure_future(_disconnected(context))
    over = asyncio.ensure_future(clock.wait_until(until_ms))
    waits = [gone, over, _task(stopped)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        clock.require_open()
        return not gone.done()
    finally:
        for each in waits:
            each.cancel()
        # The clock's count of waiting tasks is right again only when all have come to an end.
        await asyncio.gather(*waits, return_exceptions=True)


def _task(stopped: Callable[[], Awaitable[None]]) -> asyncio.Future[None]:
    return asyncio.ensure_future(stopped())


async def _disconnected(context: RequestContext) -> None:
    while (await context.receive())["type"] != "http.disconnect":
        pass
