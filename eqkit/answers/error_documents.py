"""Errors in the shapes that a contract declares for them."""

from collections.abc import Sequence

from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.errors import ErrorObject


class ErrorDocuments:
    """Makes documents of errors."""

    def __init__(self, compiled: CompiledContract, document: Document) -> None:
        """Take the contract."""
        self._compiled, self._document = compiled, document

    def status(self, operation_pointer: str | None, wanted: int) -> int:
        """Return the status of an error: 400 or 422, whichever is declared for a broken request."""
        return wanted

    def make(
        self,
        operation_pointer: str | None,
        status: int,
        errors: Sequence[tuple[str, ErrorObject]],
        media_types: Sequence[str] = (),
    ) -> tuple[str, Json]:
        """Return media type and document of an error."""
        detail = " ".join(error.detail for _, error in errors)
        return "application/problem+json", {
            "title": errors[0][1].code.title,
            "status": status,
            "detail": detail,
        }
