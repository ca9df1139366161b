"""Faults and limits: their records, and the rules that are armed."""

import base64
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from eqkit.client.durations import Duration, duration_ms
from eqkit.client.journal import body_matches
from eqkit.client.models import JsonObject


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
    """Rules for faults and limits.

    Which requests: `operation`, `queue`, only the `nth` or each `every`-th of them, or at random with
    `probability`; at most `count` times, and for a `duration` of the sandbox's clock.

    Which effect: an `answer` of this status (with `retry_after` seconds); `wire` breaks the connection or the
    answer (with `pause` between trickled bytes); `latency` holds the request up, by a duration or as a
    FaultLatency document; `delivery` upsets the deliveries (with `delay` as the length of a delay). `when` is
    ``before`` or ``after`` the messages are stored.

    An answer has the contract's own content, or its `example` of that name, or the `content` given: a text,
    bytes, a file by its Path, or anything else as JSON. `headers` are added to its own. With `body` the rule
    is only for requests whose document matches all of its members, by JSON pointer: a value or a compiled
    pattern.
    """

    name: str | None = None
    operation: str | None = None
    queue: str | None = None
    nth: int | None = None
    every: int | None = None
    probability: float | None = None
    count: int | None = None
    duration: Duration | None = None
    when: Literal["before", "after"] | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    answer: int | None = None
    example: str | None = None
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: int | None = None
    wire: Literal["reset", "close", "truncate", "trickle", "garbage"] | None = None
    pause: Duration | None = None
    latency: Duration | JsonObject | None = None
    delivery: Literal["duplicate", "reorder", "delay", "drop"] | None = None
    delay: Duration | None = None

    def document(self) -> dict[str, Any]:
        """Return the FaultRule that is sent.

        Raises ValueError for a part whose whole is missing, OSError for a file that can't be read.
        """
        does = {
            "latency": self._latency(),
            "answer": _part(
                "answer",
                {"status": self.answer},
                {
                    "example": self.example,
                    "headers": dict(self.headers) or None,
                    "retry-after": self.retry_after,
                    **_content(self.content),
                },
            ),
            "wire": _part("wire", {"kind": self.wire}, {"pause-ms": _ms(self.pause)}),
            "delivery": _part("delivery", {"kind": self.delivery}, {"delay-ms": _ms(self.delay)}),
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
                "duration-ms": _ms(self.duration),
                "when": self.when,
                "body": body_matches(self.body) or None,
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
    window: Duration
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
                "window-ms": duration_ms(self.window),
            }
        )


def answer_lost(count: int = 1, *, operation: str | None = None, queue: str | None = None) -> FaultRule:
    """Return the rule for "stored, but the answer was lost", the next `count` times."""
    return FaultRule(
        name="answer-lost", wire="close", when="after", count=count, operation=operation, queue=queue
    )


def _ms(duration: Duration | None) -> int | None:
    return None if duration is None else duration_ms(duration)


def _said(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _part(what: str, head: dict[str, Any], more: dict[str, Any]) -> dict[str, Any] | None:
    said = _said(more)
    if _said(head):
        return _said(head) | said
    if said:
        raise ValueError(f'"{next(iter(said))}" without {what} says nothing')
    return None


def _content(content: Any) -> dict[str, Any]:
    """Return the member of an answer that a content stands in: text, bytes or JSON."""
    if isinstance(content, Path):
        content = content.read_bytes()
        with contextlib.suppress(UnicodeDecodeError):
            content = content.decode()
    if isinstance(content, bytes):
        return {"base64": base64.b64encode(content).decode()}
    return {"body" if isinstance(content, str) else "json": content}
