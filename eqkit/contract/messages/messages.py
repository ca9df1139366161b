"""Requests and responses as the engine takes them, recorded or live."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """A request; its body has no content coding any more, and is None where it was not kept.

    `path` has the texts that stand in the path for its parameters, as they were sent. Recordings leave out
    headers: where one `has_all_headers`, one that is missing was not sent.
    """

    method: str
    query: str = ""
    path: Mapping[str, str] = field(default_factory=dict)
    headers: Headers = ()
    body: bytes | None = None
    has_all_headers: bool = False

    def header(self, name: str) -> str | None:
        """Return the values of a header, joined as HTTP joins them."""
        return joined(self.headers, name)


@dataclass(frozen=True, slots=True)
class Response:
    """A response to a request of a method; its body is as that of a request."""

    method: str
    status: int
    headers: Headers = ()
    body: bytes | None = None

    def header(self, name: str) -> str | None:
        """Return the values of a header, joined as HTTP joins them."""
        return joined(self.headers, name)


def joined(headers: Headers, name: str) -> str | None:
    """Return the values of a header as HTTP joins them (RFC 9110 5.3), of a Cookie by semicolons."""
    values = [value for each, value in headers if each.lower() == name.lower()]
    return ("; " if name.lower() == "cookie" else ", ").join(values) if values else None
