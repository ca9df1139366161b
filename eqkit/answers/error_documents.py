"""Errors in the shapes that a contract declares for them, or else as problems of HTTP (RFC 9457)."""

import collections
import functools
import html
import json
from collections.abc import Iterator, Mapping, Sequence

import orjson

from eqkit.answers.encoding import CannotEncode, encoded
from eqkit.answers.error_shapes.example_shapes import is_bare, shape_of_example
from eqkit.answers.error_shapes.fillers import OMIT, copied
from eqkit.answers.error_shapes.offers import Offer, concrete, preferred
from eqkit.answers.error_shapes.problems import PROBLEM, json_api_document, problem_document
from eqkit.answers.error_shapes.reports import Report, report_of
from eqkit.answers.error_shapes.shapes import ErrorShape
from eqkit.answers.examples import examples_of
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import LONGEST_CHAIN, Document, Json, escaped, pointer_of, pointer_parts
from eqkit.contract.media_types import JSON_API, with_charset
from eqkit.contract.messages.compiled import CompiledContract, response_name
from eqkit.contract.messages.contents import CompiledContent, MediaType
from eqkit.contract.operations import member_of, operations_in
from eqkit.errors import ErrorObject

MAX_KEPT = 2_048
"""How many shapes, and how many responses of operations, are kept; any other is compiled again."""

_OTHER_STATUS = {400: 422, 422: 400, 401: 403}
"""The statuses of a broken request, and of one without credentials: APIs answer by one or the other."""

_SEED = "error"

_TOO_DEEP = (RecursionError, ValueError)
"""The exceptions for schemas and values that nest too deep: that of Python, and that of jsonschema-rs."""


