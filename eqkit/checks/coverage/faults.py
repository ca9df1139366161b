"""The faults that a client can have met: packs, kinds of fault, and rules by the names they were given."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from eqkit.sandbox.faults.packs import Pack
from eqkit.traffic.exchanges import RecordedExchange

Rule = Mapping[str, Any]
"""A fault or a limit, as it was sent to the mock."""

_DOES = {
    "latency": '{"latency": {"kind": "fixed", "ms": 500}}',
    "answer": '{"answer": {"status": 503}}',
    "reset": '{"wire": {"kind": "reset"}}',
    "close": '{"wire": {"kind": "close"}}',
    "truncate": '{"wire": {"kind": "truncate"}}',
    "trickle": '{"wire": {"kind": "trickle"}}',
    "garbage": '{"wire": {"kind": "garbage"}}',
}
KINDS = (*_DOES, "limit")
"""The effects of a fault or limit on a request, as the journal tells them."""

UNANSWERED = "kind unanswered"
"""The one that every recording shows, since it is no fault of ours alone: no answer came."""

_UNNAMED = re.compile(r"fault-[0-9]+|token-bucket|fixed-window|delay")
"""The journal's names for a rule or limit that has none, and for a delay by ``Prefer``."""


class KnownFaults:
    """The faults that an answer or the journal shows; faults of deliveries show in no request."""

    def __init__(self, packs: Iterable[Pack], armed: Iterable[Rule] = ()) -> None:
        """Take the packs that a client has to meet, and the rules that are armed beside them."""
        self._packs: dict[str, str] = {}
        """The pack of each name that the journal or ``Preference-Applied`` tells it by."""
        for pack in packs:
            rules = list(filter(_befalls_requests, (*pack.faults, *pack.limits)))
            if rules:
                self._packs |= dict.fromkeys([pack.name, *_names(rules)], pack.name)
        own = _names(filter(_befalls_requests, armed))
        self._armed = [name for name in dict.fromkeys(own) if name not in self._packs]

    def names(self) -> Iterator[str]:
        """Yield everything that is to be met."""
        yield from (f"pack {name}" for name in dict.fromkeys(self._packs.values()))
        yield from (f"kind {kind}" for kind in KINDS)
        yield UNANSWERED
        yield from (f"rule {name}" for name in self._armed)

    def met(self, exchange: RecordedExchange) -> Iterator[str]:
        """Yield the names of the faults that an exchange met; one may come twice."""
        for name, kind in exchange.faults:
            if name in self._packs:
                yield f"pack {self._packs[name]}"
            elif kind in KINDS and not _UNNAMED.fullmatch(name):
                yield f"rule {name}"
            if kind in KINDS:
                yield f"kind {kind}"
        if exchange.is_delayed:
            yield "kind latency"
        if not exchange.is_answered:
            yield UNANSWERED


def _befalls_requests(rule: Rule) -> bool:
    return "delivery" not in rule.get("do", {})


def _names(rules: Iterable[Rule]) -> list[str]:
    return [str(rule["name"]) for rule in rules if "name" in rule]


def advice(name: str) -> str | None:
    """Return how to make a mock apply a fault to a client's request, or None."""
    group, _, last = name.partition(" ")
    if group == "pack":
        return f'A mock makes this fault for a request with "Prefer: fault={last}".'
    if last in _DOES:
        return f'A mock makes it once a rule with "do": {_DOES[last]} is posted to /_mock/faults.'
    return "A mock makes it once limits are put to /_mock/limits." if last == "limit" else None
