"""Hold-ups: how long everybody else waits while one client asks for something large.

A request for ``/health`` needs no work of its own, so its longest wait is the longest time in which the
server answered nobody else.
"""

import http.client
import json
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

from benchmarks.load import fill, key_of
from benchmarks.servers import PATIENCE_S, Running
from benchmarks.usage import NotMeasured
from benchmarks.works import BULK, FAR_AWAY_MS, HEADERS, MESSAGES, Work, bulk_of, encoded, message, now_ms

EVERY_S = 0.002
"""Real seconds between one answer of ``/health`` and the next request for it."""
AFTERWARDS_S = 1
"""Real seconds for which ``/health`` is asked on after the answer, as the server may still be at work."""
SANDBOX = key_of("hold-up")
JSON = {"Authorization": SANDBOX, "Content-Type": "application/json"}
ENTRIES, PENDING, DUE, WATCHERS = 10_000, 100_000, 2_000, 50
EXPECTATIONS = 10
NUMBER, NUMBERS = b"123456789012345.75", 490_000
"""With a comma each they make a body of 9 MB, and are nearly as many values as a document may have."""
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class HoldUp:
    """A request that takes long, and the steps that lead up to it on a fresh server."""

    work: Work
    prepare: Callable[[Running, ExitStack], None] | None = None

    @property
    def name(self) -> str:
        """The name that its figures have."""
        return self.work.name


@dataclass(frozen=True, slots=True)
class Measured:
    """The longest wait of ``/health`` beside a request, and the time until that request was answered."""

    longest_ms: float
    work_s: float


def measure(server: Running, hold_up: HoldUp) -> Measured:
    """Send the request of a hold-up while ``/health`` is asked; raises NotMeasured without its answer."""
    try:
        with ExitStack() as stack:
            if hold_up.prepare is not None:
                hold_up.prepare(server, stack)
            return _measure(server, hold_up.work)
    except (OSError, http.client.HTTPException) as error:
        raise NotMeasured(f"{hold_up.work.title}: {error!r}") from error


def _measure(server: Running, work: Work) -> Measured:
    with (
        ThreadPoolExecutor(1) as beside,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)) as health,
    ):
        _ask_health(health)
        asked = beside.submit(_timed, server, work)
        longest_s = _longest_wait(health, asked)
        return Measured(longest_s * 1_000, asked.result())


def _timed(server: Running, work: Work) -> float:
    """Return the seconds until the answer to a request has come whole."""
    begun = time.perf_counter()
    status, answer = server.ask(work)
    seconds = time.perf_counter() - begun
    if status != work.status:
        raise NotMeasured(f"{work.title}: answered with {status}, {answer[:200]!r}")
    return seconds


def _longest_wait(health: http.client.HTTPConnection, asked: Future[float]) -> float:
    """Ask ``/health`` until a while after another request is answered; return the longest wait in seconds."""
    longest_s, end = 0.0, None
    while end is None or time.perf_counter() < end:
        begun = time.perf_counter()
        _ask_health(health)
        longest_s = max(longest_s, time.perf_counter() - begun)
        if end is None and asked.done():
            end = time.perf_counter() + AFTERWARDS_S
        time.sleep(EVERY_S)
    return longest_s


def _ask_health(health: http.client.HTTPConnection) -> None:
    health.request("GET", "/health")
    response = health.getresponse()
    response.read()
    if response.status != http.client.OK:
        raise NotMeasured(f"/health was answered with {response.status}")


def _fill_journal(server: Running, _stack: ExitStack) -> None:
    """Enqueue messages one by one, each with a request of its own."""
    body = encoded(message(wait_until=FAR_AWAY_MS))
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)) as connection:
        for _ in range(ENTRIES):
            connection.request("POST", MESSAGES, body, HEADERS | {"Authorization": SANDBOX})
            connection.getresponse().read()
    _require(server, _control("GET", "/journal/summary"), b'"requests":%d' % ENTRIES)


def _fill_queue(server: Running, _stack: ExitStack) -> None:
    fill(server, SANDBOX, PENDING)


def _arm_reorder(server: Running, _stack: ExitStack) -> None:
    """Freeze the clock, reorder every delivery, and enqueue messages that are due at one instant."""
    _require(server, _control("POST", "/clock/freeze", {}))
    _require(server, _control("POST", "/faults", {"do": {"delivery": {"kind": "reorder"}}}, status=201))
    due_ms = now_ms() + HOUR_MS
    for _ in range(0, DUE, BULK):
        _require(server, bulk_of([due_ms] * BULK, SANDBOX))


