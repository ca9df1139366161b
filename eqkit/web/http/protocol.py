"""HTTP/1.1 on one connection: requests are answered in their order, and the connection is ended in peace.

A request that is all there is answered right where it was read; only one that waits becomes a task.
"""

import asyncio
import socket
from collections import deque
from typing import Any

from eqkit.errors import Code, ErrorObject
from eqkit.web.http.cycle import CONTINUE, Cycle
from eqkit.web.http.limits import MAX_HEAD
from eqkit.web.http.outgoing import Outgoing
from eqkit.web.http.patience import Patience
from eqkit.web.http.plain_errors import plain_error
from eqkit.web.http.reader import RequestReader
from eqkit.web.http.site import REFUSED_AT_ONCE, Site
from eqkit.web.http.tasks import begin

_FULL = ErrorObject(Code.UNAVAILABLE, "The server has as many connections as it takes; try again later.")
_FIRST_LOOK_S, _LAST_LOOK_S = 0.01, 1.0


class Protocol(asyncio.Protocol):
    """One connection, from when it is made until it is lost."""

    transport: Any  # asyncio's and uvloop's transports share no class that has all that is used

    def __init__(self, site: Site) -> None:
        """Take the part that all connections share."""
        self.site = site
        self.reader = RequestReader(self)
        self.server: tuple[str, int] | None = None
        self.client: tuple[str, int] | None = None
        self.answering: Cycle | None = None
        """The request whose answer is under way."""
        self._queue: deque[Cycle] = deque()  # those that came after it
        self._last_words: bytes | None = None  # sent once all of them are answered
        self.is_done = False
        """Nothing that comes is a request any more."""
        self.is_lingering = False
        """Bytes are dropped from now on, until the client has ended."""
        self._left: int | None = None  # bytes of a head that are still read past
        self.has_ended = False
        """The client has closed its side, and may wait for its answer."""
        self.is_write_paused = False
        self.is_reading_paused = False
        self._is_feeding = False
        self._is_looking = False
        self._written: asyncio.Event | None = None

    # Called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a connection, or refuse it where there are too many."""
        self.transport = transport
        self.outgoing = Outgoing(transport, self.site.outbox)
        self.server = _address(transport.get_extra_info("sockname"))
        self.client = _address(transport.get_extra_info("peername"))
        self._patience = Patience(self)
        site = self.site
        if site.join(self):
            self._patience.look()
        elif len(site.connections) > site.max_connections + REFUSED_AT_ONCE:
            self.transport.abort()
        else:
            self.refuse(_FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        """Report to the application that no client waits for its answer."""
        self.site.leave(self)
        self._patience.end()
        self.is_done = True
        self._queue.clear()
        if self.answering is not None:
            self.answering.disconnect()
        self.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Parse bytes, and begin to answer the first request in them if none is being answered."""
        if self.is_lingering:
            self._read_past(data)
            return
        reader = self.reader
        if self.answering is not None and self.answering.is_switched:
            self.answering.add_body(data)
            self.update_reading()
            return
        self._is_feeding = True
        reader.feed(data)
        if self._queue and self.answering is None:
            self._begin()
        self._is_feeding = False
        newest = reader.newest
        is_half = newest is not None and newest.more_body
        if is_half or self._queue or self.answering is not None or reader.is_in_head or self.is_done:
            self.update_reading()
            self._patience.look(has_moved=True)
        else:
            self._patience.be_idle()

    def eof_received(self) -> bool:
        """Keep the connection for the answers to requests from before the client closed its side."""
        self.has_ended = True
        if self.is_lingering or self.transport.is_closing():
            return False
        newest = self.reader.newest
        if newest is not None and newest.more_body:
            if newest.is_switched:
                newest.end_body()
                return True
            self._drop(newest)
        last = self._queue[-1] if self._queue else self.answering
        if last is None:
            return False
        last.keep_alive = False
        self.is_done = True
        if self.answering is not None and self.answering.is_watched:
            self.on_watched(self.answering)
        return True

    def pause_writing(self) -> None:
        """Pause the application, since the client does not take its answer."""
        self.is_write_paused = True
        self._patience.look()

    def resume_writing(self) -> None:
        """Resume the application."""
        self.is_write_paused = False
        if self._written is not None:
            self._written.set()
            self._written = None
        if not self.transport.is_closing():
            self._patience.look()

    # Called by the reader and the requests

    def on_request(self, cycle: Cycle) -> None:
        """Take up a request, which begins once all is parsed that came along with its head."""
        self._queue.append(cycle)

    def on_answered(self, cycle: Cycle) -> None:
        """Go on to the next request, or end the connection after its last answer."""
        self.answering = None
        if self.transport.is_closing():
            return
        if not cycle.keep_alive:
            self._finish()
            return
        if self._queue:
            # In its own turn, or a thousand requests in one segment would hold everybody else up.
            self.site.loop.call_soon(self._begin_next)
        elif self._last_words is not None:
            self._say_last_words()
        if self.is_reading_paused:
            self.update_reading()
        if not self._is_feeding:
            self._patience.look()

    def on_watched(self, cycle: Cycle) -> None:
        """Find out whether a client that has closed its side is still there.

        One that left and one that has said all it had to say look the same until something is sent to them.
        An interim answer always may be (RFC 9110 15.2), and one that left resets its connection then. An
        answer without an end is ended: most likely nobody is there to read it.
        """
        if not self.has_ended or cycle is not self.answering:
            return
        if cycle.is_endless:
            cycle.break_off()
        elif not (cycle.response_started or self._is_looking or cycle.scope["http_version"] == "1.0"):
            self._is_looking = True
            self.outgoing.write(CONTINUE)
            self.site.loop.call_later(_FIRST_LOOK_S, self._look_for_reset, _FIRST_LOOK_S * 2)

    def refuse(self, error: ErrorObject) -> None:
        """Answer with an error once all that came before is answered, and end the connection."""
        self.is_done = True
        newest = self.reader.newest
        if newest is not None and newest.more_body:
            if newest.response_complete:
                self._finish()
                return
            if newest.response_started:
                newest.break_off()
                return
            self._drop(newest)
        # A HEAD whose head is not whole is not known as one.
        self._last_words = plain_error(error, self.site.date_line, self.reader.headers)
        if self.answering is None and not self._queue:
            self._say_last_words()

    def update_reading(self) -> None:
        """Read no more while requests or much of a body wait to be taken up."""
        newest = self.reader.newest
        is_held = newest is not None and newest.is_held()
        is_paused = not self.is_lingering and (is_held or (bool(self._queue) and self.answering is not None))
        if is_paused is self.is_reading_paused or self.has_ended or self.transport.is_closing():
            return
        self.is_reading_paused = is_paused
        if is_paused:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()
        if not self._is_feeding:
            self._patience.look()

    async def written(self) -> None:
        """Wait until the client has taken most of its answer, or is gone."""
        if self._written is None:
            self._written = asyncio.Event()
        await self._written.wait()

    def close(self) -> None:
        """Close the connection once all is sent that was written."""
        if not self.transport.is_closing():
            self.outgoing.close()
            self._patience.look()

    def close_if_idle(self) -> None:
        """Close the connection unless a request was asked on it, whole or in part of its body."""
        newest = self.reader.newest
        is_half = newest is not None and newest.more_body and not newest.response_complete
        if self.answering is None and not self._queue and not is_half and not self.is_lingering:
            self.close()

    # The order of answers, and the end

    def _begin(self) -> None:
        self.answering = cycle = self._queue.popleft()
        task = begin(cycle.run(), self.site.loop)
        if task is not None:
            self.site.tasks.add(task)
            task.add_done_callback(self.site.tasks.discard)

    def _begin_next(self) -> None:
        if self._queue and self.answering is None and not self.transport.is_closing():
            self._begin()
            self.update_reading()

    def _drop(self, cycle: Cycle) -> None:
        """Forget a request whose body will never be whole."""
        cycle.more_body = False
        if cycle in self._queue:
            self._queue.remove(cycle)
        elif cycle is self.answering:
            self.answering = None
            cycle.disconnect()

    def _say_last_words(self) -> None:
        self.outgoing.write(self._last_words or b"")
        self._last_words = None
        self._linger()

    def _finish(self) -> None:
        """End the connection after its last answer."""
        newest = self.reader.newest
        is_more = self._queue or self._last_words is not None or self.reader.is_in_head
        self.is_done = True
        self._queue.clear()
        self._last_words = None
        if is_more or (newest is not None and newest.more_body):
            self._linger()
        else:
            self.close()

    def _linger(self) -> None:
        """Close our side, and read past the bytes that the client still sends.

        To close while it does would reset the connection, and that would take the answer away from a client
        that has not read it yet (RFC 9112 9.6).
        """
        self.is_done = self.is_lingering = True
        self._left = MAX_HEAD if self.reader.is_in_head else None
        if self.has_ended:
            self.close()
            return
        self.update_reading()
        self.outgoing.end()
        self._patience.look()

    def _read_past(self, data: bytes) -> None:
        """Drop the bytes that a client still sends; a head that never ends is no body to wait for."""
        self._patience.look(has_moved=True)
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                self.transport.abort()

    def _look_for_reset(self, next_s: float) -> None:
        if self.answering is None or self.transport.is_closing():
            return
        if self.transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.transport.abort()
        else:
            self.site.loop.call_later(next_s, self._look_for_reset, min(next_s * 2, _LAST_LOOK_S))


def _address(name: Any) -> tuple[str, int] | None:
    """Return host and port of a socket's address; those of IPv4 as such on a dual-stack socket, too."""
    if not isinstance(name, tuple | list) or len(name) < 2:
        return None
    host = str(name[0])
    if host.lower().startswith("::ffff:") and "." in host:
        host = host[7:]
    return host, int(name[1])
