"""The bytes of one connection, parsed into requests."""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import unquote

import httptools

from eqkit.errors import Code, ErrorObject
from eqkit.web.http.cycle import Cycle
from eqkit.web.http.heads import (
    MalformedHead,
    read_target,
    require_framing,
    strip_white_space,
    wants_continue,
)
from eqkit.web.http.limits import MAX_HEAD
from eqkit.web.http.plain_errors import malformed

if TYPE_CHECKING:
    from eqkit.web.http.protocol import Protocol

_FRAMING = frozenset((b"expect", b"transfer-encoding"))
_ASGI = {"version": "3.0", "spec_version": "2.3"}
_NOT_HTTP = "What was sent is not an HTTP/1.1 request."
_TOO_LONG = ErrorObject(
    Code.HEADERS_TOO_LARGE, f"Request line and headers may have at most {MAX_HEAD} bytes."
)


class RequestReader:
    """Feeds a parser, and hands each request to the protocol as soon as its head is read."""

    def __init__(self, protocol: "Protocol") -> None:
        """Begin before the first request."""
        self._protocol = protocol
        self._parser: Any = httptools.HttpRequestParser(self)
        self._url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        """The headers of the newest head, as far as it is read."""
        self._hosts = 0
        self._framing: dict[bytes, list[bytes]] = {}
        self.is_in_head = False
        """A head has begun, and not ended."""
        self.newest: Cycle | None = None
        """The request whose head was read last."""
        self._size = 0  # bytes of the head, or of a trailer section, so far
        self._stalled = 0  # bytes since something other than a line of a head was understood
        self._has_moved = False
        self._error: ErrorObject | None = None  # why the parser was stopped
        self._before = self._held_back = b""
        self._has_trailers = False

    def feed(self, data: bytes) -> None:
        """Parse some bytes, unless the protocol takes no more requests."""
        self._has_moved = False
        if self.newest is None or not self.newest.more_body:
            if self._has_trailers:
                # The parser heeds a Connection or Content-Length there; another one has not read it.
                self._parser, self._has_trailers = httptools.HttpRequestParser(self), False
            if self._held_back:
                data, self._held_back = self._held_back + data, b""
            if b"\t" in data:
                data, self._held_back = strip_white_space(self._before, data)
        rest = data
        while rest and not self._protocol.is_done:
            try:
                self._parser.feed_data(rest)
                break
            except httptools.HttpParserUpgrade as upgrade:
                rest = self._stay(rest[upgrade.args[0] :])
            except httptools.HttpParserError:
                self._protocol.refuse(self._error or malformed(_NOT_HTTP))
        if self.is_in_head or (self.newest is not None and self.newest.more_body):
            self._count(data)
        else:
            self._before = b""

    def _count(self, data: bytes) -> None:
        """Bound the bytes that are neither head nor body, such as a line without an end."""
        self._before = (self._before + data)[-3:] if self.is_in_head else b""
        self._stalled = 0 if self._has_moved else self._stalled + len(data)
        if self._stalled > MAX_HEAD and not self._protocol.is_done:
            self._protocol.refuse(_TOO_LONG)

    # Called by the parser

    def on_message_begin(self) -> None:
        """Begin a head."""
        self.is_in_head = self._has_moved = True
        self._size = 0
        self._url = b""
        self.headers = []
        self._hosts = 0
        if self._framing:
            self._framing = {}

    def on_url(self, url: bytes) -> None:
        """Take a piece of the target."""
        self._size += len(url)
        if self._size > MAX_HEAD:
            self._stop(_TOO_LONG)
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a field in the trailer section of a body is none (RFC 9110 6.5.1)."""
        self._size += len(name) + len(value) + 4
        if self._size > MAX_HEAD:
            self._stop(_TOO_LONG)
        if not self.is_in_head:
            self._has_trailers = True
            return
        name, value = name.lower(), value.strip(b" \t")
        if name == b"host":
            self._hosts += 1
        elif name in _FRAMING:
            self._framing.setdefault(name, []).append(value)
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Hand a request over, with its scope (ASGI's HTTP connection scope)."""
        self.is_in_head, self._has_moved, self._size = False, True, 0
        parser, headers, protocol = self._parser, self.headers, self._protocol
        version, method = parser.get_http_version(), parser.get_method()
        try:
            if self._framing or self._hosts != 1 or version != "1.1":
                coding = b",".join(self._framing.get(b"transfer-encoding", ()))
                require_framing(version, self._hosts, coding)
            raw_path, query, scheme, authority = read_target(self._url, method)
        except MalformedHead as error:
            self._stop(malformed(str(error)))
        if authority is not None:
            # It replaces any Host (RFC 9112 3.2.2).
            headers[:] = [(b"host", authority), *(line for line in headers if line[0] != b"host")]
        path = raw_path.decode("ascii")
        scope = {
            "type": "http",
            "asgi": _ASGI,
            "http_version": version,
            "server": protocol.server,
            "client": protocol.client,
            "scheme": scheme,
            "method": method.decode("ascii"),
            "root_path": "",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": headers,
            "state": protocol.site.state.copy(),
        }
        expect = self._framing.get(b"expect")
        self.newest = Cycle(
            protocol,
            scope,
            keep_alive=version == "1.1" and parser.should_keep_alive(),
            wants_continue=expect is not None and version == "1.1" and wants_continue(b",".join(expect)),
        )
        protocol.on_request(self.newest)

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body; that of a request that is answered already is read past."""
        self._has_moved = True
        cycle = self.newest
        if cycle is not None and cycle.more_body and not cycle.response_complete:
            cycle.add_body(body)

    def on_message_complete(self) -> None:
        """End a body."""
        self._has_moved = True
        if self.newest is not None:
            self.newest.end_body()

    def _stop(self, error: ErrorObject) -> NoReturn:
        """Stop the parser; raises, which httptools turns into an error of its own."""
        self._error = error
        raise ValueError(error.detail)

    def _stay(self, rest: bytes) -> bytes:
        """Ignore a wish to upgrade (RFC 9110 7.8), which Java's HttpClient has, and return bytes to parse.

        The parser takes a body for the other protocol's bytes. One that is told nothing but how the body is
        framed reads it instead, and the connection ends with the answer.
        """
        framing = [line for line in self.headers if line[0] in (b"content-length", b"transfer-encoding")]
        if not framing or self.newest is None:
            return rest
        self.newest.keep_alive = False
        self.newest.more_body = True
        callbacks = SimpleNamespace(on_body=self.on_body, on_message_complete=self.on_message_complete)
        self._parser = httptools.HttpRequestParser(callbacks)
        head = b"".join(b"%b: %b\r\n" % line for line in framing)
        return b"POST / HTTP/1.1\r\n" + head + b"\r\n" + rest
