"""Prefer (RFC 7240): any answer of the contract, a delay or a fault on request (ruling H12)."""

import re
from collections.abc import Awaitable, Iterable
from typing import Any

from eqkit.contract.operations import Operation
from eqkit.errors import ApiError, Code, api_error
from eqkit.sandbox.faults.armed import NEEDS_AN_ANSWER, WireKind
from eqkit.sandbox.faults.packs import Pack, hint, packs
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.header_fields import elements, pairs, quoted
from eqkit.web.messages.preferences import OF_ANSWERS, OF_FAULTS
from eqkit.web.middleware.base import Handler, Middleware
from eqkit.web.middleware.faults import LONGEST_RETRY_S, FaultHandler
from eqkit.web.waiting import Unanswered, wait

LONGEST_DELAY_S = 3600
_STATUS = re.compile(r"[0-9]{3}")
_WHOLE = re.compile(r"[0-9]{1,10}")
_DELAY = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")

Wishes = dict[str, str]
Document = dict[str, Any]


class Preferences(Middleware):
    """Does for one request the same as a fault: ``code=``, ``body=``, ``wire=``, ``fault=`` and so on."""

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Take the middleware of faults, which has the operation's documented answers."""
        assert isinstance(call_next, FaultHandler)  # it follows in the list of middleware
        return PreferenceHandler(call_next)


class PreferenceHandler:
    """The wishes that one operation can fulfil."""

    def __init__(self, call_next: FaultHandler) -> None:
        """Take the next handler."""
        self._call_next = call_next

    def __call__(self, context: RequestContext) -> Awaitable[Response]:
        """Answer as preferred, or go on; raises ApiError (400) for a preference that is not possible."""
        prefer = context.headers.get(b"prefer")
        if prefer is None:
            return self._call_next(context)
        return self._fulfilled(context, _wishes(prefer.decode("latin-1")))

    async def _fulfilled(self, context: RequestContext, wishes: Wishes) -> Response:
        if not wishes:
            return await self._call_next(context)
        _require_sense(wishes)
        delay_ms, pack = _delay_ms(wishes), _pack(wishes)
        response = await self._carried_out(context, delay_ms, pack, self._action(wishes), wishes.get("when"))
        # A body is there for everybody to see.
        messages = (name if name == "body" else f"{name}={quoted(value)}" for name, value in wishes.items())
        applied = ", ".join(messages).encode("latin-1")
        return response.with_headers([*response.headers, (b"preference-applied", applied)])

    async def _carried_out(
        self, context: RequestContext, delay_ms: int, pack: Pack | None, does: Document, when: str | None
    ) -> Response:
        """Wait, and then answer as preferred, or carry the request out."""
        assert context.sandbox is not None  # the security middleware stands outside of this one
        if delay_ms:
            # No longer than this: a fault is an activity of its own, and two would hold the clock up.
            with context.sandbox.clock.activity():
                is_there = await wait(context, delay_ms, self._call_next.drain.begins)
            if not is_there:
                context.fault, context.outcome = "delay", "lost"
                context.applied_faults = (("delay", "latency"),)
                raise Unanswered
        if "answer" in does and when is None:
            return self._call_next.response(context, does["answer"], does["answer"].get("retry-after"))
        if does:
            return await self._call_next.under_rule(context, does, when or "before")
        if pack is not None:
            return await self._call_next.under(context, pack)
        return await self._call_next(context)

    def _action(self, wishes: Wishes) -> Document:
        """Return the wishes as the `do` of a fault rule; empty if they want no fault."""
        if "wire" in wishes:
            return {"wire": _wire(wishes)}
        if not any(name in wishes for name in OF_ANSWERS):
            return {}
        status = self._status(wishes)
        response: Document = {"status": status}
        if "example" in wishes:
            response["example"] = wishes["example"]
        if "body" in wishes:
            response["body"] = _as_utf8(wishes["body"])
        if "content-type" in wishes:
            response["headers"] = {"content-type": wishes["content-type"]}
        if "retry-after" in wishes:
            response["retry-after"] = _whole("retry-after", wishes, LONGEST_RETRY_S)
        return {"answer": response}

    def _status(self, wishes: Wishes) -> int:
        """Return the status that is preferred, or has the example; raises ApiError (400) if there is none.

        An error that the contract does not have is a gateway's; any other status needs a body to be told.
        """
        documented = self._call_next.responses
        code, example = wishes.get("code"), wishes.get("example")
        number = int(code) if code is not None and _STATUS.fullmatch(code) else 0
        found = [status for status in documented.statuses if code in (None, str(status))]
        if not found and documented.has(number):
            found = [number]
        if example is None and "body" not in wishes and code is None:
            raise _needs("an answer", "code", next(name for name in OF_ANSWERS if name in wishes))
        if not found:
            lowest = 200 if "body" in wishes else 400
            if example is None and lowest <= number < 600:
                return number
            raise impossible("code", str(code), map(str, documented.statuses))
        if example is None:
            return found[0]
        for status in found:
            if example in documented.names(status):
                return status
        names = dict.fromkeys(name for status in found for name in documented.names(status))
        raise impossible("example", example, names)


