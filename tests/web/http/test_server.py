"""The server from its start to its end: it ends in time under any load, and informs its clients."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from eqkit.errors import StartupError
from eqkit.web.http.server import LAST_WORDS_S, Server
from eqkit.web.messages.context import Receive, Scope, Send
from tests.web.sockets import request

GET = request(b"", method=b"GET", target=b"/", length=None)
HALF = request()[:-5]
DRAIN_S = LAST_WORDS_S + 0.3
Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Answering:
    """An application whose answers are made by a function, and that notes its requests."""

    def __init__(self, answer: Callable[[Scope, Receive, Send], Any]) -> None:
        """Take the function that answers a request."""
        self._answer = answer
        self.asked = asyncio.Event()
        self.events: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Live through the lifespan, or answer."""
        if scope["type"] == "lifespan":
            for _ in range(2):
                event = (await receive())["type"]
                self.events.append(event)
                await send({"type": f"{event}.complete"})
            return
        self.asked.set()
        await self._answer(scope, receive, send)


async def at_once(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with nothing."""
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def never(scope: Scope, receive: Receive, send: Send) -> None:
    """Wait for ever."""
    await asyncio.get_running_loop().create_future()


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer once the body is whole."""
    while (await receive()).get("more_body"):
        pass
    await at_once(scope, receive, send)


async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
    """Send for ever."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
        await asyncio.sleep(0)


async def watching(scope: Scope, receive: Receive, send: Send) -> None:
    """Begin an answer, and wait for ever."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await never(scope, receive, send)


@asynccontextmanager
async def serving(
    app: Any, draining: Callable[[], Awaitable[None]] | None = None
) -> AsyncIterator[tuple[Server, asyncio.Task[None], Pair]]:
    """Serve on a free port, with one client connected."""
    listener = socket.create_server(("127.0.0.1", 0))
    started = asyncio.Event()
    server = Server(app, listener, drain_s=DRAIN_S, on_started=started.set, draining=draining)
    running = asyncio.create_task(server.serve())
    await started.wait()
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    try:
        yield server, running, (reader, writer)
    finally:
        server.stop()
        server.stop()
        await running
        writer.close()


def run(coro: Any) -> Any:
    """Run a coroutine, which may take 20 seconds."""
    return asyncio.run(asyncio.wait_for(coro, 20))


@pytest.mark.parametrize(
    ("answer", "sent", "message"),
    [
        (never, GET, b"HTTP/1.1 503"),
        (reading, HALF, b"HTTP/1.1 503"),
        (streaming, GET, None),
        (watching, GET, b"HTTP/1.1 200"),
        (at_once, b"", b""),
        (at_once, GET[:20], b""),
    ],
    ids=["waiting", "half a body", "a client that does not read", "a stream", "nothing", "half a head"],
)
def test_a_server_ends_in_time_with_any_client_on_it(answer: Any, sent: bytes, message: bytes | None) -> None:
    """Documented are 30 seconds; a client that still waits gets a 503, where no answer has begun."""

    async def ended() -> tuple[float, bytes]:
        app = Answering(answer)
        async with serving(app) as (server, running, (reader, writer)):
            transport: Any = writer.transport
            if message is None:
                transport.pause_reading()
            writer.write(sent)
            if sent in (GET, HALF):
                await app.asked.wait()
            begun = asyncio.get_running_loop().time()
            server.stop()
            await running
            took = asyncio.get_running_loop().time() - begun
            assert app.events == ["lifespan.startup", "lifespan.shutdown"]
            return took, b"" if message is None else await reader.read()

    took, received = run(ended())
    assert took < DRAIN_S + 1
    assert received.startswith(message or b"")
    assert b"503" not in received or b"\r\nconnection: close\r\n" in received


def test_a_server_ends_in_time_though_its_earlier_requests_never_do() -> None:
    """An advance may wait for a receiver of a webhook: its client gets a 503, and the server ends."""

    async def drained() -> None:
        await asyncio.get_running_loop().create_future()

    async def ended() -> tuple[float, bytes]:
        app = Answering(never)
        async with serving(app, drained) as (server, running, (reader, writer)):
            writer.write(GET)
            await app.asked.wait()
            begun = asyncio.get_running_loop().time()
            server.stop()
            await running
            return asyncio.get_running_loop().time() - begun, await reader.read()

    took, received = run(ended())
    assert took < DRAIN_S + 1
    assert received.startswith(b"HTTP/1.1 503")


def test_a_response_announces_the_end_of_its_connection_while_the_server_drains() -> None:
    """RFC 9112 9.6: it must not send its next request on it."""

    async def received() -> bytes:
        gate = asyncio.Event()

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            await gate.wait()
            await at_once(scope, receive, send)

        app = Answering(answer)
        async with serving(app) as (server, running, (reader, writer)):
            writer.write(GET)
            await app.asked.wait()
            server.stop()
            await server._end.wait()
            await asyncio.sleep(0)
            gate.set()
            messages = await reader.read()
            await running
            return messages

    messages = run(received())
    assert messages.startswith(b"HTTP/1.1 204")
    assert b"\r\nconnection: close\r\n" in messages


def test_asked_twice_a_server_ends_at_once() -> None:
    """The second Ctrl-C of somebody who does not want to wait."""

    async def took() -> float:
        app = Answering(never)
        async with serving(app) as (server, running, (_, writer)):
            writer.write(GET)
            await app.asked.wait()
            begun = asyncio.get_running_loop().time()
            server.stop()
            await asyncio.sleep(0)
            server.stop()
            await running
            return asyncio.get_running_loop().time() - begun

    assert run(took()) < DRAIN_S


def test_an_application_without_a_lifespan_is_served() -> None:
    """ASGI: it says so by failing, which is no fault."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await at_once(scope, receive, send)

    async def received() -> bytes:
        async with serving(app) as (_, _, (reader, writer)):
            writer.write(GET)
            return await reader.readuntil(b"\r\n")

    assert run(received()) == b"HTTP/1.1 204 No Content\r\n"


def test_an_application_that_cannot_start_is_reported() -> None:
    """Its own words, in the error that ends the command."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no upstream"})

    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(StartupError, match="no upstream"),
    ):
        run(Server(app, listener).serve())


@pytest.mark.parametrize("begins", [False, True])
def test_an_application_that_fails_is_answered_for(begins: bool, caplog: pytest.LogCaptureFixture) -> None:
    """A 500 where nothing was said yet, the end of the connection where something was; a line in the log."""

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        if begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError("lost")

    async def received() -> bytes:
        async with serving(Answering(fail)) as (_, _, (reader, writer)):
            writer.write(GET)
            return await reader.read()

    messages = run(received())
    assert messages.startswith(b"HTTP/1.1 200" if begins else b"HTTP/1.1 500")
    assert begins or b'"code":"internal-error"' in messages
    assert not begins or not messages.endswith(b"0\r\n\r\n")
    assert [record.getMessage() for record in caplog.records] == ["GET / failed"]
