"""Streams pass a proxy as they come, in both directions, and one that breaks off is reported."""

import socket
import threading
from pathlib import Path

import httpx
import pytest

from eqkit.checks.findings import Finding
from eqkit.checks.proxy.proxied_exchange import Receive, Scope, Send
from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.sources import load
from eqkit.traffic.exchanges import read
from eqkit.traffic.recording import Recording
from tests.checks.proxies import (
    HEAD,
    LONG,
    Broken,
    accepted,
    answer_once,
    connected,
    journaled,
    listening,
    proxied,
    served,
    until,
)
from tests.clients import JSON_API, MESSAGES

KEY = {"authorization": "test_streamed"}
UNJUDGEABLE = """
openapi: 3.0.3
info: {title: Things, version: 1.0.0}
paths:
  /things:
    get:
      responses:
        '200': {description: A thing., content: {application/json: {schema: {type: string, pattern: '['}}}}
"""


@pytest.mark.parametrize("framing", ["Content-Length: 9", "Transfer-Encoding: chunked"])
def test_a_request_is_not_held_back(framing: str) -> None:
    """The service has the first part of a body before the client has sent the last one."""
    is_chunked = "chunked" in framing
    with listening() as (upstream, listener), served(proxied(upstream)[0]) as url, connected(url) as client:
        head = f"POST {MESSAGES} HTTP/1.1\r\nHost: a\r\nContent-Type: {JSON_API}\r\n{framing}\r\n\r\n"
        client.sendall(head.encode() + (b"5\r\nfirst\r\n" if is_chunked else b"first"))
        service = accepted(listener)
        with service:
            until(service, b"first")
            client.sendall(b"4\r\nlast\r\n0\r\n\r\n" if is_chunked else b"last")
            until(service, b"last")
            service.sendall(f"{HEAD}Content-Length: 2\r\n\r\n{{}}".encode())
            assert until(client, b"{}").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("number", ["1", LONG])
def test_a_stream_that_proves_broken_never_ends(number: str) -> None:
    """On fail it is too late for a 502, so the answer breaks off; with a known length or without one."""
    service = Broken()
    service.released.set()
    with (
        served(service.application) as upstream,
        journaled(upstream, fails=True) as (url, messages),
        httpx.stream("GET", f"{url}{MESSAGES}/{number}", headers=KEY) as answer,
    ):
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
        entry = httpx.get(f"{url}/_mock/journal", headers=KEY).json()["entries"][0]
    assert [finding.rule for finding in messages] == ["response-body"]
    assert (entry["outcome"], "sent-bytes" in entry) == ("truncated", False)
    assert entry["violations"][0].endswith("[response-body]")


@pytest.mark.parametrize("number", ["1", LONG])
def test_a_stream_that_proves_broken_is_let_through_on_report(number: str) -> None:
    """The stream ends as it should, and its violation is reported."""
    service = Broken()
    service.released.set()
    with served(service.application) as upstream, journaled(upstream) as (url, messages):
        assert httpx.get(f"{url}{MESSAGES}/{number}", headers=KEY).content.startswith(b"first")
    assert [finding.rule for finding in messages] == ["response-body"]


def test_a_stream_with_a_wrong_head_is_refused() -> None:
    """On fail, a violation that shows before the first byte leaves is a 502, as for any other response."""
    wrong = "HTTP/1.1 299 Odd\r\nContent-Type: text/plain\r\n\r\n"
    with listening() as (upstream, listener), journaled(upstream, fails=True) as (url, _):
        answering = threading.Thread(target=answer_once, args=(listener, wrong.encode() + b"endless"))
        answering.start()
        answer = httpx.get(f"{url}{MESSAGES}/1", headers=KEY)
        answering.join()
        entry = httpx.get(f"{url}/_mock/journal", headers=KEY).json()["entries"][0]
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (502, "contract-violation")
    assert (entry["status"], entry["outcome"], entry["sent-bytes"]) == (299, "lost", 0)


