"""The client that waits: one connection for each request, so that threads may share a client."""

import contextlib
import http.client
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from eqkit.client import operations
from eqkit.client.errors import ConnectError
from eqkit.client.models import Event
from eqkit.client.operations import Operation
from eqkit.client.resources import state, traffic
from eqkit.client.wire import (
    TIMEOUT_S,
    Address,
    Credentials,
    EventLines,
    document_of,
    request_of,
    result_of,
    stream_request,
)

Result = TypeVar("Result")


class Client:
    """The control plane of a server, on the sandbox of one key.

    `key` None is the default sandbox; `token` goes to a server that was started with ``--control-token``.
    An answer that takes longer than `timeout_s` seconds of the wall raises ConnectError.
    """

    def __init__(
        self, url: str, key: str | None = None, *, token: str | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        """Take the base URL of a server; nothing is sent yet."""
        self.url = url.rstrip("/")
        self.key = key
        self._address = Address.of(url)
        self._credentials = Credentials(key, token)
        self._timeout_s = timeout_s
        self.clock = state.Clock(self._send)
        self.deliveries = state.DeliveryLog(self._send)
        self.pending = state.Pending(self._send)
        self.queues = state.Queues(self._send)
        self.sandboxes = state.Sandboxes(self._send, key)
        self.journal = traffic.RequestJournal(self._send)
        self.faults = traffic.FaultBox(self._send)
        self.limits = traffic.LimitBox(self._send)
        self.webhooks = traffic.Webhooks(self._send)
        self.events = state.Events(self._stream)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int | None] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send any request of the control plane, with `path` after ``/_mock``, and return its document.

        Raises StatusError or ConnectError.
        """
        return document_of(*self._exchange(Operation(method, path, operations.nothing, query or {}, body)))

    def _send(self, call: Operation[Result]) -> Result:
        return result_of(call, *self._exchange(call))

    def _exchange(self, call: Operation[Any]) -> tuple[int, bytes]:
        headers, body = request_of(call, self._credentials)
        with contextlib.closing(self._connection()) as connection, self._unreachable():
            connection.request(call.method, call.target, body, headers)
            response = connection.getresponse()
            return response.status, response.read()

    def _connection(self) -> http.client.HTTPConnection:
        address = self._address
        kind = http.client.HTTPSConnection if address.secure else http.client.HTTPConnection
        return kind(address.host, address.port, timeout=self._timeout_s)

    @contextlib.contextmanager
    def _unreachable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, http.client.HTTPException) as error:
            raise ConnectError(f"{self.url}: {str(error) or type(error).__name__}") from error

    @contextlib.contextmanager
    def _stream(self, after: int | None, follow: bool) -> Iterator[Iterator[Event]]:
        target, headers = stream_request(after, follow, self._credentials)
        with contextlib.closing(self._connection()) as connection:
            with self._unreachable():
                connection.request("GET", target, headers=headers)
                stream = connection.sock
                response = connection.getresponse()
                if response.status >= 400:
                    document_of(response.status, response.read())
                # The first line comes at once and says that it watches; what follows may take its time.
                response.readline()
                stream.settimeout(None)
            yield self._events(response)
            response.close()

    def _events(self, response: http.client.HTTPResponse) -> Iterator[Event]:
        lines = EventLines()
        while True:
            with self._unreachable():
                line = response.readline()
            if not line:
                return
            yield from lines.feed(line)
