"""One request and its answer: what the layers hand to each other."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

import orjson

from eqkit.contract.document import Json
from eqkit.contract.operations import Operation
from eqkit.sandbox.sandbox import Accepted, Sandbox
from eqkit.web.links import LinkBases

JSON_API = {"version": "1.1"}
EXCHANGE = "eqkit.exchange"
"""Where an exchange stands in the ASGI scope."""

Headers = Sequence[tuple[bytes, bytes]]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Answer:
    """An answer is a value until it reaches the wire: status, document, headers.

    `accepted` says what a request put into the queue, for the journal.
    """

    __slots__ = ("accepted", "body", "document", "headers", "status")

    def __init__(
        self,
        status: int,
        document: Json = None,
        headers: Headers = (),
        *,
        accepted: Accepted | None = None,
        body: bytes | None = None,
    ) -> None:
        """Take a JSON:API document, or a ready-made `body` whose type stands in the headers, or neither."""
        self.status = status
        self.document = document
        self.headers = headers
        self.accepted = accepted
        self.body = body

    def encoded(self) -> bytes | None:
        """Return the bytes of the body; None for an answer that has none at all (a 204)."""
        if self.document is not None:
            return orjson.dumps(self.document)
        return self.body


class Exchange:
    """One request on its way through the layers."""

    __slots__ = (
        "answer",
        "document",
        "error_codes",
        "headers",
        "links",
        "method",
        "operation",
        "parameters",
        "path",
        "receive",
        "sandbox",
        "scope",
    )

    def __init__(self, scope: Scope, receive: Receive, link_bases: LinkBases) -> None:
        """Begin with the request, and the links that suit the address the client used."""
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = joined_headers(scope["headers"])
        self.links = link_bases.of(scope, self.headers)
        self.operation: Operation | None = None
        self.parameters: dict[str, str] = {}
        self.sandbox: Sandbox | None = None
        self.document: Json = None
        self.answer: Answer | None = None
        self.error_codes: tuple[str, ...] = ()


def joined_headers(lines: Headers) -> dict[bytes, bytes]:
    """Return request headers by lower-case name; lines of one name are joined (RFC 9110 5.3)."""
    headers = dict(lines)
    if len(headers) != len(lines):
        headers.clear()
        for name, value in lines:
            headers[name] = headers[name] + b", " + value if name in headers else value
    return headers
