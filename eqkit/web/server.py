"""The application on a socket: uvicorn, with our own words for what it would say itself."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import struct
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httptools
import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from eqkit.errors import Code, Fault, StartupError
from eqkit.settings import Settings
from eqkit.web.app import Application
from eqkit.web.error_answers import error_document
from eqkit.web.exchange import Headers
from eqkit.web.wire import WITH_DOCUMENT, WRITE_WHOLE, Drain, header_lines

logger = logging.getLogger(__name__)

MAX_HEAD = 65_536
"""Longest request line and headers together, in bytes."""

KEEP_ALIVE_S = 75

AT_ONCE = struct.pack("ii", 1, 0)
"""A socket that lingers for no time at all resets its connection when it is closed."""

GC_THRESHOLDS = 10_000, 10, 10
"""Requests make no cycles; what a bulk request makes should not be walked over several times on its way."""
LONGEST_DRAIN_S = 30


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which answers what is not HTTP in the API's own tongue, and bounds the head."""

    _head = 0
    _refused = False
    _is_idle = False
    _idle_since = 0.0

    def on_message_begin(self) -> None:
        """Begin to count the bytes of the head."""
        self._head = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count a piece of the request line."""
        self._head += len(url)
        if self._head > MAX_HEAD:
            raise ValueError("the head is too large")
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count and keep a header; it is called so often that it does all of that by itself."""
        self._head += len(name) + len(value) + 4
        if self._head > MAX_HEAD:
            raise ValueError("the head is too large")  # httptools turns this into a parser error
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def data_received(self, data: bytes) -> None:
        """Take no more bytes once the request was refused, and stay with HTTP/1.1 whatever is asked for."""
        self._is_idle = False
        while data and not self._refused:
            try:
                self.parser.feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                data = self._stay(data[upgrade.args[0] :])
            except httptools.HttpParserError:
                self.send_400_response("")

    def on_response_complete(self) -> None:
        """Begin the next request of a pipeline, or begin to be idle.

        uvicorn sets a timer after each answer, and cancels it at the next request. Here a connection has one
        timer, which looks for how long it has been idle.
        """
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._is_idle, self._idle_since = True, self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle for long enough; look again at one that has not."""
        idle_s = self.loop.time() - self._idle_since if self._is_idle else 0
        if self.transport.is_closing():
            return
        if idle_s >= self.timeout_keep_alive:
            self.transport.close()
            return
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive - idle_s, self.timeout_keep_alive_handler
        )

    def send_400_response(self, msg: str) -> None:
        """Refuse what could not be parsed, once what came before it is answered."""
        self._refused = True
        before: Any = vars(self)["cycle"]  # None before the first request, whatever uvicorn annotates
        if before is None or before.response_complete or before.more_body:
            self._refuse()
        else:
            before.on_response = self._refuse

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Leave the shortcut for a whole answer in the scope, and call the application."""
        cycle.scope[WRITE_WHOLE] = Shortcut(cycle)  # type: ignore[literal-required]
        super()._start_asgi_task(cycle, app)

    def _stay(self, rest: bytes) -> bytes:
        """Ignore a wish to upgrade (RFC 9110 7.8), which Java's HttpClient has, and return what to parse now.

        The parser takes a body for the other protocol's bytes. One that is told nothing but how the body is
        framed reads it instead, and the connection ends with the answer.
        """
        framing = [line for line in self.headers if line[0] in (b"content-length", b"transfer-encoding")]
        if not framing:
            return rest
        self.cycle.keep_alive = False
        self.cycle.more_body = True
        self.cycle.message_event.clear()
        callbacks = SimpleNamespace(on_body=self.on_body, on_message_complete=self.on_message_complete)
        self.parser = httptools.HttpRequestParser(callbacks)
        head = b"".join(b"%s: %s\r\n" % line for line in framing)
        return b"POST / HTTP/1.1\r\n" + head + b"\r\n" + rest

    def _refuse(self) -> None:
        """Send a JSON:API error document, and close the connection."""
        if self.transport.is_closing():
            return
        if self._head > MAX_HEAD:
            fault = Fault(
                Code.HEADERS_TOO_LARGE, f"Request line and headers may have at most {MAX_HEAD} bytes."
            )
        else:
            fault = Fault(Code.MALFORMED_REQUEST, "What was sent is not an HTTP/1.1 request.")
        body = orjson.dumps(error_document([("error-0", fault)]))
        lines = [*WITH_DOCUMENT, (b"content-length", b"%d" % len(body)), (b"connection", b"close")]
        self.transport.write(STATUS_LINE[fault.code.status] + header_lines(lines) + b"\r\n" + body)
        self.transport.close()


class _Default:
    """uvicorn's default headers as they go over the wire; the list is another one each second."""

    headers: Headers = ()
    lines = b""


def _default_lines(headers: Headers) -> bytes:
    if headers is not _Default.headers:
        _Default.headers, _Default.lines = headers, header_lines(headers)
    return _Default.lines


class Shortcut:
    """The way to the socket around ASGI, for one request."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        """Take uvicorn's view of the request."""
        self._cycle = cycle

    def set_date(self, date: bytes) -> None:
        """Send another `Date` than the wall's."""
        self._cycle.default_headers = [(b"date", date)]

    def __call__(self, status: int, head: bytes, body: bytes) -> bool:
        """Write an answer in one piece, and do what uvicorn does after the last of its messages.

        `head` ends with the empty line. What is not quite ordinary, a connection that closes or is held up,
        is left to uvicorn's own way, and False returned.
        """
        return _write_whole(self._cycle, status, head, body)

    def break_off(self, data: bytes = b"", *, reset: bool = False) -> None:
        """Write bytes as they are, and close the connection, or reset it without what is not yet sent."""
        cycle = self._cycle
        if cycle.disconnected:
            return
        # From here on uvicorn takes the client for gone, and has nothing to say itself.
        cycle.disconnected = True
        if reset:
            cycle.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            cycle.transport.abort()
        else:
            cycle.transport.write(data)
            cycle.transport.close()


def _write_whole(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
    if cycle.disconnected or not cycle.keep_alive or cycle.flow.write_paused:
        return False
    cycle.response_started = True
    default_lines = _default_lines(cycle.default_headers)
    cycle.transport.write(b"%b%b%b%b" % (STATUS_LINE[status], default_lines, head, body))
    cycle.response_complete = True
    cycle.message_event.set()
    cycle.on_response()
    return True


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
        # What start-up made stays for good: the collector need not walk over it again and again.
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        gc.enable()
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