def _watch(server: Running, stack: ExitStack) -> None:
    """Open streams of events that nobody reads."""
    head = f"GET /_mock/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: {SANDBOX}\r\n\r\n".encode()
    for _ in range(WATCHERS):
        watcher = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), PATIENCE_S))
        watcher.sendall(head)
        # With the head of the answer the stream is there; nothing is read after it.
        watcher.recv(1)


def _require(server: Running, work: Work, part: bytes = b"") -> None:
    """Send a request; raises NotMeasured unless the answer has its status and a part that must be there."""
    status, answer = server.ask(work)
    if status != work.status or part not in answer:
        raise NotMeasured(f"{work.method} {work.path}: answered with {status}, {answer[:200]!r}")


def _control(
    method: str, path: str, document: Any = None, *, name: str = "", title: str = "", status: int = 200
) -> Work:
    """Return a request to the control plane."""
    body = None if document is None else json.dumps(document).encode()
    return Work(
        name=name,
        title=title,
        method=method,
        path=f"/_mock{path}",
        body=body,
        status=status,
        headers=JSON,
    )


def _refused(name: str, title: str, path: str, body: bytes) -> Work:
    return Work(name=name, title=title, path=path, body=body, status=400, headers={"Authorization": SANDBOX})


_NOTHING = Work(name="rest", title="nothing but /health itself", method="GET", path="/health", status=200)
_UNMET = {"request": {"body": [{"pointer": "/data/attributes/body", "value": "another"}]}}
_VERIFY = _control(
    "POST",
    "/journal/verify",
    {"expectations": [_UNMET] * EXPECTATIONS},
    name="verify",
    title=f"verify {EXPECTATIONS} expectations over {ENTRIES:,} entries of the journal",
)
_HAR = _control("GET", "/journal/har", name="har", title=f"export {ENTRIES:,} entries as a HAR")
_SUMMARY = _control("GET", "/journal/summary", name="summary", title=f"sum up {ENTRIES:,} entries")
_PURGE = _control(
    "DELETE", "/queues/a-queue/pending", name="purge", title=f"purge a queue of {PENDING:,} messages"
)
_EVENTS = _control("GET", "/events?follow=false", name="events", title=f"read {PENDING:,} events at once")
_SNAPSHOT = _control(
    "PUT", f"/sandboxes/{SANDBOX}/snapshot", name="snapshot", title=f"snapshot {PENDING:,} messages"
)
_LONG_BODY = _refused(
    "long_body",
    "refuse one body of 9 MB",
    MESSAGES,
    b'{"data":{"type":"message","attributes":{"body":"x","a":[%s]}}}' % b",".join([NUMBER] * NUMBERS),
)
_WRONG_BULK = _refused(
    "wrong_bulk",
    f"refuse a bulk of {BULK:,} wrong messages",
    f"{MESSAGES}/_bulk",
    encoded([{"type": "task", "attributes": {"body": 5, "wait-until": -1}}] * BULK),
)
_REORDER = _control(
    "POST",
    "/clock/advance",
    {"by-ms": 2 * HOUR_MS},
    name="reorder",
    title=f"advance over {DUE:,} due messages with a reorder fault",
)
_WATCHED = Work(
    name="watchers",
    title=f"enqueue {BULK:,} messages before {WATCHERS} watchers that read nothing",
    path=f"{MESSAGES}/_bulk",
    body=encoded([message()] * BULK),
    headers={"Authorization": SANDBOX},
)
_FIRST = _control("GET", "/clock", name="first", title="the first request for /_mock after the start")

AT_REST = HoldUp(_NOTHING)
ALL = (
    HoldUp(_VERIFY, _fill_journal),
    HoldUp(_HAR, _fill_journal),
    HoldUp(_SUMMARY, _fill_journal),
    HoldUp(_PURGE, _fill_queue),
    HoldUp(_EVENTS, _fill_queue),
    HoldUp(_SNAPSHOT, _fill_queue),
    HoldUp(_LONG_BODY),
    HoldUp(_WRONG_BULK),
    HoldUp(_REORDER, _arm_reorder),
    HoldUp(_WATCHED, _watch),
    HoldUp(_FIRST),
)
