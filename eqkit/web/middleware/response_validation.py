"""Our own answers held against the contract, in development and in tests."""

import logging
from collections.abc import Iterator, MutableSequence
from functools import partial
from typing import Any

from eqkit.contract.messages.compiled import CompiledContract, CompiledOperation
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.errors import ContractBroken
from eqkit.settings import Settings
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.web.messages.context import Receive, RequestContext, Response, Scope, Send
from eqkit.web.messages.error_responses import ErrorResponses, internal_error
from eqkit.web.middleware.base import App, context_of

logger = logging.getLogger(__name__)
SENT_BY_THE_WIRE = ("vary", "access-control-allow-origin")
UNROUTED = "/components/schemas/ErrorDocument"
"""The schema of error documents, for answers that belong to no operation."""


class ResponseValidation:
    """Validates every answer that is about to leave, those of the middleware below it included.

    It stands outside of routing, and so learns the operation from the context when the answer is there.
    """

    def __init__(
        self,
        app: App,
        *,
        compiled: CompiledContract,
        media_type: str,
        broken: MutableSequence[ContractBroken],
        responses: ErrorResponses,
    ) -> None:
        """Add each break to `broken`, so that a test can fail on it.

        `media_type` is that of documents whose answer names none.
        """
        self._app = app
        self._compiled = compiled
        self._media_type = media_type
        self._broken = broken
        self._responses = responses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Replace an answer that the contract would not sign by a 500."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = context_of(scope)
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            context.response = self._responses.to(error, context)
        try:
            self._check(context)
        except ContractBroken as broken:
            logger.error("%s %s: %s", context.method, context.shown_path, broken)
            self._broken.append(broken)
            context.violations = (*context.violations, str(broken))
            context.response = self._responses.of(internal_error(), context)

    def _check(self, context: RequestContext) -> None:
        response = context.response
        if response is None or response.is_made_up:
            return
        if context.operation is not None:
            operation = self._compiled.operation(context.operation.pointer)
            violation = next(response_violations(operation, response, self._media_type), None)
            if violation is not None:
                raise ContractBroken(f"{context.operation.id} {response.status}: {violation.message}")
        elif response.status >= 400:
            found = self._compiled.responses.validator(UNROUTED).check(response.document)
            if found:
                raise ContractBroken(f"{response.status}: {found[0].message}")


def response_violations(
    operation: CompiledOperation, response: Response, media_type: str = ""
) -> Iterator[MessageViolation]:
    """Yield the violations of an answer; a stream is made while it is sent, so only by its type.

    `media_type` is that of a document whose answer names none.
    """
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
    if response.document is not None and all(name != "content-type" for name, _ in headers):
        headers.append(("content-type", media_type))
    body = None
    if response.stream is None:
        body = b"" if operation.method == "HEAD" else response.encoded() or b""
    message = RecordedExchange(
        operation.name,
        operation.method,
        "",
        status=response.status,
        response_headers=tuple(headers),
        response_body=body,
    )
    for each in operation.response_violations(message):
        is_sent_later = each.rule == "response-header" and each.name.lower() in SENT_BY_THE_WIRE
        if each.level is Level.MUST and not is_sent_later:
            yield each


def response_validation(
    settings: Settings,
    compiled: CompiledContract,
    media_type: str,
    broken: MutableSequence[ContractBroken],
    responses: ErrorResponses,
) -> list[Any]:
    """Return the middleware for a list of them: none, unless the settings ask for it."""
    if not settings.validate_responses:
        return []
    return [
        partial(
            ResponseValidation, compiled=compiled, media_type=media_type, broken=broken, responses=responses
        )
    ]
