"""Requests held against the contract, in the order of ruling H2: 415, 413, 406, then 400, 403, 409."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from eqkit.contract.decoding.styles import raw_pairs
from eqkit.contract.decoding.texts import Malformed
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.messages.parameters import CompiledParameter
from eqkit.contract.operations import Operation
from eqkit.errors import ApiError, Code, ErrorObject, api_error
from eqkit.web.background import beside
from eqkit.web.messages.coded_schemas import CodedSchema, coded_schema
from eqkit.web.messages.context import RequestContext, Response
from eqkit.web.messages.header_fields import elements
from eqkit.web.messages.json_bodies import (
    DOUBTFUL,
    LONG,
    MOST_VALUES,
    VALUES_OF_A_MESSAGE,
    counting,
    read_quickly,
    read_thoroughly,
)
from eqkit.web.messages.negotiation import JSON_API, accept_error, media_type_error
from eqkit.web.messages.request_bodies import BodyReader, announces_body
from eqkit.web.middleware.base import App, Handler, Middleware
from eqkit.web.turns import in_turns

SHORT = 8_192
"""Up to how many bytes of a body its errors are found right on the event loop, in a few milliseconds."""

CLIPPED = 1_048_576
"""From how many bytes on a body is read in a thread, and clipped before it is validated.

A shorter one costs more than that saves.
"""


class RequestValidation(Middleware):
    """Lets a request through that the contract allows, its document read."""

    def __init__(
        self, app: App, *, compiled: CompiledContract, max_request: int, max_body: int, max_bulk: int = 0
    ) -> None:
        """Take the longest request and message body, in bytes, and the most messages of a bulk."""
        super().__init__(app)
        self._compiled = compiled
        self._limits = max_request, max_body, max(MOST_VALUES, VALUES_OF_A_MESSAGE * max_bulk)

    def handler(self, operation: Operation, call_next: Handler) -> Handler:
        """Compile the operation's schemas."""
        return ValidationHandler(call_next, operation, self._compiled, *self._limits)


class ValidationHandler:
    """Validates the requests of one operation."""

    def __init__(
        self,
        call_next: Handler,
        operation: Operation,
        compiled: CompiledContract,
        max_request: int,
        max_body: int,
        max_values: int,
    ) -> None:
        """Compile the schemas of the body and of each parameter; raises ContractError if one is broken."""
        self._call_next = call_next
        self._reader = BodyReader(max_request)
        self._max_body = max_body
        self._max_values = max_values
        self._body_media_type = operation.body_media_type
        known = compiled.operation(operation.pointer)
        _, self._body_required, content = known.body
        media_type = content.find(operation.body_media_type)
        self._body = None if media_type is None else coded_schema(compiled, media_type.schema or "")
        # An operation whose answers have no content (HEAD) would have had JSON:API's.
        self._offered = operation.answers_in or (JSON_API,)
        readers = [ParameterReader(compiled, each) for each in known.parameters]
        self._accepted: Mapping[str, str] | None = None
        """The parameters of the newest path without an error."""
        self._path = [each for each in readers if each.place == "path"]
        self._headers = [(each.name.lower().encode(), each) for each in readers if each.place == "header"]
        self._query = [each for each in readers if each.place == "query"]

    async def __call__(self, context: RequestContext) -> Response:
        """Validate a request; raises ApiError with every error, parameters first."""
        raw, body = b"", self._body
        if body is not None and (self._body_required or await self._reader.has_content(context)):
            _require_media_type(context, self._body_media_type)
            whole = context.body or self._reader.take(context)
            raw = context.body = await self._reader.read(context) if whole is None else whole
            if len(raw) > LONG and await in_turns(counting(raw, self._max_values)):
                detail = f"A document may have at most {self._max_values:,} values."
                raise api_error(Code.REQUEST_TOO_LARGE, detail, pointer="")
        else:
            body = None
        accept = context.headers.get(b"accept")
        if accept is not None:
            self._require_acceptable(accept)
        errors = self._parameter_errors(context)
        if body is not None:
            errors += await self._document_errors(body, context, raw)
        if errors:
            raise ApiError(errors)
        return await self._call_next(context)

    def _require_acceptable(self, accept: bytes) -> None:
        error = accept_error(accept, self._offered)
        if error is not None:
            raise ApiError([error])

    def _parameter_errors(self, context: RequestContext) -> list[ErrorObject]:
        errors: list[ErrorObject] = []
        if context.parameters is not self._accepted:
            errors = self._path_errors(context.parameters)
        query = context.scope["query_string"]
        if query:
            errors += self._query_errors(context, query.decode("latin-1"))
        for name, reader in self._headers:
            value = context.headers.get(name)
            if value is not None and not reader.accepts(value.decode("latin-1")):
                errors += reader.errors(value.decode("latin-1"))
        return errors

    def _path_errors(self, parameters: Mapping[str, str]) -> list[ErrorObject]:
        """Return the errors of a path, which is one object as long as routing remembers it."""
        errors: list[ErrorObject] = []
        for reader in self._path:
            text = parameters[reader.name]
            if not reader.accepts(text):
                errors += reader.errors(quote(text))
        if not errors:
            self._accepted = parameters
        return errors

    def _query_errors(self, context: RequestContext, query: str) -> list[ErrorObject]:
        """Read declared parameters, and refuse others, as JSON:API demands (ruling H7)."""
        pairs = raw_pairs(query)
        errors: list[ErrorObject] = []
        known: set[str] = set()
        for reader in self._query:
            own = reader.own(pairs)
            known |= {name for name, _ in own}
            if own:
                found, values = reader.read(own)
                errors += found
                read = {reader.name.replace("-", "_"): value for value in values}
                context.query = {**context.query, **read}
        for name in dict.fromkeys(name for name, _ in pairs if name not in known):
            detail = f'There is no query parameter "{name[:80]}" here.'
            errors.append(ErrorObject(Code.UNKNOWN_QUERY_PARAMETER, detail, parameter=name[:80]))
        return errors

    async def _document_errors(
        self, schema: CodedSchema, context: RequestContext, raw: bytes
    ) -> list[ErrorObject]:
        is_short = len(raw) <= SHORT
        document = await beside(read_quickly, raw) if len(raw) > CLIPPED else read_quickly(raw)
        if document is DOUBTFUL:
            document, errors = _thoroughly(raw) if is_short else await beside(_thoroughly, raw)
            if errors:
                return errors
        context.document = document
        # A body can only be longer than its limit in UTF-8 when the request is.
        if (
            schema.accepts(schema.clip(document) if len(raw) > CLIPPED else document)
            and len(raw) <= self._max_body
        ):
            return []
        return schema.errors(document) if is_short else await beside(_long_errors, schema, document)


