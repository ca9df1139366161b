"""Prefer (RFC 7240): any answer of the contract on request, without touching anything (ruling H12)."""

import re
from typing import Any

from eqkit.contract.operations import Operation, Response
from eqkit.errors import Code, Refusal, refusal
from eqkit.web.exchange import Answer, Exchange
from eqkit.web.layers import Layer, Step

_PREFERENCE = re.compile(r"""(?:^|[,;])\s*(code|example)\s*=\s*("[^"]*"|[^\s,;"]*)""", re.IGNORECASE)
_SENT_ANYWAY = frozenset((b"vary", b"access-control-allow-origin", b"preference-applied"))


class Preferences(Layer):
    """Answers ``Prefer: code=NNN`` and ``Prefer: example=NAME`` from the contract's examples."""

    def step(self, operation: Operation, resolved: Any, following: Step) -> Step:
        """Collect the operation's examples."""
        return PreferenceStep(following, operation)


class PreferenceStep:
    """The examples of one operation."""

    def __init__(self, following: Step, operation: Operation) -> None:
        """Make an answer of every example."""
        self._following = following
        self._answers: dict[int, dict[str, Answer]] = {
            status: {
                name: Answer(status, document, _headers(response, operation.method))
                for name, document in (response.examples() or {"": None}).items()
            }
            for status, response in operation.responses.items()
        }

    async def __call__(self, exchange: Exchange) -> Answer:
        """Answer as preferred, or go on; raises Refusal (400) for what the contract has not got."""
        prefer = exchange.headers.get(b"prefer")
        if prefer is not None:
            wishes = _wishes(prefer.decode("latin-1"))
            if wishes:
                return self._preferred(wishes)
        return await self._following(exchange)

    def _preferred(self, wishes: dict[str, str]) -> Answer:
        statuses = {
            status: answers
            for status, answers in self._answers.items()
            if wishes.get("code", str(status)) == str(status)
        }
        if not statuses:
            raise _impossible("code", wishes["code"], map(str, self._answers))
        for answers in statuses.values():
            for name, answer in answers.items():
                if wishes.get("example", name) == name:
                    applied = ", ".join(f"{key}={value}" for key, value in wishes.items())
                    headers = [*answer.headers, (b"preference-applied", applied.encode("latin-1"))]
                    return Answer(answer.status, answer.document, headers)
        names = dict.fromkeys(name for answers in statuses.values() for name in answers if name)
        raise _impossible("example", wishes["example"], names)


def _wishes(prefer: str) -> dict[str, str]:
    """Return what is preferred; the first of each counts, and what is not known is ignored (RFC 7240 2)."""
    wishes: dict[str, str] = {}
    for name, value in _PREFERENCE.findall(prefer):
        wishes.setdefault(name.lower(), value.strip('"'))
    return wishes


def _impossible(name: str, value: str, possible: Any) -> Refusal:
    detail = f'There is no answer with {name} "{value[:40]}" here; there are {", ".join(possible)}.'
    return refusal(Code.INVALID_PREFERENCE, detail, header="Prefer")


def _headers(response: Response, method: str) -> list[tuple[bytes, bytes]]:
    """Return the required headers with the values of their examples, of `Allow` the one for the method."""
    return [
        (name.lower().encode(), str(_example(header, method if name == "Allow" else "")).encode())
        for name, header in response.headers.items()
        if name.lower().encode() in response.required_headers - _SENT_ANYWAY
    ]


def _example(header: dict[str, Any], wanted: str) -> Any:
    values = [example["value"] for example in header["examples"].values()]
    return next((value for value in values if wanted in str(value)), values[0])
