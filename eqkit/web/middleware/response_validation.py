"""Our own answers held against the contract, in development and in tests."""

import logging
from collections.abc import MutableSequence
from typing import Any

from eqkit.contract.judging import Judge
from eqkit.contract.operations import Contract, DocumentedResponse, Operation
from eqkit.contract.schemas.promises import as_promised
from eqkit.errors import ContractBroken
from eqkit.web.connexion import SpecMiddleware
from eqkit.web.messages.context import Receive, RequestContext, Response, Scope, Send
from eqkit.web.messages.error_responses import ErrorResponses, internal_error
from eqkit.web.middleware.base import App, context_of

logger = logging.getLogger(__name__)
SENT_BY_THE_WIRE = frozenset((b"vary", b"access-control-allow-origin"))


class ResponseValidation(SpecMiddleware):
    """Judges whatever is about to leave, the answers of the middleware below it included.

    It stands outside of routing, and so learns the operation from the context when the answer is there.
    """

    def __init__(
        self, app: App, *, broken: MutableSequence[ContractBroken], responses: ErrorResponses
    ) -> None:
        """Add each break to `broken`, so that a test can fail on it."""
        self._app = app
        self._broken = broken
        self._responses = responses

    def add_api(self, specification: Any, **kwargs: Any) -> None:
        """Compile a judge for every documented answer."""
        contract: Contract = kwargs["contract"]
        self._unrouted = Judge(as_promised(contract.error_schema))
        self._judges = {each.id: ResponseJudge(each) for each in contract.operations.values()}

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
            logger.error("%s %s: %s", context.method, context.path, broken)
            self._broken.append(broken)
            context.violations = (*context.violations, str(broken))
            context.response = self._responses.of(internal_error(), context)

    def _check(self, context: RequestContext) -> None:
        response = context.response
        if response is None or response.is_made_up:
            return
        if context.operation is not None:
            self._judges[context.operation.id].check(response)
        elif response.status >= 400 and not self._unrouted.accepts(response.document):
            raise ContractBroken(f"{response.status}: {self._unrouted.faults(response.document)[0].detail}")


class ResponseJudge:
    """The documented answers of one operation."""

    def __init__(self, operation: Operation) -> None:
        """Compile a judge for each status that has content."""
        self._id = operation.id
        self._is_head = operation.method == "HEAD"
        self._types = {
            status: {media_type.encode() for media_type in response.content}
            for status, response in operation.responses.items()
        }
        self._responses = {
            status: (response.required_headers - SENT_BY_THE_WIRE, _judge(response))
            for status, response in operation.responses.items()
        }

    def check(self, response: Response) -> None:
        """Raise ContractBroken if the answer is not one of the documented."""
        if response.status not in self._responses:
            raise ContractBroken(f"{self._id} has no answer {response.status} in the contract")
        required, judge = self._responses[response.status]
        if missing := required - {name for name, _ in response.headers}:
            raise ContractBroken(f"{self._id} {response.status} lacks {b', '.join(sorted(missing)).decode()}")
        if response.stream is not None:
            # It is made while it is sent, so that its type is all that can be judged.
            if dict(response.headers).get(b"content-type") not in self._types[response.status]:
                raise ContractBroken(f"{self._id} {response.status} is a stream of another type")
        elif judge is None:
            if response.encoded() is not None and not self._is_head:
                raise ContractBroken(f"{self._id} {response.status} has content, and should have none")
        elif not judge.accepts(response.document):
            fault = judge.faults(response.document)[0]
            raise ContractBroken(f"{self._id} {response.status} {fault.pointer}: {fault.detail}")


def _judge(response: DocumentedResponse) -> Judge | None:
    for media_type in response.content.values():
        return Judge(as_promised(media_type["schema"]))
    return None
