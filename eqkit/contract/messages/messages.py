"""The members of requests and responses that the engine asks for; `RecordedExchange` has them all."""

from collections.abc import Iterable
from typing import Protocol

Headers = Iterable[tuple[str, str]]


class RequestMessage(Protocol):
    """A request; its body has no content coding any more, and is None if it was not kept.

    Recordings leave out headers: where one `has_all_headers`, one that is missing was not sent.
    """

    @property
    def method(self) -> str:
        """The method as it was sent."""
        ...

    @property
    def query(self) -> str:
        """The query string, percent-encoded."""
        ...

    @property
    def request_headers(self) -> Headers:
        """The headers; none where a recording has kept none."""
        ...

    @property
    def request_body(self) -> bytes | None:
        """The body."""
        ...

    @property
    def has_all_headers(self) -> bool:
        """Whether the headers are all that were sent."""
        ...

    def request_header(self, name: str) -> str | None:
        """Return the values of a header, joined as HTTP joins them."""
        ...


class ResponseMessage(Protocol):
    """A response to a request of a method; its body is as that of a request."""

    @property
    def method(self) -> str:
        """The method of its request."""
        ...

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def response_body(self) -> bytes | None:
        """The body."""
        ...

    def response_header(self, name: str) -> str | None:
        """Return the values of a header, joined as HTTP joins them."""
        ...
