"""The connections of a proxy to its service: one request at a time on each, framed by RFC 9112."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, SupportsIndex

import h11
import httpx

from eqkit.checks.proxy.targets import Base

HeaderLines = Sequence[tuple[bytes, bytes]]
Sender = asyncio.Task[None] | None
"""The task that still sends the body of a request."""

MAX_HEAD = 65_536
"""The longest head of an answer that is taken, in bytes."""

PATIENCE_S = 60
"""How long a service may take to be connected to, and then to begin with its answer, in seconds."""

MOST_IDLE = 100
"""The most connections that are kept for the next request."""

LONGEST_IDLE_S = 5
"""How long a connection is kept for the next request, in seconds: shorter than most servers keep theirs."""

LISTENING_S = 1
"""How long bytes are listened for behind an answer that has no body, in seconds."""

PART = 65_536
"""How much is read at once, in bytes."""


SWITCHING = HTTPStatus.SWITCHING_PROTOCOLS


HOP_BY_HOP_HEADERS = frozenset(
    b"connection host keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    b"transfer-encoding upgrade accept-encoding expect content-length".split()
)
"""Headers that are not passed on as they came (RFC 9110 7.6.1); the length of a body is written anew."""


class NotSent(Exception):
    """A request that HTTP has no way to send; the message says why."""


class UpstreamError(Exception):
    """A service that cannot be connected to, or breaks its answer off; the message says why."""


class _Reader(asyncio.StreamReader):
    """A stream that reports bytes that come between answers, and its end."""

    when_idle: Callable[[bytes], None] | None = None

    def feed_data(self, data: Iterable[SupportsIndex]) -> None:
        """Take bytes of an answer, or report those between answers."""
        if self.when_idle is None:
            super().feed_data(data)
        else:
            self.when_idle(bytes(data))

    def feed_eof(self) -> None:
        """Take the end of the connection."""
        super().feed_eof()
        if self.when_idle is not None:
            self.when_idle(b"")


class Connection:
    """One connection to a service."""

    def __init__(self, reader: _Reader, writer: asyncio.StreamWriter) -> None:
        """Take both sides of it."""
        self.reader = reader
        self.writer = writer
        self.http = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        self._is_fresh = True
        self._timer: asyncio.TimerHandle | None = None

    async def write(self, event: Any) -> None:
        """Send a part of a request, and wait while the service takes none; raises UpstreamError."""
        data = self.http.send(event)
        if not data:
            return
        try:
            self.writer.write(data)
            async with asyncio.timeout(PATIENCE_S):
                await self.writer.drain()
        except OSError as error:  # a TimeoutError, too
            raise UpstreamError(_why(error)) from error

    async def event(self) -> Any:
        """Return the next event of an answer; raises UpstreamError if the answer breaks off or is none."""
        try:
            while (event := self.http.next_event()) is h11.NEED_DATA:
                self.http.receive_data(await self.reader.read(PART))
        except h11.RemoteProtocolError as error:
            raise UpstreamError(str(error)) from error
        except OSError as error:
            raise UpstreamError(_why(error)) from error
        if isinstance(event, h11.ConnectionClosed):
            raise UpstreamError("it closes the connection without an answer")
        return event

    def listen(self, come: Callable[[bytes], None], seconds: float) -> bool:
        """Call `come` with bytes that arrive, or none at the end or the timeout; return False at the end."""
        if self.reader.at_eof() or self.writer.is_closing():
            return False
        self.reader.when_idle = come
        self._timer = asyncio.get_running_loop().call_later(seconds, come, b"")
        return True

    def wake(self) -> bool:
        """Begin with the next request; tell whether it is the first one."""
        self.reader.when_idle = None
        if self._timer is not None:
            self._timer.cancel()
        is_fresh, self._is_fresh = self._is_fresh, False
        return is_fresh

    def close(self) -> None:
        """Close it, and drop the bytes that are still on their way."""
        self.wake()
        self.writer.transport.abort()


@dataclass(frozen=True, slots=True)
class Question:
    """A request to send: `body` may be None, and `overrun` takes the length of bytes behind the answer."""

    method: str
    target: str
    headers: HeaderLines
    body: AsyncIterator[bytes] | None
    overrun: Callable[[int], None]


class UpstreamResponse:
    """The answer to one request, whose body is still to be read with `parts`."""

    def __init__(
        self, upstream: "Upstream", connection: Connection, question: Question, sender: Sender, head: Any
    ) -> None:
        """Take the head of it, and the task that still sends the request."""
        self.status: int = head.status_code
        self.headers: HeaderLines = list(head.headers)
        self.connection = connection
        self.sender = sender
        self.read_ahead: list[bytes] = []
        """Parts of the body that were read already, and that `parts` yields first."""
        self._upstream = upstream
        self._question = question
        self._is_over = False

    @property
    def has_body(self) -> bool:
        """Whether an answer of this kind can have a body at all (RFC 9112 6.3)."""
        return self._question.method != "HEAD" and self.status not in (101, 204, 304)

    @property
    def rest(self) -> bytes:
        """The bytes behind the answer so far."""
        return bytes(self.connection.http.trailing_data[0])

    async def parts(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it comes; raises UpstreamError if it breaks off."""
        while self.read_ahead:
            yield self.read_ahead.pop(0)
        while not self._is_over:
            event = await self.connection.event()
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                self._is_over = True

    def close(self) -> None:
        """Keep the connection for the next request, if all of this one and no more has gone over it."""
        http, connection = self.connection.http, self.connection
        if self.sender is not None and not self.sender.cancel():
            self.sender.exception()  # which nobody is to be told of any more
        if self._is_over and not self.rest and not self.has_body:
            # Many a server sends one all the same, and it may still be on its way.
            self._upstream.listen(connection, self._question.overrun)
        elif self._is_over and not self.rest and http.our_state is http.their_state is h11.DONE:
            self._upstream.keep(connection, self._question.overrun)
        else:
            self._upstream.drop(connection)


