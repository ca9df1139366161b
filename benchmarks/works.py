"""The work that the servers are given: one request of each kind, to be repeated."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

MESSAGES = "/v1/queues/a-queue/messages"
KEY = "test_benchmark"
HEADERS = {"Authorization": KEY, "Content-Type": "application/vnd.api+json"}
BODY = "x" * 200
BULK = 1_000
FAR_AWAY_MS = 4_102_444_800_000
"""2100-01-01, when nothing falls due that is waited for here."""

EVERYBODY = ("eqkit", "starlette", "connexion", "prism", "mockoon", "wiremock")
WITH_BULK = ("eqkit", "starlette", "connexion")
VALIDATORS = ("eqkit", "connexion", "prism")
"""Those that look at a request before they accept it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A request, its number of connections, its expected status, and the peers that can serve it."""

    name: str
    title: str
    method: str = "POST"
    path: str = MESSAGES
    body: bytes | None = None
    status: int = 202
    connections: int = 32
    peers: tuple[str, ...] = EVERYBODY
    headers: dict[str, str] = field(default_factory=dict)


def message(body: str = BODY, wait_until: int | None = None, **members: Any) -> dict[str, Any]:
    """Return the resource object of a new message."""
    attributes: dict[str, Any] = {"body": body}
    if wait_until is not None:
        attributes["wait-until"] = wait_until
    return {"type": "message", "attributes": attributes} | members


def encoded(data: Any) -> bytes:
    """Return a JSON:API document as bytes."""
    return json.dumps({"data": data}, separators=(",", ":")).encode()


def bulk_of(waits: list[int], key: str) -> Work:
    """Return a bulk request with one message for each wait-until, in the sandbox of a key."""
    return Work(
        name="fill",
        title="fill",
        path=f"{MESSAGES}/_bulk",
        body=encoded([message(wait_until=wait) for wait in waits]),
        headers={"Authorization": key},
    )


def delayed(key: str = KEY) -> Work:
    """Return the request that enqueues a message which stays."""
    body = encoded(message(wait_until=FAR_AWAY_MS))
    return Work(name="delayed", title="delayed", body=body, headers={"Authorization": key})


def in_steps(count: int, begin_ms: int, per_ms: int) -> list[int]:
    """Return `count` instants from `begin_ms` on, `per_ms` of them in each millisecond."""
    return [begin_ms + number // per_ms for number in range(count)]


def now_ms() -> int:
    """Return the wall's time in milliseconds."""
    return time.time_ns() // 1_000_000


ENQUEUE = Work(name="enqueue-32", title="enqueue one message, 32 connections", body=encoded(message()))
ALL = (
    Work(name="enqueue-1", title="enqueue one message, 1 connection", body=ENQUEUE.body, connections=1),
    ENQUEUE,
    Work(
        name="enqueue-256", title="enqueue one message, 256 connections", body=ENQUEUE.body, connections=256
    ),
    Work(
        name="bulk",
        title="enqueue 1,000 messages at once",
        path=f"{MESSAGES}/_bulk",
        body=encoded([message()] * BULK),
        connections=4,
        peers=WITH_BULK,
    ),
    Work(name="read", title="read a message", method="GET", path=f"{MESSAGES}/{{id}}", status=200),
    Work(
        name="rejected",
        title="a request with three faults",
        body=encoded({"type": "task", "attributes": {"body": 5, "wait-until": -1}}),
        status=400,
        peers=VALIDATORS,
    ),
)
