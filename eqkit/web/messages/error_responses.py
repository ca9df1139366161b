"""Every exception, answered as a JSON:API error document (ruling B10)."""

import itertools
import logging
from collections.abc import Iterable
from typing import Any

from eqkit.errors import ApiError, Code, ErrorObject, api_error
from eqkit.sandbox.clock_waits import ClockClosed
from eqkit.web.messages.context import JSON_API, RequestContext, Response
from eqkit.web.messages.request_bodies import ClientDisconnected

logger = logging.getLogger(__name__)


def error_document(errors: Iterable[tuple[str, ErrorObject]]) -> dict[str, Any]:
    """Return the error document for errors and their ids."""
    return {"jsonapi": JSON_API, "errors": [_error_object(identifier, error) for identifier, error in errors]}


def _error_object(identifier: str, error: ErrorObject) -> dict[str, Any]:
    code = error.code
    document: dict[str, Any] = {
        "id": identifier,
        "status": str(code.status),
        "code": code.slug,
        "title": code.title,
        "detail": error.detail,
    }
    if error.pointer is not None:
        document["source"] = {"pointer": error.pointer}
    elif error.parameter is not None:
        document["source"] = {"parameter": error.parameter}
    elif error.header is not None:
        document["source"] = {"header": error.header}
    return document


class ErrorResponses:
    """Makes the answers for errors, and numbers them: by sandbox, else by server."""

    def __init__(self) -> None:
        """Begin to count at 1."""
        self._count = itertools.count(1)

    def of(self, refused: ApiError, context: RequestContext) -> Response:
        """Return the answer for an error, and note its codes on the context."""
        document = error_document(self._numbered(refused, context))
        return Response(refused.status, document, refused.headers)

    def _numbered(self, refused: ApiError, context: RequestContext) -> list[tuple[str, ErrorObject]]:
        """Note errors on the context, and return them with ids, by sandbox or else by server."""
        context.error_codes = tuple(error.code.slug for error in refused.errors)
        context.first_error = next(iter(refused.errors), None)
        sandbox = context.sandbox
        if sandbox is not None:
            return [(sandbox.next_error_id(), error) for error in refused.errors]
        return [(f"error-{next(self._count)}", error) for error in refused.errors]

    def to(self, error: Exception, context: RequestContext) -> Response | None:
        """Return the answer for an exception; None if the client is gone."""
        if isinstance(error, ApiError):
            return self.of(error, context)
        if isinstance(error, ClientDisconnected):
            return None
        if isinstance(error, ClockClosed):
            return self.of(_ended(error), context)
        logger.error("%s %s failed", context.method, context.shown_path, exc_info=error)
        return self.of(internal_error(), context)


def _ended(error: ClockClosed) -> ApiError:
    """Return the error of a request that has waited for a sandbox that is gone."""
    detail = f"The sandbox {error} while the request waited; sent again, it is carried out in the new one."
    return api_error(Code.UNAVAILABLE, detail, headers=[(b"retry-after", b"1")])


def internal_error() -> ApiError:
    """Return the answer to a client after a crash: nothing but that it is ours."""
    return api_error(Code.INTERNAL_ERROR, "The server failed; its log says how. This is a bug of the server.")
