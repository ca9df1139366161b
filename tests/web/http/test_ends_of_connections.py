"""How a connection ends: refusals that can be read, time-outs, closed sides, and too many of them."""

import asyncio
import http.client
import logging
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from eqkit.elasticqueue.service import elasticqueue
from eqkit.web.http.limits import Timeouts
from eqkit.web.http.protocol import Protocol
from eqkit.web.http.site import Site
from eqkit.web.messages.context import CONNECTION, Receive, Scope, Send
from tests.clients import JSON_API, MESSAGES
from tests.processes import ServerProcess
from tests.web.sockets import GOOD, connected, request

HEALTH = request(b"", method=b"GET", target=b"/health", length=None)
CHUNKED = b"Transfer-Encoding: chunked"
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Pair]]


@asynccontextmanager
async def serving(
    app: Any = None, *, max_connections: int = 100, timeouts: Timeouts | None = None
) -> AsyncIterator[Connect]:
    """Serve an application, the mock by default, with other time-outs; yield its connecting function."""
    site = Site(app or elasticqueue(), max_connections=max_connections, timeouts=timeouts)
    server = await asyncio.get_running_loop().create_server(lambda: Protocol(site), "127.0.0.1", 0)
    made: list[asyncio.StreamWriter] = []

    async def connect() -> Pair:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        made.append(writer)
        return reader, writer

    async with server:
        yield connect
        for writer in made:
            writer.close()
        for each in [*site.connections]:
            each.transport.abort()


def run(coro: Any) -> Any:
    """Run a coroutine, which may take 20 seconds."""
    return asyncio.run(asyncio.wait_for(coro, 20))


def refused(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status that the standard library's simplest client gets, which sends all before it reads."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url + MESSAGES, body, headers)) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize(
    ("headers", "size", "status"),
    [
        ({"Content-Type": JSON_API}, 5_000_000, 401),
        ({"Content-Type": "text/plain", "Authorization": "test_a"}, 5_000_000, 415),
        ({"Content-Type": JSON_API, "Authorization": "test_a"}, 20_000_000, 413),
    ],
)
def test_a_client_that_is_refused_while_it_sends_can_read_why(
    live: ServerProcess, headers: dict[str, str], size: int, status: int
) -> None:
    """RFC 9112 9.6: closed at once, the connection would be reset, and the answer lost with it."""
    assert [refused(live.url, b"x" * size, headers) for _ in range(3)] == [status] * 3


@pytest.mark.parametrize("version", [10, 11])
def test_so_can_one_that_ends_its_connection(live: ServerProcess, version: int) -> None:
    """The same holds for HTTP/1.0, the default of nginx behind a proxy, and for `Connection: close`."""
    for _ in range(3):
        connection = http.client.HTTPConnection(*live.address, timeout=20)
        connection._http_vsn = version  # type: ignore[attr-defined]
        connection._http_vsn_str = f"HTTP/1.{version % 10}"  # type: ignore[attr-defined]
        connection.request("POST", "/v1/nope", b"x" * 6_000_000, {"Connection": "close"})
        assert connection.getresponse().status == 404
        connection.close()


def test_so_can_one_whose_body_is_malformed(live: ServerProcess) -> None:
    """Bytes behind the fault are read past, and never taken for a request."""
    with connected(live.address) as connection:
        connection.send(request(b"zz\r\n", CHUNKED, length=None) + b"x" * 3_000_000 + HEALTH)
        assert connection.reply().status == 400
        assert connection.is_closed()


def test_a_client_behind_a_proxy_that_reads_only_once_it_has_sent_gets_the_answer(
    live: ServerProcess,
) -> None:
    """A request buffered by nginx comes so: HTTP/1.0, all of the body, and then one read."""
    raw = request(b"x" * 15_000_000, version=b"HTTP/1.0", key=None, host=b"upstream")
    with connected(live.address) as connection:
        connection.socket.sendall(raw)
        assert connection.reply().status == 401
        assert connection.is_closed()


