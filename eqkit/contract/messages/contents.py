"""Bodies of requests and responses: read as their media types have them, and held against `content`."""

import json
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from eqkit.contract.decoding.charsets import UnknownCharset, charset_of, decoded
from eqkit.contract.decoding.forms import (
    MULTIPART,
    URLENCODED,
    Part,
    parts_of,
    read_multipart,
    read_urlencoded,
)
from eqkit.contract.decoding.shapes import Shape, Shapes
from eqkit.contract.decoding.styles import read_text
from eqkit.contract.decoding.texts import Malformed
from eqkit.contract.decoding.xml_bodies import Undetermined, read_xml
from eqkit.contract.document import Json, escaped, pointer_parts
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.media_types import JSON_API, documented, essence, is_json, is_xml
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.contract.messages.parameters import CompiledHeader
from eqkit.contract.messages.violations import Level, MessageViolation
from eqkit.contract.schemas.directions import Direction
from eqkit.errors import MAX_ERRORS

JSON_LINES = (
    "application/jsonl", "application/x-jsonl", "application/jsonlines", "application/x-jsonlines",
    "application/ndjson", "application/x-ndjson", "application/json-lines",
)  # fmt: skip
_TEXTS = frozenset(("string", "null"))
JSON_SEQUENCES, EVENTS = ("application/json-seq", "application/geo+json-seq"), "text/event-stream"


@dataclass(frozen=True, slots=True)
class MediaType:
    """One media type of a contract's `content`: its name, pointers to its schemas, and its `encoding`."""

    name: str
    pointer: str
    schema: str | None
    items: str | None = None
    """The pointer to its `itemSchema` (OpenAPI 3.2), by which each item of a sequence is validated."""
    encoding: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadBody:
    """The reading of a body: a value for each schema that validates one, and the faults of its writing."""

    values: Sequence[tuple[str, str, Json]] = ()
    """The pointer of a schema, the pointer of the value within the body, and the value."""
    problems: Sequence[tuple[str, str]] = ()
    """Member names, "" for all of the body, and their faults."""
    value: Json = None
    """The value of the whole body, whether a schema speaks of it or not."""
    unread: Container[str] = ()
    """The names of members that could not be read: they have problems, and no value to validate."""
    parts: Sequence[Part] = ()
    """The parts of a multipart body."""


class CompiledContent:
    """The media types of one body, by which it is read and validated."""

    def __init__(self, schemas: DirectedSchemas, holder: str, rule: str) -> None:
        """Take the object with the member `content`; `rule` is that of a body that breaks a schema."""
        self._schemas = schemas
        self._rule = rule
        self._part_headers: dict[str, Sequence[CompiledHeader]] = {}
        self.media_types = {
            name: _media_type(schemas, pointer, name)
            for name, pointer in schemas.members(holder, "content").items()
        }

    def find(self, content_type: str | None) -> MediaType | None:
        """Return the media type that a Content-Type is, or the narrowest range of it."""
        name = documented(self.media_types, content_type)
        return None if name is None else self.media_types[name]

    def violations(
        self,
        media_type: MediaType,
        content_type: str | None,
        body: bytes,
        keep: Callable[[Json], object] | None = None,
    ) -> Iterator[MessageViolation]:
        """Yield the violations of a body of a media type; `keep` is given its value once it is read."""
        found = read_body(self._schemas.shapes, media_type, content_type, body)
        if keep is not None:
            keep(found.value)
        for name, problem in found.problems:
            detail = f'"{name}" {problem}' if name else problem
            at = self._schemas.followed(media_type.schema or media_type.pointer)
            pointer = f"/{escaped(name)}" if name else ""
            yield MessageViolation(self._rule, detail, at, name=name, pointer=pointer)
        yield from self._of_parts(media_type, found.parts)
        for schema, above, value in found.values:
            for each in self._schemas.validator(schema).check(value):
                if each.instance_pointer and _first(each.instance_pointer) in found.unread:
                    continue
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
                    missing=each.missing,
                )
            yield from self._of_members(schema, above, value, essence(content_type) == JSON_API)

    def _of_parts(self, media_type: MediaType, parts: Sequence[Part]) -> Iterator[MessageViolation]:
        """Yield the violations of headers that parts must have, by `encoding`."""
        for name in media_type.encoding if parts else ():
            for header in self._headers_of_part(media_type.pointer, name):
                for sent in [part.headers.get(header.name.lower()) for part in parts if part.name == name]:
                    for each in header.violations(sent):
                        lack = f"must have the header {header.name}"
                        fault = lack if sent is None else f"has: {each.message}"
                        yield MessageViolation(
                            self._rule,
                            f'"{name}" {fault}',
                            each.source,
                            name=name,
                            pointer=f"/{escaped(name)}",
                        )

    def _headers_of_part(self, media_type: str, name: str) -> Sequence[CompiledHeader]:
        """Return the headers that `encoding` describes for the parts of a name, but for Content-Type.

        Of that `contentType` tells (OpenAPI 3.0.4, "Encoding Object").
        """
        holder = f"{media_type}/encoding/{escaped(name)}"
        if holder not in self._part_headers:
            self._part_headers[holder] = [
                CompiledHeader(self._schemas, header, at)
                for header, at in self._schemas.members(holder, "headers").items()
                if header.lower() != "content-type"
            ]
        return self._part_headers[holder]

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


