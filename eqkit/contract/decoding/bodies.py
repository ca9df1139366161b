"""Bodies as the values that their media types make of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eqkit.contract.decoding.charsets import UnknownCharset, charset_of, decoded
from eqkit.contract.decoding.forms import MULTIPART, URLENCODED, parts_of, read_multipart, read_urlencoded
from eqkit.contract.decoding.shapes import Shapes
from eqkit.contract.decoding.styles import Malformed, read_text
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.media_types import essence, is_json

JSON_LINES = ("application/jsonl", "application/x-ndjson", "application/ndjson", "application/json-lines")
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


def read_body(shapes: Shapes, media_type: MediaType, content_type: str | None, body: bytes) -> ReadBody:
    """Read a body of a media type; the reading is empty where its bytes are not for a schema to validate."""
    kind = essence(content_type) or ""
    schema = media_type.schema
    try:
        if media_type.items is not None and (found := _sequence(kind, content_type, body)) is not None:
            values = [(media_type.items, f"/{index}", each) for index, each in enumerate(found)]
            return ReadBody(values if schema is None else [*values, (schema, "", found)])
        if schema is None:
            return ReadBody()
        if is_json(kind):
            return ReadBody([(schema, "", _json(content_type, body))])
        if kind == URLENCODED:
            form = read_urlencoded(shapes, schema, media_type.encoding, decoded(body, content_type))
        elif kind == MULTIPART:
            form = read_multipart(shapes, schema, media_type.encoding, parts_of(body, content_type))
        elif kind.startswith("text/") and kind != EVENTS and shapes.of(schema).is_primitive:
            return ReadBody([(schema, "", read_text(shapes, decoded(body, content_type), (schema,)))])
        else:
            return ReadBody()
    except NotJson as error:
        return ReadBody(problems=[("", f"the body is not JSON: {error}")])
    except (UnknownCharset, Malformed) as error:
        return ReadBody(problems=[("", str(error))])
    return ReadBody(() if form.value is None else [(schema, "", form.value)], form.problems)


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
