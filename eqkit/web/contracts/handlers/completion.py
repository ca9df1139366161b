"""The answer of a handler made whole: its media type, the headers that it must have, and its violations."""

from itertools import islice
from typing import Protocol

from eqkit.answers.encoding import json_of
from eqkit.contract.document import Json
from eqkit.contract.messages.compiled import CompiledOperation
from eqkit.contract.messages.violations import MessageViolation
from eqkit.sandbox.journal.entries import MAX_VIOLATIONS
from eqkit.web.background import beside
from eqkit.web.messages.context import Headers, Response
from eqkit.web.middleware.response_validation import response_violations

CONTENT_TYPE = b"content-type"
SHORT = 8_192
"""Up to how many bytes of a body an answer is validated right on the event loop, in a few milliseconds."""


class Documented(Protocol):
    """The parts of a documented answer that a handler may leave to the contract."""

    def headers(self, status: int) -> Headers:
        """Return values for the documented headers of a status that are required."""
        ...

    def written(self, status: int, document: Json) -> tuple[tuple[bytes, bytes], bytes]:
        """Return the header Content-Type and the bytes of a document, as the request prefers it.

        Raises CannotEncode for a document that has no form there.
        """
        ...


def completed(response: Response, operation: CompiledOperation, documented: Documented) -> Response:
    """Return an answer with the bytes of its document, its media type, and all required headers.

    A header of the handler's own stays as it is; with a Content-Type of its own, a document is JSON.
    """
    status, own = response.status, {name for name, _ in response.headers}
    found = operation.response(status)
    listed = () if found is None else found.headers
    missing = {each.name.lower().encode("latin-1", "replace") for each in listed if each.is_required} - own
    headers = [*response.headers]
    if missing:
        headers += [line for line in documented.headers(status) if line[0] in missing]
    if response.document is None:
        return response.with_headers(headers)
    if CONTENT_TYPE in own:
        body = json_of(response.document)
    else:
        content_type, body = documented.written(status, response.document)
        headers.insert(0, content_type)
    return Response(
        status, headers=headers, accepted=response.accepted, body=body, is_made_up=response.is_made_up
    )


async def violations(response: Response, operation: CompiledOperation) -> list[MessageViolation]:
    """Return the first violations of an answer; none of one that is not to be validated."""
    if response.is_made_up:
        return []
    if len(response.body or b"") <= SHORT:
        return _violations(response, operation)
    return await beside(_violations, response, operation)


def _violations(response: Response, operation: CompiledOperation) -> list[MessageViolation]:
    return list(islice(response_violations(operation, response), MAX_VIOLATIONS))
