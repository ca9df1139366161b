"""Errors of the server of any contract, in the shapes that the contract declares for them."""

from collections.abc import Callable

import orjson

from eqkit.answers.error_documents import ErrorDocuments
from eqkit.contract.document import Json
from eqkit.contract.media_types import is_json, with_charset
from eqkit.errors import ApiError
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.error_responses import ErrorResponses
from eqkit.web.messages.negotiation import by_preference


class ContractErrorResponses(ErrorResponses):
    """Makes the answers for errors as a contract has them."""

    def __init__(self, documents: ErrorDocuments, place: Callable[[str], object] = str) -> None:
        """Take the shapes of a contract, and a function that returns the place of a pointer in it."""
        super().__init__()
        self._documents = documents
        self._place = place

    def of(self, refused: ApiError, context: RequestContext) -> Response:
        """Return the answer for an error, and note its codes on the context."""
        pointer = None if context.operation is None else context.operation.pointer
        status = self._documents.status(pointer, refused.status)
        media_type, document = self._documents.make(
            pointer, status, self._numbered(refused, context), by_preference(context.headers.get(b"accept"))
        )
        rule = context.first_error and context.first_error.rule
        context.broken_rule = str(self._place(rule)) if rule else ""
        name, body = written_error(media_type, document)
        return Response(status, headers=[(b"content-type", name), *refused.headers], body=body)


def written_error(media_type: str, document: Json) -> tuple[bytes, bytes]:
    """Return the Content-Type and the body of a document of `ErrorDocuments`."""
    is_text = isinstance(document, str) and not is_json(media_type)
    body = document.encode() if is_text else orjson.dumps(document)
    return with_charset(media_type, body).encode("latin-1", "replace"), body
