"""Faults as a client on a socket meets them, with the messages stored meanwhile."""

from pathlib import Path

import pytest

from tests.mocks.sandbox_clients import LATER, SandboxClient, until
from tests.processes import running
from tests.web.sockets import Connection, connected, request


def everything(connection: Connection) -> bytes:
    """All that comes until the server closes the connection; raises ConnectionResetError for a reset."""
    received = b""
    while data := connection.socket.recv(1 << 16):
        received += data
    return received


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(("kind", "outcome"), [("close", "lost"), ("reset", "reset"), ("garbage", "garbage")])
def test_a_connection_ends_without_an_answer(
    sandbox: SandboxClient, kind: str, outcome: str, when: str, stored: int
) -> None:
    """The journal shows whether the message was stored; the socket does not."""
    sandbox.arm({"wire": {"kind": kind}}, when=when, name="broken")
    with sandbox.asking() as connection:
        if kind == "reset":
            with pytest.raises(ConnectionResetError):
                everything(connection)
        else:
            received = everything(connection)
            assert not received.startswith(b"HTTP/")
            assert bool(received) == (kind == "garbage")
    assert sandbox.stored() == stored
    entry = sandbox.entry()
    assert (entry["fault"], entry["outcome"], entry["stored"]) == ("broken", outcome, bool(stored))
    assert entry["status"] == (202 if stored else 0)
    assert len(entry["messages"]) == stored


def test_a_truncated_answer_ends_in_the_middle_of_its_body(sandbox: SandboxClient) -> None:
    """The head promises more than comes, and the connection ends."""
    sandbox.arm({"wire": {"kind": "truncate"}})
    with sandbox.asking() as connection:
        head, _, body = everything(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 202")
    (length,) = (int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"content-length" in line)
    assert 0 < len(body) == length // 2
    assert (sandbox.stored(), sandbox.entry()["outcome"]) == (1, "truncated")


def test_an_answer_trickles_by_the_sandboxs_clock(sandbox: SandboxClient) -> None:
    """The first piece comes at once; the others when the clock is moved on, and the connection stays open."""
    sandbox.arm({"wire": {"kind": "trickle", "pause-ms": 1000}}, nth=1)
    with sandbox.asking() as connection:
        first = b""
        while b"{" not in first:
            first += connection.socket.recv(1 << 16)
        assert b"}}" not in first
        sandbox.mock("POST", "/clock/advance", {"by-ms": 7000})
        connection._received = first
        assert connection.reply().json()["data"]["type"] == "message"
        connection.send(request(LATER, key=sandbox.key))
        assert connection.reply().status == 202
    assert [entry["outcome"] for entry in sandbox.mock("GET", "/journal")["entries"]] == ["trickled", "sent"]
    assert sandbox.stored() == 2


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_an_answer_is_late_by_the_sandboxs_clock(sandbox: SandboxClient, when: str, stored: int) -> None:
    """A frozen clock holds the request until it moves; `when` decides whether it is stored meanwhile."""
    sandbox.arm({"latency": {"kind": "fixed", "ms": 5000}}, when=when)
    with sandbox.asking() as connection:
        until(sandbox.has_fired)
        assert sandbox.stored() == stored
        sandbox.mock("POST", "/clock/advance", {"by-ms": 5000})
        assert connection.reply().status == 202
    assert (sandbox.stored(), sandbox.entry()["outcome"]) == (1, "sent")


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_client_that_gives_up_waiting_gets_no_answer(
    sandbox: SandboxClient, when: str, stored: int
) -> None:
    """Before the commit no message is stored, after it the message is: the journal shows which."""
    sandbox.arm({"latency": {"kind": "fixed", "ms": 5000}}, when=when, name="slow")
    with sandbox.asking():
        until(sandbox.has_fired)
    until(lambda: bool(sandbox.mock("GET", "/journal")["entries"]))
    entry = sandbox.entry()
    assert (entry["fault"], entry["outcome"], entry["stored"]) == ("slow", "lost", bool(stored))
    assert sandbox.stored() == stored


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_status_comes_before_the_commit_or_after_it(sandbox: SandboxClient, when: str, stored: int) -> None:
    """A refusal does not show whether the message was stored; an outage ends when its duration is over."""
    sandbox.arm({"answer": {"status": 503}}, when=when, **{"duration-ms": 30_000})
    with sandbox.asking() as connection:
        reply = connection.reply()
        assert (reply.status, reply.headers["retry-after"]) == (503, "30")
        assert reply.json()["errors"][0]["code"] == "unavailable"
        assert sandbox.stored() == stored
        sandbox.mock("POST", "/clock/advance", {"by-ms": 30_000})
        connection.send(request(LATER, key=sandbox.key))
        assert connection.reply().status == 202
    assert sandbox.stored() == stored + 1
    assert [entry["status"] for entry in sandbox.mock("GET", "/journal")["entries"]] == [503, 202]


def test_a_service_recovers_after_a_number_of_failures(sandbox: SandboxClient) -> None:
    """Retries come through once the fault has fired its count."""
    sandbox.arm({"answer": {"status": 500}}, count=2)
    replies = []
    with connected(sandbox.address) as connection:
        for _ in range(3):
            connection.send(request(LATER, key=sandbox.key))
            replies.append(connection.reply().status)
    assert replies == [500, 500, 202]
    assert sandbox.stored() == 1


@pytest.mark.parametrize(("lines", "stored"), [((), 2), ((b"Idempotency-Key: once",), 1)])
def test_a_retry_after_a_lost_answer_enqueues_twice_but_for_an_idempotency_key(
    sandbox: SandboxClient, lines: tuple[bytes, ...], stored: int
) -> None:
    """The bug that every client of a queue has, and the header that mends it (ruling H14)."""
    sandbox.arm({"wire": {"kind": "close"}}, when="after", nth=1)
    with sandbox.asking(*lines) as connection:
        assert everything(connection) == b""
    with sandbox.asking(*lines) as connection:
        assert connection.reply().status == 202
    assert sandbox.stored() == stored
    entries = sandbox.mock("GET", "/journal")["entries"]
    assert [entry["stored"] for entry in entries] == [True, stored == 2]


def test_a_server_that_shuts_down_answers_a_request_held_by_a_fault(tmp_path: Path) -> None:
    """Nobody waits for a frozen clock in a server that ends: the request is carried out at once."""
    with running(tmp_path) as server:
        sandbox = SandboxClient(server, "test_key")
        sandbox.arm({"latency": {"kind": "fixed", "ms": 3_600_000}})
        with sandbox.asking() as connection:
            until(sandbox.has_fired)
            sandbox.client.close()
            assert server.stop() == 0
            assert connection.reply().status == 202
