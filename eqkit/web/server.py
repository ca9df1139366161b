"""The application on a socket: uvicorn, with our own words for what it would say itself."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from eqkit.errors import Code, Fault, StartupError
from eqkit.settings import Settings
from eqkit.web.app import Application
from eqkit.web.error_answers import error_document
from eqkit.web.wire import WITH_DOCUMENT, Drain

logger = logging.getLogger(__name__)

MAX_HEAD = 65_536
"""Longest request line and headers together, in bytes."""

KEEP_ALIVE_S = 75
LONGEST_DRAIN_S = 30


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which answers what is not HTTP in the API's own tongue, and bounds the head."""

    _head = 0
    _refused = False

    def on_message_begin(self) -> None:
        """Begin to count the bytes of the head."""
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count a piece of the request line."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._count(len(name) + len(value) + 4)
        super().on_header(name, value)

    def data_received(self, data: bytes) -> None:
        """Take no more bytes once the request was refused."""
        if not self._refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Refuse what could not be parsed, as a JSON:API error document, and close the connection."""
        self._refused = True
        if self._head > MAX_HEAD:
            fault = Fault(
                Code.HEADERS_TOO_LARGE, f"Request line and headers may have at most {MAX_HEAD} bytes."
            )
        else:
            fault = Fault(Code.MALFORMED_REQUEST, "What was sent is not an HTTP/1.1 request.")
        body = orjson.dumps(error_document([("error-0", fault)]))
        lines = [*WITH_DOCUMENT, (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
        head = b"".join(name + b": " + value + b"\r\n" for name, value in lines)
        self.transport.write(STATUS_LINE[fault.code.status] + head + b"\r\n" + body)
        self.transport.close()

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD:
            raise ValueError("the head is too large")  # httptools turns this into a parser error


class Server(uvicorn.Server):
    """uvicorn's server, which drains: what is under way is answered, what comes new gets a 503."""

    def __init__(self, config: uvicorn.Config, drain: Drain, on_started: Callable[[], None]) -> None:
        """Take the application's drain, and what to do once requests are answered."""
        super().__init__(config)
        self._drain = drain
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell."""
        await super().startup(sockets)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Keep listening until every request that came before is answered, then close."""
        self._drain.begin()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_DRAIN_S):
                await self._drain.quiet()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Shut down on SIGTERM and Ctrl-C, and exit as having done what was asked."""
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def bind(settings: Settings) -> socket.socket:
    """Return a listening socket; raises StartupError that says what is in the way."""
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartupError(
            f"cannot listen on {host}:{port}: {reason} (--port 0 takes any free port)"
        ) from error
    return listener


def base_url(listener: socket.socket) -> str:
    """Return the URL that a client on this machine reaches a socket by."""
    host, port = str(listener.getsockname()[0]), listener.getsockname()[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host) or host  # noqa: S104 - told apart, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(application: Application, listener: socket.socket, on_started: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    config = uvicorn.Config(
        application,
        http=Protocol,
        ws="none",
        loop="auto",  # uvloop, where there is one
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=LONGEST_DRAIN_S,
    )
    Server(config, application.drain, on_started).run(sockets=[listener])
