"""The answers of the contract that a handler may ask for: examples and generated values of its operation."""

from eqkit.contract.document import Json
from eqkit.web.contracts.answers.answering import ContractAnswers, Line
from eqkit.web.messages.context import Headers, RequestContext


class RequestSamples:
    """The documented answers of an operation, for one request."""

    __slots__ = ("_answers", "_context")

    def __init__(self, answers: ContractAnswers, context: RequestContext) -> None:
        """Take the answers of the operation, and the request that they may fit."""
        self._answers, self._context = answers, context

    def example(self, status: int | None = None, name: str | None = None) -> Json:
        """Return an example of the contract, or else a generated value, for a status.

        The status is that of success unless given. Raises ApiError (501) where no valid value can be made.
        """
        return self._answers.document(status or self._answers.success, name or "", self._context)

    def generated(self, status: int | None = None, **given: Json) -> Json:
        """Return a generated value for a status, with some members given; raises ApiError (501)."""
        return self._answers.generated(status or self._answers.success, self._context, given)

    def headers(self, status: int) -> Headers:
        """Return the documented headers of a status that are required, or that have an example."""
        return self._answers.headers(status)

    def written(self, status: int, document: Json) -> tuple[Line, bytes]:
        """Return the header Content-Type and the bytes of a document; raises CannotEncode."""
        return self._answers.written(status, document, self._context)
