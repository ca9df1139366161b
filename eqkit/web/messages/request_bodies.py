"""The body of a request as bytes, read up to a limit."""

from eqkit.errors import ApiError, Code, api_error
from eqkit.web.messages.context import RequestContext


class ClientDisconnected(Exception):
    """The client went away in the middle of its request."""


class BodyReader:
    """Reads bodies of at most `max_request` bytes."""

    def __init__(self, max_request: int) -> None:
        """Take the longest body, in bytes."""
        self._max_request = max_request

    def take(self, context: RequestContext) -> bytes | None:
        """Return a body that is all here and short enough, without a wait; else None or nothing."""
        raw = None if context.connection is None else context.connection.take_body()
        if raw is not None and len(raw) > self._max_request:
            raise self._too_large()
        return raw

    async def read(self, context: RequestContext) -> bytes:
        """Return the body; raises ApiError (413) for one that is too large."""
        whole = self.take(context)
        if whole is not None:
            return whole
        raw = await self._received(context)
        if len(raw) > self._max_request:
            raise self._too_large()
        return raw

    async def has_content(self, context: RequestContext) -> bool:
        """Return whether an optional body is there; one without a length has to be read to know."""
        if b"transfer-encoding" not in context.headers:
            return announces_body(context)
        context.body = await self.read(context)
        return context.body != b""

    async def _received(self, context: RequestContext) -> bytes:
        """Read the body as it comes, up to where it is too large; raises ApiError (413) beforehand."""
        length = context.headers.get(b"content-length", b"")
        if len(length) > 18 or (length.isdigit() and int(length) > self._max_request):
            raise self._too_large()
        parts: list[bytes] = []
        size, has_more = 0, True
        while has_more and size <= self._max_request:
            message = await context.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnected
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            has_more = message.get("more_body", False)
        return b"".join(parts)

    def _too_large(self) -> ApiError:
        return api_error(Code.REQUEST_TOO_LARGE, f"A request may have at most {self._max_request} bytes.")


def announces_body(context: RequestContext) -> bool:
    """Return whether the headers of a request say that it has a body."""
    headers = context.headers
    return headers.get(b"content-length", b"0").strip(b"0") != b"" or b"transfer-encoding" in headers
