"""Answers of the operations tagged ``deliveries``."""

import asyncio

from eqkit.delay.message import Delivery
from eqkit.delay.queue import DelayQueue
from eqkit.elasticqueue.queues import Queues
from eqkit.elasticqueue.views import delivery_view
from eqkit.errors import Code, api_error
from eqkit.sandbox.sandbox import Sandbox
from eqkit.timing.slices import PART, Slices
from eqkit.web.messages.context import Response
from eqkit.web.turns import in_turns


async def list_deliveries(
    sandbox: Sandbox,
    queue: str | None = None,
    after: int = 0,
    limit: int = 100,
    count: int | None = None,
    wait_ms: int | None = None,
) -> Response:
    """List deliveries, once enough of them are there or enough time has passed."""
    if count is not None and wait_ms is None:
        detail = '"count" needs "wait-ms", which says for how long to wait for them.'
        raise api_error(Code.INVALID_PARAMETER, detail, parameter="count")
    if wait_ms:
        await _wait_for(sandbox, queue, after, count or 1, sandbox.clock.now() + wait_ms)
    found = await in_turns(_matching(sandbox, queue, after, limit))
    shown = [delivery_view(each) for each in found]
    return Response(200, {"deliveries": shown, "total": _queue(sandbox).delivered_total})


def _queue(sandbox: Sandbox) -> DelayQueue:
    queues: Queues = sandbox.state
    return queues.queue


def _matching(sandbox: Sandbox, queue: str | None, seen: int, limit: int) -> Slices[list[Delivery]]:
    """Find the first deliveries in a queue, or in any, after the first `seen`."""
    found: list[Delivery] = []
    for number, each in enumerate(_queue(sandbox).deliveries(seen)):
        if len(found) == limit:
            break
        if queue in (None, each.queue):
            found.append(each)
        if number % PART == 0:
            yield
    return found


async def _wait_for(sandbox: Sandbox, queue: str | None, seen: int, count: int, until_ms: int) -> None:
    """Wait for deliveries, and no longer than until an instant of the sandbox's clock."""
    over = asyncio.Event()
    alarm = sandbox.clock.call_at(until_ms, over.set)
    timeout = asyncio.create_task(over.wait())
    try:
        while True:
            # Deliveries during the count come as events, too.
            last, total = sandbox.events.last, _queue(sandbox).delivered_total
            count -= len(await in_turns(_matching(sandbox, queue, seen, count)))
            seen = max(seen, total)
            sandbox.clock.require_open()
            if count <= 0 or over.is_set() or sandbox.events.closed:
                return
            more = asyncio.create_task(sandbox.events.more(last))
            await asyncio.wait({more, timeout}, return_when=asyncio.FIRST_COMPLETED)
            more.cancel()
    finally:
        alarm.cancel()
        timeout.cancel()
