"""The application on a socket: uvicorn, with our own words for what it would say itself."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn

from eqkit.errors import StartupError
from eqkit.settings import Settings
from eqkit.web.app import Application
from eqkit.web.protocol import Protocol
from eqkit.web.wire import Drain

logger = logging.getLogger(__name__)

KEEP_ALIVE_S = 75

GC_THRESHOLDS = 10_000, 10, 10
"""Requests make no cycles; what a bulk request makes should not be walked over several times on its way."""
LONGEST_DRAIN_S = 30


class Server(uvicorn.Server):
    """uvicorn's server, which drains: what is under way is answered, what comes new gets a 503."""

    def __init__(self, config: uvicorn.Config, drain: Drain, on_started: Callable[[], None]) -> None:
        """Take the application's drain, and what to do once requests are answered."""
        super().__init__(config)
        self._drain = drain
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell."""
        await super().startup(sockets)
        # What start-up made stays for good: the collector need not walk over it again and again.
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        gc.enable()
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Keep listening until every request that came before is answered, then close."""
        self._drain.begin()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_DRAIN_S):
                await self._drain.quiet()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Shut down on SIGTERM and Ctrl-C, and exit as having done what was asked."""
        before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def bind(settings: Settings) -> socket.socket:
    """Return a listening socket; raises StartupError that says what is in the way."""
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartupError(
            f"cannot listen on {host}:{port}: {reason} (--port 0 takes any free port)"
        ) from error
    return listener


def base_url(listener: socket.socket) -> str:
    """Return the URL that a client on this machine reaches a socket by."""
    host, port = str(listener.getsockname()[0]), listener.getsockname()[1]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host) or host  # noqa: S104 - told apart, not listened on
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(application: Application, listener: socket.socket, on_started: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    config = uvicorn.Config(
        application,
        http=Protocol,
        ws="none",
        loop="auto",  # uvloop, where there is one
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=LONGEST_DRAIN_S,
    )

    def started() -> None:
        on_started()
        application.prepare()

    Server(config, application.drain, started).run(sockets=[listener])
