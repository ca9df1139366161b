"""Proxies on real sockets, and services behind them that do not keep the contract."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from eqkit.checks.findings import Finding
from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.sources import load
from eqkit.elasticqueue.recorded_messages import RecordedMessages
from eqkit.elasticqueue.service import ElasticQueue
from eqkit.sandbox.proxy_sandboxes import ProxySandboxes
from eqkit.settings import Settings
from eqkit.traffic.recording import Recording
from eqkit.web.control.proxy import ProxyControlPlane
from eqkit.web.server import bind
from tests.clients import JSON_API

DEMANDED = {"vary": "Accept", "access-control-allow-origin": "*"}
"""The headers that the contract demands of every answer."""

HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: {JSON_API}\r\n" + "".join(
    f"{name}: {value}\r\n" for name, value in DEMANDED.items()
)
"""The beginning of a good answer."""

LONG = "9"
"""The message that a broken service answers with its length ahead, too long to be validated first."""


@contextlib.contextmanager
def served(application: Any) -> Iterator[str]:
    """Serve an application in a thread."""
    listener = bind(Settings(port=0))
    config = uvicorn.Config(application, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def proxied(upstream: str, *recordings: Recording, **options: Any) -> tuple[Proxy, list[Finding]]:
    """Return a proxy, and the list of its findings."""
    messages: list[Finding] = []
    return Proxy(*load(None, [upstream]), upstream, messages.append, recordings, **options), messages


@contextlib.contextmanager
def journaled(
    upstream: str, settings: Settings | None = None, contract: Path | None = None, **options: Any
) -> Iterator[tuple[str, list[Finding]]]:
    """Serve a proxy with its journal, as the command does; yield its address and its findings."""
    messages: list[Finding] = []
    sandboxes = ProxySandboxes(service=ElasticQueue())
    given: dict[str, Any] = {"stored_by": RecordedMessages(), "sandboxes": sandboxes, **options}
    proxy = Proxy(*load(contract, [upstream]), upstream, messages.append, **given)
    with served(ProxyControlPlane(proxy, sandboxes, settings or Settings())) as url:
        yield url, messages


class Broken:
    """A service that answers every request wrongly; a stream of it waits for `released`."""

    def __init__(self) -> None:
        """Begin with nothing released."""
        self.released = threading.Event()
        self.application = Starlette(
            routes=[
                Route("/v1/queues/{queue}/messages", self._wrong, methods=["POST"]),
                Route("/v1/queues/{queue}/messages/{id}", self._stream),
            ]
        )

    async def _wrong(self, request: Request) -> Response:
        return Response(b'{"data": {}}', 202, {"content-type": JSON_API})

    async def _stream(self, request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            yield b"first"
            await asyncio.to_thread(self.released.wait, 30)
            yield last

        is_long = request.path_params["id"] == LONG
        last = b"x" * (1 << 20) if is_long else b"last"
        length = {"content-length": str(len(b"first" + last))} if is_long else {}
        return StreamingResponse(parts(), media_type=JSON_API, headers=length | DEMANDED)


@contextlib.contextmanager
def listening() -> Iterator[tuple[str, socket.socket]]:
    """A service of which a test sends each byte itself: its address, and the socket that it accepts on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", listener


def accepted(listener: socket.socket) -> socket.socket:
    """The next connection to a service."""
    connection, _ = listener.accept()
    connection.settimeout(20)
    return connection


def until(connection: socket.socket, end: bytes) -> bytes:
    """Everything that comes up to some bytes, and no more is waited for."""
    found = b""
    while end not in found:
        part = connection.recv(65536)
        assert part, found
        found += part
    return found


def connected(url: str) -> socket.socket:
    """A connection of a client that sends each byte itself."""
    address = httpx.URL(url)
    return socket.create_connection((address.host, address.port or 80), timeout=20)


def answer_once(listener: socket.socket, answer: bytes) -> None:
    """Answer one request with some bytes, and close the connection."""
    connection = accepted(listener)
    with connection:
        until(connection, b"\r\n\r\n")
        connection.sendall(answer)
