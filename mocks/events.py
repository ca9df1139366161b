"""Answers of the operations tagged ``events``."""

import asyncio
from collections.abc import AsyncIterator

import orjson

from eqkit.sandbox.events import Event
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.views import event_view
from eqkit.web.messages.context import Response
from eqkit.web.turns import turn

AT_ONCE = 100
"""How many events are sent before others get a turn."""


RESTARTED = "sandbox.restarted"
"""The first event for a watcher whose last one was of another life of the sandbox."""


def stream_events(
    sandbox: Sandbox, last_event_id: str | None = None, key: str | None = None, follow: bool = True
) -> Response:
    """Send events as Server-Sent Events, from now on or after the last one that the client has.

    `key` has chosen the sandbox already, where no header could.
    """
    events = sandbox.events
    seen, is_known = (events.last if follow else events.began_after), True
    if last_event_id is not None:
        # Any other number is one of before a reset, or of a sandbox that is not there any more.
        seen = int(last_event_id)
        is_known = events.began_after < seen <= events.last or not seen
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
    until = None if follow else events.last
    stream = _stream(sandbox, seen if is_known else events.began_after, until, is_known=is_known)
    return Response(200, headers=headers, stream=stream)


async def _stream(sandbox: Sandbox, seen: int, until: int | None, *, is_known: bool) -> AsyncIterator[bytes]:
    # A line at once, so that a client knows that it is connected.
    yield b": watching\n\n"
    if not is_known:
        yield _lines(Event(seen, sandbox.clock.now(), RESTARTED, {}), sandbox)
    while until is None or seen < until:
        await sandbox.events.more(seen)
        async with turn():
            events = sandbox.events.since(seen, AT_ONCE if until is None else min(AT_ONCE, until - seen))
            piece = b"".join(_lines(event, sandbox) for event in events)
        if not events:
            if sandbox.clock.closed is not None:
                yield f": the sandbox {sandbox.clock.closed}\n\n".encode()
            return
        yield piece
        seen = events[-1].number
        # Sending does not wait while there is room: give other readers of the stream a turn.
        await asyncio.sleep(0)


def _lines(event: Event, sandbox: Sandbox) -> bytes:
    view = event_view(event, sandbox)
    data = orjson.dumps({"at": view["at"], **view["data"]})
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (event.number, event.kind.encode(), data)
