"""Faults: rules that say when something goes wrong with a request, or with the work of the service."""

import copy
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from eqkit.contract.document import Json
from eqkit.sandbox.events import Events
from eqkit.sandbox.journal.body_matches import BodyMatches
from eqkit.timing.instants import MAX_MS

LONGEST_MS = 86_400_000
"""No latency is longer than a day, however the dice fall."""

MOST_FAULTS = 100
"""How many faults and limits may be armed at once."""

PAUSE_MS = 100
"""Between the pieces of an answer that trickles."""

Document = dict[str, Any]

REQUEST_EFFECTS = frozenset(("answer", "latency", "wire"))
"""The members of ``do`` that act on a request; the service carries out any other."""


class WireKind(StrEnum):
    """The faults of an answer on the wire."""

    RESET = "reset"
    CLOSE = "close"
    TRUNCATE = "truncate"
    TRICKLE = "trickle"
    GARBAGE = "garbage"


NEEDS_AN_ANSWER = frozenset((WireKind.TRUNCATE, WireKind.TRICKLE))
"""The kinds that need an answer, and so come after the commit."""


class WireFault(NamedTuple):
    """A fault on the wire; `pause_ms` is how long an answer that trickles rests after each piece."""

    kind: WireKind
    pause_ms: int = PAUSE_MS


@dataclass(slots=True)
class Rule:
    """One armed fault: its document as it was sent, and how often it had and took its turn."""

    id: str
    document: Document
    until_ms: int | None
    seen: int = 0
    fired: int = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> "Rule":
        """Copy the counts alone: nothing ever changes in a document, and it may be large."""
        return copy.copy(self)

    @property
    def label(self) -> str:
        """Its name, or its id where it has none."""
        return str(self.document.get("name", self.id))

    @property
    def does(self) -> Document:
        """The one thing that it does."""
        return dict(self.document["do"])

    @property
    def effect(self) -> str:
        """The member of ``do`` that it has."""
        return str(next(iter(self.document["do"])))

    @property
    def kind(self) -> str:
        """The kind of its effect, or the effect where there is only one kind."""
        return str(self.document["do"][self.effect].get("kind", self.effect))

    @property
    def is_on_requests(self) -> bool:
        """Whether it acts on a request, and not on the work of the service."""
        return self.effect in REQUEST_EFFECTS

    @property
    def is_after(self) -> bool:
        """Whether it acts once the request is carried out, its answer notwithstanding."""
        if self.document.get("when") == "after":
            return True
        return "wire" in self.does and self.does["wire"]["kind"] in NEEDS_AN_ANSWER

    def is_live(self, now_ms: int) -> bool:
        """Return whether it may still fire."""
        if self.until_ms is not None and now_ms >= self.until_ms:
            return False
        count = self.document.get("count")
        return count is None or self.fired < count

    def is_about(self, operation: str | None, queue: str, sent: Json = None) -> bool:
        """Return whether it is for an operation, a queue, and the document that a request has sent."""
        document = self.document
        if document.get("operation") not in (None, operation) or document.get("queue") not in (None, queue):
            return False
        return "body" not in document or BodyMatches(document["body"], "/body").match(sent)


class Faults:
    """The faults of one sandbox. Random numbers come from its seed."""

    def __init__(self, seed: int, events: Events) -> None:
        """Begin with none, and tell `events` of each that fires."""
        self.rules: list[Rule] = []
        self._random = random.Random(seed)  # noqa: S311 - a mock's dice, which fall the same for a seed
        self._events = events
        self._armed = 0
        self.pinned: dict[int, Rule] = {}
        """The rules that are to act on certain things that were stored, by their ids."""

    def arm(self, document: Document, now_ms: int) -> Rule:
        """Add a rule."""
        self._armed += 1
        duration_ms = document.get("duration-ms")
        until_ms = None if duration_ms is None else min(now_ms + duration_ms, MAX_MS)
        rule = Rule(f"fault-{self._armed}", document, until_ms)
        self.rules.append(rule)
        return rule

    def disarm(self, identifier: str) -> bool:
        """Remove a rule; return False if there is none of this id."""
        before = len(self.rules)
        self.rules = [rule for rule in self.rules if rule.id != identifier]
        return len(self.rules) < before

    def clear(self) -> None:
        """Take all away."""
        self.rules.clear()
        self.pinned.clear()

    @property
    def on_requests(self) -> bool:
        """Whether a rule could act on a request."""
        return any(rule.is_on_requests for rule in self.rules)

    def matching(self, operation: str, queue: str, now_ms: int, sent: Json = None) -> Iterator[Rule]:
        """Yield the rules whose turn it is with a request, up to the first that decides its answer.

        `sent` is the document of the request, None if it has none.
        """
        for rule in self.rules:
            if not rule.is_on_requests or not rule.is_about(operation, queue, sent):
                continue
            if self.takes_its_turn(rule, now_ms):
                yield rule
                if "latency" not in rule.does:
                    return

    def takes_its_turn(self, rule: Rule, now_ms: int) -> bool:
        """Count that a rule had a turn, and tell whether it fires on it."""
        if not rule.is_live(now_ms):
            return False
        rule.seen += 1
        document = rule.document
        if rule.seen != document.get("nth", rule.seen) or rule.seen % document.get("every", 1):
            return False
        chance = document.get("probability")
        if chance is not None and self._random.random() >= chance:
            return False
        rule.fired += 1
        return True

    def latency_ms(self, latency: Document) -> int:
        """Draw a latency in milliseconds."""
        min_ms: int = latency["ms"]
        match latency["kind"]:
            case "uniform":
                return self._random.randint(min_ms, latency["max-ms"])
            case "lognormal":
                drawn: float = min_ms * math.exp(self._random.gauss(0, latency["sigma"]))
                return round(min(drawn, LONGEST_MS))
        return min_ms

    def record(self, rule: Rule, now_ms: int, operation: str, queue: str) -> None:
        """Record that a rule has fired on a request."""
        data = {"fault": rule.label, "do": rule.effect, "operation": operation, "queue": queue}
        self._events.record(now_ms, "fault.fired", data)

    def pin(self, ids: Iterable[int], rule: Rule) -> None:
        """Apply a rule to certain messages that were stored, out of its turn."""
        self.pinned |= dict.fromkeys(ids, rule)


def wire_fault_in(wire: Document) -> WireFault:
    """Return the fault that the member ``wire`` of a rule speaks of."""
    return WireFault(WireKind(wire["kind"]), wire.get("pause-ms", PAUSE_MS))
