"""The responses of an operation: one for each example of each status, and one for each status without any."""

from collections.abc import Iterator
from dataclasses import dataclass

from eqkit.contract.decoding.style_writer import Unwritable, write_header
from eqkit.contract.decoding.styles import Style
from eqkit.contract.document import Json, escaped
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.compiled import WITHOUT_CONTENT, CompiledOperation
from eqkit.exports.bodies import is_writable, write_body
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


class ResponseExamples:
    """Makes the responses of operations."""

    def __init__(self, values: Values) -> None:
        """Take the values of responses."""
        self._values, self._schemas = values, values.schemas

    def of(self, compiled: CompiledOperation, asked: Json) -> Iterator[ExampleResponse | LeftOut]:
        """Yield a response for each example, and for each status without one; or why there is none.

        Generated answers take members over from `asked`, the document of the request.
        """
        documented = self._schemas.members(compiled.pointer, "responses")
        for status, pointer in _statuses(documented).items():
            try:
                yield from self._of_status(compiled, status, pointer, asked)
            except NotExportable as error:
                yield LeftOut(str(status), str(error))

    def _of_status(
        self, compiled: CompiledOperation, status: int, pointer: str, asked: Json
    ) -> Iterator[ExampleResponse | LeftOut]:
        if status < 200:
            raise NotExportable("it is an informational answer, which no format has a place for")
        content = self._schemas.members(pointer, "content")
        if not content or status in WITHOUT_CONTENT:
            yield ExampleResponse(status, "", self._headers(compiled, pointer, ""), b"")
            return
        made: set[str] = set()
        failed: dict[str, str] = {}
        for media_type, at in content.items():
            for name, example in self._values.named(at).items():
                try:
                    self._require_valid(media_type, at, example)
                    response = self._response(compiled, status, pointer, media_type, name, example)
                except NotExportable as error:
                    failed.setdefault(name, str(error))
                    continue
                made.add(name)
                yield response
        # That an example cannot be written in a second media type is nobody's loss.
        yield from (LeftOut(f"{status} {each}", failed[each]) for each in failed if each and each not in made)
        if made:
            return
        try:
            yield self._generated(compiled, status, pointer, content, asked)
        except NotExportable as error:
            raise NotExportable(failed.get("", str(error))) from None

    def _require_valid(self, media_type: str, at: str, example: Example) -> None:
        """Raise NotExportable for an example that its schema refuses."""
        schema = next(self._schemas.schemas_at(at), None)
        if is_json(media_type) and not self._values.accepts(schema, example):
            raise NotExportable("its example is not valid")

    def _generated(
        self, compiled: CompiledOperation, status: int, pointer: str, content: dict[str, str], asked: Json
    ) -> ExampleResponse:
        """Return a response without an example, in the first media type that can be written."""
        reason = ""
        for media_type in sorted(content, key=lambda each: (not is_json(each), not is_writable(each))):
            try:
                example = self._of_schemas(compiled, content[media_type], str(status), asked)
                return self._response(compiled, status, pointer, media_type, "", example)
            except NotExportable as error:
                reason = reason or str(error)
        raise NotExportable(reason)

    def _of_schemas(self, compiled: CompiledOperation, at: str, status: str, asked: Json) -> Example:
        schema, seed = next(self._schemas.schemas_at(at), None), f"{compiled.pointer} {status}"
        node = self._schemas.node(at)
        if schema is None and isinstance(node, dict) and "itemSchema" in node:
            return Example([self._values.of_schema(f"{at}/itemSchema", seed).value])
        return self._values.of_schema(schema, seed, echo=asked)

    def _response(
        self,
        compiled: CompiledOperation,
        status: int,
        pointer: str,
        media_type: str,
        name: str,
        example: Example,
    ) -> ExampleResponse:
        at = f"{pointer}/content/{escaped(media_type)}"
        encoding = self._schemas.member(self._schemas.followed(at), "encoding")
        content_type, body = write_body(media_type, example, encoding)
        headers = (("Content-Type", content_type), *self._headers(compiled, pointer, name))
        return ExampleResponse(status, name, headers, b"" if compiled.method == "HEAD" else body)

    def _headers(self, compiled: CompiledOperation, pointer: str, name: str) -> Headers:
        """Return the documented headers: those that are required, and those with an example."""
        found = []
        for header, at in self._schemas.members(pointer, "headers").items():
            if header.lower() in _OF_REQUESTS:
                continue
            value = self._header(compiled, header, at, name)
            if value and is_sendable(header, value):
                found.append((header, value))
        return tuple(found)

    def _header(self, compiled: CompiledOperation, header: str, at: str, name: str) -> str:
        node = self._schemas.node(at)
        schema = next(self._schemas.schemas_at(at), None)
        examples = self._values.named(at)
        is_required = isinstance(node, dict) and node.get("required") is True
        try:
            if examples:
                example = examples.get(name) or next(iter(examples.values()))
            elif is_required and schema is not None:
                example = self._values.of_schema(schema, f"{compiled.pointer} {header}", header)
            else:
                stated = self._values.own_of_schema(schema)
                if stated is None:
                    return ""
                example = stated
            explode = isinstance(node, dict) and node.get("explode") is True
            return (
                str(example.value)
                if example.is_text
                else write_header(Style("simple", explode), example.value)
            )
        except (NotExportable, Unwritable):
            return ""


def _statuses(documented: dict[str, str]) -> dict[int, str]:
    """Return the pointers of the responses by status: a range or ``default`` has one that is not listed."""
    found = {int(each): at for each, at in documented.items() if each.isdecimal() and len(each) == 3}
    for name, at in documented.items():
        if name in _RANGES:
            found.setdefault(_RANGES[name], at)
    if "default" in documented:
        has_success = any(200 <= each < 300 for each in found)
        found.setdefault(500 if has_success else 200, documented["default"])
    return found
