"""Prefer (RFC 7240): any answer of the contract, a delay or a fault on request (ruling H12)."""

import re
from collections.abc import Awaitable, Iterable
from typing import Any

from eqkit.contract.operations import Operation
from eqkit.errors import Code, Refusal, refusal
from eqkit.sandbox.packs import Pack, hint, packs
from eqkit.web.exchange import Answer, Exchange
from eqkit.web.faults import FaultStep
from eqkit.web.header_fields import elements, pairs, quoted
from eqkit.web.layers import Layer, Step
from eqkit.web.waiting import Unanswered, wait

LONGEST_DELAY_S = 3600
_OURS = frozenset(("code", "example", "delay", "fault"))
_DELAY = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?")

Wishes = dict[str, str]


class Preferences(Layer):
    """Answers ``Prefer: code=`` and ``example=`` from the contract, and does ``delay=`` and ``fault=``."""

    def step(self, operation: Operation, resolved: Any, following: Step) -> Step:
        """Take the layer of faults, which has the operation's documented answers."""
        assert isinstance(following, FaultStep)  # it follows in the list of layers
        return PreferenceStep(following)


class PreferenceStep:
    """The wishes that one operation can fulfil."""

    def __init__(self, following: FaultStep) -> None:
        """Take what carries a request out."""
        self._following = following

    def __call__(self, exchange: Exchange) -> Awaitable[Answer]:
        """Answer as preferred, or go on; raises Refusal (400) for what is not possible."""
        prefer = exchange.headers.get(b"prefer")
        if prefer is None:
            return self._following(exchange)
        return self._fulfilled(exchange, _wishes(prefer.decode("latin-1")))

    async def _fulfilled(self, exchange: Exchange, wishes: Wishes) -> Answer:
        if not wishes:
            return await self._following(exchange)
        delay_ms, pack = _delay_ms(wishes), _pack(wishes)
        ready = self._preferred(wishes) if "code" in wishes or "example" in wishes else None
        answer = await self._carried_out(exchange, delay_ms, pack, ready)
        applied = ", ".join(f"{name}={quoted(value)}" for name, value in wishes.items()).encode("latin-1")
        return answer.with_headers([*answer.headers, (b"preference-applied", applied)])

    async def _carried_out(
        self, exchange: Exchange, delay_ms: int, pack: Pack | None, ready: Answer | None
    ) -> Answer:
        """Wait, and then give the answer that is ready, or carry the request out."""
        assert exchange.sandbox is not None  # the security layer stands outside of this one
        if delay_ms:
            # No longer than this: a fault is an activity of its own, and two would hold the clock up.
            with exchange.sandbox.clock.activity():
                is_there = await wait(exchange, delay_ms, self._following.drain.begins)
            if not is_there:
                exchange.fault, exchange.outcome = "delay", "lost"
                exchange.befell = (("delay", "latency"),)
                raise Unanswered
        if ready is not None:
            return ready
        if pack is not None:
            return await self._following.under(exchange, pack)
        return await self._following(exchange)

    def _preferred(self, wishes: Wishes) -> Answer:
        statuses = {
            status: answers
            for status, answers in self._following.answers.items()
            if wishes.get("code", str(status)) == str(status)
        }
        if not statuses:
            raise _impossible("code", wishes["code"], map(str, self._following.answers))
        for answers in statuses.values():
            for name, answer in answers.items():
                if wishes.get("example", name) == name:
                    return answer
        names = dict.fromkeys(name for answers in statuses.values() for name in answers if name)
        raise _impossible("example", wishes["example"], names)


def _wishes(prefer: str) -> Wishes:
    """Return what is preferred; the first of each counts, and what is not known is ignored (RFC 7240 2).

    A preference of ours may also stand as a parameter of another one of ours: ``code=404; example=gone``.
    """
    wishes: Wishes = {}
    for preference in elements(prefer):
        (first, value), *parameters = pairs(preference)
        if first in _OURS:
            for name, wanted in ((first, value), *parameters):
                if name in _OURS and wanted is not None:
                    wishes.setdefault(name, wanted)
    return wishes


def _delay_ms(wishes: Wishes) -> int:
    delay = wishes.get("delay")
    if delay is None:
        return 0
    if _DELAY.fullmatch(delay) is None or float(delay) > LONGEST_DELAY_S:
        detail = (
            f'There is no delay "{delay[:40]}"; there are 0 to {LONGEST_DELAY_S} seconds, '
            "with up to three decimals."
        )
        raise refusal(Code.INVALID_PREFERENCE, detail, header="Prefer")
    return round(float(delay) * 1000)


def _pack(wishes: Wishes) -> Pack | None:
    name = wishes.get("fault")
    if name is None:
        return None
    known = packs()
    if name not in known:
        detail = f'There is no fault "{name[:40]}"; {hint(name, known)}.'
        raise refusal(Code.INVALID_PREFERENCE, detail, header="Prefer")
    if "code" in wishes or "example" in wishes:
        detail = "A fault is for a request that is carried out; with code or example none is."
        raise refusal(Code.INVALID_PREFERENCE, detail, header="Prefer")
    return known[name]


def _impossible(name: str, value: str, possible: Iterable[str]) -> Refusal:
    detail = f'There is no answer with {name} "{value[:40]}" here; there are {", ".join(possible)}.'
    return refusal(Code.INVALID_PREFERENCE, detail, header="Prefer")
