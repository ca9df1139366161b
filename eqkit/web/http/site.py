"""The common part of a server's connections: the application, the bounds, and whether it shuts down."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from eqkit.web.http.limits import Timeouts
from eqkit.web.http.outgoing import Outbox
from eqkit.web.messages.context import Receive, Scope, Send

if TYPE_CHECKING:
    from eqkit.web.http.protocol import Protocol

logger = logging.getLogger(__name__)

REFUSED_AT_ONCE = 128
"""How many connections beyond the bound get an answer at the same time; any more are closed without one."""


class Site:
    """The application behind a listening socket, and its connections."""

    def __init__(
        self,
        application: Callable[[Scope, Receive, Send], Awaitable[None]],
        *,
        max_connections: int = 10_000,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Take an ASGI application; has to be made where its event loop runs."""
        self.application = application
        self.max_connections = max_connections
        self.timeouts = timeouts or Timeouts()
        self.loop = asyncio.get_running_loop()
        self.outbox = Outbox(self.loop)
        self.connections: set[Protocol] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        """The requests that wait for something."""
        self.state: dict[str, Any] = {}
        """The state that the application left at its start for each request (ASGI's lifespan state)."""
        self.is_draining = False
        self.is_empty = asyncio.Event()
        """Nobody is connected any more, while the server ends."""
        self._is_full = False
        self._is_ticking = False
        self.date_line = b""
        """The line of the `Date` header (RFC 9110 6.6.1)."""

    def leave(self, connection: "Protocol") -> None:
        """Take a connection off the list, once it is lost."""
        self.connections.discard(connection)
        if self.is_draining and not self.connections:
            self.is_empty.set()

    def _tick(self) -> None:
        """Set the date once a second, while a client is connected."""
        self.date_line = f"date: {formatdate(usegmt=True)}\r\n".encode()
        self._is_ticking = bool(self.connections)
        if self._is_ticking:
            self.loop.call_later(1, self._tick)

    def join(self, connection: "Protocol") -> bool:
        """List a new connection, and tell whether it is within the bound; log the first that is not."""
        self.connections.add(connection)
        if not self._is_ticking:
            self._tick()
        count = len(self.connections)
        if count <= self.max_connections:
            if self._is_full and count <= self.max_connections * 9 // 10:
                self._is_full = False
            return True
        if not self._is_full:
            self._is_full = True
            logger.warning(
                "%d connections are open, the most that --max-connections allows; new ones are refused",
                self.max_connections,
            )
        return False