def test_a_short_answer_that_breaks_off_is_a_502(tmp_path: Path) -> None:
    """The body is validated first, so that the client gets an error; the recording has no half a body."""
    recording = Recording(tmp_path / "all.jsonl")
    with listening() as (upstream, listener), served(proxied(upstream, recording)[0]) as url:
        half = f"{HEAD}Content-Length: 9\r\n\r\nfirst".encode()
        answering = threading.Thread(target=answer_once, args=(listener, half))
        answering.start()
        answer = httpx.get(f"{url}{MESSAGES}/1", headers=KEY)
        answering.join()
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (502, "upstream-unreachable")
    assert "breaks its answer off" in answer.json()["errors"][0]["detail"]
    assert [each.response_body for each in read(tmp_path / "all.jsonl")] == [None]


def test_a_stream_that_breaks_off_is_reported() -> None:
    """The stream breaks off for the client, too, and the missing rest is not validated."""
    half = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n".encode()
    with listening() as (upstream, listener), journaled(upstream) as (url, messages):
        answering = threading.Thread(target=answer_once, args=(listener, half))
        answering.start()
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{url}{MESSAGES}/1", headers=KEY)
        answering.join()
        entry = httpx.get(f"{url}/_mock/journal", headers=KEY).json()["entries"][0]
    assert [finding.rule for finding in messages] == ["answer-broken-off"]
    assert "broke off after 5 bytes" in messages[0].message
    assert (entry["outcome"], entry["answer"]["size"], "text" in entry["answer"]) == ("truncated", 5, False)


def test_nobody_is_listened_to_for_a_client_that_has_gone() -> None:
    """A stream that never ends is left, as soon as its client is."""
    with listening() as (upstream, listener), served(proxied(upstream)[0]) as url:
        client = connected(url)
        client.sendall(f"GET {MESSAGES}/1 HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        service = accepted(listener)
        with service:
            service.sendall(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n".encode())
            until(client, b"first")
            client.close()
            with pytest.raises(ConnectionError):
                stream(service)


def stream(connection: socket.socket) -> None:
    """Send parts of an answer without an end."""
    while True:
        connection.sendall(b"4\r\nmore\r\n")


def test_an_answer_without_a_body_ends() -> None:
    """A proxy leaves the length out of a 304, or the client would wait for the unchanged body."""
    unchanged = f"HTTP/1.1 304 Not Modified\r\nContent-Type: {JSON_API}\r\nContent-Length: 9\r\n\r\n"
    with listening() as (upstream, listener), served(proxied(upstream)[0]) as url:
        answering = threading.Thread(target=answer_once, args=(listener, unchanged.encode()))
        answering.start()
        answer = httpx.get(f"{url}{MESSAGES}/1", headers=KEY)
        answering.join()
    assert (answer.status_code, "content-length" in answer.headers) == (304, False)


@pytest.mark.parametrize(
    ("line", "status"), [("GET //[x HTTP/1.1", 404), ("OPTIONS * HTTP/1.1", 502)], ids=["slashes", "asterisk"]
)
def test_an_odd_target_gets_one_answer_and_no_traceback(line: str, status: int) -> None:
    """It is passed on, or refused in the words of the API."""

    async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    with served(nothing) as upstream, served(proxied(upstream)[0]) as url, connected(url) as client:
        client.sendall(f"{line}\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        messages = until(client, b"\r\n\r\n")
    assert messages.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"text/plain" not in messages


def test_a_response_that_cannot_be_validated_goes_through(tmp_path: Path) -> None:
    """A contract with a slip in a schema breaks nobody's traffic; the slip is named at once."""
    contract = tmp_path / "things.yaml"
    contract.write_text(UNJUDGEABLE)
    with listening() as (upstream, listener):
        messages: list[Finding] = []
        proxy = Proxy(*load(contract, [upstream]), upstream, messages.append)
        with served(proxy) as url, connected(url) as client:
            client.sendall(b"GET /things HTTP/1.1\r\nHost: a\r\n\r\n")
            with accepted(listener) as service:
                until(service, b"\r\n\r\n")
                head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n"
                service.sendall(head + b'"a"')
                answer = until(client, b'"a"')
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert [finding.rule for finding in messages] == ["contract-schema"]
