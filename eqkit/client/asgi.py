"""An ASGI application asked in this very process, without a socket."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import unquote

from eqkit.client.streams import Response
from eqkit.client.wire import Address, framed

Asgi = Callable[..., Awaitable[None]]
Message = dict[str, Any]


class InProcess:
    """Calls an application for each request."""

    def __init__(self, app: Asgi, address: Address) -> None:
        """Take the application, and the address that it is asked by."""
        self._app = app
        self._address = address

    @contextlib.asynccontextmanager
    async def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> AsyncIterator[Response]:
        """Ask the application; its exceptions are raised here."""
        sent: asyncio.Queue[Message] = asyncio.Queue()
        call = _Call(body)
        scope = self._scope(method, target, framed(headers, method, body))
        running = asyncio.ensure_future(self._app(scope, call.receive, sent.put))
        try:
            start = await _next(sent, running)
            yield Response(int(start["status"]), _body(sent, running))
        finally:
            call.gone.set()
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    def _scope(self, method: str, target: str, headers: Mapping[str, str]) -> Message:
        path, _, query = target.partition("?")
        named = {"Host": self._address.authority, **headers}
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https" if self._address.secure else "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in named.items()],
            "client": ("127.0.0.1", 0),
            "server": (self._address.host, self._address.port),
        }


class _Call:
    def __init__(self, body: bytes) -> None:
        self.gone = asyncio.Event()
        self._unsent: bytes | None = body

    async def receive(self) -> Message:
        """Hand over the body once, and then tell when the client has gone."""
        if self._unsent is not None:
            body, self._unsent = self._unsent, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}


async def _next(sent: "asyncio.Queue[Message]", running: "asyncio.Future[None]") -> Message:
    """Return the application's next message; raises its exception, or EOFError if it ends before."""
    if sent.empty():
        getting = asyncio.ensure_future(sent.get())
        either: set[asyncio.Future[Any]] = {getting, running}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if getting.done():
            return getting.result()
        getting.cancel()
        running.result()
        if sent.empty():
            raise EOFError("the application ended without an answer")
    return sent.get_nowait()


async def _body(
    sent: "asyncio.Queue[Message]", running: "asyncio.Future[None]"
) -> AsyncGenerator[bytes, None]:
    more = True
    while more:
        message = await _next(sent, running)
        more = bool(message.get("more_body"))
        yield bytes(message.get("body", b""))
