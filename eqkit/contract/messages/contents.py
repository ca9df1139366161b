"""Bodies held against the `content` of a request or a response."""

from collections.abc import Iterator
from itertools import islice

from eqkit.contract.decoding.bodies import MediaType, read_body
from eqkit.contract.document import Json
from eqkit.contract.media_types import JSON_API, documented, essence
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.contract.messages.members import misdirected, undocumented
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.contract.schemas.directions import Direction
from eqkit.errors import MAX_ERRORS


class CompiledContent:
    """The media types of one body, by which it is read and validated."""

    def __init__(self, schemas: DirectedSchemas, holder: str, rule: str) -> None:
        """Take the object with the member `content`; `rule` is that of a body that breaks a schema."""
        self._schemas = schemas
        self._rule = rule
        self.media_types = {
            name: _media_type(schemas, pointer, name)
            for name, pointer in schemas.members(holder, "content").items()
        }

    def find(self, content_type: str | None) -> MediaType | None:
        """Return the media type that a Content-Type is, or the narrowest range of it."""
        name = documented(self.media_types, content_type)
        return None if name is None else self.media_types[name]

    def violations(
        self, media_type: MediaType, content_type: str | None, body: bytes
    ) -> Iterator[MessageViolation]:
        """Yield the violations of a body of a media type."""
        found = read_body(self._schemas.shapes, media_type, content_type, body)
        for name, problem in found.problems:
            detail = f'"{name}" {problem}' if name else problem
            at = self._schemas.followed(media_type.schema or media_type.pointer)
            yield MessageViolation(self._rule, detail, at, name=name)
        for schema, above, value in found.values:
            for each in self._schemas.violations(schema, value):
                pointer = above + each.instance_pointer
                detail = f"at {pointer}: {each.message}" if pointer else f"the document: {each.message}"
                yield MessageViolation(
                    self._rule,
                    detail,
                    each.pointer.rpartition("/")[0],
                    kind=each.kind,
                    pointer=pointer,
                    sent=each.sent,
                    allowed=each.allowed,
                )
            yield from self._of_members(schema, above, value, essence(content_type) == JSON_API)

    def _of_members(
        self, schema: str, above: str, value: Json, is_json_api: bool
    ) -> Iterator[MessageViolation]:
        shapes, is_request = self._schemas.shapes, self._schemas.direction is Direction.REQUEST
        if not isinstance(value, dict | list):
            return
        mark, whose = ("readOnly", "a response") if is_request else ("writeOnly", "a request")
        for pointer, at in islice(misdirected(shapes, schema, value, mark), MAX_ERRORS):
            message = f"at {above}{pointer}: is {mark}, and so belongs in {whose} alone"
            source = self._schemas.followed(at)
            yield MessageViolation(self._rule, message, source, Level.SHOULD, mark, pointer=above + pointer)
        if is_request:
            return
        # JSON:API forbids members that nobody speaks of; JSON Schema allows what it does not forbid.
        level = Level.MUST if is_json_api else Level.SHOULD
        for pointer, at in islice(undocumented(shapes, schema, value), MAX_ERRORS):
            message = f"at {above}{pointer}: the contract does not speak of this member"
            source = self._schemas.followed(at)
            rule = f"{self._rule.partition('-')[0]}-undocumented"
            yield MessageViolation(rule, message, source, level, pointer=above + pointer)


def _media_type(schemas: DirectedSchemas, pointer: str, name: str) -> MediaType:
    node = schemas.node(pointer)
    has_items = isinstance(node, dict) and "itemSchema" in node
    return MediaType(
        name,
        pointer,
        schema=next(schemas.schemas_at(pointer), None),
        items=f"{pointer}/itemSchema" if has_items else None,
        encoding=schemas.member(pointer, "encoding"),
    )
