"""Answers of operations that no handler answers: examples of the contract, and generated values."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from eqkit.answers.encoding import CannotEncode, content_type, encoded, json_of
from eqkit.answers.error_documents import ErrorDocuments
from eqkit.answers.error_statuses import told_of, with_status
from eqkit.answers.examples import Example
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import Json
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.compiled import FIRST_FINAL, WITHOUT_CONTENT, CompiledContract, CompiledResponse
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.operations import Operation
from eqkit.contract.signatures import usual_status
from eqkit.errors import Code, api_error
from eqkit.web.contracts.answers.documented_headers import DocumentedHeaders
from eqkit.web.contracts.answers.example_choice import ExampleChoice
from eqkit.web.contracts.answers.streams import paced, pieces_of
from eqkit.web.contracts.answers.wishes import Wishes, wishes_of
from eqkit.web.contracts.handlers import Problem
from eqkit.web.messages.context import Headers, RequestContext, Response
from eqkit.web.messages.negotiation import by_preference, preferred, preferred_within
from eqkit.web.middleware.preferences import impossible

ITEMS = 3
"""How many items a generated stream has whose contract describes a single one (`itemSchema`)."""

Line = tuple[bytes, bytes]
"""A header: its name in lower case, and its value."""

MAX_PREPARED = 1_000
"""How many answers of an operation are kept as bytes: ranges of media types have any number of them."""

NOTHING: Mapping[str, Json] = MappingProxyType({})


class _Prepared(NamedTuple):
    """An answer that is the same for every request: its headers and its body."""

    headers: Headers
    body: bytes | None


class ContractAnswers:
    """The answers that a contract documents for one operation, examples and generated ones."""

    def __init__(
        self,
        operation: Operation,
        compiled: CompiledContract,
        generator: Generator,
        errors: ErrorDocuments,
        *,
        generates: bool,
        pause_ms: int = 0,
    ) -> None:
        """Take an operation; `generates` says that examples are for those who ask for them by name.

        The items of a sequence are sent `pause_ms` of the sandbox's clock apart.
        """
        self._pause_ms = pause_ms
        self._errors = errors
        self._operation = operation
        self._schemas = compiled.responses
        self._compiled = compiled.operation(operation.pointer)
        self._generator = generator
        self._generates = generates
        self._prepared: dict[tuple[int, str, str], _Prepared] = {}
        self._choice = ExampleChoice(operation, compiled)
        self._headers = DocumentedHeaders(compiled.responses, generator)

    @cached_property
    def success(self) -> int:
        """The status of an ordinary answer: the lowest success that is documented, else the likeliest."""
        return usual_status(self._operation)

    @property
    def statuses(self) -> Collection[int]:
        """The documented statuses, those of a range or of ``default`` left out, and interim ones."""
        return sorted(each for each in self._operation.responses if each >= FIRST_FINAL)

    def has(self, status: int) -> bool:
        """Return whether a status is documented, by itself, by its range or by ``default``."""
        return FIRST_FINAL <= status < 600 and self._compiled.response(status) is not None

    def names(self, status: int) -> Collection[str]:
        """Return the names of the examples for a status, of whatever media type."""
        documented = self._compiled.response(status)
        return [] if documented is None else self._choice.names(documented.content.media_types.values())

    def default(self, context: RequestContext) -> Response:
        """Return the answer to a request that nobody wants to be special."""
        return self.response(self.success, "", context)

    def response(self, status: int, name: str, context: RequestContext) -> Response:
        """Return the answer of a status: the example of that name, else the one that fits the request.

        Raises ApiError (501) where no valid answer can be made.
        """
        documented = self._compiled.response(status)
        if documented is None or status in WITHOUT_CONTENT or not documented.content.media_types:
            return Response(status, headers=self._headers.of(status, documented))
        wishes = wishes_of(context)
        response = self._with_content(status, name, documented, context, wishes)
        if not wishes.applied:
            return response
        return response.with_headers([*response.headers, (b"preference-applied", wishes.applied)])

    def _with_content(
        self,
        status: int,
        name: str,
        documented: CompiledResponse,
        context: RequestContext,
        wishes: Wishes,
    ) -> Response:
        chosen = self._chosen_for(name, documented, context)
        if not (wishes.dynamic if wishes.dynamic is not None else self._generates) or name:
            example = self._choice.chosen(chosen, name, context)
            if example is not None:
                return self._of_example(status, documented, chosen, example, context)
            if status >= 400:
                return self._error(status, documented, context)
        return self._generated(status, documented, chosen, context, wishes)

    def _chosen_for(self, name: str, documented: CompiledResponse, context: RequestContext) -> MediaType:
        """Return the media type that a request prefers, of those that have the example it asks for by name.

        Raises ApiError (400) where that example is of no media type that the request accepts.
        """
        types = documented.content.media_types
        if name and len(types) > 1:
            having = {key: each for key, each in types.items() if name in self._choice.names([each])}
            accept = context.headers.get(b"accept")
            if preferred(accept, (*having,)) is None and preferred(accept, (*types,)) is not None:
                chosen = _chosen(types, context)
                raise impossible("example", name, self._choice.names([chosen]))
            types = having or types
        return _chosen(types, context)

    def document(self, status: int, name: str, context: RequestContext) -> Json:
        """Return the example for a status, by name or by the request; else a generated value."""
        media_type = self._media_type(status)
        if media_type is None:
            return None
        example = self._choice.chosen(media_type, name, context)
        if example is not None:
            return example.value
        return self._value(media_type, status, context, wishes_of(context))

    def generated(self, status: int, context: RequestContext, given: Mapping[str, Json]) -> Json:
        """Return a generated value for a status, with some members given; raises ApiError (501)."""
        media_type = self._media_type(status)
        wishes = wishes_of(context)
        return None if media_type is None else self._value(media_type, status, context, wishes, given)

    def headers(self, status: int) -> Headers:
        """Return the documented headers of a status that are required, or that have an example."""
        return self._headers.of(status, self._compiled.response(status))

    def written(self, status: int, document: Json, context: RequestContext) -> tuple[Line, bytes]:
        """Return the header Content-Type and the bytes of a document, in the type that the request prefers.

        It is JSON where the contract has no content for the status. Raises CannotEncode for a document that
        has no form in that type: here, it is not that of the contract.
        """
        documented = self._compiled.response(status)
        if documented is None or not documented.content.media_types:
            return (b"content-type", b"application/json"), json_of(document)
        return self._encoded(_chosen(documented.content.media_types, context), document)

    def _media_type(self, status: int) -> MediaType | None:
        documented = self._compiled.response(status)
        return None if documented is None else next(iter(documented.content.media_types.values()), None)

    def _error(self, status: int, documented: CompiledResponse, context: RequestContext) -> Response:
        """Return an error that has no example: its name, in the shape that the contract declares."""
        problems = [("error-1", each) for each in Problem(status).errors]
        accepted = by_preference(context.headers.get(b"accept"))
        content_type, body = self._errors.write(
            self._operation.pointer, status, problems, accepted, context.scope["path"]
        )
        name = content_type.encode("latin-1", "replace")
        headers = ((b"content-type", name), *self._headers.of(status, documented))
        return Response(status, headers=headers, body=body)

    def _of_example(
        self,
        status: int,
        documented: CompiledResponse,
        media_type: MediaType,
        example: Example,
        context: RequestContext,
    ) -> Response:
        key = status, media_type.name, example.name
        prepared = self._prepared.get(key)
        if prepared is None:
            content_type, body = self._written(media_type, example.value)
            headers = (content_type, *self._headers.of(status, documented))
            prepared = _Prepared(headers, body)
            if len(self._prepared) < MAX_PREPARED:
                self._prepared[key] = prepared
        response = Response(status, headers=prepared.headers, body=prepared.body)
        return self._paced(response, media_type, example.value, context) if self._pause_ms else response

    def _generated(
        self,
        status: int,
        documented: CompiledResponse,
        media_type: MediaType,
        context: RequestContext,
        wishes: Wishes,
    ) -> Response:
        value = self._value(media_type, status, context, wishes)
        content_type, body = self._written(media_type, value)
        headers = (content_type, *self._headers.of(status, documented))
        response = Response(status, headers=headers, body=body)
        return self._paced(response, media_type, value, context) if self._pause_ms else response

    def _paced(
        self, response: Response, media_type: MediaType, value: Json, context: RequestContext
    ) -> Response:
        """Return a response that is sent item by item, if it is a sequence."""
        pieces, sandbox = pieces_of(media_type, value), context.sandbox
        if pieces is None or sandbox is None:
            return response
        stream = paced(pieces, self._pause_ms, sandbox.clock)
        return Response(response.status, headers=response.headers, stream=stream)

    def _written(self, media_type: MediaType, value: Json) -> tuple[Line, bytes]:
        """Return the header Content-Type and the bytes of a value; raises ApiError (501)."""
        try:
            return self._encoded(media_type, value)
        except CannotEncode as error:
            raise api_error(Code.CANNOT_ANSWER, f"No answer can be written: {error}") from error

    def _encoded(self, media_type: MediaType, value: Json) -> tuple[Line, bytes]:
        """Return the header Content-Type and the bytes of a value; raises CannotEncode."""
        body = encoded(self._schemas, media_type, value)
        name = content_type(media_type, value, body)
        return (b"content-type", name.encode("latin-1", "replace")), body

    def _value(
        self,
        media_type: MediaType,
        status: int,
        context: RequestContext,
        wishes: Wishes,
        given: Mapping[str, Json] = NOTHING,
    ) -> Json:
        seed = _seed(context, self._operation.id, status, wishes)
        echo = {**self._echo(context), **told_of(status), **given} or None
        try:
            if media_type.schema is not None:
                value = self._generator.value(media_type.schema, seed, echo=echo)
                stated = with_status(media_type.name, value, status)
                is_valid = stated is value or self._schemas.accepts(media_type.schema, stated)
                return stated if is_valid else value
            if media_type.items is None:
                return dict(given) if is_json(media_type.name) or "*" in media_type.name else ""
            return [
                self._generator.value(media_type.items, b"%b/%d" % (seed, number), echo=echo)
                for number in range(ITEMS)
            ]
        except CannotGenerate as error:
            detail = f"No valid answer of {status} can be made: {error}"
            raise api_error(Code.CANNOT_ANSWER, detail) from error

    def _echo(self, context: RequestContext) -> dict[str, Json]:
        """Return what a request has sent, by name: its document, and the parameters of its path.

        The last one of the path is most often the id of the resource that is asked for.
        """
        echo: dict[str, Json] = dict(context.document) if isinstance(context.document, dict) else {}
        for name, text in context.parameters.items():
            echo.setdefault(name, _number_or_text(text))
        last = next(reversed([*context.parameters]), None)
        if last is not None and last.lower().endswith("id") and self._operation.path.endswith("}"):
            echo.setdefault("id", echo[last])
        return echo


def _chosen(types: Mapping[str, MediaType], context: RequestContext) -> MediaType:
    """Return the media type of a response that a request prefers, the first where it rules out all."""
    accept = context.headers.get(b"accept")
    chosen = types[preferred(accept, (*types,)) or next(iter(types))]
    return _within(chosen, accept) if "*" in chosen.name else chosen


def _within(media_type: MediaType, accept: bytes | None) -> MediaType:
    """Return the one media type of a range that a client asks for; the range where it asks for none.

    A range that is not of texts, images and the like is JSON, unless another JSON is asked for: of the
    value of a contract no other type can be made for certain.
    """
    wanted = preferred_within(accept, media_type.name)
    is_of_kind = not media_type.name.startswith(("*/", "application/"))
    return replace(media_type, name=wanted) if wanted and (is_of_kind or is_json(wanted)) else media_type


def _seed(context: RequestContext, operation: str, status: int, wishes: Wishes) -> bytes:
    """Return the seed of a generated answer: the same for the same request in sandboxes of one seed."""
    sandbox = context.sandbox
    own = wishes.seed or ("" if sandbox is None else str(sandbox.rules.seed))
    parts = (own, operation, str(status), context.path, context.scope["query_string"].decode("latin-1"))
    digest = hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=16)
    digest.update(b"\0" + context.body)
    return digest.digest()


def _number_or_text(text: str) -> Json:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text
