"""The outermost layer: makes the exchange, sends the answer, and writes down what left."""

import asyncio
import logging
import re
from collections.abc import Callable
from typing import Any

from eqkit.errors import Code, refusal
from eqkit.sandbox.journal import Entry
from eqkit.web.error_answers import ErrorAnswers
from eqkit.web.exchange import EXCHANGE, Answer, Exchange, Headers, Receive, Scope, Send
from eqkit.web.layers import App
from eqkit.web.links import LinkBases
from eqkit.web.negotiation import MEDIA_TYPE

logger = logging.getLogger(__name__)

ALWAYS = (
    (b"vary", b"Accept"),
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Allow, Content-Location, Location, Preference-Applied, Retry-After, WWW-Authenticate",
    ),
)
"""Headers of every answer: they vary (ruling H6), and any page may read them (ruling H9)."""

WITH_DOCUMENT = (*ALWAYS, (b"content-type", MEDIA_TYPE))
DRAIN_RETRY_AFTER = b"1"

WRITE_WHOLE = "eqkit.write_whole"
"""Where our server leaves a shortcut in the ASGI scope: writes a whole answer at once, if it can now."""

WriteWhole = Callable[[int, bytes, bytes], bool]


def header_lines(headers: Headers) -> bytes:
    """Return headers as they go over the wire."""
    return b"".join([b"%b: %b\r\n" % line for line in headers])


_LINES_ALWAYS, _LINES_WITH_DOCUMENT = header_lines(ALWAYS), header_lines(WITH_DOCUMENT)
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class Drain:
    """Whether the server is shutting down, and how many requests it still owes an answer."""

    def __init__(self) -> None:
        """Begin open, with nothing under way."""
        self.begun = False
        self.under_way = 0
        self._quiet = asyncio.Event()

    def begin(self) -> None:
        """Refuse what comes from now on."""
        self.begun = True
        if not self.under_way:
            self._quiet.set()

    async def quiet(self) -> None:
        """Wait until every request that came before is answered."""
        await self._quiet.wait()

    def done(self) -> None:
        """Tell that one request is answered."""
        self.under_way -= 1
        if self.begun and not self.under_way:
            self._quiet.set()


class Wire:
    """Stands between the socket and the layers that speak in values."""

    def __init__(self, app: App, *, link_bases: LinkBases, drain: Drain, answers: ErrorAnswers) -> None:
        """Take what an exchange needs, and the server's state."""
        self._app = app
        self._link_bases = link_bases
        self._drain = drain
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        write_whole: WriteWhole | None = scope.pop(WRITE_WHOLE, None)
        exchange = Exchange(scope, receive, self._link_bases)
        if self._drain.begun:
            await _send(self._draining(exchange), exchange, send)
            return
        scope[EXCHANGE] = exchange
        self._drain.under_way += 1
        try:
            await self._app(scope, receive, send)
            answer = exchange.answer
            if answer is not None:
                _write_down(exchange, answer)
                if write_whole is None or not _send_whole(answer, exchange, write_whole):
                    await _send(answer, exchange, send)
        finally:
            # The exchange knows the scope: left in there, each request would be a cycle to collect.
            del scope[EXCHANGE]
            self._drain.done()

    def _draining(self, exchange: Exchange) -> Answer:
        detail = "The server is shutting down and takes no new requests."
        headers = [(b"retry-after", DRAIN_RETRY_AFTER), (b"connection", b"close")]
        return self._answers.of(refusal(Code.DRAINING, detail, headers=headers), exchange)


def _send_whole(answer: Answer, exchange: Exchange, write_whole: WriteWhole) -> bool:
    """Send an ordinary answer without the detour over ASGI messages; tell whether that was possible."""
    body = answer.encoded()
    if body is None or exchange.method == "HEAD":
        return False
    own = b""
    for name, value in answer.headers:
        if _CONTROL.search(value):
            return False
        own += b"%b: %b\r\n" % (name, value)
    always = _LINES_ALWAYS if answer.document is None else _LINES_WITH_DOCUMENT
    return write_whole(answer.status, always + own + b"content-length: %d\r\n\r\n" % len(body), body)


async def _send(answer: Answer, exchange: Exchange, send: Send) -> None:
    body = answer.encoded()
    headers = [*(WITH_DOCUMENT if answer.document is not None else ALWAYS), *answer.headers]
    if body is not None:
        headers.append((b"content-length", b"%d" % len(body)))
    start: dict[str, Any] = {"type": "http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    is_head = exchange.method == "HEAD"
    await send({"type": "http.response.body", "body": b"" if is_head or body is None else body})


def _write_down(exchange: Exchange, answer: Answer) -> None:
    sandbox, accepted, operation = exchange.sandbox, answer.accepted, exchange.operation
    if sandbox is not None:
        at_ms, ids, wait_until_at_ms, warnings = accepted or (sandbox.clock.now(), (), (), ())
        sandbox.journal.record(
            Entry(
                at_ms,
                exchange.method,
                exchange.path,
                None if operation is None else operation.id,
                answer.status,
                exchange.error_codes,
                ids,
                wait_until_at_ms,
                warnings,
            )
        )
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s %s %d", exchange.method, exchange.path, answer.status)
