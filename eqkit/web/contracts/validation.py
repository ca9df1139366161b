"""Requests held against any contract: 415, 413, 406, then every violation at once as 400 or 422."""

import functools
import logging
from collections.abc import Callable
from itertools import islice

from eqkit.contract.document import Json
from eqkit.contract.messages.compiled import CompiledOperation
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.contract.operations import Operation
from eqkit.errors import MAX_ERRORS, ApiError, Code, ErrorObject
from eqkit.sandbox.journal.entries import MAX_VIOLATIONS
from eqkit.web.background import beside
from eqkit.web.contracts.at_fault import AtFault, violation_text
from eqkit.web.contracts.requests import ContractRequest
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.header_fields import elements, pairs
from eqkit.web.messages.negotiation import preferred
from eqkit.web.messages.request_bodies import BodyReader, announces_body
from eqkit.web.messages.unsupported_contents import supported, unsupported_content
from eqkit.web.middleware.base import Handler

logger = logging.getLogger("eqkit.contract")

SHORT = 8_192
"""Up to how many bytes of a body a request is validated right on the event loop, in a few milliseconds."""

STRICT, REPORT = "strict", "report"

_CODES = {
    "required": Code.MISSING_MEMBER,
    "dependentRequired": Code.MISSING_MEMBER,
    "type": Code.WRONG_TYPE,
    "additionalProperties": Code.UNKNOWN_MEMBER,
    "unevaluatedProperties": Code.UNKNOWN_MEMBER,
}
_HANDLING = {"strict": STRICT, "lenient": REPORT}
"""The preferences of RFC 7240 4.4."""


class ContractValidation:
    """Validates the requests of one operation."""

    def __init__(
        self,
        call_next: Handler,
        operation: Operation,
        compiled: CompiledOperation,
        reader: BodyReader,
        mode: str,
        place: Callable[[str], object] = str,
    ) -> None:
        """Take the next handler; `mode` is strict, report (in the journal) or off.

        `place` returns the place of a pointer of the contract, as people read it.
        """
        self._place = place
        self._call_next = call_next
        self._compiled = compiled
        self._reader = reader
        self._mode = mode
        self._offered = _offered(operation)
        _, _, self._content = compiled.body
        self._places = {each.pointer: each.place for each in compiled.parameters}

    async def __call__(self, context: RequestContext) -> Response:
        """Validate a request; raises ApiError with every error."""
        prefer = context.headers.get(b"prefer")
        wish = None if prefer is None else _handling(prefer)
        mode = self._mode if wish is None else _HANDLING[wish]
        errors = await self._errors(context, mode)
        if errors and mode == STRICT:
            raise ApiError(errors, supported(errors, context.method, self._content))
        if errors and mode == REPORT:
            context.violations = tuple(self._text(each) for each in errors[:MAX_VIOLATIONS])
            for each in context.violations:
                logger.warning("%s %s: %s", context.method, context.shown_path, each)
        response = await self._call_next(context)
        if wish is None:
            return response
        return response.with_headers(
            [*response.headers, (b"preference-applied", f"handling={wish}".encode())]
        )

    def _text(self, error: ErrorObject) -> str:
        place = self._place(error.rule) if error.rule else None
        return violation_text(AtFault.REQUEST, error.detail, place)

    async def _errors(self, context: RequestContext, mode: str) -> list[ErrorObject]:
        unsupported = None
        if announces_body(context):
            # One without a length may be empty, which only its end tells.
            has_length = b"transfer-encoding" not in context.headers
            unsupported = unsupported_content(context, self._content) if has_length else None
            if unsupported is None or mode != STRICT:
                context.body = await self._reader.read(context)
            if context.body and not has_length:
                unsupported = unsupported_content(context, self._content)
        if unsupported is not None:
            return [unsupported]
        accept = context.headers.get(b"accept")
        if accept is not None and self._offered and preferred(accept, self._offered) is None:
            detail = f"The answers are {' or '.join(self._offered)}, which the Accept header rules out."
            return [ErrorObject(Code.NOT_ACCEPTABLE, detail, header="Accept")]
        if len(context.body) <= SHORT:
            return self._found(context)
        return await beside(self._found, context)

    def _found(self, context: RequestContext) -> list[ErrorObject]:
        """Return the errors of a request, and leave the document of its body in the context."""

        def keep(value: Json) -> None:
            context.document = value

        found = self._compiled.request_violations(
            ContractRequest(context), context.raw_parameters, with_security=False, keep=keep
        )
        binding = (each for each in found if each.level is Level.MUST)
        return [self._error(each) for each in islice(binding, MAX_ERRORS)]

    def _error(self, violation: MessageViolation) -> ErrorObject:
        detail = sentence_of(violation)
        if violation.rule == "request-parameter":
            if self._places.get(violation.source) == "header":
                return ErrorObject(Code.INVALID_HEADER, detail, header=violation.name, rule=violation.source)
            return ErrorObject(
                Code.INVALID_PARAMETER, detail, parameter=violation.name, rule=violation.source
            )
        return ErrorObject(
            code_of(violation), detail, violation.pointer, rule=violation.source, missing=violation.missing
        )


def _offered(operation: Operation) -> tuple[str, ...]:
    """Return the media types that a success may have; none where it need not have content.

    Those of errors are left out: an error is better sent in a type that was not asked for than not at all
    (RFC 9110 15.5.7).
    """
    of_success = [each for each in operation.answers if each.status.startswith("2")]
    answers = of_success or [each for each in operation.answers if each.status == "default"]
    if not all(each.content for each in answers):
        return ()
    return tuple(dict.fromkeys(name for each in answers for name in each.content))


def code_of(violation: MessageViolation) -> Code:
    """Return the code of a violation in a body."""
    if violation.kind or violation.name:
        return _CODES.get(violation.kind, Code.INVALID_VALUE)
    return Code.MISSING_MEMBER if violation.message.endswith("is missing") else Code.INVALID_JSON


def sentence_of(violation: MessageViolation) -> str:
    """Return the message as a sentence without the place, which has a member of its own."""
    text = violation.message.removeprefix(f"at {violation.pointer}: ").removeprefix("the document: ")
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"


@functools.lru_cache(maxsize=256)
def _handling(prefer: bytes) -> str | None:
    """Return the handling that is preferred, the first one that is known (RFC 7240 4.4)."""
    for preference in elements(prefer.decode("latin-1")):
        name, value = next(pairs(preference))
        if name == "handling" and value in _HANDLING:
            return value
    return None
