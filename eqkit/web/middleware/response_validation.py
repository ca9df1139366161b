"""Our own answers held against the contract, in development and in tests."""

import logging
from collections.abc import MutableSequence
from typing import Any

from eqkit.contract.judging import Judge
from eqkit.contract.operations import Contract, Operation, Response
from eqkit.contract.schemas.promises import as_promised
from eqkit.errors import ContractBroken
from eqkit.web.connexion import SpecMiddleware
from eqkit.web.messages.error_answers import ErrorAnswers, internal_error
from eqkit.web.messages.exchange import Answer, Exchange, Receive, Scope, Send
from eqkit.web.middleware.base import App, exchange_of

logger = logging.getLogger(__name__)
SENT_BY_THE_WIRE = frozenset((b"vary", b"access-control-allow-origin"))


class ResponseValidation(SpecMiddleware):
    """Judges whatever is about to leave, the answers of the layers below it included.

    It stands outside of routing, and so learns the operation from the exchange when the answer is there.
    """

    def __init__(self, app: App, *, broken: MutableSequence[ContractBroken], answers: ErrorAnswers) -> None:
        """Add each break to `broken`, so that a test can fail on it."""
        self._app = app
        self._broken = broken
        self._answers = answers

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
        exchange = exchange_of(scope)
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            exchange.answer = self._answers.to(error, exchange)
        try:
            self._check(exchange)
        except ContractBroken as broken:
            logger.error("%s %s: %s", exchange.method, exchange.path, broken)
            self._broken.append(broken)
            exchange.violations = (*exchange.violations, str(broken))
            exchange.answer = self._answers.of(internal_error(), exchange)

    def _check(self, exchange: Exchange) -> None:
        answer = exchange.answer
        if answer is None or answer.is_made_up:
            return
        if exchange.operation is not None:
            self._judges[exchange.operation.id].check(answer)
        elif answer.status >= 400 and not self._unrouted.accepts(answer.document):
            raise ContractBroken(f"{answer.status}: {self._unrouted.faults(answer.document)[0].detail}")


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

    def check(self, answer: Answer) -> None:
        """Raise ContractBroken if the answer is not one of the documented."""
        if answer.status not in self._responses:
            raise ContractBroken(f"{self._id} has no answer {answer.status} in the contract")
        required, judge = self._responses[answer.status]
        if missing := required - {name for name, _ in answer.headers}:
            raise ContractBroken(f"{self._id} {answer.status} lacks {b', '.join(sorted(missing)).decode()}")
        if answer.stream is not None:
            # It is made while it is sent, so that its type is all that can be judged.
            if dict(answer.headers).get(b"content-type") not in self._types[answer.status]:
                raise ContractBroken(f"{self._id} {answer.status} is a stream of another type")
        elif judge is None:
            if answer.encoded() is not None and not self._is_head:
                raise ContractBroken(f"{self._id} {answer.status} has content, and should have none")
        elif not judge.accepts(answer.document):
            fault = judge.faults(answer.document)[0]
            raise ContractBroken(f"{self._id} {answer.status} {fault.pointer}: {fault.detail}")


def _judge(response: Response) -> Judge | None:
    for media_type in response.content.values():
        return Judge(as_promised(media_type["schema"]))
    return None
