"""The journal: its records, and the words in which requests are meant and expected."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from eqkit.client.durations import Instant, instant_text
from eqkit.client.models import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalBody:
    """The headers and body of a request or an answer; a body that is no document is a text."""

    headers: tuple[JsonObject, ...]
    size: int
    document: Any = None
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalMessage:
    """A message that a request put into a queue, and how its wait-until was read."""

    id: str
    due_at: datetime
    wait_until_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMistake:
    """A likely mistake in a request; `kind` is stable, `detail` is for people."""

    kind: str
    detail: str
    pointer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One request of the public API, with its answer and stored messages.

    `stored` tells whether it put messages into a queue, even if the client got no answer. `outcome` is
    ``sent`` if the answer left unharmed; `sent_bytes` counts the bytes of its body that left, None if it
    broke off on the way. `duration_ms` is of the wall.
    """

    number: int
    at: datetime
    method: str
    path: str
    request: JournalBody
    stored: bool
    messages: tuple[JournalMessage, ...]
    status: int
    error_codes: tuple[str, ...]
    answer: JournalBody
    outcome: str
    duration_ms: float
    violations: tuple[str, ...]
    warnings: tuple[ClientMistake, ...]
    operation: str | None = None
    queue: str | None = None
    query: tuple[JsonObject, ...] = ()
    fault: str | None = None
    sent_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """How many of the requests so far an answer takes into account.

    The journal is `complete` unless it has `lost` requests for newer ones since it was last cleared;
    `under_way` are requests that wait for their answers, by a latency, say, and stand in no journal yet.
    """

    complete: bool
    lost: int
    under_way: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal(Known):
    """Entries, oldest first, and how many requests there were so far."""

    entries: tuple[JournalEntry, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSummary(Known):
    """How many requests and stored messages there were, by answer, outcome, fault and warning."""

    requests: int
    stored: int
    answers: tuple[JsonObject, ...]
    outcomes: tuple[JsonObject, ...]
    faults: tuple[JsonObject, ...]
    warnings: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalCount(Known):
    """How many requests match, and the numbers of the first thousand."""

    count: int
    requests: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """One unmet expectation, with the nearest requests and their differences."""

    rule: str
    detail: str
    matched: tuple[int, ...]
    nearest: tuple[JsonObject, ...]
    expectation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified(Known):
    """Whether all was as expected: true or false as a whole."""

    verified: bool
    misses: tuple[Miss, ...]

    def __bool__(self) -> bool:
        """Return whether all was as expected."""
        return self.verified

    def explain(self) -> str:
        """Return each miss with the requests that came nearest, ``-`` for expected and ``+`` for found."""
        return "\n".join(line for miss in self.misses for line in _explained(miss))


class VerificationError(AssertionError):
    """The requests were not as expected; `verified` has the misses, and the text explains each."""

    def __init__(self, verified: Verified) -> None:
        """Take a verification that failed."""
        super().__init__(f"the journal is not as expected\n{verified.explain()}")
        self.verified = verified


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """Which requests are meant: those that have all that is said.

    `body` maps JSON pointers into the document to the value, or the compiled pattern, that has to be there.
    """

    operation: str | None = None
    queue: str | None = None
    status: int | None = None
    stored: bool | None = None
    outcome: str | None = None
    fault: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    body: Mapping[str, Any] = field(default_factory=dict)

    def exactly(self, count: int) -> "Expectation":
        """Expect exactly `count`."""
        return Expectation(self, exactly=count)

    def at_least(self, count: int) -> "Expectation":
        """Expect `count` or more."""
        return Expectation(self, at_least=count)

    def at_most(self, count: int) -> "Expectation":
        """Expect `count` or fewer."""
        return Expectation(self, at_most=count)

    def never(self) -> "Expectation":
        """Expect none."""
        return Expectation(self, exactly=0)

    def document(self) -> dict[str, Any]:
        """Return the RequestMatch that is sent."""
        members = {
            "operation": self.operation,
            "queue": self.queue,
            "status": self.status,
            "stored": self.stored,
            "outcome": self.outcome,
            "fault": self.fault,
            "since": None if self.since is None else instant_text(self.since),
            "until": None if self.until is None else instant_text(self.until),
            "body": body_matches(self.body) or None,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Expectation:
    """Requests, and how often they should have come: at least once where nothing is said."""

    requests: Requests
    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None

    def document(self) -> dict[str, Any]:
        """Return the Expectation that is sent."""
        counts = {"exactly": self.exactly, "at-least": self.at_least, "at-most": self.at_most}
        said = {name: count for name, count in counts.items() if count is not None}
        return {"request": self.requests.document(), **said}


def require_verified(verified: Verified) -> Verified:
    """Return a verification that holds; raises VerificationError for one that does not."""
    if not verified:
        raise VerificationError(verified)
    return verified


def _explained(miss: Miss) -> list[str]:
    which = "" if miss.expectation is None else f"expectation {miss.expectation + 1}: "
    matched = f" (requests {', '.join(map(str, miss.matched))})" if miss.matched else ""
    lines = [f"  {which}{miss.detail}{matched}"]
    for near in miss.nearest:
        lines.append(f"    request {near['number']} comes near:")
        for difference in near["differences"]:
            found = repr(difference["found"]) if "found" in difference else "nothing"
            lines.append(f"      at {difference['pointer']}")
            lines += [f"        - {difference['expected']!r}", f"        + {found}"]
    return lines


def body_matches(places: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each pointer, with the value or the compiled pattern that has to stand there, as a BodyMatch."""
    return [
        {"pointer": pointer, "pattern": value.pattern}
        if isinstance(value, re.Pattern)
        else {"pointer": pointer, "value": value}
        for pointer, value in places.items()
    ]
