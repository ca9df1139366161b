"""Answers of the operations tagged ``deliveries``."""

import asyncio
from itertools import islice

from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.views import delivery_view
from eqkit.web.exchange import Answer


async def list_deliveries(
    sandbox: Sandbox,
    queue: str | None = None,
    after: int = 0,
    limit: int = 100,
    count: int | None = None,
    wait_ms: int = 0,
) -> Answer:
    """List deliveries, once enough of them are there or enough time has passed."""
    if count is not None and wait_ms:
        await _wait_for(sandbox, queue, after, count, sandbox.clock.now() + wait_ms)
    deliveries = (each for each in sandbox.queue.deliveries(after) if queue in (None, each.queue))
    found = [delivery_view(each) for each in islice(deliveries, limit)]
    return Answer(200, {"deliveries": found, "total": sandbox.queue.delivered_total})


async def _wait_for(sandbox: Sandbox, queue: str | None, seen: int, count: int, until_ms: int) -> None:
    """Wait for deliveries, and no longer than until an instant of the sandbox's clock."""
    over = asyncio.Event()
    alarm = sandbox.clock.call_at(until_ms, over.set)
    timeout = asyncio.create_task(over.wait())
    try:
        while True:
            count -= sum(queue in (None, each.queue) for each in sandbox.queue.deliveries(seen))
            seen = max(seen, sandbox.queue.delivered_total)
            if count <= 0 or over.is_set() or sandbox.events.closed:
                return
            more = asyncio.create_task(sandbox.events.more(sandbox.events.last))
            await asyncio.wait({more, timeout}, return_when=asyncio.FIRST_COMPLETED)
            more.cancel()
    finally:
        alarm.cancel()
        timeout.cancel()
