"""The requests of a proxy: their destination, their framing, and the headers that it keeps back."""

import contextlib
import json
from pathlib import Path

import pytest

from tests.checks.proxies import accepted, connected, listening, until
from tests.checks.proxy.wire import ASKED, GOOD, accepted_after, asked_and_answered, before


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("GET", "204 No Content\r\nContent-Length: 3"),
        ("GET", "204 No Content"),
        ("GET", "304 Not Modified\r\nContent-Length: 3"),
        ("HEAD", "200 OK\r\nContent-Type: application/json\r\nContent-Length: 3"),
        ("GET", "200 OK\r\nContent-Type: application/json\r\nContent-Length: 0"),
        (
            "GET",
            "200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n0",
        ),
    ],
)
def test_bytes_behind_an_answer_reach_nobody(method: str, head: str, tmp_path: Path) -> None:
    """They end the connection and are reported; the next client gets its own answer, on another one."""
    stray = b"HTTP/1.1 299 Stray\r\nContent-Length: 0\r\n\r\n"
    with (
        listening() as (upstream, listener),
        before(upstream, tmp_path) as (url, messages),
        contextlib.ExitStack() as services,
    ):
        got = b""
        for number in (1, 2):
            with connected(url) as client:
                line = f"{method if number == 1 else 'GET'} /things HTTP/1.1\r\n"
                client.sendall(line.encode() + b"Host: a\r\nConnection: close\r\n\r\n")
                # The service itself closes no connection, so that the first one could be used again.
                service = services.enter_context(accepted(listener))
                until(service, b"\r\n\r\n")
                service.sendall(f"HTTP/1.1 {head}\r\n\r\n".encode() + stray if number == 1 else GOOD)
                got = b"".join(iter(lambda: client.recv(65536), b""))
            assert b"299" not in got
    assert got.endswith(b"[1]")
    assert [finding.rule for finding in messages if finding.rule == "answer-overrun"] == ["answer-overrun"]


def test_late_bytes_behind_an_answer_are_reported(tmp_path: Path) -> None:
    """The client has its answer then; the connection is not used again all the same."""
    with listening() as (upstream, listener), before(upstream, tmp_path) as (url, messages):
        with connected(url) as client, accepted_after(client, listener) as service:
            service.sendall(GOOD)
            assert until(client, b"[1]")
            service.sendall(b"late")
            assert service.recv(1) == b""
        with connected(url) as client, accepted_after(client, listener) as service:
            service.sendall(GOOD)
            assert until(client, b"[1]").startswith(b"HTTP/1.1 200 ")
    assert [finding.rule for finding in messages] == ["answer-overrun"]


@pytest.mark.parametrize(
    ("method", "head"),
    [("GET", "204 No Content"), ("GET", "304 Not Modified"), ("HEAD", "200 OK\r\nContent-Length: 3")],
)
def test_a_connection_is_not_used_again_after_an_answer_without_a_body(
    method: str, head: str, tmp_path: Path
) -> None:
    """A body that must not be there may still be on its way, to be read as the next client's answer."""
    with (
        listening() as (upstream, listener),
        before(upstream, tmp_path) as (url, _),
        connected(url) as client,
        contextlib.ExitStack() as services,
    ):
        for sent, answer in ((method.encode(), f"HTTP/1.1 {head}\r\n\r\n".encode()), (b"GET", GOOD)):
            client.sendall(ASKED.replace(b"GET", sent))
            service = services.enter_context(accepted(listener))
            until(service, b"\r\n\r\n")
            service.sendall(answer)
            until(client, answer[-3:])


def test_a_connection_is_used_again(tmp_path: Path) -> None:
    """Exchanges that end well share one connection."""
    with (
        listening() as (upstream, listener),
        before(upstream, tmp_path) as (url, message),
        connected(url) as client,
        accepted_after(client, listener) as service,
    ):
        for _ in range(3):
            service.sendall(GOOD)
            assert until(client, b"[1]").startswith(b"HTTP/1.1 200 ")
            client.sendall(ASKED)
            until(service, b"\r\n\r\n")
        service.sendall(GOOD)
        until(client, b"[1]")
    assert message == []


@pytest.mark.parametrize("named", ["X-Hop", "close, X-Hop", "x-hop , Keep-Alive", "Upgrade,X-HOP"])
def test_a_header_that_connection_names_stays_within_its_hop(named: str, tmp_path: Path) -> None:
    """So does each hop-by-hop header, in both directions (RFC 9110 7.6.1)."""
    hop = (
        f"Connection: {named}\r\nX-Hop: secret\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nX-Other: seen\r\n"
    )
    asked = f"GET /things HTTP/1.1\r\nHost: a\r\n{hop}\r\n".encode()
    head, got, _ = asked_and_answered(tmp_path, asked, GOOD.replace(b"\r\n", f"\r\n{hop}".encode(), 1))
    for gone in (b"x-hop", b"keep-alive", b"\r\nte:"):
        assert gone not in head.lower()
    assert b"x-other: seen" in head.lower()
    assert "x-hop" not in got.headers
    assert got.headers["x-other"] == "seen"


@pytest.mark.parametrize(
    ("framing", "body", "text"),
    [
        ("Content-Length: 2\r\nTransfer-Encoding: chunked", "4\r\n[10]\r\n0\r\n\r\n", "[10]"),
        ("Transfer-Encoding: chunked\r\nContent-Length: 99", "4\r\n[10]\r\n0\r\n\r\n", "[10]"),
        ("Transfer-Encoding: chunked\r\nTrailer: X-Key", "4\r\n[10]\r\n0\r\nX-Key: secret\r\n\r\n", "[10]"),
        ("Content-Length: 4\r\nContent-Length: 4", "[10]", "[10]"),
    ],
)
def test_an_answer_is_framed_by_its_chunks(framing: str, body: str, text: str, tmp_path: Path) -> None:
    """Chunks go before a length, which is taken off (RFC 9112 6.3), and trailers are not headers (6.5)."""
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{framing}\r\n\r\n{body}"
    _, got, message = asked_and_answered(tmp_path, ASKED, answer.encode())
    assert (got.status, got.body.decode(), message) == (200, text, [])
    assert "x-key" not in got.headers
    assert not {"content-length", "transfer-encoding"} <= got.headers.keys()


@pytest.mark.parametrize(
    "answer",
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n[10]",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n[10]",
        "HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n[1]",
        "HTTP/1.1 200 OK\r\nX: " + "a" * 200_000 + "\r\n\r\n",
        "this is no HTTP\r\n\r\n",
    ],
    ids=["two lengths", "unknown coding", "negative", "endless head", "no HTTP"],
)
def test_an_answer_that_cannot_be_framed_is_a_502(answer: str, tmp_path: Path) -> None:
    """Its end cannot be found, so that none of it is passed on."""
    _, got, _ = asked_and_answered(tmp_path, ASKED, answer.encode())
    assert (got.status, json.loads(got.body)["errors"][0]["code"]) == (502, "upstream-unreachable")


def test_an_answer_comes_before_its_request_is_sent(tmp_path: Path) -> None:
    """A refusal of a body that is still on its way reaches the client at once."""
    with (
        listening() as (upstream, listener),
        before(upstream, tmp_path) as (url, message),
        connected(url) as client,
    ):
        client.sendall(
            b"POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Content-Length: 9999999\r\n\r\n{"
        )
        with accepted(listener) as service:
            until(service, b"{")
            service.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            assert until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 413 ")
    assert message == []
