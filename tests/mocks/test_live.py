"""The control plane over real sockets: streams, waits, clocks that run, and a server that shuts down."""

import socket
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clients import JSON_API, MESSAGES, message
from tests.processes import PATIENCE_S, ServerProcess, running

START = "2016-03-27T00:00:00.000Z"
START_MS = 1_459_036_800_000


class SandboxClient:
    """One key of a running server."""

    def __init__(self, server: ServerProcess, key: str) -> None:
        """Open a connection."""
        self.client = httpx.Client(base_url=server.url, headers={"authorization": key}, timeout=PATIENCE_S)

    def __enter__(self) -> "SandboxClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def mock(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control plane, and return its document."""
        answer = self.client.request(method, f"/_mock{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def enqueue(self, wait_ms: int = 0) -> httpx.Response:
        """Enqueue a message that waits for so long after START."""
        document = {"data": message("x", START_MS + wait_ms)}
        return self.client.post(MESSAGES, json=document, headers={"content-type": JSON_API})

    def events(self, last: int | None = None, query: str = "") -> Generator[list[str], None, None]:
        """Yield the lines of each event of a stream, the comment at its beginning included."""
        headers = {} if last is None else {"last-event-id": str(last)}
        with self.client.stream("GET", f"/_mock/events{query}", headers=headers) as answer:
            assert answer.headers["content-type"] == "text/event-stream"
            lines: list[str] = []
            for line in answer.iter_lines():
                if line:
                    lines.append(line)
                else:
                    yield lines
                    lines = []


def connected(server: ServerProcess) -> socket.socket:
    """A bare connection."""
    return socket.create_connection(server.address, PATIENCE_S)


@pytest.fixture
def sandbox(live: ServerProcess, request: pytest.FixtureRequest) -> Iterator[SandboxClient]:
    """A sandbox of the test's own, at START on a clock that stands."""
    with SandboxClient(live, f"test_{request.node.name}"[:60]) as sandbox:
        sandbox.mock("POST", "/clock/freeze", {"at": START})
        yield sandbox


@pytest.fixture
def other(live: ServerProcess, sandbox: SandboxClient) -> Iterator[SandboxClient]:
    """The same sandbox over connections of another client."""
    with SandboxClient(live, sandbox.client.headers["authorization"]) as other:
        yield other


def test_events_are_streamed_as_they_happen(sandbox: SandboxClient, other: SandboxClient) -> None:
    """One by one, each with its number, its kind, and its data."""
    stream = other.events()
    assert next(stream) == [": watching"]
    identifier = sandbox.enqueue(1_000).json()["data"]["id"]
    data = f'"id":"{identifier}","queue":"a-queue","due-at":"2016-03-27T00:00:01.000Z"'
    assert next(stream) == [
        "id: 1",
        "event: message.accepted",
        f'data: {{"at":"{START}",{data}}}',
    ]
    sandbox.mock("POST", "/clock/advance", {"by-ms": 5_000})
    assert next(stream) == [
        "id: 2",
        "event: message.delivered",
        f'data: {{"at":"2016-03-27T00:00:01.000Z",{data}}}',
    ]
    stream.close()


def test_a_stream_is_taken_up_after_the_last_event_that_was_seen(sandbox: SandboxClient) -> None:
    """`Last-Event-ID` resumes without a gap; with `follow=false` the stream ends with the last event."""
    for _ in range(250):
        sandbox.enqueue(1_000)
    numbers = [event[0] for event in sandbox.events(7, "?follow=false")]
    assert numbers == [": watching", *(f"id: {number}" for number in range(8, 251))]
    assert len(list(sandbox.events(None, "?follow=false"))) == 251
    assert list(sandbox.events(250, "?follow=false")) == [[": watching"]]


def test_a_stream_takes_its_key_from_the_query_where_no_header_can(sandbox: SandboxClient) -> None:
    """A browser's EventSource sends no headers of its own; a header goes first, and a wrong key is a 401."""
    sandbox.enqueue()
    key, path = sandbox.client.headers["authorization"], "/_mock/events?follow=false"
    with httpx.Client(base_url=sandbox.client.base_url) as page:
        assert "message.accepted" in page.get(f"{path}&key={key}").text
        assert "message.accepted" in page.get(f"{path}&key={key.replace('_', '%5F')}").text
        assert "message.accepted" not in page.get(path).text
        other = {"authorization": "test_nobody_else"}
        assert "message.accepted" not in page.get(f"{path}&key={key}", headers=other).text
        assert page.get(f"{path}&key=wrong").status_code == 401
        assert page.get(f"/_mock/clock?key={key}").status_code == 400


def test_a_stream_begins_anew_after_a_reset(sandbox: SandboxClient) -> None:
    """A number of the sandbox before is none of the new one, whose events are sent from the beginning."""
    key = sandbox.client.headers["authorization"]
    sandbox.enqueue()
    stream = sandbox.events()
    assert next(stream) == [": watching"]
    sandbox.mock("POST", f"/sandboxes/{key}/reset")
    assert list(stream) == [[": the sandbox was reset"]]
    sandbox.enqueue()
    messages = [event[-2] for event in list(sandbox.events(1, "?follow=false"))[1:]]
    assert messages[:2] == ["event: sandbox.restarted", "event: message.accepted"]


def test_a_clock_at_sixty_times_the_pace_delivers_a_minute_in_a_second(sandbox: SandboxClient) -> None:
    """The wait is one of virtual time, too; nothing is early (ruling T1)."""
    sandbox.enqueue(6_000)
    sandbox.mock("POST", "/clock/resume", {"rate": 60})
    (delivery,) = sandbox.mock("GET", "/deliveries?count=1&wait-ms=3600000")["deliveries"]
    assert delivery["lateness-ms"] >= 0


def test_a_wait_ends_when_the_clock_is_moved_over_another_connection(
    sandbox: SandboxClient, other: SandboxClient
) -> None:
    """A client that waits holds up nobody."""
    sandbox.enqueue(60_000)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(sandbox.mock, "GET", "/deliveries?count=1&wait-ms=3600000")
        assert other.mock("POST", "/clock/advance", {"by-ms": 60_000})["total"] == 1
        assert len(waiting.result()["deliveries"]) == 1


def test_a_client_that_leaves_waits_no_more(sandbox: SandboxClient, live: ServerProcess) -> None:
    """The clock would no longer stop at the end of its wait."""
    key = sandbox.client.headers["authorization"]
    headers = f"Host: localhost\r\nAuthorization: {key}\r\n\r\n"
    head = f"GET /_mock/deliveries?count=1&wait-ms=5000 HTTP/1.1\r\n{headers}"
    with connected(live) as waiting:
        waiting.sendall(head.encode())
        assert any("next-due" in sandbox.mock("GET", "/clock") for _ in range(1_000))
    assert any("next-due" not in sandbox.mock("GET", "/clock") for _ in range(1_000))


def test_an_idle_clock_skips_to_the_next_due_message(sandbox: SandboxClient) -> None:
    """Nobody moves it, and days pass; it stands exactly where the awaited thing was due."""
    assert sandbox.mock("PUT", "/clock/auto-advance", {"enabled": True})["auto-advance"] is True
    for days in (1, 2, 3):
        sandbox.enqueue(days * 86_400_000)
        (delivery,) = sandbox.mock("GET", f"/deliveries?count=1&wait-ms=86400000&after={days - 1}")[
            "deliveries"
        ]
        assert delivery["lateness-ms"] == 0
        assert delivery["delivered-at"] == f"2016-03-{27 + days}T00:00:00.000Z"
    clock = sandbox.mock("PUT", "/clock/auto-advance", {"enabled": False})
    assert clock == {"now": "2016-03-30T00:00:00.000Z", "frozen": True, "rate": 1.0}


def test_an_idle_clock_skips_a_latency(sandbox: SandboxClient) -> None:
    """A request that waits for the clock alone is nothing that goes on, and is an hour later now."""
    sandbox.mock("PUT", "/clock/auto-advance", {"enabled": True})
    fault = {"do": {"latency": {"kind": "fixed", "ms": 3_600_000}}}
    assert sandbox.client.post("/_mock/faults", json=fault).status_code == 201
    assert sandbox.enqueue().headers["date"] == "Sun, 27 Mar 2016 01:00:00 GMT"


def test_date_is_the_sandboxs_on_every_way_to_the_socket(sandbox: SandboxClient, live: ServerProcess) -> None:
    """A whole answer, one without a body, one of a connection that closes: one `Date` each, and that one."""
    link = sandbox.enqueue().json()["data"]["links"]["self"]
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"connection": "close"})):
        answer = sandbox.client.request(method, link, headers=headers)
        assert answer.headers.get_list("date") == ["Sun, 27 Mar 2016 00:00:00 GMT"]
    headers = {"authorization": "test_by_the_wall"}
    (date,) = httpx.get(f"{live.url}{MESSAGES}/1", headers=headers, timeout=PATIENCE_S).headers.get_list(
        "date"
    )
    assert "2016" not in date


