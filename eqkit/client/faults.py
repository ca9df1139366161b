"""Faults and limits: their records, and the rules that are armed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from eqkit.client.records import JsonObject
from eqkit.client.spans import Span, span_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An armed fault: its rule as it was sent, how often it was asked and fired, and whether it may again."""

    id: str
    rule: JsonObject
    seen: int
    fired: int
    live: bool
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The faults that are armed, in their order."""

    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Faults and limits under one name."""

    name: str
    description: str
    faults: tuple[JsonObject, ...] = ()
    limits: tuple[JsonObject, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Packs:
    """The packs that can be armed."""

    packs: tuple[Pack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit: its rule, how much is left, when it opens again, and how many requests it has refused."""

    limit: JsonObject
    remaining: int
    opens_at: datetime
    hit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of a sandbox, in their order."""

    limits: tuple[Limit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRule:
    """What should go wrong, and when.

    Which requests: `operation`, `queue`, only the `nth` or each `every`-th of them, or by lot with
    `probability`; at most `count` times, and for a `span` of the sandbox's clock.

    What happens: an `answer` of this status (with `retry_after` seconds); `wire` breaks the connection or
    what is sent on it (`pause` between trickled bytes); `latency` holds the request up, by a span or as a
    FaultLatency document; `delivery` upsets the deliveries (`delay` says by how much). `when` is ``before``
    or ``after`` the messages are stored.
    """

    name: str | None = None
    operation: str | None = None
    queue: str | None = None
    nth: int | None = None
    every: int | None = None
    probability: float | None = None
    count: int | None = None
    span: Span | None = None
    when: Literal["before", "after"] | None = None
    answer: int | None = None
    retry_after: int | None = None
    wire: Literal["reset", "close", "truncate", "trickle", "garbage"] | None = None
    pause: Span | None = None
    latency: Span | JsonObject | None = None
    delivery: Literal["duplicate", "reorder", "delay", "drop"] | None = None
    delay: Span | None = None

    def document(self) -> dict[str, Any]:
        """Return the FaultRule that is sent; raises ValueError for a part whose whole is missing."""
        does = {
            "latency": self._latency(),
            "answer": _part("answer", "status", self.answer, "retry-after", self.retry_after),
            "wire": _part("wire", "kind", self.wire, "pause-ms", _ms(self.pause)),
            "delivery": _part("delivery", "kind", self.delivery, "delay-ms", _ms(self.delay)),
        }
        return _said(
            {
                "name": self.name,
                "operation": self.operation,
                "queue": self.queue,
                "nth": self.nth,
                "every": self.every,
                "probability": self.probability,
                "count": self.count,
                "span-ms": _ms(self.span),
                "when": self.when,
                "do": _said(does),
            }
        )

    def _latency(self) -> JsonObject | None:
        if self.latency is None or isinstance(self.latency, dict):
            return self.latency
        return {"kind": "fixed", "ms": _ms(self.latency)}  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRule:
    """At most `limit` requests in a `window`, of one operation or queue where that is said."""

    limit: int
    window: Span
    kind: Literal["token-bucket", "fixed-window"] = "token-bucket"
    name: str | None = None
    operation: str | None = None
    queue: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the LimitRule that is sent."""
        return _said(
            {
                "name": self.name,
                "operation": self.operation,
                "queue": self.queue,
                "kind": self.kind,
                "limit": self.limit,
                "window-ms": span_ms(self.window),
            }
        )


def answer_lost(count: int = 1, *, operation: str | None = None, queue: str | None = None) -> FaultRule:
    """Return the rule for "stored, but the answer was lost", the next `count` times."""
    return FaultRule(
        name="answer-lost", wire="close", when="after", count=count, operation=operation, queue=queue
    )


def _ms(span: Span | None) -> int | None:
    return None if span is None else span_ms(span)


def _said(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _part(what: str, head: str, value: Any, extra: str, more: Any) -> dict[str, Any] | None:
    if value is None:
        if more is not None:
            raise ValueError(f'"{extra}" without {what} says nothing')
        return None
    return _said({head: value, extra: more})
