"""Errors of the server of any contract, in the shapes that the contract declares for them."""

from collections.abc import Callable
from itertools import islice

from eqkit.answers.error_documents import ErrorDocuments
from eqkit.answers.generating import Generator
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.errors import ApiError, Code, ErrorObject
from eqkit.sandbox.journal.entries import MAX_VIOLATIONS
from eqkit.web.contracts.answers.documented_headers import DocumentedHeaders
from eqkit.web.contracts.at_fault import AtFault, violation_text
from eqkit.web.messages.context import Headers, RequestContext, Response
from eqkit.web.messages.error_responses import ErrorResponses
from eqkit.web.messages.negotiation import by_preference

_AT_FAULT = frozenset(Code) - {
    Code.CLIENT_MISTAKE,
    Code.DRAINING,
    Code.GONE,
    Code.IDEMPOTENCY_KEY_IN_USE,
    Code.IDEMPOTENCY_KEY_REUSED,
    Code.INTERNAL_ERROR,
    Code.INVALID_PREFERENCE,
    Code.RATE_LIMITED,
    Code.UNAVAILABLE,
}  # fmt: skip
"""The errors that say that something violates the contract; those of handlers have codes of their own."""

_KEY_REUSED = (422, 409, 400)
"""The statuses for a key that was used for another request: 422 by the IETF's draft, or else as declared."""


class ContractErrorResponses(ErrorResponses):
    """Makes the answers for errors as a contract has them."""

    def __init__(
        self,
        documents: ErrorDocuments,
        compiled: CompiledContract,
        generator: Generator,
        place: Callable[[str], object] = str,
    ) -> None:
        """Take the shapes of a contract, and its headers with the maker of their values.

        `place` returns the place of a pointer in the contract.
        """
        super().__init__()
        self._documents = documents
        self._compiled = compiled
        self._generator = generator
        self._place = place
        self._headers: dict[str, DocumentedHeaders] = {}

    def of(self, refused: ApiError, context: RequestContext) -> Response:
        """Return the answer for an error, and note its codes on the context.

        It has the headers of the error, and those that the contract requires of the status.
        """
        pointer = None if context.operation is None else context.operation.pointer
        if refused.errors[0].code is Code.IDEMPOTENCY_KEY_REUSED:
            status = self._documents.declared(pointer, _KEY_REUSED)
        else:
            status = self._documents.status(pointer, refused.status)
        content_type, body = self._documents.write(
            pointer,
            status,
            self._numbered(refused, context),
            by_preference(context.headers.get(b"accept")),
            context.scope["path"],
        )
        if not context.violations:
            at_fault = (each for each in refused.errors if each.code in _AT_FAULT)
            context.violations = tuple(self._text(each, pointer) for each in islice(at_fault, MAX_VIOLATIONS))
        given = [(b"content-type", content_type.encode("latin-1", "replace")), *refused.headers]
        names = {name.lower() for name, _ in given}
        documented = (line for line in self._documented(pointer, status) if line[0] not in names)
        return Response(status, headers=[*given, *documented], body=body)

    def _text(self, error: ErrorObject, operation: str | None) -> str:
        is_document = error.code is Code.CANNOT_ANSWER
        rule = error.rule or (operation if is_document else None)
        at_fault = AtFault.DOCUMENT if is_document else AtFault.REQUEST
        return violation_text(at_fault, error.detail, self._place(rule) if rule else None)

    def _documented(self, pointer: str | None, status: int) -> Headers:
        if pointer is None:
            return ()
        if pointer not in self._headers:
            self._headers[pointer] = DocumentedHeaders(self._compiled.responses, self._generator)
        return self._headers[pointer].of(status, self._compiled.operation(pointer).response(status))