def test_a_body_is_read_past_for_a_bounded_time() -> None:
    """A client that goes on for ever after its refusal is cut off; so is one that falls silent."""

    async def ended(*, sends: bool, key: bytes) -> float:
        loop = asyncio.get_running_loop()
        async with serving(
            timeouts=Timeouts(linger_s=0.3, linger_pause_s=0.2 if not sends else 5)
        ) as connect:
            reader, writer = await connect()
            writer.write(request(b"x", key=key, length=b"1000000", version=b"HTTP/1.1"))
            await reader.readuntil(b"\r\n\r\n")
            begun = loop.time()
            while not writer.transport.is_closing() and loop.time() < begun + 10:
                if sends:
                    writer.write(b"x")
                await asyncio.sleep(0.01)
                if reader.at_eof() or reader.exception():
                    break
                reader._buffer.clear()  # type: ignore[attr-defined]
            return loop.time() - begun

    for sends in (True, False):
        assert run(ended(sends=sends, key=b"wrong")) < 5


@pytest.mark.parametrize("key", [b"wrong", b"test_expect"])
@pytest.mark.parametrize("expect", [b"100-continue", b"100-Continue", b"a=b, 100-continue"])
def test_a_refusal_instead_of_the_100_ends_the_connection(
    live: ServerProcess, key: bytes, expect: bytes
) -> None:
    """RFC 9110 10.1.1: the server could not know whether a body or a request comes next."""
    media_type = b"text/plain" if key == b"test_expect" else JSON_API.encode()
    raw = request(GOOD, b"Expect: " + expect, key=key, media_type=media_type)
    with connected(live.address) as connection:
        connection.send(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        reply = connection.reply()
        assert reply.status in (401, 415)
        assert reply.headers["connection"] == "close"
        assert connection.is_closed()


def test_a_client_that_has_closed_its_side_gets_its_answers(live: ServerProcess) -> None:
    """RFC 9112 9.6 has one side closed at a time: at once, in a pipeline, and after a delay."""
    delayed = request(GOOD, b"Prefer: delay=0.3")
    for raw, count in ((request(), 1), (request() * 3, 3), (delayed, 1), (request() + delayed, 2)):
        with connected(live.address) as connection:
            connection.send(raw)
            connection.socket.shutdown(socket.SHUT_WR)
            statuses: list[int] = []
            while len(statuses) < count:
                status = connection.reply().status
                if status != 100:
                    statuses.append(status)
            assert statuses == [202] * count
            assert connection.is_closed()


def test_one_that_has_left_is_noticed_though_it_looks_alike() -> None:
    """The application that waits for it gets a disconnect."""

    async def findings() -> list[str]:
        messages: list[str] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            messages.append((await receive())["type"])
            messages.append((await receive())["type"])
            gone.set()

        gone = asyncio.Event()
        async with serving(app) as connect:
            _, writer = await connect()
            writer.write(HEALTH)
            writer.close()
            await gone.wait()
        return messages

    assert run(findings()) == ["http.request", "http.disconnect"]


def test_a_stream_without_an_end_is_ended_when_its_client_closes_its_side(live: ServerProcess) -> None:
    """An EventSource that is closed must not be held for ever: nothing would be written to find it out."""
    with connected(live.address) as connection:
        connection.send(request(b"", method=b"GET", target=b"/_mock/events", host=b"127.0.0.1", length=None))
        assert connection.reply().status == 200
        connection._received = b""
        connection.socket.shutdown(socket.SHUT_WR)
        while connection.socket.recv(1 << 16):
            pass


@pytest.mark.parametrize(
    ("sent", "timeout", "status"),
    [
        (b"", "idle_s", b""),
        (b"\r\n", "idle_s", b""),
        (HEALTH, "idle_s", b"200"),
        (HEALTH[:30], "head_s", b"400"),
        (request()[:-5], "body_s", b"400"),
        (request(b"5\r\nab", CHUNKED, length=None), "body_s", b"400"),
        (request(b"x", key=b"wrong", length=b"50"), "linger_pause_s", b"401"),
        (b"NONSENSE\r\n\r\n", "linger_pause_s", b"400"),
    ],
)
def test_a_connection_that_stalls_is_closed(sent: bytes, timeout: str, status: bytes) -> None:
    """Before a request, in its head, in its body, and after a refusal: with an answer where one is due."""

    async def received() -> bytes:
        async with serving(timeouts=Timeouts(**{timeout: 0.1})) as connect:
            reader, writer = await connect()
            writer.write(sent)
            return await reader.read()

    messages = run(received())
    assert messages[9:12] == status
    if timeout in ("head_s", "body_s"):
        assert b"0.1 seconds" in messages


def test_a_head_that_drips_is_not_waited_for() -> None:
    """The time is counted from its first byte, and not from the last."""

    async def received() -> bytes:
        async with serving(timeouts=Timeouts(head_s=0.3)) as connect:
            reader, writer = await connect()
            for at in range(len(HEALTH) - 2):
                writer.write(HEALTH[at : at + 1])
                await asyncio.sleep(0.02)
                if reader.at_eof() or reader._buffer:  # type: ignore[attr-defined]
                    break
            return await reader.read()

    assert run(received()).startswith(b"HTTP/1.1 400")


def test_a_body_may_take_its_time_as_long_as_it_comes() -> None:
    """The time-out is for a silence."""

    async def received() -> bytes:
        async with serving(timeouts=Timeouts(body_s=0.3, head_s=0.3, idle_s=0.3)) as connect:
            reader, writer = await connect()
            raw = request()
            writer.write(raw[:-20])
            for at in range(len(raw) - 20, len(raw)):
                await asyncio.sleep(0.03)
                writer.write(raw[at : at + 1])
            return await reader.readuntil(b"\r\n")

    assert run(received()).startswith(b"HTTP/1.1 202")


def test_a_client_that_does_not_read_holds_up_a_stream_and_is_cut_off_in_the_end() -> None:
    """The bytes that wait to be sent are bounded, for any answer of the application."""
    sizes: list[int] = []

    async def served() -> None:
        gone = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            connection = scope[CONNECTION]
            while not connection.disconnected:
                await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
                sizes.append(connection.protocol.transport.get_write_buffer_size())
            gone.set()

        async with serving(app, timeouts=Timeouts(write_s=0.3)) as connect:
            _, writer = await connect()
            transport: Any = writer.transport
            transport.pause_reading()
            writer.write(HEALTH)
            await gone.wait()

    run(served())
    assert max(sizes) < 1_000_000


def test_a_thousand_requests_that_nobody_reads_the_answers_to_are_not_all_answered() -> None:
    """A pipeline stops where its client stops to read."""
    answered = 0

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal answered
        length = (b"content-length", b"1000000")
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": b"x" * 1_000_000})
        answered += 1

    async def served() -> None:
        async with serving(app) as connect:
            _, writer = await connect()
            transport: Any = writer.transport
            transport.pause_reading()
            writer.write(HEALTH * 1000)
            before = -1
            while answered != before:
                before = answered
                await asyncio.sleep(0.2)

    run(served())
    assert 0 < answered < 100


def test_a_connection_beyond_the_bound_gets_a_503(caplog: pytest.LogCaptureFixture) -> None:
    """A 503 with `Retry-After`, one line in the log, and those within the bound go on."""

    async def served() -> list[bytes]:
        async with serving(max_connections=2) as connect:
            pairs = [await connect() for _ in range(5)]
            messages = []
            for reader, _ in pairs[2:]:
                messages.append(await reader.read())
            for reader, writer in pairs[:2]:
                writer.write(HEALTH)
                messages.append(await reader.readuntil(b"\r\n\r\n"))
            return messages

    with caplog.at_level(logging.WARNING, "eqkit"):
        *refusals, first, second = run(served())
    assert [each[9:12] for each in (*refusals, first, second)] == [b"503"] * 3 + [b"200"] * 2
    assert all(b"\r\nretry-after: " in each and b"\r\nconnection: close" in each for each in refusals)
    assert [record.getMessage() for record in caplog.records] == [
        "2 connections are open, the most that --max-connections allows; new ones are refused"
    ]
