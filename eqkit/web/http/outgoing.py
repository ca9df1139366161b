"""The sending side of a connection: the answers of one turn of the event loop leave together."""

import asyncio
from typing import Any


class Outbox:
    """Holds the answers of one turn, of all connections, until every request of the turn has been read.

    A client that waits on another core is woken by the first answer, and finds the others there. Sent one by
    one as they are made, each would wake it anew, which takes the server a sixth of its time. A connection
    that is alone does not wait for others.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin empty, in an event loop."""
        self._loop = loop
        self._waiting: list[Outgoing] = []
        self._latest: Outgoing | None = None

    def add(self, outgoing: "Outgoing") -> None:
        """Flush a connection at the end of this turn; at once if the last answer was on it, too."""
        if outgoing is self._latest:
            outgoing.flush()
            return
        self._latest = outgoing
        if not self._waiting:
            self._loop.call_soon(self._flush)
        self._waiting.append(outgoing)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            each.flush()


class Outgoing:
    """The bytes that a connection sends, in their order."""

    __slots__ = ("_outbox", "_transport", "_unsent")

    def __init__(self, transport: Any, outbox: Outbox) -> None:
        """Take the transport of a connection, and the outbox of its server."""
        self._transport = transport
        self._outbox = outbox
        self._unsent = b""

    def write(self, data: bytes) -> None:
        """Send bytes at once."""
        self.flush()
        self._transport.write(data)

    def write_soon(self, data: bytes) -> None:
        """Send bytes together with those of other connections."""
        is_first = not self._unsent
        self._unsent += data
        if is_first:
            self._outbox.add(self)

    def flush(self) -> None:
        """Send the bytes that wait for the others, unless the connection is lost."""
        if self._unsent:
            data, self._unsent = self._unsent, b""
            if not self._transport.is_closing():
                self._transport.write(data)

    def end(self) -> None:
        """Close this side of the connection, once all is sent."""
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        """Close the connection, once all is sent."""
        self.flush()
        self._transport.close()
