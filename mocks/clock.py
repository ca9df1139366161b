"""Answers of the operations tagged ``clock``."""

from functools import partial
from typing import Any

from eqkit.delay.clock import ClockWentBackwards
from eqkit.delay.instants import MAX_MS, read_rfc3339, rfc3339
from eqkit.errors import Code, refusal
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.views import clock_view, event_view
from eqkit.web.exchange import Answer

Document = dict[str, Any]

SHOWN = 1_000
"""How much of what happened on the way an answer lists."""


def get_clock(sandbox: Sandbox) -> Answer:
    """Show the clock."""
    return Answer(200, clock_view(sandbox.clock))


async def freeze_clock(sandbox: Sandbox, body: Document | None) -> Answer:
    """Stop the clock where it is, or at an instant."""
    at = (body or {}).get("at")
    before = sandbox.events.last
    if at is None:
        sandbox.clock.freeze()
    elif sandbox.is_untouched:
        sandbox.clock.set_back(_instant(at, "/at"))
    else:
        await _advance(sandbox, _instant(at, "/at"), "/at", freeze=True)
    return _moved(sandbox, before)


async def advance_clock(sandbox: Sandbox, body: Document) -> Answer:
    """Move the clock on, through all that falls due on the way."""
    before = sandbox.events.last
    if "to" in body:
        await _advance(sandbox, _instant(body["to"], "/to"), "/to")
    elif "by-ms" in body:
        span_ms: int = body["by-ms"]
        await sandbox.clock.advance(lambda now_ms: max(now_ms, min(now_ms + span_ms, MAX_MS)))
    else:
        await sandbox.clock.advance(partial(_next, sandbox))
    return _moved(sandbox, before)


def resume_clock(sandbox: Sandbox, body: Document | None) -> Answer:
    """Let the clock run, at the rate it had or at another."""
    sandbox.clock.resume((body or {}).get("rate"))
    return Answer(200, clock_view(sandbox.clock))


def set_auto_skip(sandbox: Sandbox, body: Document) -> Answer:
    """Let the clock skip the time in which nothing goes on, or stop that."""
    sandbox.clock.set_auto_skip(body["enabled"])
    return Answer(200, clock_view(sandbox.clock))


async def _advance(sandbox: Sandbox, to_ms: int, pointer: str, *, freeze: bool = False) -> None:
    try:
        await sandbox.clock.advance(to_ms, freeze=freeze)
    except ClockWentBackwards:
        now = rfc3339(sandbox.clock.now())
        detail = f"The clock stands at {now}, which is after {rfc3339(to_ms)}."
        raise refusal(Code.CLOCK_BACKWARDS, detail, pointer=pointer) from None


def _next(sandbox: Sandbox, now_ms: int) -> int:
    next_ms = sandbox.clock.next_alarm_ms()
    if next_ms is None:
        raise refusal(Code.NOTHING_DUE, "Nothing waits for a time that the clock could be moved to.")
    return max(next_ms, now_ms)


def _instant(text: str, pointer: str) -> int:
    try:
        return read_rfc3339(text)
    except ValueError:
        detail = f'"{text}" is not a day of the calendar.'
        raise refusal(Code.INVALID_VALUE, detail, pointer=pointer) from None


def _moved(sandbox: Sandbox, before: int) -> Answer:
    happened = sandbox.events.since(before, SHOWN)
    return Answer(
        200,
        {
            "clock": clock_view(sandbox.clock),
            "happened": [event_view(event, sandbox) for event in happened],
            "total": sandbox.events.last - before,
        },
    )
