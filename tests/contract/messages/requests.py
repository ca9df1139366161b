"""Requests that are no part of a recording."""

from dataclasses import dataclass

from eqkit.contract.messages.messages import Headers, joined


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is no part of a recording."""

    method: str
    query: str = ""
    request_headers: Headers = ()
    request_body: bytes | None = None
    has_all_headers: bool = False

    def request_header(self, name: str) -> str | None:
        """Return the values of a header, joined as HTTP joins them."""
        return joined(self.request_headers, name)
