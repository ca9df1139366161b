"""Every exception, answered as a JSON:API error document (ruling B10)."""

import itertools
import logging
from collections.abc import Iterable
from typing import Any

from eqkit.errors import Code, Fault, Refusal, refusal
from eqkit.sandbox.clock_waits import ClockClosed
from eqkit.web.messages.exchange import JSON_API, Answer, Exchange
from eqkit.web.middleware.validation import ClientDisconnected

logger = logging.getLogger(__name__)


def error_document(faults: Iterable[tuple[str, Fault]]) -> dict[str, Any]:
    """Return the error document for faults and their ids."""
    return {"jsonapi": JSON_API, "errors": [_error_object(identifier, fault) for identifier, fault in faults]}


def _error_object(identifier: str, fault: Fault) -> dict[str, Any]:
    code = fault.code
    error: dict[str, Any] = {
        "id": identifier,
        "status": str(code.status),
        "code": code.slug,
        "title": code.title,
        "detail": fault.detail,
    }
    if fault.pointer is not None:
        error["source"] = {"pointer": fault.pointer}
    elif fault.parameter is not None:
        error["source"] = {"parameter": fault.parameter}
    elif fault.header is not None:
        error["source"] = {"header": fault.header}
    return error


class ErrorAnswers:
    """Makes the answers for refusals, and numbers their errors: by sandbox, else by server."""

    def __init__(self) -> None:
        """Begin to count at 1."""
        self._count = itertools.count(1)

    def of(self, refused: Refusal, exchange: Exchange) -> Answer:
        """Return the answer for a refusal, and note its codes on the exchange."""
        exchange.error_codes = tuple(fault.code.slug for fault in refused.faults)
        if exchange.sandbox is not None:
            ids = [exchange.sandbox.next_error_id() for _ in refused.faults]
        else:
            ids = [f"error-{next(self._count)}" for _ in refused.faults]
        document = error_document(zip(ids, refused.faults, strict=True))
        return Answer(refused.status, document, refused.headers)

    def to(self, error: Exception, exchange: Exchange) -> Answer | None:
        """Return the answer for an exception; None where there is nobody to be answered."""
        if isinstance(error, Refusal):
            return self.of(error, exchange)
        if isinstance(error, ClientDisconnected):
            return None
        if isinstance(error, ClockClosed):
            return self.of(_ended(error), exchange)
        logger.error("%s %s failed", exchange.method, exchange.path, exc_info=error)
        return self.of(internal_error(), exchange)


def _ended(error: ClockClosed) -> Refusal:
    """Return the refusal of a request that has waited for a sandbox that is gone."""
    detail = f"The sandbox {error} while the request waited; sent again, it is carried out in the new one."
    return refusal(Code.UNAVAILABLE, detail, headers=[(b"retry-after", b"1")])


def internal_error() -> Refusal:
    """Return the answer to a client after a crash: nothing but that it is ours."""
    return refusal(Code.INTERNAL_ERROR, "The server failed; its log says how. This is a bug of the server.")
