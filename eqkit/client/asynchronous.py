"""The client of coroutines: one connection for each request, or an ASGI application in this process."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from eqkit.client import operations
from eqkit.client.asgi import InProcess
from eqkit.client.errors import ConnectError
from eqkit.client.models import Event
from eqkit.client.operations import Operation
from eqkit.client.resources import async_state, async_traffic
from eqkit.client.streams import Connections, Response
from eqkit.client.wire import (
    TIMEOUT_S,
    Address,
    Credentials,
    EventLines,
    document_of,
    request_of,
    result_of,
    stream_request,
)

Result = TypeVar("Result")


class Transport(Protocol):
    """Sends a request and gives the answer to a block."""

    def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> AbstractAsyncContextManager[Response]:
        """Send a request; raises OSError or EOFError if there is no answer."""
        ...


class AsyncClient:
    """The control plane of a server, on the sandbox of one key; its arguments are those of `Client`.

    With `app` it asks that ASGI application and opens no socket; the URL then only fills the Host header.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1",
        key: str | None = None,
        *,
        token: str | None = None,
        timeout_s: float = TIMEOUT_S,
        app: Callable[..., Awaitable[None]] | None = None,
    ) -> None:
        """Take the base URL of a server; nothing is sent yet."""
        self.url = url.rstrip("/")
        self.key = key
        address = Address.of(url)
        self._transport: Transport = Connections(address) if app is None else InProcess(app, address)
        self._credentials = Credentials(key, token)
        self._timeout_s = timeout_s
        self.clock = async_state.AsyncClock(self._send)
        self.deliveries = async_state.AsyncDeliveryLog(self._send)
        self.pending = async_state.AsyncPending(self._send)
        self.queues = async_state.AsyncQueues(self._send)
        self.sandboxes = async_state.AsyncSandboxes(self._send, key)
        self.journal = async_traffic.AsyncRequestJournal(self._send)
        self.faults = async_traffic.AsyncFaultBox(self._send)
        self.limits = async_traffic.AsyncLimitBox(self._send)
        self.webhooks = async_traffic.AsyncWebhooks(self._send)
        self.events = async_state.AsyncEvents(self._stream)

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int | None] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send any request of the control plane, with `path` after ``/_mock``, and return its document.

        Raises StatusError or ConnectError.
        """
        return document_of(
            *await self._exchange(Operation(method, path, operations.nothing, query or {}, body))
        )

    async def _send(self, call: Operation[Result]) -> Result:
        return result_of(call, *await self._exchange(call))

    async def _exchange(self, call: Operation[Any]) -> tuple[int, bytes]:
        headers, body = request_of(call, self._credentials)
        answer = self._transport(call.method, call.target, headers, body or b"")
        async with self._unreachable(), asyncio.timeout(self._timeout_s), answer as response:
            return response.status, b"".join([chunk async for chunk in response.chunks])

    @contextlib.asynccontextmanager
    async def _unreachable(self) -> AsyncIterator[None]:
        try:
            yield
        except (OSError, EOFError) as error:
            raise ConnectError(f"{self.url}: {str(error) or type(error).__name__}") from error

    @contextlib.asynccontextmanager
    async def _stream(self, after: int | None, follow: bool) -> AsyncIterator[AsyncIterator[Event]]:
        target, headers = stream_request(after, follow, self._credentials)
        async with contextlib.AsyncExitStack() as stack:
            async with self._unreachable(), asyncio.timeout(self._timeout_s):
                response = await stack.enter_async_context(self._transport("GET", target, headers, b""))
                if response.status >= 400:
                    body = b"".join([chunk async for chunk in response.chunks])
                    document_of(response.status, body)
                lines = _lines(response.chunks)
                # The first line comes at once and says that it watches; the next may take its time.
                await anext(lines, b"")
            events = self._events(lines)
            stack.push_async_callback(response.chunks.aclose)
            stack.push_async_callback(lines.aclose)
            stack.push_async_callback(events.aclose)
            yield events

    async def _events(self, lines: AsyncIterator[bytes]) -> AsyncGenerator[Event, None]:
        reading = EventLines()
        while True:
            async with self._unreachable():
                line = await anext(lines, b"")
            if not line:
                return
            for event in reading.feed(line):
                yield event


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line + b"\n"
