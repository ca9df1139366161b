"""What a proxy sends, and where to; how it frames what passes, and what it does not send on."""

import contextlib
import gzip
import json
import socket
import threading
import zlib
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from eqkit.checks.findings import Finding
from eqkit.checks.proxy.judging_apart import LONGEST_AT_ONCE
from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.proxy.targets import Base, Misdirected
from eqkit.checks.proxy.violations import LONGEST_HEADERS, headers_of
from eqkit.checks.sources import load
from tests.checks.proxies import accepted, connected, listening, served, until

THINGS = """
openapi: 3.0.3
info: {title: Things, version: 1.0.0}
paths:
  /things:
    get:
      responses:
        '200':
          description: Things.
          content: {application/json: {schema: {type: array, items: {type: integer}}}}
        '204': {description: None.}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200': {description: Kept., content: {application/json: {schema: {type: array}}}}
        '413': {description: Too much.}
"""
ASKED = b"GET /things HTTP/1.1\r\nHost: a\r\n\r\n"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n[1]"


class Got(NamedTuple):
    """An answer as it came."""

    status: int
    headers: httpx.Headers
    body: bytes


@contextlib.contextmanager
def before(upstream: str, tmp_path: Path, *, fails: bool = False) -> Iterator[tuple[str, list[Finding]]]:
    """Serve a proxy for the contract of things; yield its address, and what it tells."""
    contract = tmp_path / "things.yaml"
    contract.write_text(THINGS)
    told: list[Finding] = []
    with served(Proxy(*load(contract, [upstream]), upstream, told.append, fails=fails)) as url:
        yield url, told


def asked_and_answered(
    tmp_path: Path, request: bytes, answer: bytes, *, base: str = "", fails: bool = False
) -> tuple[bytes, Got, list[Finding]]:
    """Return the head that the service got, what the client got, and what was told."""
    with listening() as (upstream, listener), before(upstream + base, tmp_path, fails=fails) as (url, told):
        heads: list[bytes] = []

        def serve() -> None:
            with accepted(listener) as service:
                heads.append(until(service, b"\r\n\r\n"))
                with contextlib.suppress(ConnectionError):  # of a proxy that has heard enough
                    service.sendall(answer)
                    service.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        with connected(url) as client:
            client.sendall(request)
            got = read_answer(client, request.split()[0].decode())
    thread.join()
    return heads[0], got, told


def read_answer(client: socket.socket, method: str) -> Got:
    """Read one answer off a connection that is kept."""
    response = HTTPResponse(client, method=method)
    response.begin()
    return Got(response.status, httpx.Headers(response.getheaders()), response.read())


@pytest.mark.parametrize(
    ("base", "path", "sent"),
    [
        ("/api", "/../admin", "/api/admin"),
        ("/api", "/a/../../admin", "/api/admin"),
        ("/api", "/%2e%2e/admin", "/api/admin"),
        ("/api", "/.%2E/./admin", "/api/admin"),
        ("/api", "/a/..", "/api/"),
        ("/api/", "/a//b/%7Ec/%2f", "/api/a//b/~c/%2F"),
        ("", "/a/%2e", "/a/"),
        ("", "/../a%2520%C3%A4", "/a%2520%C3%A4"),
        ("", "//other.example/x", "//other.example/x"),
        ("/a%20b", "/c", "/a%20b/c"),
        ("", "/ä", "/%C3%A4"),
    ],
)
def test_a_target_has_one_form_that_stays_below_the_base(base: str, path: str, sent: str) -> None:
    """Dot segments are worked out, and what needs no percent encoding has none (RFC 3986 5.2.4, 6.2.2)."""
    assert Base(f"http://service.example{base}").target(path.encode(), b"") == sent


@pytest.mark.parametrize(
    "path",
    [
        *("*", "*@other.example/x", "other.example:80", "@other.example/x", ""),
        *("/..%2fadmin", "/..%5Cadmin", "/a/..%2f..%2fadmin", "/%252e%252e/admin", "/..\\admin"),
    ],
)
def test_a_target_that_may_lead_elsewhere_is_refused(path: str) -> None:
    """What is no path, and what leaves the base for a server that decodes more than it should."""
    with pytest.raises(Misdirected):
        Base("http://service.example/api").target(path.encode(), b"")


