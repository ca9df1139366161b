"""One request and its answer: the values that middleware hands on."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping, Sequence
from time import perf_counter
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import quote

import orjson

from eqkit.contract.document import Json
from eqkit.contract.operations import Operation
from eqkit.errors import ErrorObject
from eqkit.sandbox.faults.armed import WireFault
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.values import Accepted
from eqkit.web.messages.links import LinkBases
from eqkit.web.messages.secret_places import SecretPlaces

NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})
JSON_API = {"version": "1.1"}
CONTEXT = "eqkit.context"
"""Where a context stands in the ASGI scope."""

CONNECTION = "eqkit.connection"
"""Where our server leaves the `Connection` in the ASGI scope."""

Headers = Sequence[tuple[bytes, bytes]]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Connection(Protocol):
    """The abilities of our own server beyond ASGI."""

    def take_body(self) -> bytes | None:
        """Return the body of the request if all of it is here; None if `receive` has to be asked."""
        ...

    def write_whole(self, status: int, head: bytes, body: bytes) -> bool:
        """Write a whole answer at once, if that can be done now; tell whether it was."""
        ...

    def set_date(self, date: bytes) -> None:
        """Send another `Date` than the wall's."""
        ...

    def break_off(self, data: bytes = b"", *, reset: bool = False) -> None:
        """Write bytes as they are, and close the connection, or reset it without the unsent bytes."""
        ...


class Response:
    """An answer as a value, before it reaches the wire: status, document, headers.

    `accepted` are the messages that a request put into the queue, for the journal. An answer `is_made_up` if
    a test has asked for one that the contract does not have, so that it is not validated.
    """

    __slots__ = ("accepted", "body", "document", "headers", "is_made_up", "status", "stream")

    def __init__(
        self,
        status: int,
        document: Json = None,
        headers: Headers = (),
        *,
        accepted: Accepted | None = None,
        body: bytes | None = None,
        stream: AsyncIterator[bytes] | None = None,
        is_made_up: bool = False,
    ) -> None:
        """Take a document; or a `body` or a `stream`, whose type stands in the headers; or nothing."""
        self.status = status
        self.document = document
        self.headers = headers
        self.accepted = accepted
        self.body = body
        self.stream = stream
        self.is_made_up = is_made_up

    def with_headers(self, headers: Headers) -> "Response":
        """Return the same answer with other headers."""
        return Response(
            self.status,
            self.document,
            headers,
            accepted=self.accepted,
            body=self.body,
            stream=self.stream,
            is_made_up=self.is_made_up,
        )

    def encoded(self) -> bytes | None:
        """Return the bytes of the body, made once; None for an answer that has none at all (a 204)."""
        if self.body is None and self.document is not None:
            self.body = orjson.dumps(self.document)
        return self.body


class RequestContext:
    """One request on its way through the middleware."""

    # Defaults of most requests are attributes of the class: in `__init__` they would cost time.
    operation: Operation | None = None
    parameters: Mapping[str, str] = NO_PARAMETERS
    """The texts of the path's parameters by name, with their percent-encoding undone."""
    raw_parameters: Mapping[str, str] = NO_PARAMETERS
    """The same as they were sent, for styles that have delimiters; kept for any contract alone."""
    query: Mapping[str, Json] = NO_PARAMETERS
    sandbox: Sandbox | None = None
    secrets: SecretPlaces | None = None
    """The places of credentials that no journal is to have; None for Authorization alone."""
    body = b""
    document: Json = None
    response: Response | None = None
    violations: tuple[str, ...] = ()
    """How the contract is broken: whose fault it is, and the line of the contract, a sentence each."""
    error_codes: tuple[str, ...] = ()
    first_error: ErrorObject | None = None
    """The first of the errors that the request was refused for, for the log."""
    fault: str | None = None
    """The name of the fault or limit that acted on the request; of several, the last."""
    applied_faults: tuple[tuple[str, str], ...] = ()
    """The name of each applied fault, with its kind: latency, answer, limit or a kind of wire fault."""
    wire_fault: WireFault | None = None
    outcome = "sent"
    """The outcome of the answer: sent, trickled, truncated, lost, reset or garbage."""

    def __init__(self, scope: Scope, receive: Receive, link_bases: LinkBases) -> None:
        """Begin with the request, and the links that suit the address the client used."""
        self.began_s = perf_counter()
        self.scope = scope
        self.receive = receive
        # The connection knows the scope: left in there, each request would be a cycle to collect.
        self.connection: Connection | None = scope.pop(CONNECTION, None)
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = joined_headers(scope["headers"])
        self.links = link_bases.of(scope, self.headers)

    @property
    def sent_path(self) -> str:
        """The path as it was sent, percent-encoded."""
        raw = self.scope.get("raw_path")
        return quote(self.path) if raw is None else raw.decode("latin-1")

    @property
    def shown_path(self) -> str:
        """The path for logs: without the credentials that the request carries."""
        if self.secrets is None:
            return self.path
        return self.secrets.path_without_secrets(self.path, self.scope["query_string"], self.headers)


def joined_headers(lines: Headers) -> dict[bytes, bytes]:
    """Return request headers by lower-case name; lines of one name are joined (RFC 9110 5.3)."""
    headers = dict(lines)
    if len(headers) != len(lines):
        headers.clear()
        for name, value in lines:
            # Cookies have a delimiter of their own (RFC 6265 4.2.1; RFC 9113 8.2.3 for several lines).
            delimiter = b"; " if name == b"cookie" else b", "
            headers[name] = headers[name] + delimiter + value if name in headers else value
    return headers
