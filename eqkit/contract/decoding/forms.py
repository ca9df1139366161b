"""Bodies of forms as objects: ``application/x-www-form-urlencoded`` and ``multipart/form-data``.

The media type's `encoding` says how a member is written (OpenAPI 3.0.4 and 3.1.1, "Encoding Object").
"""

import contextlib
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from eqkit.contract.decoding.charsets import UnknownCharset, decoded
from eqkit.contract.decoding.shapes import PRIMITIVES, Shape, Shapes
from eqkit.contract.decoding.style_kinds import STYLES, Style
from eqkit.contract.decoding.styles import (
    first_accepted,
    own_pairs,
    raw_pairs,
    read_pairs,
    read_text,
    require_utf8,
)
from eqkit.contract.decoding.texts import Malformed, Repeated, fault_of
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.media_types import essence, is_json

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"

MAX_PARTS = 10_000
"""How many parts of a multipart body are read; one of more is malformed."""

_BOUNDARY = re.compile(r";\s*boundary\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\";]+))", re.IGNORECASE)
STYLED = ("style", "explode", "allowReserved")
"""The members of an Encoding Object by which a member is written in a style, and not by its `contentType`."""

Encoding = Mapping[str, Json]

_BRACKETS = Style("deepObject", explode=True)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body."""

    name: str
    filename: str | None
    headers: dict[str, str]
    content: bytes

    @property
    def content_type(self) -> str | None:
        """Its own Content-Type; None if it has none, which is a text (RFC 7578 4.4)."""
        return self.headers.get("content-type")


@dataclass(slots=True)
class Form:
    """A form as the object that it stands for, and the members that are not written as `encoding` wants it.

    A member that cannot be read is in `unread`; it is its text in `value`, since it was sent all the same.
    """

    value: dict[str, Json] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)

    def has_unread(self, name: str, text: str, error: Malformed | NotJson | UnknownCharset) -> None:
        """Note a member that cannot be read."""
        fault = str(error) if isinstance(error, UnknownCharset) else fault_of(error)
        self.problems.append((name, fault))
        self.unread.add(name)
        self.value[name] = text


def read_urlencoded(shapes: Shapes, schema: str, encoding: Encoding, body: str) -> Form:
    """Return the object of a urlencoded form by the schema at a pointer."""
    shape, pairs = shapes.of(schema), raw_pairs(body)
    form = Form()
    claimed: set[str] = set()
    for name in shape.properties:
        of_member = shapes.of(*shape.properties[name])
        given = encoding.get(name)
        how = given if isinstance(given, dict) else {}
        style = style_of(how)
        by_type = "contentType" in how and not any(each in how for each in STYLED)
        is_object = of_member.is_stated and not of_member.kinds & (PRIMITIVES | {"array"})
        is_typed = is_json(str(how["contentType"])) if by_type else is_object and not how
        by_name = [pair for pair in pairs if pair[0] == name]
        own = by_name if is_typed else own_pairs(name, style, of_member, pairs)
        if not own and (own := own_pairs(name, _BRACKETS, of_member, pairs)):
            # Whatever its style, clients in use write an array or an object in brackets.
            style, is_typed = _BRACKETS, False
        if not own:
            continue
        claimed.update(key for key, _ in own)
        try:
            require_utf8(own)
            values = _typed(own) if is_typed else list(read_pairs(name, style, shapes, of_member, own))
        except (Malformed, NotJson) as error:
            form.has_unread(name, unquote_plus(own[-1][1]), error)
            continue
        if values:
            form.value[name] = first_accepted(shapes, of_member.pointers, values)
    for key, text in pairs:
        if key not in claimed and key not in shape.properties:
            form.value[key] = read_text(shapes, unquote_plus(text), shape.others)
    form.value |= _empty_arrays(shapes, shape, form.value)
    return form


def _empty_arrays(shapes: Shapes, shape: Shape, sent: Container[str]) -> dict[str, Json]:
    return {name: [] for name in shapes.empty_arrays(shape) if name not in sent}


def style_of(how: Mapping[str, Json]) -> Style:
    """Return the style of a member by its Encoding Object; it is `form` for one that no query has."""
    name = str(how.get("style", "form"))
    return Style(name if name in STYLES["query"] else "form", how.get("explode", name == "form") is True)


def _typed(own: Sequence[tuple[str, str]]) -> list[Json]:
    """Return a member that is sent as JSON: by its `contentType`, which is the default for objects."""
    if len(own) > 1:
        raise Repeated(len(own))
    return [json_of(unquote_plus(own[-1][1]).encode())]


def parts_of(body: bytes, content_type: str | None) -> list[Part]:
    """Return the parts of a multipart body; raises Malformed, which says why it is none."""
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser

    found = _BOUNDARY.search(content_type or "")
    boundary = (found[1] or found[2] or "") if found else ""
    if not boundary:
        raise Malformed("the Content-Type of a multipart body must name its boundary")
    collected = _Collected()
    # What stands before the first boundary is to be ignored (RFC 2046 5.1.1), which the parser does not.
    preamble, is_found, _ = body.partition(b"\r\n--" + boundary.encode("latin-1", "replace"))
    start = len(preamble) + 2 if is_found and not body.startswith(b"--") else 0
    try:
        parser = MultipartParser(boundary, collected.callbacks())  # type: ignore[arg-type]
        parser.write(body[start:] if start else body)
        parser.finalize()
    except FormParserError as error:
        raise Malformed(f"the body is not multipart/form-data: {error}") from None
    if not collected.is_ended:
        raise Malformed("the body is not multipart/form-data: its last boundary is missing")
    return collected.parts


class _Collected:
    """The parts that a parser has come upon so far."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.is_ended = False
        self._headers: dict[str, str] = {}
        self._name, self._value, self._content = bytearray(), bytearray(), bytearray()

    def callbacks(self) -> dict[str, object]:
        return {
            "on_header_field": lambda data, start, end: self._name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_part_data": lambda data, start, end: self._content.extend(data[start:end]),
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def _end_header(self) -> None:
        name = self._name.decode("latin-1").strip().lower()
        self._headers[name] = self._value.decode("utf-8", "replace").strip()
        self._name, self._value = bytearray(), bytearray()

    def _end_part(self) -> None:
        if len(self.parts) >= MAX_PARTS:
            raise Malformed(f"the body has more than {MAX_PARTS} parts")
        name, filename = _disposition(self._headers.get("content-disposition", ""))
        self.parts.append(Part(name, filename, self._headers, bytes(self._content)))
        self._headers, self._content = {}, bytearray()

    def _end(self) -> None:
        self.is_ended = True


def _disposition(value: str) -> tuple[str, str | None]:
    """Return the name and the file name that a Content-Disposition has."""
    from python_multipart.multipart import parse_options_header

    _, options = parse_options_header(value.encode())
    filename = options.get(b"filename")
    name = options.get(b"name", b"").decode("utf-8", "replace")
    return name, None if filename is None else filename.decode("utf-8", "replace")


def read_multipart(shapes: Shapes, schema: str, encoding: Encoding, parts: Sequence[Part]) -> Form:
    """Return the object of a multipart form by the schema at a pointer; a file is a text of its bytes."""
    shape, form = shapes.of(schema), Form()
    names = dict.fromkeys(part.name for part in parts)
    for name in names:
        own = [part for part in parts if part.name == name]
        pointers = shape.member(name)
        of_member = shapes.of(*pointers) if pointers else Shape(PRIMITIVES, ())
        how = encoding.get(name)
        form.problems += [(name, each) for each in _wrong_type(how if isinstance(how, dict) else {}, own)]
        try:
            form.value[name] = _member(shapes, of_member, own)
        except (Malformed, NotJson, UnknownCharset) as error:
            form.has_unread(name, own[-1].content.decode("latin-1"), error)
    form.value |= _empty_arrays(shapes, shape, names)
    return form


def _member(shapes: Shapes, shape: Shape, own: Sequence[Part]) -> Json:
    if shape.is_stated and "array" in shape.kinds:
        if len(own) == 1 and is_json(own[0].content_type):
            found = json_of(own[0].content)
            return found if isinstance(found, list) else [found]
        of_items = shapes.of(*shape.items)
        return [_value(shapes, of_items, part) for part in own]
    if shape.is_stated and len(own) > 1:
        raise Repeated(len(own))
    return _value(shapes, shape, own[-1])


def _value(shapes: Shapes, shape: Shape, part: Part) -> Json:
    is_object = shape.is_stated and not shape.kinds & PRIMITIVES
    if is_json(part.content_type) or (part.content_type is None and is_object):
        found = [json_of(part.content)]
        if shape.is_stated and "string" in shape.kinds:  # which may be one of JSON (`contentMediaType`)
            found.append(part.content.decode())
        return first_accepted(shapes, shape.pointers, found) if shape.pointers else found[0]
    kind = essence(part.content_type) or "text/plain"
    if part.filename is not None or not kind.startswith("text/"):
        return part.content.decode("latin-1")
    text = decoded(part.content, part.content_type)
    if is_object:  # which is no text, as the part says that it is
        return text
    found = [read_text(shapes, text, shape.pointers)]
    if (
        part.content_type is None and shape.is_stated and "object" in shape.kinds
    ):  # nothing tells if it is one
        with contextlib.suppress(NotJson):
            found.append(json_of(text.encode()))
    return first_accepted(shapes, shape.pointers, found)


def _wrong_type(how: Mapping[str, Json], own: Sequence[Part]) -> Iterator[str]:
    allowed = [each.strip().lower() for each in str(how.get("contentType", "")).split(",") if each.strip()]
    for part in own if allowed else ():
        found = essence(part.content_type) or "text/plain"
        ranges = {found, f"{found.partition('/')[0]}/*", "*/*"}
        if not ranges & {essence(each) for each in allowed}:
            yield f"must be {' or '.join(allowed)}, not {found[:80]}"