class ErrorDocuments:
    """Makes the documents of error answers; each shape is compiled when an error first needs it."""

    def __init__(self, compiled: CompiledContract, document: Document) -> None:
        """Take the contract, compiled and as it is."""
        self._compiled = compiled
        self._schemas = compiled.responses
        self._document = document
        self._generator = Generator(compiled.responses)
        # Caches of the instance: those of methods would keep it alive.
        self._shape = functools.lru_cache(MAX_KEPT)(self._compiled_shape)
        self._by_example = functools.lru_cache(MAX_KEPT)(self._shape_by_example)
        self._offers = functools.lru_cache(MAX_KEPT)(self._declared_offers)
        self._common_offers = functools.lru_cache(MAX_KEPT)(self._offers_of_most)
        self._places = functools.lru_cache(MAX_KEPT)(self._places_of_parameters)

    def status(self, operation_pointer: str | None, wanted: int) -> int:
        """Return the status for an error that would have the status `wanted`.

        A broken request is a 400 or a 422: if the contract has not declared the one, it is the other that it
        has. A range or ``default`` declares neither. Missing credentials are a 403 where the contract has one
        and no 401, neither by itself nor by its range or ``default``.
        """
        other = _OTHER_STATUS.get(wanted)
        if operation_pointer is None or other is None:
            return wanted
        declared = self._schemas.member(self._standing_operation(operation_pointer), "responses")
        is_declared = (
            str(wanted) in declared if wanted != 401 else response_name(declared, wanted) is not None
        )
        return other if str(other) in declared and not is_declared else wanted

    def declared(self, operation_pointer: str | None, wanted: Sequence[int]) -> int:
        """Return the first of some statuses that an operation declares by itself, else the first of all."""
        if operation_pointer is None:
            return wanted[0]
        declared = self._schemas.member(self._standing_operation(operation_pointer), "responses")
        return next((each for each in wanted if str(each) in declared), wanted[0])

    def make(
        self,
        operation_pointer: str | None,
        status: int,
        errors: Sequence[tuple[str, ErrorObject]],
        media_types: Sequence[str] = (),
    ) -> tuple[str, Json]:
        """Return the media type and the document of an error answer to a request.

        `errors` have their ids, and `media_types` are the media types and ranges that the client takes, the
        best first. The document is valid by the schema declared for the status, its range, or ``default``.
        For a request to no operation, it is the shape that most operations declare for the status. Where
        nothing is declared, or nothing valid found, it is a problem (RFC 9457). A document that is a text is
        the body itself, unless its media type is JSON.
        """
        report, offers = self._asked(operation_pointer, status, errors, media_types)
        for offer, document in self._found(offers, report):
            if not offer.is_written or isinstance(document, str):
                return offer.name, document
        return PROBLEM, problem_document(report)

    def write(
        self,
        operation_pointer: str | None,
        status: int,
        errors: Sequence[tuple[str, ErrorObject]],
        media_types: Sequence[str] = (),
        path: str = "",
    ) -> tuple[str, bytes]:
        """Return the Content-Type and the body of an error answer, as `make` does; and in XML or YAML.

        `path` is that of the request, which some errors repeat (Spring's).
        """
        report, offers = self._asked(operation_pointer, status, errors, media_types, path)
        for offer, document in self._found(offers, report):
            try:
                body = encoded(self._schemas, offer.media_type, document)
            except CannotEncode:
                continue
            return with_charset(offer.name, body), body
        return PROBLEM, orjson.dumps(problem_document(report))

    def _asked(
        self,
        operation_pointer: str | None,
        status: int,
        errors: Sequence[tuple[str, ErrorObject]],
        media_types: Sequence[str],
        path: str = "",
    ) -> tuple[Report, list[Offer]]:
        """Return the report of errors, and the media types for it, the best first."""
        if operation_pointer is None:
            offers, report = self._common_offers(status), report_of(status, errors, path=path)
        else:
            offers = self._offers(operation_pointer, status)
            report = report_of(status, errors, self._places(operation_pointer), path)
        return report, preferred(offers, tuple(media_types))

    def _found(self, offers: Sequence[Offer], report: Report) -> Iterator[tuple[Offer, Json]]:
        """Yield media types with their documents: of the report first, of examples of the contract last."""
        for offer in offers:
            try:
                document = self._filled(offer, report)
            except _TOO_DEEP:
                continue
            if document is not OMIT:
                yield offer, document
        for offer in offers:
            for _, example in examples_of(self._schemas, offer.media_type.pointer):
                try:
                    document = self._example_of(offer, example, report)
                except _TOO_DEEP:
                    continue
                if document is not OMIT:
                    yield offer, document

    def _filled(self, offer: Offer, report: Report) -> Json:
        """Return the document of a report in a declared media type; OMIT if it is not for errors."""
        if offer.is_json and (offer.schema is None or is_bare(self._schemas.node(offer.schema))):
            shape = self._by_example(offer.media_type.pointer, offer.kind, report.status)
            found = OMIT if shape is None else shape.document(report)
            if found is not OMIT and (offer.schema is None or self._schemas.accepts(offer.schema, found)):
                return found
        if offer.schema is None:
            if offer.is_text:
                return _escaped(offer.kind, report.sentence)
            if not offer.is_json:
                return OMIT
            return json_api_document(report) if offer.kind == JSON_API else problem_document(report)
        if not (offer.is_text or offer.is_json or offer.is_written):
            return OMIT
        shape = self._shape(offer.schema, offer.kind, report.status)
        if shape is None:
            return OMIT
        document = shape.document(report)
        if not offer.is_text or document is OMIT:
            return document
        text = _escaped(offer.kind, document if isinstance(document, str) else report.sentence)
        return text if shape.accepts(text) else OMIT

    def _example_of(self, offer: Offer, example: Json, report: Report) -> Json:
        """Return a copy of an example with the errors in it that it has room for; OMIT if it is not valid."""
        if not offer.is_json:
            return example if isinstance(example, str) else OMIT
        if offer.schema is None:
            return copied(example)
        if not self._schemas.accepts(offer.schema, example):
            return OMIT
        shape = self._shape(offer.schema, offer.kind, report.status)
        return copied(example) if shape is None else shape.overlaid(example, report)

    def _standing_operation(self, pointer: str) -> str:
        """Return where an operation really stands: its path item may be a reference."""
        try:
            return self._document.resolve_pointer(pointer)
        except (KeyError, TypeError):
            return pointer

    def _standing(self, pointer: str) -> str:
        """Return where a schema really stands, if nothing stands beside its references."""
        for _ in range(LONGEST_CHAIN):
            followed = self._schemas.target(pointer)
            if followed is None or len(self._schemas.node(pointer)) > 1:
                break
            pointer = followed
        return pointer

    def _compiled_shape(self, pointer: str, kind: str, status: int) -> ErrorShape | None:
        try:
            return ErrorShape(self._schemas, pointer, kind, status, self._made)
        except _TOO_DEEP:
            return None

    def _shape_by_example(self, holder: str, kind: str, status: int) -> ErrorShape | None:
        """Return the shape of the first example that is an object or a list; None without one."""
        values = (each.value for each in examples_of(self._schemas, holder))
        example = next((each for each in values if isinstance(each, dict | list)), None)
        try:
            return None if example is None else shape_of_example(example, kind, status)
        except _TOO_DEEP:
            return None

    def _declared_offers(self, operation_pointer: str, status: int) -> tuple[Offer, ...]:
        """Return the media types of the response that an operation declares for a status."""
        holder = self._standing_operation(operation_pointer)
        name = response_name(self._schemas.member(holder, "responses"), status)
        if name is None:
            return ()
        responses = self._schemas.followed(f"{holder}/responses")
        at = self._schemas.followed(f"{responses}/{escaped(name)}")
        declared = CompiledContent(self._schemas, at, "response-body").media_types.values()
        return tuple(self._offer(each) for each in declared)

    def _offer(self, declared: MediaType) -> Offer:
        schema = None if declared.schema is None else self._standing(declared.schema)
        return Offer.of(declared, concrete(declared.name), schema)

    def _offers_of_most(self, status: int) -> tuple[Offer, ...]:
        """Return the media types that most of the operations declare which declare any for a status."""
        found: dict[tuple[tuple[str, str], ...], tuple[Offer, ...]] = {}
        count: collections.Counter[tuple[tuple[str, str], ...]] = collections.Counter()
        for pointer in self._operations():
            if response_name(self._schemas.member(pointer, "responses"), status) is not None:
                offers = self._declared_offers(pointer, status)
                key = tuple((each.name, self._identity(each)) for each in offers)
                found.setdefault(key, offers)
                count[key] += 1
        for key, several in count.most_common(1):
            return found[key] if several * 2 > count.total() else ()
        return ()

    def _operations(self) -> Iterator[str]:
        paths = self._schemas.node("/paths")
        for path in paths if isinstance(paths, dict) else ():
            item = self._schemas.followed(f"/paths/{escaped(str(path))}")
            for method, _ in operations_in(self._schemas.node(item)):
                yield item + pointer_of(member_of(method))

    def _identity(self, offer: Offer) -> str:
        """Return the identity of a schema: its place if it is referred to, else its own text."""
        if offer.schema is None or offer.schema != f"{offer.media_type.pointer}/schema":
            return offer.schema or ""
        try:
            return json.dumps(self._schemas.node(offer.schema), sort_keys=True)
        except (TypeError, *_TOO_DEEP):  # a schema that is no JSON, or has no end: none is like it
            return offer.schema

    def _places_of_parameters(self, operation_pointer: str) -> Mapping[str, str]:
        try:
            parameters = self._compiled.operation(operation_pointer).parameters
        except KeyError:  # of a parameter without a name or a place
            return {}
        return {each.name: each.place for each in parameters if each.place in ("path", "query", "cookie")}

    def _made(self, pointer: str) -> Json:
        """Return a value made of nothing but a schema, the same on every machine; OMIT if there is none."""
        *_, above, name = ["", "", *pointer_parts(pointer)]
        try:
            return self._generator.value(pointer, _SEED, name=name if above == "properties" else "")
        except (CannotGenerate, *_TOO_DEEP):
            return OMIT


def _escaped(kind: str | None, text: str) -> str:
    return html.escape(text) if kind == "text/html" else text