def test_a_server_that_shuts_down_ends_streams_and_waits(tmp_path: Path) -> None:
    """A waiting request is answered with the deliveries so far; a stream ends like one that is complete."""
    with (
        running(tmp_path) as server,
        SandboxClient(server, "test_key") as sandbox,
        connected(server) as waiting,
    ):
        stream = sandbox.events()
        assert next(stream) == [": watching"]
        head = "GET /_mock/deliveries?count=1&wait-ms=86400000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        waiting.sendall(head.encode())
        # Sent later, and answered: so what was sent before is under way.
        assert httpx.get(f"{server.url}/health", timeout=PATIENCE_S).status_code == 200
        assert server.stop() == 0
        assert list(stream) == []
        assert waiting.recv(65_536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_sandbox_is_in_use_while_somebody_follows_it(tmp_path: Path) -> None:
    """A stream of events, or a request that waits by the clock: its sandbox stays, for any other keys."""
    with (
        running(tmp_path, "--max-sandboxes", "2") as server,
        SandboxClient(server, "test_watched") as watched,
        connected(server) as waiting,
    ):
        watched.mock("POST", "/clock/freeze")
        head = f"POST {MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: test_watched\r\n"
        body = b'{"data":{"type":"message","attributes":{"body":"x"}}}'
        more = f"Prefer: delay=2\r\nContent-Type: {JSON_API}\r\nContent-Length: {len(body)}\r\n\r\n"
        waiting.sendall((head + more).encode() + body)
        events = watched.events()
        assert next(events) == [": watching"]
        for number in range(5):
            with SandboxClient(server, f"test_other_{number}") as other:
                assert other.enqueue().status_code == 202
        with SandboxClient(server, "test_watched") as again:
            again.mock("POST", "/clock/advance", {"by-ms": 5_000})
        assert waiting.recv(100).startswith(b"HTTP/1.1 202")
        assert next(events)[1] == "event: message.accepted"
        events.close()
