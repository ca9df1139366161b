"""A server: an application on a listening socket, from its start to its end."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any

from eqkit.errors import StartupError
from eqkit.web.http.limits import Timeouts
from eqkit.web.http.protocol import Protocol
from eqkit.web.http.site import Site
from eqkit.web.messages.context import Receive, Scope, Send

logger = logging.getLogger(__name__)

LONGEST_DRAIN_S = 30
"""How long a server takes at most to end, in seconds, with any work left."""

LAST_WORDS_S = 3
"""How much of that is left for the answers to requests that had to be given up, in seconds."""

BACKLOG = 2048

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Server:
    """Serves an application until a signal comes, or `stop` is called."""

    def __init__(
        self,
        application: App,
        listener: socket.socket,
        *,
        max_connections: int = 10_000,
        timeouts: Timeouts | None = None,
        drain_s: float = LONGEST_DRAIN_S,
        on_started: Callable[[], None] = lambda: None,
        draining: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Take an ASGI application and a bound socket.

        `draining` is called when the server begins to end, and returns once every earlier request is
        answered; until then new connections are still answered.
        """
        self._application = application
        self._listener = listener
        self._max_connections = max_connections
        self._timeouts = timeouts
        self._drain_s = drain_s
        self._on_started = on_started
        self._draining = draining
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()
        self._end_at_once = asyncio.Event()

    def run(self) -> None:
        """Serve, on an event loop of its own."""
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self.serve())

    def stop(self) -> None:
        """Begin to end; called again, end at once. May be called from any thread, and by a signal."""
        if self._loop is None or self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe((self._end_at_once if self._end.is_set() else self._end).set)

    async def serve(self) -> None:
        """Serve on the running event loop."""
        self._loop = loop = asyncio.get_running_loop()
        site = Site(self._application, max_connections=self._max_connections, timeouts=self._timeouts)
        lifespan = Lifespan(self._application, site.state)
        with self._signals():
            await lifespan.begin()
            server = await loop.create_server(lambda: Protocol(site), sock=self._listener, backlog=BACKLOG)
            self._on_started()
            await self._end.wait()
            deadline = loop.time() + self._drain_s
            site.is_draining = True
            if self._draining is not None:
                await self._until(deadline - LAST_WORDS_S, self._draining())
            server.close()
            await self._end_connections(site, deadline)
            await lifespan.end(max(1.0, deadline - loop.time()))

    async def _end_connections(self, site: Site, deadline: float) -> None:
        """Wait for the answers that are under way, then cut them short, and then close every connection."""
        if not site.connections:
            return
        for connection in [*site.connections]:
            connection.close_if_idle()
        await self._until(deadline - LAST_WORDS_S, site.is_empty.wait())
        tasks = [*site.tasks]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)
        await self._until(deadline - 1, site.is_empty.wait())
        for connection in [*site.connections]:
            connection.transport.abort()
        await asyncio.sleep(0)

    async def _until(self, deadline: float, what: Awaitable[object]) -> None:
        """Wait for something, but not longer than until some time, nor once the end has to come at once."""
        assert self._loop is not None
        waits = {asyncio.ensure_future(what), asyncio.ensure_future(self._end_at_once.wait())}
        timeout = max(0.0, deadline - self._loop.time())
        done, pending = await asyncio.wait(waits, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        for each in pending:
            each.cancel()
        for each in done:
            each.result()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """End on SIGTERM and Ctrl-C, as a success; on the second one at once."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = {each: signal.signal(each, lambda *_: self.stop()) for each in numbers}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


class Lifespan:
    """The start and the end of an application (ASGI's lifespan); one that has none does without."""

    def __init__(self, application: App, state: MutableMapping[str, Any]) -> None:
        """Take the application, and the state that it may fill for its requests."""
        self._application = application
        self._state = state
        self._events: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self._has_started = asyncio.Event()
        self._has_ended = asyncio.Event()
        self._failure: str | None = None
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start the application; raises StartupError if it says that it cannot."""
        self._task = asyncio.create_task(self._live())
        self._events.put_nowait({"type": "lifespan.startup"})
        await self._has_started.wait()
        if self._failure is not None:
            raise StartupError(f"the application did not start: {self._failure}")

    async def end(self, patience_s: float) -> None:
        """End the application, within some seconds."""
        assert self._task is not None
        if self._task.done():
            return
        self._events.put_nowait({"type": "lifespan.shutdown"})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self._has_ended.wait()
        self._task.cancel()

    async def _live(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        try:
            await self._application(scope, self._events.get, self._send)
        except Exception as error:
            # An application without a lifespan says so by failing (ASGI) before it has begun one.
            if self._has_started.is_set():
                logger.exception("the application failed to end")
            else:
                logger.debug("the application has no lifespan: %s", error)
        finally:
            self._has_started.set()
            self._has_ended.set()

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"].endswith(".failed"):
            self._failure = message.get("message", "") or "it said no more"
        if message["type"].startswith("lifespan.startup"):
            self._has_started.set()
        else:
            self._has_ended.set()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's, where there is one."""
    if sys.platform == "win32":
        return None
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
