"""The outermost middleware: makes the context, sends the answer, and records the bytes that left."""

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate

from eqkit.errors import Code, api_error
from eqkit.sandbox.clock_waits import ClockClosed
from eqkit.sandbox.faults.armed import WireKind
from eqkit.sandbox.journal.entries import header_lines
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.logs.request_log import RequestLog
from eqkit.web.messages.context import (
    CONTEXT,
    Connection,
    Headers,
    Receive,
    RequestContext,
    Response,
    Scope,
    Send,
)
from eqkit.web.messages.cors import TO_ANYBODY, headers_for
from eqkit.web.messages.error_responses import ErrorResponses
from eqkit.web.messages.links import LinkBases
from eqkit.web.messages.negotiation import MEDIA_TYPE
from eqkit.web.middleware.base import App
from eqkit.web.middleware.broken_connections import broken_connection
from eqkit.web.recording import record
from eqkit.web.waiting import wait

DRAIN_RETRY_AFTER = b"1"
NUL, LF, CR = b"\0\n\r"
"""The bytes that no header value may have (RFC 9110 5.5)."""

UNANSWERED = 0
"""The status in the journal of a request without an answer."""

PIECES = 8
"""In how many pieces an answer trickles."""

GARBAGE = b"\x00\xff\xfeThis is not HTTP.\r\n\r\n"

_LINES_TO_ANYBODY = header_lines(TO_ANYBODY)


class Drain:
    """Whether the server is shutting down, and how many requests it still owes an answer."""

    def __init__(self, on_begin: Callable[[], None] = lambda: None) -> None:
        """Begin open, with nothing under way; `on_begin` ends long waits."""
        self._on_begin = on_begin
        self.begun = False
        self.under_way = 0
        self._beginning = asyncio.Event()
        self._quiet = asyncio.Event()

    def begin(self) -> None:
        """Refuse requests from now on."""
        self.begun = True
        self._beginning.set()
        self._on_begin()
        if not self.under_way:
            self._quiet.set()

    async def begins(self) -> None:
        """Wait until the server begins to shut down."""
        await self._beginning.wait()

    async def quiet(self) -> None:
        """Wait until every request that came before is answered."""
        await self._quiet.wait()

    def begin_loop(self) -> None:
        """Go on in another event loop: an event of one cannot be awaited in another."""
        self._beginning, self._quiet = asyncio.Event(), asyncio.Event()
        if self.begun:
            self._beginning.set()

    def done(self) -> None:
        """Count one request as answered."""
        self.under_way -= 1
        if self.begun and not self.under_way:
            self._quiet.set()


