"""uvicorn's protocol, which bounds the head, answers in the API's own tongue, and begins requests at once."""

import asyncio
import socket
import struct
import urllib.parse
from collections.abc import Coroutine, Generator
from types import SimpleNamespace, coroutine
from typing import Any

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from eqkit.errors import Code, Fault
from eqkit.sandbox.journal import header_lines
from eqkit.web.error_answers import error_document
from eqkit.web.exchange import CONNECTION, Headers
from eqkit.web.wire import WITH_DOCUMENT

MAX_HEAD = 65_536
"""Longest request line and headers together, in bytes."""

AT_ONCE = struct.pack("ii", 1, 0)
"""A socket that lingers for no time at all resets its connection when it is closed."""


class Protocol(HttpToolsProtocol):
    """The HTTP of one connection; only what uvicorn does otherwise, or does with more work, is here."""

    _head = 0
    _refused = False
    _next: "Cycle | None" = None
    app: Any
    _is_idle = False
    _idle_since = 0.0

    def on_message_begin(self) -> None:
        """Begin to count the bytes of the head."""
        self._head = 0
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

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
                break
            except httptools.HttpParserUpgrade as upgrade:
                data = self._stay(data[upgrade.args[0] :])
            except httptools.HttpParserError:
                self.send_400_response("")
        if self._next is not None:
            self._begin(self._next)

    def on_headers_complete(self) -> None:
        """Make the scope of a request, which begins once all is parsed that came along with its head."""
        parser, url = self.parser, httptools.parse_url(self.url)
        version, raw_path = parser.get_http_version(), url.path
        path = raw_path.decode("ascii")
        scope: Any = {
            "type": "http",
            "asgi": {"version": self.asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme or "http",
            "method": parser.get_method().decode("ascii"),
            "root_path": "",
            "path": urllib.parse.unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": url.query or b"",
            "headers": self.headers,
            "state": self.app_state.copy(),
        }
        self.scope = scope
        before = vars(self)["cycle"]  # None before the first request, whatever uvicorn annotates
        self.cycle = cycle = Cycle(self, keep_alive=version != "1.0" and parser.should_keep_alive())
        if before is None or before.response_complete:
            self._next = cycle
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def _begin(self, cycle: "Cycle") -> None:
        """Answer a request right here; only what has to wait for something becomes a task.

        Until it waits for the first time it is in no task: whatever needs one has to wait for a turn of the
        event loop first.
        """
        self._next = None
        answering = cycle.run_asgi(self.app)
        try:
            awaited = answering.send(None)
        except StopIteration:
            return
        task = self.loop.create_task(_going_on(answering, awaited))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

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
        before: Any = vars(self)["cycle"]
        if before is None or before.response_complete or before.more_body:
            self._next = None
            self._refuse()
        else:
            before.on_response = self._refuse

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

        def on_body(body: bytes) -> None:
            if self.cycle.more_body:  # what follows is another request's
                self.on_body(body)

        callbacks = SimpleNamespace(on_body=on_body, on_message_complete=self.on_message_complete)
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


class Cycle(RequestResponseCycle):
    """One request and its answer; the application finds it in the scope, as `exchange.Connection`."""

    disconnected = False
    more_body = True
    response_started = False
    response_complete = False
    chunked_encoding = None
    expected_content_length = 0
    access_log = False

    def __init__(self, protocol: Protocol, *, keep_alive: bool) -> None:
        """Take what belongs to the connection; what is the same for each request stands above."""
        self.scope = protocol.scope
        self.scope[CONNECTION] = self  # type: ignore[literal-required]
        self.transport = protocol.transport
        self.flow = protocol.flow
        self.logger = protocol.logger
        self.default_headers = protocol.server_state.default_headers
        self.message_event = asyncio.Event()
        self.on_response = protocol.on_response_complete
        self.keep_alive = keep_alive
        self.waiting_for_100_continue = protocol.expect_100_continue
        self.body = bytearray()

    def take_body(self) -> bytes | None:
        """Return the body of the request if all of it is here, and nobody waits for a word to send it."""
        if self.more_body or self.waiting_for_100_continue or self.disconnected:
            return None
        body = bytes(self.body)
        self.body.clear()
        self.message_event.clear()
        return body

    def set_date(self, date: bytes) -> None:
        """Send another `Date` than the wall's."""
        self.default_headers = [(b"date", date)]

    def write_whole(self, status: int, head: bytes, body: bytes) -> bool:
        """Write an answer in one piece, and do what uvicorn does after the last of its messages.

        `head` ends with the empty line. What is not quite ordinary, a connection that closes or is held up,
        is left to uvicorn's own way, and False returned.
        """
        if self.disconnected or not self.keep_alive or self.flow.write_paused:
            return False
        self.response_started = True
        default_lines = _default_lines(self.default_headers)
        self.transport.write(b"%b%b%b%b" % (STATUS_LINE[status], default_lines, head, body))
        self.response_complete = True
        self.message_event.set()
        self.on_response()
        return True

    def break_off(self, data: bytes = b"", *, reset: bool = False) -> None:
        """Write bytes as they are, and close the connection, or reset it without what is not yet sent."""
        if self.disconnected:
            return
        # From here on uvicorn takes the client for gone, and has nothing to say itself.
        self.disconnected = True
        if reset:
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            self.transport.abort()
        else:
            self.transport.write(data)
            self.transport.close()


async def _going_on(begun: Coroutine[Any, Any, None], awaited: Any) -> None:
    """Go on with what has begun already, and waits for something that nobody else waits for."""
    await _rest(begun, awaited)


@coroutine
def _rest(begun: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    try:
        while True:
            try:
                value = yield awaited
            except BaseException as error:
                awaited = begun.throw(error)
            else:
                awaited = begun.send(value)
    except StopIteration:
        return
