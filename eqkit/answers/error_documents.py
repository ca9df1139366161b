"""Errors in the shapes that a contract declares for them, or else as problems of HTTP (RFC 9457)."""

import collections
import functools
import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from eqkit.answers.error_shapes.fillers import OMIT, copied
from eqkit.answers.error_shapes.media_types import concrete, is_text, ordered
from eqkit.answers.error_shapes.problems import PROBLEM, json_api_document, problem_document
from eqkit.answers.error_shapes.reports import Report, report_of
from eqkit.answers.error_shapes.shapes import ErrorShape
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.document import Document, Json, escaped, pointer_of
from eqkit.contract.media_types import JSON_API, essence, is_json
from eqkit.contract.messages.compiled import CompiledContract, response_name
from eqkit.contract.operations import member_of, operations_in
from eqkit.errors import ErrorObject

MAX_KEPT = 2_048
"""How many shapes, and how many responses of operations, are kept; any other is compiled again."""

_OTHER_STATUS = {400: 422, 422: 400}
"""The statuses of a broken request: APIs answer by one or the other."""


_SEED = "error"


@dataclass(frozen=True, slots=True)
class _Offer:
    """A declared media type of an error answer, as it is sent, and where it stands in the document."""

    media_type: str
    pointer: str
    kind: str
    """The media type without its parameters."""
    schema: str | None
    is_text: bool
    is_json: bool


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
        self._offers = functools.lru_cache(MAX_KEPT)(self._declared_offers)
        self._common_offers = functools.lru_cache(MAX_KEPT)(self._offers_of_most)
        self._places = functools.lru_cache(MAX_KEPT)(self._places_of_parameters)

    def status(self, operation_pointer: str | None, wanted: int) -> int:
        """Return the status for an error that would have the status `wanted`.

        A broken request is a 400 or a 422: if the contract has not declared the one, it is the other that it
        has. A range or ``default`` declares neither.
        """
        other = _OTHER_STATUS.get(wanted)
        if operation_pointer is None or other is None:
            return wanted
        declared = self._schemas.member(self._standing_operation(operation_pointer), "responses")
        return other if str(other) in declared and str(wanted) not in declared else wanted

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
        if operation_pointer is None:
            report = report_of(status, errors)
            offers = self._common_offers(status)
        else:
            report = report_of(status, errors, self._places(operation_pointer))
            offers = self._offers(operation_pointer, status)
        preferred = _preferred(offers, tuple(media_types)) if len(offers) > 1 else offers
        for offer in preferred:
            document = self._filled(offer, report)
            if document is not OMIT:
                return offer.media_type, document
        for offer in preferred:
            for example in self._examples(offer):
                return offer.media_type, self._overlaid(offer, example, report)
        return PROBLEM, problem_document(report)

    def _filled(self, offer: _Offer, report: Report) -> Json:
        """Return a document of a declared media type; OMIT if it is not for errors as they are found."""
        if not offer.is_text and not offer.is_json:
            return OMIT
        if offer.schema is None:
            if offer.is_text:
                return _escaped(offer.kind, report.sentence)
            return json_api_document(report) if offer.kind == JSON_API else problem_document(report)
        shape = self._shape(offer.schema, offer.kind, report.status)
        document = shape.document(report)
        if not offer.is_text or document is OMIT:
            return document
        text = _escaped(offer.kind, document if isinstance(document, str) else report.sentence)
        return text if shape.accepts(text) else OMIT

    def _overlaid(self, offer: _Offer, example: Json, report: Report) -> Json:
        """Return a copy of an example with the errors in it that it has room for."""
        if offer.schema is None or not offer.is_json:
            return copied(example)
        return self._shape(offer.schema, offer.kind, report.status).overlaid(example, report)

    def _standing_operation(self, pointer: str) -> str:
        """Return where an operation really stands: its path item may be a reference."""
        try:
            return self._document.resolve_pointer(pointer)
        except (KeyError, TypeError):
            return pointer

    def _standing(self, pointer: str) -> str:
        """Return where a schema really stands, if nothing stands beside its references."""
        while self._schemas.target(pointer) is not None and len(self._schemas.node(pointer)) == 1:
            followed = self._schemas.target(pointer)
            if followed is None or followed == pointer:
                break
            pointer = followed
        return pointer

    def _compiled_shape(self, pointer: str, kind: str, status: int) -> ErrorShape:
        return ErrorShape(self._schemas, pointer, kind, status, self._made)

    def _examples(self, offer: _Offer) -> Iterator[Json]:
        """Yield the valid examples of a media type; of one that is not JSON, the texts."""
        node = self._schemas.node(offer.pointer)
        if not isinstance(node, dict):
            return
        several = self._schemas.members(offer.pointer, "examples").values()
        examples = [node["example"]] if "example" in node else []
        found = [self._schemas.node(each) for each in several]
        examples += [each["value"] for each in found if isinstance(each, dict) and "value" in each]
        for each in examples:
            if offer.is_json:
                if offer.schema is None or self._schemas.accepts(offer.schema, each):
                    yield each
            elif isinstance(each, str):
                yield each

    def _declared_offers(self, operation_pointer: str, status: int) -> tuple[_Offer, ...]:
        """Return the media types of the response that an operation declares for a status."""
        holder = self._standing_operation(operation_pointer)
        name = response_name(self._schemas.member(holder, "responses"), status)
        if name is None:
            return ()
        responses = self._schemas.followed(f"{holder}/responses")
        at = self._schemas.followed(f"{responses}/{escaped(name)}")
        content = self._schemas.members(at, "content")
        return tuple(self._offer(concrete(str(each)), pointer) for each, pointer in content.items())

    def _offer(self, media_type: str, pointer: str) -> _Offer:
        schema = next(self._schemas.schemas_at(pointer), None)
        standing = None if schema is None else self._standing(schema)
        kind = essence(media_type) or ""
        return _Offer(media_type, pointer, kind, standing, is_text(media_type), is_json(media_type))

    def _offers_of_most(self, status: int) -> tuple[_Offer, ...]:
        """Return the media types that most of the operations declare which declare any for a status."""
        found: dict[tuple[tuple[str, str], ...], tuple[_Offer, ...]] = {}
        count: collections.Counter[tuple[tuple[str, str], ...]] = collections.Counter()
        for pointer in self._operations():
            if response_name(self._schemas.member(pointer, "responses"), status) is not None:
                offers = self._declared_offers(pointer, status)
                key = tuple((each.media_type, self._identity(each)) for each in offers)
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

    def _identity(self, offer: _Offer) -> str:
        """Return the identity of a schema: its place if it is referred to, else its own text."""
        if offer.schema is not None and offer.schema != f"{offer.pointer}/schema":
            return offer.schema
        node = None if offer.schema is None else self._schemas.node(offer.schema)
        return orjson.dumps(node, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()

    def _places_of_parameters(self, operation_pointer: str) -> Mapping[str, str]:
        try:
            parameters = self._compiled.operation(operation_pointer).parameters
        except KeyError:  # of a parameter without a name or a place
            return {}
        return {each.name: each.place for each in parameters if each.place in ("path", "query", "cookie")}

    def _made(self, pointer: str) -> Json:
        """Return a value made of nothing but a schema, the same on every machine; OMIT if there is none."""
        try:
            return self._generator.value(pointer, _SEED)
        except CannotGenerate:
            return OMIT


def _preferred(offers: Sequence[_Offer], media_types: tuple[str, ...]) -> list[_Offer]:
    by_name = {each.media_type: each for each in offers}
    return [by_name[each] for each in ordered(tuple(by_name), media_types)]


def _escaped(kind: str | None, text: str) -> str:
    return html.escape(text) if kind == "text/html" else text