def read_body(shapes: Shapes, media_type: MediaType, content_type: str | None, body: bytes) -> ReadBody:
    """Read a body of a media type; the reading is empty where its bytes are not for a schema to validate."""
    kind = essence(content_type) or ""
    schema, parts = media_type.schema, list[Part]()
    try:
        if media_type.items is not None and (found := _sequence(kind, content_type, body)) is not None:
            values = [(media_type.items, f"/{index}", each) for index, each in enumerate(found)]
            return ReadBody(values if schema is None else [*values, (schema, "", found)], value=found)
        if is_json(kind):
            value = _json(content_type, body)  # which it has to be without a schema, too
            return ReadBody(() if schema is None else [(schema, "", value)], value=value)
        if schema is None:
            return ReadBody()
        if kind == URLENCODED:
            form = read_urlencoded(shapes, schema, media_type.encoding, decoded(body, content_type))
        elif kind == MULTIPART:
            parts = parts_of(body, content_type)
            form = read_multipart(shapes, schema, media_type.encoding, parts)
        elif is_xml(kind):
            value = read_xml(shapes, schema, content_type, body)
            return ReadBody([(schema, "", value)], value=value)
        elif kind.startswith("text/") and kind != EVENTS and shapes.of(schema).is_primitive:
            value = read_text(shapes, decoded(body, content_type), (schema,))
            return ReadBody([(schema, "", value)], value=value)
        elif kind != EVENTS and kind not in JSON_LINES and shapes.of(schema).kinds <= _TEXTS:
            # A file is a text of its octets, so that its length is theirs, in a form and out of it.
            value = body.decode("latin-1")
            return ReadBody([(schema, "", value)], value=value)
        else:
            return ReadBody()
    except Undetermined:
        return ReadBody()
    except NotJson as error:
        return ReadBody(problems=[("", f"the body is not JSON: {error}")])
    except (UnknownCharset, Malformed) as error:
        return ReadBody(problems=[("", str(error))])
    return ReadBody([(schema, "", form.value)], form.problems, form.value, form.unread, parts)


def _first(pointer: str) -> str:
    """Return the name of the member of a body that a pointer leads into."""
    return pointer_parts(pointer)[0]


def _json(content_type: str | None, body: bytes) -> Json:
    """Read JSON, in another charset than UTF-8 where the Content-Type names one; raises NotJson."""
    charset = charset_of(content_type)
    if charset in ("utf-8", "utf8", "us-ascii", "ascii"):
        return json_of(body)
    return json_of(decoded(body, content_type).encode("utf-8", "surrogatepass"))


def _sequence(kind: str, content_type: str | None, body: bytes) -> list[Json] | None:
    """Return the items of a media type that is a sequence of them; None for another. Raises NotJson."""
    if kind in JSON_LINES:
        return [json_of(line.encode()) for line in decoded(body, content_type).split("\n") if line.strip()]
    if kind in JSON_SEQUENCES:
        return [json_of(each) for each in body.split(b"\x1e") if each.strip()]
    if kind == EVENTS:
        return [found for each in _blocks(decoded(body, content_type)) if (found := _event(each))]
    return None


def _blocks(text: str) -> list[list[str]]:
    """Return the lines of each event of a stream (HTML, "Server-sent events"); one without an end is none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return [block.split("\n") for block in lines.split("\n\n")[:-1]]


def _event(lines: Sequence[str]) -> dict[str, Json]:
    """Return an event as the object that OpenAPI 3.2 makes of it ("Server-Sent Event Streams")."""
    fields: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        fields.setdefault(name, []).append(value.removeprefix(" "))
    event: dict[str, Json] = {name: values[-1] for name, values in fields.items() if name in ("event", "id")}
    if "data" in fields:
        event["data"] = "\n".join(fields["data"])
    if fields.get("retry", [""])[-1].isdecimal():
        event["retry"] = json.loads(fields["retry"][-1].lstrip("0") or "0")
    return event


def undocumented(shapes: Shapes, schema: str, value: Json) -> Iterator[tuple[str, str]]:
    """Yield the pointers to members that a schema does not speak of, and to the schema without them.

    An object is open where its schema says so, with ``additionalProperties`` or alternatives, or where it
    names no properties.
    """
    for pointer, shape, members in _objects(shapes, shapes.of(schema), value, "", is_closed=True):
        if shape.properties and not shape.is_open:
            for name in members:
                if name not in shape.properties:
                    yield f"{pointer}/{escaped(name)}", shape.pointers[0]


def misdirected(shapes: Shapes, schema: str, value: Json, mark: str) -> Iterator[tuple[str, str]]:
    """Yield the pointers to members that a schema marks as the other side's, and to their schemas.

    `mark` is `readOnly` in requests, and `writeOnly` in responses (OpenAPI 3.0.4, "Schema Object").
    """
    for pointer, shape, members in _objects(shapes, shapes.of(schema), value, "", is_closed=False):
        for name in members:
            pointers = shape.properties.get(name)
            if pointers and mark in shapes.of(*pointers).marks:
                yield f"{pointer}/{escaped(name)}", pointers[0]


def _objects(
    shapes: Shapes, shape: Shape, value: Json, pointer: str, *, is_closed: bool
) -> Iterator[tuple[str, Shape, dict[str, Json]]]:
    """Yield each object of a value that a schema speaks of, with its pointer and its shape.

    Where they have to be closed, nothing below an open one is yielded.
    """
    if isinstance(value, list) and shape.items:
        of_items = shapes.of(*shape.items)
        for index, item in enumerate(value):
            yield from _objects(shapes, of_items, item, f"{pointer}/{index}", is_closed=is_closed)
    elif isinstance(value, dict) and shape.properties:
        yield pointer, shape, value
        if is_closed and shape.is_open:
            return
        for name, member in value.items():
            pointers = shape.properties.get(name)
            if pointers and isinstance(member, dict | list):
                at = f"{pointer}/{escaped(name)}"
                yield from _objects(shapes, shapes.of(*pointers), member, at, is_closed=is_closed)