class Upstream:
    """The service behind a proxy, with the connections to it that are kept."""

    def __init__(self, base: Base) -> None:
        """Take the one address that is ever connected to."""
        self.base = base
        self._idle: list[Connection] = []
        self._open: set[Connection] = set()
        self._tls: ssl.SSLContext | None = None

    async def ask(self, question: Question) -> UpstreamResponse:
        """Send a request, and return the beginning of its answer, which may come before all is sent.

        Raises NotSent, UpstreamError, or the exception of the iterator of the request's body.
        """
        while True:
            connection = self._idle.pop() if self._idle else await self._connected()
            is_fresh = connection.wake()
            try:
                return await self._asked(connection, question)
            except UpstreamError:
                self.drop(connection)
                # A kept connection may have been closed just now; a request without a body can be sent again.
                if is_fresh or question.body is not None:
                    raise
            except BaseException:
                self.drop(connection)
                raise

    def keep(self, connection: Connection, overrun: Callable[[int], None]) -> None:
        """Keep a connection for the next request."""
        if len(self._idle) < MOST_IDLE and self.listen(connection, overrun, LONGEST_IDLE_S):
            connection.http.start_next_cycle()
            self._idle.append(connection)
        else:
            self.drop(connection)

    def listen(
        self, connection: Connection, overrun: Callable[[int], None], seconds: float = LISTENING_S
    ) -> bool:
        """Report bytes that follow an answer, then close the connection; return False if it is closed."""

        def come(data: bytes) -> None:
            if data:
                overrun(len(data))
            self.drop(connection)

        return connection.listen(come, seconds)

    def drop(self, connection: Connection) -> None:
        """Close a connection, and drop the bytes that are still on their way."""
        if connection in self._idle:
            self._idle.remove(connection)
        self._open.discard(connection)
        connection.close()

    def close(self) -> None:
        """Close every connection."""
        for connection in list(self._open):
            self.drop(connection)

    async def _connected(self) -> Connection:
        loop, base = asyncio.get_running_loop(), self.base
        if base.is_secure and self._tls is None:
            self._tls = httpx.create_ssl_context()
        reader = _Reader(PART, loop)
        try:
            async with asyncio.timeout(PATIENCE_S):
                transport, protocol = await loop.create_connection(
                    lambda: asyncio.StreamReaderProtocol(reader, loop=loop),
                    base.host, base.port, ssl=self._tls,
                )  # fmt: skip
        except (OSError, TimeoutError) as error:
            raise UpstreamError(_why(error)) from error
        connection = Connection(reader, asyncio.StreamWriter(transport, protocol, reader, loop))
        self._open.add(connection)
        return connection

    async def _asked(self, connection: Connection, question: Question) -> UpstreamResponse:
        try:
            request = h11.Request(
                method=question.method, target=question.target, headers=list(question.headers)
            )
            await connection.write(request)
        except h11.LocalProtocolError as error:
            raise NotSent(str(error)) from error
        sender: Sender = None
        if question.body is None:
            await connection.write(h11.EndOfMessage())
        else:
            sender = asyncio.ensure_future(_sent(connection, question.body))
        try:
            return UpstreamResponse(self, connection, question, sender, await _head(connection, sender))
        except BaseException:
            if sender is not None:
                sender.cancel()
            raise


async def _sent(connection: Connection, body: AsyncIterator[bytes]) -> None:
    """Send a body as it comes; if the service stops reading it, its answer still counts."""
    with contextlib.suppress(UpstreamError, h11.LocalProtocolError):
        async for part in body:
            await connection.write(h11.Data(data=part))
        await connection.write(h11.EndOfMessage())


async def _head(connection: Connection, sender: Sender) -> Any:
    """Return the head of an answer; raises the exception that stopped the request's body."""
    heading = asyncio.ensure_future(_final(connection))
    try:
        if sender is not None:
            await asyncio.wait((heading, sender), return_when=asyncio.FIRST_COMPLETED)
            if not heading.done():
                sender.result()
        async with asyncio.timeout(PATIENCE_S):
            return await heading
    except TimeoutError as error:
        raise UpstreamError(f"no answer within {PATIENCE_S} s") from error
    finally:
        heading.cancel()


async def _final(connection: Connection) -> Any:
    """Return the head of the final answer: past 1xx, but for the one that ends HTTP here."""
    while True:
        event = await connection.event()
        if event.status_code == SWITCHING or not isinstance(event, h11.InformationalResponse):
            return event


def _why(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"nothing within {PATIENCE_S} s"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def of_the_way(headers: HeaderLines) -> list[tuple[bytes, bytes]]:
    """Return the headers that are not for one hop alone, by their name or by Connection."""
    named = {
        each.strip().lower() for name, value in headers if name == b"connection" for each in value.split(b",")
    }
    return [(name, value) for name, value in headers if name not in HOP_BY_HOP_HEADERS and name not in named]
