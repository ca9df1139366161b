"""One request and its answer on a connection, as an ASGI application sees them."""

import asyncio
import logging
import re
import socket
import struct
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from eqkit.errors import Code, ErrorObject
from eqkit.sandbox.journal.entries import header_lines
from eqkit.web.http.limits import MAX_BUFFERED
from eqkit.web.http.plain_errors import plain_error, status_line
from eqkit.web.messages.context import CONNECTION, Headers, Scope
from eqkit.web.messages.error_responses import internal_error
from eqkit.web.messages.header_fields import elements

if TYPE_CHECKING:
    from eqkit.web.http.protocol import Protocol

logger = logging.getLogger(__name__)

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
AT_ONCE = struct.pack("ii", 1, 0)
"""A socket that lingers for no time at all resets its connection when it is closed."""

_NO_NAME = re.compile(rb"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_NO_VALUE = re.compile(rb"[\x00\r\n]")
_CUT_OFF = ErrorObject(
    Code.DRAINING, "The server shut down before it could answer; whether it did what was asked is open."
)


class Cycle:
    """A request and its answer; the application finds it in the scope, as `Connection`."""

    # Defaults of most requests are attributes of the class: in `__init__` they would cost time.
    disconnected = False
    """The answer can reach no client any more: it is gone, or has got another answer."""
    more_body = True
    """More of the body is still to come."""
    response_started = False
    response_complete = False
    is_switched = False
    """Another protocol goes on here (RFC 9110 7.8): the application gets and sends bytes as they are."""
    is_watched = False
    """The application wants to know when the client leaves."""
    _body: bytes | bytearray = b""
    _is_read = False
    _left: int | None = None
    """Bytes that the Content-Length still lacks; None if none was sent."""
    _is_chunked = False
    _has_no_content = False
    _event: asyncio.Event | None = None
    _date_line = b""

    def __init__(self, protocol: "Protocol", scope: Scope, *, keep_alive: bool, wants_continue: bool) -> None:
        """Take a request as soon as its head is read."""
        self.protocol = protocol
        self.scope = scope
        scope[CONNECTION] = self
        self.keep_alive = keep_alive
        self.wants_continue = wants_continue

    # Called by the protocol

    def add_body(self, data: bytes) -> int:
        """Take a piece of the body, and return how much of it waits to be read by the application."""
        if not self._body:
            self._body = data
        else:
            if isinstance(self._body, bytes):
                self._body = bytearray(self._body)
            self._body += data
        self._wake()
        return len(self._body)

    def end_body(self) -> None:
        """Note that the body is whole."""
        self.more_body = False
        self._wake()

    def disconnect(self) -> None:
        """Report to the application that the client is gone."""
        self.disconnected = True
        self._wake()

    @property
    def is_endless(self) -> bool:
        """Whether an answer of unknown length has begun."""
        return self.response_started and self._left is None

    # Called by the application: `Connection`

    def take_body(self) -> bytes | None:
        """Return the body of the request if all of it is here, and none of it was read yet."""
        if self.more_body or self._is_read or self.disconnected:
            return None
        self._is_read = True
        body, self._body = bytes(self._body), b""
        return body

    def set_date(self, date: bytes) -> None:
        """Send another `Date` than the wall's."""
        self._date_line = b"date: %b\r\n" % date

    def write_whole(self, status: int, head: bytes, body: bytes) -> bool:
        """Write an answer in one piece, and return True; `head` ends with the empty line.

        Return False and write nothing if the connection is held up or ends with this answer: that is the work
        of `send`.
        """
        protocol = self.protocol
        if self.disconnected or protocol.is_write_paused or not self._stays_open():
            return False
        date_line = self._date_line or protocol.site.date_line
        self.response_started = self.response_complete = True
        protocol.outgoing.write_soon(b"%b%b%b%b" % (status_line(status), date_line, head, body))
        self._wake()
        protocol.on_answered(self)
        return True

    def break_off(self, data: bytes = b"", *, reset: bool = False) -> None:
        """Write bytes as they are, and close the connection, or reset it without the unsent bytes."""
        if self.disconnected:
            return
        self.disconnect()
        outgoing, transport = self.protocol.outgoing, self.protocol.transport
        if reset:
            outgoing.flush()
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
            transport.abort()
        else:
            outgoing.write(data)
            outgoing.close()

    # ASGI

    async def run(self) -> None:
        """Run the application, and answer in its place if it fails."""
        try:
            await self.protocol.site.application(self.scope, self.receive, self.send)
        except BaseException as error:
            if isinstance(error, Exception):
                logger.error("%s %s failed", self.scope["method"], self.scope["path"], exc_info=error)
                self._answer_instead(internal_error().errors[0])
                return
            self._answer_instead(_CUT_OFF)
            raise
        if self.response_complete or self.disconnected:
            return
        logger.error("%s %s was not answered to the end", self.scope["method"], self.scope["path"])
        self._answer_instead(internal_error().errors[0])

    async def receive(self) -> MutableMapping[str, Any]:
        """Return the next piece of the body; at its end wait until the client leaves or has its answer."""
        if not self._is_read:
            if self.wants_continue and self.more_body and not (self.response_started or self.disconnected):
                self.wants_continue = False
                self.protocol.outgoing.write(CONTINUE)
            while self.more_body and not self._body and not (self.disconnected or self.response_complete):
                await self._something()
            if not (self.disconnected or self.response_complete):
                body, self._body = bytes(self._body), b""
                self._is_read = not self.more_body
                self.protocol.update_reading()
                return {"type": "http.request", "body": body, "more_body": self.more_body}
        if not (self.disconnected or self.response_complete):
            self.is_watched = True
            self.protocol.on_watched(self)
        while not (self.disconnected or self.response_complete):
            await self._something()
        return {"type": "http.disconnect"}

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Write the head of the answer or a piece of its body, once the client takes more."""
        if self.protocol.is_write_paused and not self.disconnected:
            await self.protocol.written()
        if self.disconnected:
            return
        wanted = "http.response.body" if self.response_started else "http.response.start"
        if message["type"] != wanted or self.response_complete:
            raise RuntimeError(f"the application sent {message['type']}, where {wanted} was due")
        if not self.response_started:
            self._start(message["status"], list(message.get("headers", ())))
        else:
            self._continue(message.get("body", b""), more=message.get("more_body", False))

    def _start(self, status: int, headers: Headers) -> None:
        """Write the head, with the framing that the version and the status have (RFC 9112 6)."""
        if status == HTTPStatus.SWITCHING_PROTOCOLS:
            self._switch(headers)
            return
        lines, has_no_content = [], status == 204
        left: int | None = None
        for field, value in headers:
            name = field.lower()
            if _NO_NAME.search(name) or _NO_VALUE.search(value):
                raise RuntimeError(f"the header {name!r} cannot be sent")
            if name == b"content-length":
                if has_no_content:
                    continue
                left = int(value)
            elif name == b"transfer-encoding":
                continue
            elif name == b"connection":
                if "close" in (each.lower() for each in elements(value.decode("latin-1"))):
                    self.keep_alive = False
                continue
            elif name == b"date":
                self._date_line = b"date: %b\r\n" % value
                continue
            lines.append((name, value))
        self._has_no_content = has_no_content or status == 304 or self.scope["method"] == "HEAD"
        self._left = 0 if self._has_no_content else left
        is_chunked = self._left is None and self.scope["http_version"] != "1.0"
        if is_chunked:
            lines.append((b"transfer-encoding", b"chunked"))
        elif self._left is None:
            self.keep_alive = False
        if not self._stays_open():
            self.keep_alive = False
            lines.append((b"connection", b"close"))
        self._is_chunked = is_chunked
        self.response_started = True
        date_line = self._date_line or self.protocol.site.date_line
        self.protocol.outgoing.write(status_line(status) + date_line + header_lines(lines) + b"\r\n")
        if self.is_watched:
            self.protocol.on_watched(self)

    def _switch(self, headers: Headers) -> None:
        """Write the last head of HTTP; `receive` returns later bytes, until the client closes its side."""
        self.keep_alive = self._is_read = False
        self.response_started = self.is_switched = self.more_body = True
        line = status_line(HTTPStatus.SWITCHING_PROTOCOLS)
        self.protocol.outgoing.write(line + header_lines(headers) + b"\r\n")

    def _continue(self, body: bytes, *, more: bool) -> None:
        """Write a piece of the body, and end the answer with the last one."""
        write = self.protocol.outgoing.write
        if self._has_no_content:
            pass
        elif self._is_chunked:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            write(chunk if more else chunk + b"0\r\n\r\n")
        else:
            if self._left is not None:
                self._left -= len(body)
                if self._left < 0 or (self._left and not more):
                    raise RuntimeError("the body of an answer is not as long as its Content-Length says")
            write(body)
        if not more:
            self.response_complete = True
            self._wake()
            self.protocol.on_answered(self)

    def _stays_open(self) -> bool:
        """Return whether another request may follow: not where the client waits to be asked for its body."""
        is_asking = self.wants_continue and self.more_body
        return self.keep_alive and not is_asking and not self.protocol.site.is_draining

    def _answer_instead(self, error: ErrorObject) -> None:
        """Answer for the application, or break off its answer; the connection ends with it."""
        if self.disconnected or self.response_complete:
            return
        if self.response_started:
            self.break_off()
            return
        self.keep_alive = False
        self.response_started = self.response_complete = True
        site = self.protocol.site
        is_head = self.scope["method"] == "HEAD"
        self.protocol.outgoing.write(
            plain_error(error, site.date_line, self.scope["headers"], is_head=is_head)
        )
        self._wake()
        self.protocol.on_answered(self)

    # Waiting

    async def _something(self) -> None:
        if self._event is None:
            self._event = asyncio.Event()
        self._event.clear()
        await self._event.wait()

    def _wake(self) -> None:
        if self._event is not None:
            self._event.set()

    def is_held(self) -> bool:
        """Return whether enough of the body waits to be read that reading should pause."""
        return len(self._body) > MAX_BUFFERED and not self.response_complete
