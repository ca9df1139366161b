"""The protocol as an application sees it, held against uvicorn's; and where its requests run."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from eqkit.web.http.protocol import Protocol
from eqkit.web.http.site import Site
from eqkit.web.messages.context import CONNECTION, Receive, Scope, Send
from tests.web.sockets import request

App = Callable[[Scope, Receive, Send], Awaitable[None]]
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n"


def ours(app: App) -> asyncio.Protocol:
    """The protocol that serves the mock."""
    return Protocol(Site(app))


def uvicorns(app: App) -> asyncio.Protocol:
    """Another protocol over the same parser, which many applications run on."""
    config = uvicorn.Config(app, ws="none", lifespan="off", log_config=None)
    return HttpToolsProtocol(config, ServerState(), {})


def asked(
    app: App,
    raw: bytes,
    protocol: Callable[[App], asyncio.Protocol] = ours,
    listener: socket.socket | None = None,
) -> bytes:
    """Send bytes to an application over a socket, and return all that comes back until it is closed."""

    async def reply() -> bytes:
        loop = asyncio.get_running_loop()
        sock = listener or socket.create_server(("127.0.0.1", 0))
        server = await loop.create_server(lambda: protocol(app), sock=sock)
        async with server:
            reader, writer = await asyncio.open_connection("127.0.0.1", sock.getsockname()[1])
            writer.write(raw)
            message = await reader.read()
            writer.close()
        return message

    return asyncio.run(asyncio.wait_for(reply(), 20))


async def answer(send: Send) -> None:
    """Answer with nothing, and end the connection."""
    headers = [(b"connection", b"close")]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    "raw",
    [
        request(),
        request(target=b"/v1/queues/a%2Fb/messages?c=%20d&e"),
        request(method=b"DELETE", length=None).replace(b"HTTP/1.1", b"HTTP/1.0"),
    ],
    ids=["plain", "escaped", "1.0"],
)
def test_a_request_has_the_scope_that_uvicorn_gives_it(raw: bytes) -> None:
    """An application reads the same request from either protocol."""
    scopes: list[dict[str, Any]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append({name: value for name, value in scope.items() if name not in (CONNECTION, "client")})
        scopes[-1]["server"] = scope["server"][0]
        await answer(send)

    for protocol in (uvicorns, ours):
        assert asked(app, raw, protocol).startswith(NO_CONTENT)
    assert scopes[0] == scopes[1]


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no dual-stack sockets")
def test_a_client_of_a_dual_stack_socket_has_its_ipv4_address() -> None:
    """RFC 4291 2.5.5.2: the socket names it ::ffff:127.0.0.1, and a setting or a log 127.0.0.1."""
    addresses: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        addresses.extend((scope["client"][0], scope["server"][0]))
        await answer(send)

    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        assert asked(app, request(), listener=listener).startswith(NO_CONTENT)
    assert addresses == ["127.0.0.1"] * 2


def test_a_request_without_a_wait_is_answered_outside_of_any_task() -> None:
    """A request that is all there costs no task, and no turn of the event loop."""
    tasks: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        tasks.append(asyncio.current_task())
        await receive()
        tasks.append(asyncio.current_task())
        await answer(send)

    assert asked(app, request()).startswith(NO_CONTENT)
    assert tasks == [None, None]


def test_a_request_that_waits_goes_on_as_a_task_from_where_it_was() -> None:
    """A request can wait in any way, several times, and sees a failure of the awaited future."""
    seen: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        failing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(failing.set_exception, KeyError("lost"))
        try:
            await failing
        except KeyError as error:
            seen.append(error.args)
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            seen.append(asyncio.current_task() is not None)
            await answer(send)

    assert asked(app, request()).startswith(NO_CONTENT)
    assert seen == [("lost",), True]


def test_a_request_that_waits_can_be_cancelled_where_it_began_to_wait() -> None:
    """A server that gives up on a request lets it clean up."""
    ended: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        loop.call_soon(
            lambda: loop.call_soon(lambda: [task.cancel() for task in asyncio.all_tasks() - before])
        )
        before: set[asyncio.Task[Any]] = asyncio.all_tasks()
        try:
            await loop.create_future()
        except asyncio.CancelledError:
            ended.append("cancelled")
            await answer(send)

    assert asked(app, request()).startswith(NO_CONTENT)
    assert ended == ["cancelled"]