@pytest.mark.parametrize(
    "target",
    ["*@{other}/x", "http://{other}/things", "//{other}/things", "/\\{other}/things", "*", "/@{other}/x", "/http://{other}/"],
)  # fmt: skip
def test_nothing_is_ever_sent_to_another_host(target: str, tmp_path: Path) -> None:
    """Whatever the target and the Host say, the one address that is connected to is the service's."""
    with listening() as (upstream, listener), listening() as (other, elsewhere):
        listener.settimeout(0.5)
        elsewhere.settimeout(0.2)
        asked = target.format(other=other.removeprefix("http://"))
        with before(upstream, tmp_path) as (url, _), connected(url) as client:
            client.sendall(f"OPTIONS {asked} HTTP/1.1\r\nHost: {other}\r\nConnection: close\r\n\r\n".encode())
            try:
                with accepted(listener) as service:
                    head = until(service, b"\r\n\r\n")
                    service.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    assert f"host: {upstream.removeprefix('http://')}\r\n".encode() in head
                    assert head.startswith(b"OPTIONS /")
            except TimeoutError:
                assert asked.startswith("*")
            assert client.recv(20).startswith(b"HTTP/1.1 ")
        with pytest.raises(TimeoutError):
            elsewhere.accept()


def test_the_form_that_is_sent_is_the_one_that_is_judged(tmp_path: Path) -> None:
    """An answer that breaks the contract does so under any spelling of its path."""
    head, _, told = asked_and_answered(
        tmp_path, ASKED.replace(b"/things", b"/x/../%74hings"), GOOD.replace(b"[1]", b"{} ")
    )
    assert head.startswith(b"GET /things HTTP/1.1\r\n")
    assert [finding.rule for finding in told] == ["response-body"]


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
    """They end the connection and are told; the next client gets its own answer, on another connection."""
    stray = b"HTTP/1.1 299 Stray\r\nContent-Length: 0\r\n\r\n"
    with listening() as (upstream, listener), before(upstream, tmp_path) as (url, told):
        got = b""
        for number in (1, 2):
            with connected(url) as client:
                line = f"{method if number == 1 else 'GET'} /things HTTP/1.1\r\n"
                client.sendall(line.encode() + b"Host: a\r\nConnection: close\r\n\r\n")
                with accepted(listener) as service:
                    until(service, b"\r\n\r\n")
                    service.sendall(f"HTTP/1.1 {head}\r\n\r\n".encode() + stray if number == 1 else GOOD)
                    got = b"".join(iter(lambda: client.recv(65536), b""))
            assert b"299" not in got
    assert got.endswith(b"[1]")
    assert [finding.rule for finding in told if finding.rule == "answer-overrun"] == ["answer-overrun"]


def test_bytes_behind_an_answer_are_told_when_they_come_late(tmp_path: Path) -> None:
    """The client has its answer then; the connection is not used again all the same."""
    with listening() as (upstream, listener), before(upstream, tmp_path) as (url, told):
        with connected(url) as client, accepted_after(client, listener) as service:
            service.sendall(GOOD)
            assert until(client, b"[1]")
            service.sendall(b"late")
            assert service.recv(1) == b""
        with connected(url) as client, accepted_after(client, listener) as service:
            service.sendall(GOOD)
            assert until(client, b"[1]").startswith(b"HTTP/1.1 200 ")
    assert [finding.rule for finding in told] == ["answer-overrun"]


@contextlib.contextmanager
def accepted_after(client: socket.socket, listener: socket.socket) -> Iterator[socket.socket]:
    """Ask for things, and yield the connection that the service gets it on."""
    client.sendall(ASKED)
    with accepted(listener) as service:
        until(service, b"\r\n\r\n")
        yield service


