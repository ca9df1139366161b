"""Answers of operations that no handler answers: examples of the contract, and generated values."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

import orjson

from eqkit.answers.error_documents import ErrorDocuments
from eqkit.answers.error_statuses import told_of, with_status
from eqkit.answers.examples import Example, examples_of
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.decoding.style_writer import Unwritable, write_header
from eqkit.contract.document import Json
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.compiled import CompiledContract, CompiledResponse
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.parameters import CompiledHeader
from eqkit.contract.operations import Operation
from eqkit.errors import Code, api_error
from eqkit.web.contracts.handlers import Problem
from eqkit.web.contracts.wishes import Wishes, wishes_of
from eqkit.web.messages.context import Headers, RequestContext, Response
from eqkit.web.messages.cors import TO_ANYBODY
from eqkit.web.messages.negotiation import by_preference, preferred

WITHOUT_CONTENT = (204, 205, 304)
"""The statuses whose answers never have content (RFC 9110 15.3.5, 15.3.6, 15.4.5)."""

_OF_THE_SERVER = frozenset((
    "connection", "content-length", "content-type", "date", "transfer-encoding",
    *(name.decode() for name, _ in TO_ANYBODY),
))  # fmt: skip
"""Headers that the server sets itself, whatever a contract says of them."""

_FOR_ANY = "application/json"
"""The media type of an answer whose contract has a range of all, such as ``*/*``."""


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
    ) -> None:
        """Take an operation; `generates` says that examples are for those who ask for them by name."""
        self._errors = errors
        self._operation = operation
        self._schemas = compiled.responses
        self._compiled = compiled.operation(operation.pointer)
        self._requests = compiled.requests
        self._generator = generator
        self._generates = generates
        self._examples: dict[str, list[Example]] = {}
        self._prepared: dict[tuple[int, str, str], _Prepared] = {}
        self._headers: dict[int, Headers] = {}

    @cached_property
    def success(self) -> int:
        """The status of an ordinary answer: the lowest success that is documented, else the likeliest."""
        statuses = sorted(self._operation.responses)
        found = next((each for each in statuses if 200 <= each < 300), None)
        if found is not None:
            return found
        if not statuses or self.has(200):
            return 200
        return next((each for each in statuses if each >= 300), statuses[0])

    @cached_property
    def statuses(self) -> Collection[int]:
        """The documented statuses, those of a range or of ``default`` left out."""
        return sorted(self._operation.responses)

    def has(self, status: int) -> bool:
        """Return whether a status is documented, by itself, by its range or by ``default``."""
        return 100 <= status < 600 and self._compiled.response(status) is not None

    def names(self, status: int) -> Collection[str]:
        """Return the names of the examples for a status, of whatever media type."""
        documented = self._compiled.response(status)
        types = () if documented is None else documented.content.media_types.values()
        return list(
            dict.fromkeys(each.name for one in types for each in self._all_examples(one) if each.name)
        )

    def default(self, context: RequestContext) -> Response:
        """Return the answer to a request that nobody wants to be special."""
        return self.response(self.success, "", context)

    def response(self, status: int, name: str, context: RequestContext) -> Response:
        """Return the answer of a status: the example of that name, else the one that fits the request.

        Raises ApiError (501) where no valid answer can be made.
        """
        documented = self._compiled.response(status)
        if documented is None or status in WITHOUT_CONTENT or not documented.content.media_types:
            return Response(status, headers=self._headers_of(status, documented))
        types = documented.content.media_types
        chosen = types[preferred(context.headers.get(b"accept"), (*types,)) or next(iter(types))]
        wishes = wishes_of(context)
        if not (wishes.dynamic if wishes.dynamic is not None else self._generates) or name:
            example = self._example(chosen, name, context)
            if example is not None:
                return self._of_example(status, documented, chosen, example)
            if status >= 400:
                return self._error(status, documented, context)
        return self._generated(status, documented, chosen, context, wishes)

    def document(self, status: int, name: str, context: RequestContext) -> Json:
        """Return the example for a status, by name or by the request; else a generated value."""
        media_type = self._media_type(status)
        if media_type is None:
            return None
        example = self._example(media_type, name, context)
        if example is not None:
            return example.value
        return self._value(media_type, status, context, wishes_of(context))

    def generated(self, status: int, context: RequestContext, given: Mapping[str, Json]) -> Json:
        """Return a generated value for a status, with some members given; raises ApiError (501)."""
        media_type = self._media_type(status)
        wishes = wishes_of(context)
        return None if media_type is None else self._value(media_type, status, context, wishes, given)

    def _media_type(self, status: int) -> MediaType | None:
        documented = self._compiled.response(status)
        return None if documented is None else next(iter(documented.content.media_types.values()), None)

    def _error(self, status: int, documented: CompiledResponse, context: RequestContext) -> Response:
        """Return an error that has no example: its name, in the shape that the contract declares."""
        problems = [("error-1", each) for each in Problem(status).errors]
        accepted = by_preference(context.headers.get(b"accept"))
        media_type, document = self._errors.make(self._operation.pointer, status, problems, accepted)
        name = media_type.encode("latin-1", "replace")
        headers = ((b"content-type", name), *self._headers_of(status, documented))
        is_text = isinstance(document, str) and not is_json(media_type)
        body = document.encode() if is_text else orjson.dumps(document)
        return Response(status, headers=headers, body=body)

    def _of_example(
        self, status: int, documented: CompiledResponse, media_type: MediaType, example: Example
    ) -> Response:
        key = status, media_type.name, example.name
        prepared = self._prepared.get(key)
        if prepared is None:
            body = _encoded(media_type, example.value)
            headers = (_content_type(media_type), *self._headers_of(status, documented))
            prepared = self._prepared[key] = _Prepared(headers, body)
        return Response(status, headers=prepared.headers, body=prepared.body)

    def _generated(
        self,
        status: int,
        documented: CompiledResponse,
        media_type: MediaType,
        context: RequestContext,
        wishes: Wishes,
    ) -> Response:
        headers = (_content_type(media_type), *self._headers_of(status, documented))
        value = self._value(media_type, status, context, wishes)
        if wishes.applied:
            headers = (*headers, (b"preference-applied", wishes.applied))
        return Response(status, headers=headers, body=_encoded(media_type, value))

    def _value(
        self,
        media_type: MediaType,
        status: int,
        context: RequestContext,
        wishes: Wishes,
        given: Mapping[str, Json] = NOTHING,
    ) -> Json:
        if media_type.schema is None:
            return dict(given) if _is_json(media_type) else ""
        seed = _seed(context, self._operation.id, status, wishes)
        echo = {**self._echo(context), **told_of(status), **given}
        try:
            value = self._generator.value(media_type.schema, seed, echo=echo or None)
        except CannotGenerate as error:
            detail = f"No valid answer of {status} can be made: {error}"
            raise api_error(Code.CANNOT_ANSWER, detail) from error
        stated = with_status(media_type.name, value, status)
        is_valid = stated is value or self._schemas.accepts(media_type.schema, stated)
        return stated if is_valid else value

    def _example(self, media_type: MediaType, name: str, context: RequestContext) -> Example | None:
        """Return the example to answer with: by its name, by that of the request's own, else the first.

        Those that are not valid are passed over; one that was asked for by name is a 501.
        """
        examples = self._all_examples(media_type)
        if name:
            named = next((each for each in examples if each.name == name), None)
            if named is not None:
                self._require_valid(media_type, named)
            return named
        valid = [each for each in examples if self._is_valid(media_type, each)]
        if len(valid) < 2:
            return next(iter(valid), None)
        return next((each for each in valid if each.name and self._is_sent(each.name, context)), valid[0])

    def _all_examples(self, media_type: MediaType) -> list[Example]:
        found = self._examples.get(media_type.pointer)
        if found is None:
            found = self._examples[media_type.pointer] = examples_of(self._schemas, media_type.pointer)
        return found

    def _is_valid(self, media_type: MediaType, example: Example) -> bool:
        is_text = isinstance(example.value, str) and not _is_json(media_type)
        return media_type.schema is None or is_text or self._schemas.accepts(media_type.schema, example.value)

    def _require_valid(self, media_type: MediaType, example: Example) -> None:
        if self._is_valid(media_type, example) or media_type.schema is None:
            return
        found = self._schemas.validator(media_type.schema).check(example.value)
        why = found[0].message if found else "it violates its schema."
        raise api_error(
            Code.CANNOT_ANSWER, f'The example "{example.name}" of the contract is not valid: {why}'
        )

    def _is_sent(self, name: str, context: RequestContext) -> bool:
        """Return whether a request is the example of that name: by its body, or by all its parameters."""
        body = self._operation.body_media_type and self._compiled.body[2].media_types.values()
        for media_type in body or ():
            for each in examples_of(self._requests, media_type.pointer):
                if each.name == name and context.document is not None:
                    return bool(each.value == context.document)
        sent = {**context.parameters, **context.query}
        alike = [
            str(sent.get(parameter.name)) == str(each.value)
            for parameter in self._compiled.parameters
            for each in examples_of(self._requests, parameter.pointer)
            if each.name == name
        ]
        return bool(alike) and all(alike)

    def _headers_of(self, status: int, documented: CompiledResponse | None) -> Headers:
        """Return the documented headers that are required, or that have an example."""
        if status not in self._headers:
            listed: Sequence[CompiledHeader] = () if documented is None else documented.headers
            lines = (self._header(each) for each in listed if each.name.lower() not in _OF_THE_SERVER)
            self._headers[status] = tuple(line for line in lines if line is not None)
        return self._headers[status]

    def _header(self, header: CompiledHeader) -> tuple[bytes, bytes] | None:
        examples = examples_of(self._schemas, header.pointer)
        if header.schema is None or not (header.is_required or examples):
            return None
        value = next(
            (each.value for each in examples if self._schemas.accepts(header.schema or "", each.value)), None
        )
        try:
            if value is None:
                value = self._generator.value(header.schema, header.name, name=header.name)
            text = write_header(header.style, value)
        except (CannotGenerate, Unwritable):
            return None
        cleaned = "".join(" " if ord(each) < 32 or ord(each) == 127 else each for each in text).strip()
        return header.name.lower().encode("latin-1", "replace"), cleaned.encode("latin-1", "replace")

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


def _is_json(media_type: MediaType) -> bool:
    return is_json(media_type.name) or media_type.name.strip() in ("*/*", "application/*")


def _content_type(media_type: MediaType) -> tuple[bytes, bytes]:
    name = (
        _FOR_ANY
        if _is_json(media_type) and "*" in media_type.name
        else media_type.name.replace("/*", "/plain")
    )
    return b"content-type", name.encode("latin-1", "replace")


def _encoded(media_type: MediaType, value: Json) -> bytes:
    if not _is_json(media_type) and isinstance(value, str):
        return value.encode()
    return orjson.dumps(value)
