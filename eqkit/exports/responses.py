"""The responses of an operation: one for each example of each status, and one for each status without any."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from eqkit.contract.decoding.style_kinds import Style
from eqkit.contract.decoding.style_writer import Unwritable, write_header
from eqkit.contract.document import Json
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.compiled import WITHOUT_CONTENT, CompiledOperation, CompiledResponse
from eqkit.contract.messages.contents import MediaType
from eqkit.exports.bodies import write_body
from eqkit.exports.exchanges import LeftOut, NotExportable, is_sendable
from eqkit.exports.values import Example, Values
from eqkit.traffic.exchanges import Headers

_RANGES = {"2XX": 200, "3XX": 302, "4XX": 400, "5XX": 500, "2xx": 200, "3xx": 302, "4xx": 400, "5xx": 500}
"""The status that stands for a range of them, where the contract does not have it by itself."""

_OF_REQUESTS = ("content-type", "preference-applied")
"""Headers that follow from the body, and from the preferences of a request."""


@dataclass(frozen=True, slots=True)
class ExampleResponse:
    """A response by the name of its example, which may be empty."""

    status: int
    name: str
    headers: Headers
    body: bytes
    is_generated: bool = False


class ResponseExamples:
    """Makes the responses of operations."""

    def __init__(self, values: Values) -> None:
        """Take the values of responses."""
        self._values, self._schemas = values, values.schemas

    def of(self, compiled: CompiledOperation, asked: Json) -> Iterator[ExampleResponse | LeftOut]:
        """Yield a response for each example, and for each status without one; or why there is none.

        Generated answers take members over from `asked`, the document of the request.
        """
        for status in _statuses(self._schemas.member(compiled.pointer, "responses")):
            documented = compiled.response(status)
            assert documented is not None  # its name is one of those
            try:
                yield from _Status(self._values, compiled, status, documented).all(asked)
            except NotExportable as error:
                yield LeftOut(str(status), str(error))


class _Status:
    """The responses of one status."""

    def __init__(
        self, values: Values, compiled: CompiledOperation, status: int, documented: CompiledResponse
    ) -> None:
        self._values, self._schemas = values, values.schemas
        self._compiled, self._status, self._documented = compiled, status, documented
        self._seed = f"{compiled.pointer} {status}"

    def all(self, asked: Json) -> Iterator[ExampleResponse | LeftOut]:
        if self._status < 200:
            raise NotExportable("it is an informational answer, which no format has a place for")
        found = self._documented.content.media_types.values()
        # One media type is enough for an example; JSON goes first.
        media_types = sorted(found, key=lambda each: not is_json(each.name))
        if not media_types or self._status in WITHOUT_CONTENT:
            yield ExampleResponse(self._status, "", self._headers(""), b"")
            return
        made: set[str] = set()
        failed: dict[str, str] = {}
        for media_type in media_types:
            for name, example in self._values.named(media_type.pointer).items():
                if name in made:
                    continue
                try:
                    response = self._of_example(media_type, name, example)
                except NotExportable as error:
                    failed.setdefault(name, str(error))
                    continue
                made.add(name)
                yield response
        lost = (each for each in failed if each and each not in made)
        yield from (LeftOut(f"{self._status} {each}", failed[each]) for each in lost)
        if made:
            return
        try:
            yield self._generated(media_types, asked)
        except NotExportable as error:
            raise NotExportable(failed.get("", str(error))) from None

    def _of_example(self, media_type: MediaType, name: str, example: Example) -> ExampleResponse:
        schema = media_type.schema
        if schema and is_json(media_type.name) and not self._values.accepts(schema, example, is_json=True):
            (violation, *_) = self._schemas.validator(schema).check(example.value)
            at = violation.instance_pointer and f"at {violation.instance_pointer}: "
            raise NotExportable(f"its example is not valid: {at}{violation.message}")
        return self._response(media_type, name, example)

    def _generated(self, media_types: Iterable[MediaType], asked: Json) -> ExampleResponse:
        """Return a response without an example, in the first media type that can be written."""
        reason = ""
        for media_type in media_types:
            try:
                made = self._response(media_type, "", self._of_schema(media_type, asked))
                return replace(made, is_generated=True)
            except NotExportable as error:
                reason = reason or str(error)
        raise NotExportable(reason)

    def _of_schema(self, media_type: MediaType, asked: Json) -> Example:
        if media_type.schema is None and media_type.items is not None:
            return Example([self._values.of_schema(media_type.items, self._seed).value])
        return self._values.of_schema(media_type.schema, self._seed, echo=asked)

    def _response(self, media_type: MediaType, name: str, example: Example) -> ExampleResponse:
        content_type, body = write_body(self._schemas, media_type, example)
        headers = (("Content-Type", content_type), *self._headers(name))
        return ExampleResponse(self._status, name, headers, b"" if self._compiled.method == "HEAD" else body)

    def _headers(self, name: str) -> Headers:
        """Return the documented headers: those that are required, and those with an example."""
        texts = (
            (header, self._header(header, at, name))
            for header, at in self._schemas.members(self._documented.pointer, "headers").items()
            if header.lower() not in _OF_REQUESTS
        )
        return tuple((header, text) for header, text in texts if text and is_sendable(header, text))

    def _header(self, header: str, at: str, name: str) -> str:
        node = self._schemas.node(at)
        schema = next(self._schemas.schemas_at(at), None)
        examples = self._values.named(at)
        is_required = isinstance(node, dict) and node.get("required") is True
        try:
            if examples:
                example = examples.get(name) or next(iter(examples.values()))
            elif is_required and schema is not None:
                example = self._values.of_schema(schema, f"{self._seed} {header}", header)
            else:
                stated = self._values.own_of_schema(schema)
                if stated is None:
                    return ""
                example = stated
            explode = isinstance(node, dict) and node.get("explode") is True
            style = Style("simple", explode)
            return str(example.value) if example.is_text else write_header(style, example.value)
        except (NotExportable, Unwritable):
            return ""


def _statuses(names: Iterable[str]) -> list[int]:
    """Return the statuses of responses: a range, or ``default``, has one that is not listed by itself."""
    names = list(names)
    found = [int(each) for each in names if each.isdecimal() and len(each) == 3]
    found += [_RANGES[each] for each in names if each in _RANGES]
    if "default" in names:
        found.append(500 if any(200 <= each < 300 for each in found) else 200)
    return list(dict.fromkeys(found))