def test_a_connection_is_used_again(tmp_path: Path) -> None:
    """What went as it should does not cost a connection for each request."""
    with (
        listening() as (upstream, listener),
        before(upstream, tmp_path) as (url, told),
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
    assert told == []


@pytest.mark.parametrize("named", ["X-Hop", "close, X-Hop", "x-hop , Keep-Alive", "Upgrade,X-HOP"])
def test_what_connection_names_is_for_the_hop_alone(named: str, tmp_path: Path) -> None:
    """In both directions, with all that is so by its name (RFC 9110 7.6.1)."""
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
    _, got, told = asked_and_answered(tmp_path, ASKED, answer.encode())
    assert (got.status, got.body.decode(), told) == (200, text, [])
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
    """Nobody can tell where it ends, so that none of it is passed on."""
    _, got, _ = asked_and_answered(tmp_path, ASKED, answer.encode())
    assert (got.status, json.loads(got.body)["errors"][0]["code"]) == (502, "upstream-unreachable")


def test_an_answer_comes_before_its_request_is_sent(tmp_path: Path) -> None:
    """A refusal of a body that is still on its way reaches the client at once."""
    with (
        listening() as (upstream, listener),
        before(upstream, tmp_path) as (url, told),
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
    assert told == []


def test_what_is_added_to_an_answer_stays_short() -> None:
    """Of hundreds of violations a few are told in headers, and of the others how many they are."""
    told = headers_of([Finding("response-body", f"at /{number}: " + "ä" * 200) for number in range(500)])
    assert sum(len(name) + len(value) + 4 for name, value in told) <= LONGEST_HEADERS
    assert told[-1][1] == b"and %d more" % (501 - len(told))


@pytest.mark.parametrize("fails", [False, True])
def test_hundreds_of_violations_break_no_client(tmp_path: Path, *, fails: bool) -> None:
    """Node takes a head of 16 kB, and http.client 100 headers."""
    body = json.dumps(["wrong"] * 500).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    _, got, _ = asked_and_answered(tmp_path, ASKED, head + body, fails=fails)
    assert sum(len(name) + len(value) + 4 for name, value in got.headers.raw) < LONGEST_HEADERS + 200
    assert got.status == (502 if fails else 200)


@pytest.mark.parametrize("path", ["/admin", "/", "/things/1", "/thingsandmore"])
def test_an_endpoint_that_the_contract_has_not_is_an_error(path: str, tmp_path: Path) -> None:
    """All that is below the address of the service is for the contract, and on fail the client gets a 502."""
    asked = ASKED.replace(b"/things", path.encode())
    _, got, told = asked_and_answered(tmp_path, asked, GOOD, base="/v1", fails=True)
    assert got.status == 502
    assert "response-status" in {finding.rule for finding in told}


def test_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    """A 404 at a path that the contract has not is as it should be."""
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    _, got, told = asked_and_answered(tmp_path, ASKED.replace(b"things", b"favicon.ico"), missing, fails=True)
    assert (got.status, [finding.rule for finding in told]) == (404, ["request-path"])


def deflated(body: bytes) -> bytes:
    """Compress without a frame, as old servers do for deflate."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body", "rules"),
    [
        ("gzip", gzip.compress(b"[1]"), []),
        ("gzip", gzip.compress(b"[1") + gzip.compress(b", 2]"), []),
        ("gzip", gzip.compress(b'["x"]'), ["response-body"]),
        ("deflate", zlib.compress(b'["x"]'), ["response-body"]),
        ("deflate", deflated(b'["x"]'), ["response-body"]),
        ("deflate, gzip", gzip.compress(zlib.compress(b'["x"]')), ["response-body"]),
        ("identity", b'["x"]', ["response-body"]),
        ("br", b"\x8b\x01\x80[1]\x03", ["not-judged"]),
        ("gzip", b"[1]", ["not-judged"]),
        ("gzip", gzip.compress(bytes(65 * 1024 * 1024), 9), ["not-judged"]),
    ],
    ids=["gzip", "two members", "wrong", "zlib", "bare", "twice", "none", "unknown", "no gzip", "bomb"],
)  # fmt: skip
def test_what_a_service_compresses_unasked_is_judged(
    coding: str, body: bytes, rules: list[str], tmp_path: Path
) -> None:
    """Unpacked within bounds for the judging alone; the client gets it as it came."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\n"
    asked, got, told = asked_and_answered(
        tmp_path, ASKED, head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )
    assert b"accept-encoding: identity" in asked.lower()
    assert [finding.rule for finding in told] == rules
    assert got.headers["content-encoding"] == coding


def test_a_long_answer_is_judged_beside_the_traffic(tmp_path: Path) -> None:
    """In a process of its own, with the same words as a short one."""
    body = json.dumps([1] * LONGEST_AT_ONCE + ["x"]).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    _, got, told = asked_and_answered(tmp_path, ASKED, head + body, fails=True)
    assert got.status == 502
    assert [finding.message.partition(": ")[2] for finding in told] == [
        f'at /{LONGEST_AT_ONCE}: "document" must be an integer, not a string.'
    ]
    assert told[0].place is not None
    assert told[0].place.line is not None