def _wishes(prefer: str) -> Wishes:
    """Return the preferences; the first of each counts, and unknown ones are ignored (RFC 7240 2).

    A preference of ours may also stand as a parameter of another one of ours: ``code=404; example=gone``.
    """
    wishes: Wishes = {}
    for preference in elements(prefer):
        (first, value), *parameters = pairs(preference)
        if first in OF_FAULTS:
            for name, wanted in ((first, value), *parameters):
                if name in OF_FAULTS and wanted is not None:
                    wishes.setdefault(name, wanted)
    return wishes


def _require_sense(wishes: Wishes) -> None:
    """Refuse wishes that rule each other out, or that say nothing on their own."""
    responses = [name for name in OF_ANSWERS if name in wishes]
    if "fault" in wishes and (responses or "wire" in wishes or "when" in wishes):
        detail = "A fault is for a request that is carried out; with code, example or wire none is."
        raise api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
    if "wire" in wishes and responses:
        detail = f"A fault on the wire leaves no answer to make up; leave out wire or {responses[0]}."
        raise api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
    if "example" in wishes and "body" in wishes:
        detail = "An answer has one content; leave out example or body."
        raise api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
    if "pause-ms" in wishes and "wire" not in wishes:
        raise _needs("a pause", "wire", "pause-ms")
    if "when" in wishes and not responses and "wire" not in wishes:
        raise _needs("when", "code", "when")
    if wishes.get("when", "after") not in ("before", "after"):
        raise impossible("when", wishes["when"], ("before", "after"))


def _wire(wishes: Wishes) -> Document:
    kind = wishes["wire"]
    if kind not in list(WireKind):
        raise impossible("wire", kind, list(WireKind))
    if kind in NEEDS_AN_ANSWER and wishes.get("when") == "before":
        detail = f"Only an answer can {kind}, and there is none before the commit."
        raise api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
    if "pause-ms" not in wishes:
        return {"kind": kind}
    if kind != WireKind.TRICKLE:
        detail = f"Only an answer that trickles pauses; {kind} takes no pause-ms."
        raise api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
    return {"kind": kind, "pause-ms": _whole("pause-ms", wishes, LONGEST_DELAY_S * 1000)}


def _whole(name: str, wishes: Wishes, limit: int) -> int:
    value = wishes[name]
    if _WHOLE.fullmatch(value) is None or int(value) > limit:
        detail = f'There is no {name} "{value[:40]}"; there are 0 to {limit}.'
        raise api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
    return int(value)


def _as_utf8(text: str) -> str:
    """Return a header's text as a browser or curl meant it: UTF-8, where its bytes are."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeDecodeError:
        return text


def _needs(what: str, missing: str, given: str) -> ApiError:
    detail = f"{given} alone says nothing of {what}; send {missing}, too."
    return api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")


def _delay_ms(wishes: Wishes) -> int:
    delay = wishes.get("delay")
    if delay is None:
        return 0
    if _DELAY.fullmatch(delay) is None or float(delay) > LONGEST_DELAY_S:
        detail = (
            f'There is no delay "{delay[:40]}"; there are 0 to {LONGEST_DELAY_S} seconds, '
            "with up to three decimals."
        )
        raise api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
    return round(float(delay) * 1000)


def _pack(wishes: Wishes) -> Pack | None:
    name = wishes.get("fault")
    if name is None:
        return None
    known = packs()
    if name not in known:
        detail = f'There is no fault "{name[:40]}"; {hint(name, known)}.'
        raise api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
    return known[name]


def impossible(name: str, value: str, possible: Iterable[str]) -> ApiError:
    """Return the error of a preference that cannot be met, with the values that can be."""
    there_are = ", ".join(possible) or "none"
    detail = f'There is no answer with {name} "{value[:40]}" here; there are {there_are}.'
    return api_error(Code.INVALID_PREFERENCE, detail, header="Prefer")
