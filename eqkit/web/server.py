"""The mock on a socket: where it listens, and how it is served."""

import gc
import socket
from collections.abc import Callable

from eqkit.errors import StartupError
from eqkit.settings import Settings
from eqkit.web.app import Application
from eqkit.web.http.server import Server

GC_THRESHOLDS = 10_000, 10, 10
"""Requests make no cycles; the objects of a bulk request should not be walked over several times."""


def bind(settings: Settings) -> socket.socket:
    """Return a listening socket; raises StartupError with the reason if there is none."""
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
    """Serve until SIGTERM or Ctrl-C; raises StartupError if `on_started` does."""
    drain = application.drain

    def started() -> None:
        # The objects of the start-up stay for good: the collector need not walk over them again and again.
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        gc.enable()
        on_started()
        application.prepare()

    async def draining() -> None:
        drain.begin()
        await drain.quiet()

    Server(
        application,
        listener,
        max_connections=application.settings.max_connections,
        on_started=started,
        draining=draining,
    ).run()