class Wire:
    """Stands between the socket and the middleware that speak in values."""

    def __init__(
        self,
        app: App,
        *,
        link_bases: LinkBases,
        drain: Drain,
        responses: ErrorResponses,
        media_type: bytes = MEDIA_TYPE,
        is_journaled: bool = False,
        request_log: RequestLog | None = None,
    ) -> None:
        """Take the parts of a context, the server's state, the media type of documents, and a log.

        Requests of the public API are journaled, and their answers have the date of their sandbox.
        """
        self._app = app
        self._content_type = ((b"content-type", media_type),)
        self._to_anybody_with_document = (*TO_ANYBODY, *self._content_type)
        self._lines_of_document = header_lines(self._content_type)
        self._is_journaled = is_journaled
        self._link_bases = link_bases
        self._drain = drain
        self._responses = responses
        self._request_log = request_log

    def switch_to(self, app: App, responses: ErrorResponses) -> None:
        """Answer the next requests by another application."""
        self._app, self._responses = app, responses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = RequestContext(scope, receive, self._link_bases)
        if self._drain.begun:
            await self._send(self._draining(context), context, send)
            return
        scope[CONTEXT] = context
        self._drain.under_way += 1
        try:
            try:
                await self._app(scope, receive, send)
            except Exception as error:
                context.response = self._responses.to(error, context)
            response = context.response
            if context.fault is not None and (response is None or context.wire_fault is not None):
                record(context, response or Response(UNANSWERED))
                await self._fail(context, send)
            elif response is not None:
                lines = header_lines(response.headers)
                if self._is_journaled:
                    record(context, response, lines, self._always(response, context))
                    if context.sandbox is not None and context.sandbox.clock.moved:
                        _set_date(response, context.sandbox, context.connection)
                if not self._send_whole(response, lines, context):
                    await self._send(response, context, send)
        finally:
            # The exchange knows the scope: left in there, each request would be a cycle to collect.
            del scope[CONTEXT]
            if context.sandbox is not None:
                context.sandbox.leave()
            self._drain.done()
            if self._request_log is not None:
                self._request_log.add(context)

    def _draining(self, context: RequestContext) -> Response:
        detail = "The server is shutting down and takes no new requests."
        headers = [(b"retry-after", DRAIN_RETRY_AFTER), (b"connection", b"close")]
        return self._responses.of(api_error(Code.DRAINING, detail, headers=headers), context)

    def _send_whole(self, response: Response, lines: bytes, context: RequestContext) -> bool:
        """Send an ordinary answer without the detour over ASGI messages; tell whether that was possible."""
        connection, body = context.connection, response.encoded()
        if connection is None or body is None or context.method == "HEAD":
            return False
        for _, value in response.headers:
            if CR in value or LF in value or NUL in value:
                # The server refuses a value that would end its line.
                return False
        origin = context.headers.get(b"origin")
        always = _LINES_TO_ANYBODY if origin is None else header_lines(headers_for(origin))
        content_type = b"" if response.document is None else self._lines_of_document
        head = b"%b%b%bcontent-length: %d\r\n\r\n" % (always, content_type, lines, len(body))
        return connection.write_whole(response.status, head, body)

    def _always(self, response: Response, context: RequestContext) -> Headers:
        """Return the headers that stand before those of the answer itself."""
        origin = context.headers.get(b"origin")
        if origin is None:
            # Most requests come from no page: the journal keeps one tuple for all of them.
            return TO_ANYBODY if response.document is None else self._to_anybody_with_document
        always = headers_for(origin)
        return always if response.document is None else (*always, *self._content_type)

    async def _fail(self, context: RequestContext, send: Send) -> None:
        """Apply a wire fault to the answer, if there is one, and then to the connection."""
        response, fault, connection = context.response, context.wire_fault, context.connection
        if fault is None:
            return
        if response is not None and context.sandbox is not None and context.sandbox.clock.moved:
            _set_date(response, context.sandbox, connection)
        if fault.kind is WireKind.TRICKLE and response is not None:
            with contextlib.suppress(ClockClosed):
                await self._send_slowly(response, context, fault.pause_ms, send)
                return
        if fault.kind is WireKind.TRUNCATE and response is not None:
            body = response.encoded() or b""
            await send(self._start(response, context))
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        if connection is None:
            # A client in the same process gets the error that a client on a socket would.
            raise broken_connection(fault.kind)
        garbage = GARBAGE if fault.kind is WireKind.GARBAGE else b""
        connection.break_off(garbage, reset=fault.kind is WireKind.RESET)

    async def _send_slowly(
        self, response: Response, context: RequestContext, pause_ms: int, send: Send
    ) -> None:
        """Send an answer in pieces, each a pause of the sandbox's clock after the one before it."""
        assert context.sandbox is not None  # there are no faults where there is none
        body = response.encoded() or b""
        size = max(1, -(-len(body) // PIECES))
        await send(self._start(response, context))
        with context.sandbox.clock.activity():
            for end in range(size, 0 if context.method == "HEAD" else len(body), size):
                piece = body[end - size : end]
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                await wait(context, pause_ms, self._drain.begins, is_journaled=True)
            rest = b"" if context.method == "HEAD" else body[(len(body) - 1) // size * size :]
            await send({"type": "http.response.body", "body": rest})

    async def _send(self, response: Response, context: RequestContext, send: Send) -> None:
        await send(self._start(response, context))
        if response.stream is not None and context.method != "HEAD":
            await _send_stream(response.stream, context, send)
            return
        body = None if context.method == "HEAD" else response.encoded()
        await send({"type": "http.response.body", "body": body or b""})

    def _start(self, response: Response, context: RequestContext) -> dict[str, object]:
        """Return the message that begins an answer."""
        body = response.encoded()
        headers = [*self._always(response, context), *response.headers]
        if body is not None:
            headers.append((b"content-length", b"%d" % len(body)))
        elif response.stream is None and response.status not in (204, 304):
            headers.append((b"content-length", b"0"))  # which 204 and 304 must not have (RFC 9110 8.6)
        return {"type": "http.response.start", "status": response.status, "headers": headers}


async def _send_stream(stream: AsyncIterator[bytes], context: RequestContext, send: Send) -> None:
    """Send pieces as they come, until they end or the client goes away."""

    async def pieces() -> None:
        async for piece in stream:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def gone() -> None:
        while (await context.receive())["type"] != "http.disconnect":
            pass

    tasks = {asyncio.create_task(pieces()), asyncio.create_task(gone())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()


def _set_date(response: Response, sandbox: Sandbox, connection: Connection | None) -> None:
    """Set the `Date` of an answer to the time of its sandbox."""
    date = http_date(sandbox.clock.now() // 1000)
    if connection is not None:
        connection.set_date(date)
    else:
        # An answer that is kept and given again has that of the time before.
        response.headers = [*(line for line in response.headers if line[0] != b"date"), (b"date", date)]


@functools.lru_cache(maxsize=256)
def http_date(at_s: int) -> bytes:
    """Return an instant as HTTP writes it (RFC 9110 5.6.7)."""
    return formatdate(at_s, usegmt=True).encode()
