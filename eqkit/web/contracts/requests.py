"""A request on its way, as the contract engine asks for it."""

from collections.abc import Sequence

from eqkit.web.messages.context import RequestContext
from eqkit.web.messages.preferences import of_contract


class ContractRequest:
    """A `RequestMessage` of the engine over a context; its body has been read."""

    __slots__ = ("_context",)

    has_all_headers = True

    def __init__(self, context: RequestContext) -> None:
        """Take the context."""
        self._context = context

    @property
    def method(self) -> str:
        """The method as it was sent."""
        return self._context.method

    @property
    def query(self) -> str:
        """The query string, percent-encoded."""
        query: bytes = self._context.scope["query_string"]
        return query.decode("latin-1")

    @property
    def request_headers(self) -> Sequence[tuple[str, str]]:
        """The headers."""
        return [
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in self._context.headers.items()
        ]

    @property
    def request_body(self) -> bytes | None:
        """The body."""
        return self._context.body

    def request_header(self, name: str) -> str | None:
        """Return the value of a header, its lines joined; of Prefer, that of the contract alone."""
        key = name.lower().encode("latin-1", "replace")
        value = self._context.headers.get(key)
        if value is None:
            return None
        text = value.decode("latin-1")
        return of_contract(text) if key == b"prefer" else text