def _long_errors(schema: CodedSchema, document: Json) -> list[ErrorObject]:
    return schema.errors(document, is_long=True)


def _thoroughly(raw: bytes) -> tuple[Json, list[ErrorObject]]:
    """Return the document of a body, or its mistakes.

    It raises nothing: the traceback of an exception that comes from another thread keeps the body alive.
    """
    try:
        return read_thoroughly(raw), []
    except ApiError as refused:
        return None, list(refused.errors)


class ParameterReader:
    """Reads the value of one parameter, and validates it."""

    def __init__(self, compiled: CompiledContract, parameter: CompiledParameter) -> None:
        """Compile the parameter's schema; raises ContractError for a broken one."""
        self.name, self.place, self.own = parameter.name, parameter.place, parameter.own
        self._code = Code.INVALID_HEADER if self.place == "header" else Code.INVALID_PARAMETER
        self._parameter = parameter
        self._schema = coded_schema(compiled, parameter.schema, self._code)
        self.accepts: Callable[[str], bool] = self._schema.accepts if parameter.is_text else _doubt
        """Return, faster than `read` does, whether a text without any coding is valid for certain."""

    def errors(self, text: str) -> list[ErrorObject]:
        """Return the errors of a text, as it was sent."""
        return self.read([(self.name, text)])[0]

    def read(self, sent: Sequence[tuple[str, str]]) -> tuple[list[ErrorObject], Sequence[Json]]:
        """Return the errors of the names and texts that were sent, or else the value that they stand for."""
        try:
            values = self._parameter.values(sent)
        except (Malformed, NotJson) as error:
            return [self._placed(ErrorObject(self._code, f'"{self.name}" {error}.'))], ()
        for value in values:
            if not self._schema.accepts(value):
                return [self._placed(each) for each in self._schema.errors(value)[:1]], ()
        return [], values

    def _placed(self, error: ErrorObject) -> ErrorObject:
        """Return an error with its place, the parameter or header."""
        is_header = self.place == "header"
        return ErrorObject(
            error.code,
            error.detail.replace('"document"', f'"{self.name}"', 1),
            parameter=None if is_header else self.name,
            header=self.name if is_header else None,
        )


def _doubt(text: str) -> bool:
    """Say nothing for certain of a text that is not the value itself."""
    return False


def _require_media_type(context: RequestContext, wanted: str) -> None:
    """Refuse another media type, and a compressed body (ruling H5)."""
    headers = context.headers
    content_type = headers.get(b"content-type")
    if content_type is None and not announces_body(context):
        detail = f"The body is missing; send a document, with the Content-Type {wanted}."
        raise api_error(Code.UNSUPPORTED_MEDIA_TYPE, detail, header="Content-Type")
    unsupported = media_type_error(content_type, wanted)
    if unsupported is not None:
        raise ApiError([unsupported])
    encoding = headers.get(b"content-encoding")
    if encoding is not None and set(elements(encoding.decode("latin-1").lower())) - {"identity"}:
        detail = "The body must not be compressed; send it without Content-Encoding."
        raise api_error(Code.UNSUPPORTED_CONTENT_ENCODING, detail, header="Content-Encoding")
