"""Answers of the operations tagged ``clock``."""

from collections.abc import Callable
from functools import partial
from typing import Any

from eqkit.errors import Code, api_error
from eqkit.rfc3339 import read_instant
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.views import clock_view, event_view
from eqkit.timing.clock import ClockWentBackwards
from eqkit.timing.instants import MAX_MS, rfc3339
from eqkit.web.messages.context import Response

Document = dict[str, Any]

SHOWN = 1_000
"""How many events of the way an answer lists."""


def get_clock(sandbox: Sandbox) -> Response:
    """Show the clock."""
    return Response(200, clock_view(sandbox.clock))


async def freeze_clock(sandbox: Sandbox, body: Document | None) -> Response:
    """Stop the clock where it is, or at an instant."""
    at = (body or {}).get("at")
    before = sandbox.events.last
    if at is None:
        sandbox.clock.freeze()
    elif sandbox.is_untouched:
        sandbox.clock.set_back(_instant(at, "/at"))
    else:
        before = await _advance(sandbox, _instant(at, "/at"), "/at", freeze=True)
    return _moved(sandbox, before)


async def advance_clock(sandbox: Sandbox, body: Document) -> Response:
    """Move the clock on, through all that falls due on the way."""
    if "to" in body:
        before = await _advance(sandbox, _instant(body["to"], "/to"), "/to")
    elif "by-ms" in body:
        duration_ms: int = body["by-ms"]
        before = await _advance(sandbox, lambda now_ms: max(now_ms, min(now_ms + duration_ms, MAX_MS)))
    else:
        before = await _advance(sandbox, partial(_next, sandbox))
    return _moved(sandbox, before)


def resume_clock(sandbox: Sandbox, body: Document | None) -> Response:
    """Let the clock run, at the rate it had or at another."""
    sandbox.clock.resume((body or {}).get("rate"))
    return Response(200, clock_view(sandbox.clock))


def set_auto_advance(sandbox: Sandbox, body: Document) -> Response:
    """Turn auto-advance on or off."""
    sandbox.clock.set_auto_advance(body["enabled"])
    return Response(200, clock_view(sandbox.clock))


async def _advance(
    sandbox: Sandbox, to_ms: int | Callable[[int], int], pointer: str = "", *, freeze: bool = False
) -> int:
    """Move the clock, and return the number of the last event before that.

    Another request may be moving it: events before that is done are not caused by this one.
    """
    before = sandbox.events.last

    def destination(now_ms: int) -> int:
        nonlocal before
        before = sandbox.events.last
        return to_ms if isinstance(to_ms, int) else to_ms(now_ms)

    try:
        await sandbox.clock.advance(destination, freeze=freeze)
    except ClockWentBackwards:
        now, to = rfc3339(sandbox.clock.now()), rfc3339(to_ms) if isinstance(to_ms, int) else "that"
        raise api_error(
            Code.CLOCK_BACKWARDS, f"The clock stands at {now}, which is after {to}.", pointer=pointer
        ) from None
    return before


def _next(sandbox: Sandbox, now_ms: int) -> int:
    next_ms = sandbox.clock.next_alarm_ms()
    if next_ms is None:
        raise api_error(Code.NOTHING_DUE, "Nothing waits for a time that the clock could be moved to.")
    return max(next_ms, now_ms)


def _instant(text: str, pointer: str) -> int:
    try:
        instant_ms = read_instant(text)
        if instant_ms < 0:
            raise ValueError(f'"{text}" is before 1970, and no clock goes there.')
    except ValueError as error:
        raise api_error(Code.INVALID_VALUE, str(error), pointer=pointer) from None
    return instant_ms


def _moved(sandbox: Sandbox, before: int) -> Response:
    events = sandbox.events
    happened, total = events.since(before, SHOWN), events.last - before
    view: Document = {
        "clock": clock_view(sandbox.clock),
        "happened": [event_view(event, sandbox) for event in happened],
        "total": total,
        "complete": len(happened) == total,
    }
    if len(happened) < total:
        shown = happened[-1].number
        more = events.kinds(shown, events.last)
        missing = [{"kind": kind, "count": count} for kind, count in more.items()]
        lost = happened[0].number - before - 1
        view |= {"missing": missing, "lost": lost, "shown-until": shown}
    return Response(200, view)
