"""Parameters read as their styles write them (OpenAPI 3.0.4 and 3.1.1, "Style Values"; RFC 6570).

A text can often be read in more than one way: ``a%2Cb`` is one item with a comma, and many clients send it
for two items. Every reading is a candidate, the letter of the style first; the first that is valid counts.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, unquote_plus, unquote_to_bytes

from eqkit.contract.decoding.shapes import PRIMITIVES, Shape, Shapes
from eqkit.contract.document import Json

Pairs = Sequence[tuple[str, str]]
Decode = Callable[[str], str]

DELIMITERS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|", "cookie": ","}
"""The separator of the items of an array that is one text, by style."""

DEFAULTS = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
"""The style of a parameter that names none, by its place."""

STYLES = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
"""The styles of each place (OpenAPI 3.0.4, "Style Values"; `cookie` since 3.2)."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
"""A number as JSON writes it, so that ``007`` is none; in linear time, and no longer than a number can be."""


_INDEX = re.compile(r"[0-9]{0,9}")
"""The place of an item between brackets, which may be left to the order."""


class Malformed(ValueError):
    """A text that its style does not write."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a parameter is written."""

    name: str
    explode: bool

    def __str__(self) -> str:
        """Name it as a document does."""
        return f"{self.name}, explode: {str(self.explode).lower()}"


def raw_pairs(query: str) -> list[tuple[str, str]]:
    """Return names, decoded, and values, as they were sent, of a query string or a urlencoded form."""
    pairs = (each.partition("=") for each in query.split("&") if each)
    return [(unquote_plus(name), value) for name, _, value in pairs]


def raw_cookies(header: str | None) -> list[tuple[str, str]]:
    """Return the names and values of a Cookie header, without the quotes around them (RFC 6265 4.2)."""
    pairs = (each.strip().partition("=") for each in (header or "").split(";"))
    return [
        (name.strip(), value.strip().removeprefix('"').removesuffix('"')) for name, _, value in pairs if name
    ]


def _unspaced(text: str) -> str:
    """Return a value of a header without the spaces around it, which are HTTP's (RFC 9110 5.6.1)."""
    return text.strip(" \t")


def require_utf8(pairs: Pairs) -> None:
    """Raise Malformed if the percent-encoding of a text is not one of UTF-8 (OpenAPI 3.1.1, Appendix E)."""
    try:
        for _, text in pairs:
            if "%" in text:
                unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise Malformed("must be percent-encoded UTF-8") from None


def own_pairs(name: str, style: Style, shape: Shape, pairs: Pairs) -> list[tuple[str, str]]:
    """Return those pairs of a query, a form or a cookie that belong to a parameter.

    An exploded object has one for each of its members, and no name of its own; ``deepObject`` has
    ``name[member]``.
    """
    if style.name == "deepObject":
        return [pair for pair in pairs if pair[0].startswith(f"{name}[")]
    own = [pair for pair in pairs if pair[0] == name]
    if own or not (style.explode and style.name in ("form", "cookie") and "object" in shape.kinds):
        return own
    return [pair for pair in pairs if pair[0] in shape.properties] if shape.properties else []


def read_pairs(name: str, style: Style, shapes: Shapes, shape: Shape, pairs: Pairs) -> Iterator[Json]:
    """Yield the values that the pairs of one parameter may stand for, at least one.

    `pairs` are those of `own_pairs`. Raises Malformed if the style does not write them. Yields nothing
    where OpenAPI leaves open how they are read: an object within a member of ``deepObject``.
    """
    if style.name == "deepObject":
        yield from _deep(name, shapes, shape, pairs)
        return
    texts = [value for _, value in pairs]
    by_members = any(each != name for each, _ in pairs)
    if "array" in shape.kinds and shape.is_stated and not by_members:
        yield from _arrays(style, shapes, shape, texts)
    if "object" in shape.kinds and shape.is_stated:
        if by_members:
            yield from _grouped(shapes, shape, pairs)
        elif not style.explode:
            yield from _flat_objects(style, shapes, shape, texts[-1], unquote_plus)
    if shape.is_primitive and not by_members:
        if len(texts) > 1 and shape.is_stated and shape.kinds <= PRIMITIVES:
            raise Malformed(f"must be sent once, and is sent {len(texts)} times")
        yield read_text(shapes, unquote_plus(texts[-1]), shape.pointers)


def read_path(name: str, style: Style, shapes: Shapes, shape: Shape, text: str) -> Iterator[Json]:
    """Yield the values that the text of a path parameter, as it was sent, may stand for.

    Raises Malformed if its style does not write it.
    """
    match style.name:
        case "label":
            yield from _label(style, shapes, shape, text)
        case "matrix":
            yield from _matrix(name, style, shapes, shape, text)
        case _:
            yield from read_simple(style, shapes, shape, text, unquote)


def read_simple(
    style: Style, shapes: Shapes, shape: Shape, text: str, decode: Decode = _unspaced
) -> Iterator[Json]:
    """Yield the values that a text in the style ``simple`` may stand for: of a path, or of a header."""
    if "array" in shape.kinds and shape.is_stated:
        yield from (_items(shapes, shape, each) for each in _split(text, ",", decode))
    if "object" in shape.kinds and shape.is_stated:
        if style.explode:
            yield _object(shapes, shape, _equations(text.split(","), decode))
        else:
            yield from _flat_objects(style, shapes, shape, text, decode)
    if shape.is_primitive:
        yield read_text(shapes, decode(text), shape.pointers)


def _arrays(style: Style, shapes: Shapes, shape: Shape, texts: Sequence[str]) -> Iterator[Json]:
    if style.explode:
        yield _items(shapes, shape, [unquote_plus(each) for each in texts])
        return
    delimiter = DELIMITERS[style.name]
    for items in _split(texts[-1], delimiter, unquote_plus):
        yield _items(shapes, shape, items)


def _split(text: str, delimiter: str, decode: Decode) -> Iterator[list[str]]:
    """Yield the items of a text: split as it was sent, else as it reads; an empty text has none."""
    if not text:
        yield []
        return
    sent = [decode(each) for each in text.split(delimiter)]
    read = decode(text).split(delimiter)
    if delimiter != ",":  # which a query can only have encoded, a space as a plus sign
        sent = read
    yield sent
    if read != sent and decode is not _unspaced:
        yield read


def _label(style: Style, shapes: Shapes, shape: Shape, text: str) -> Iterator[Json]:
    if not text.startswith("."):
        raise Malformed('must begin with "."')
    rest = text[1:]
    # The table of OpenAPI 3.0.3 has points without `explode`, too; RFC 6570 has commas.
    ways = [rest.split(each) if rest else [] for each in ((".",) if style.explode else (",", "."))]
    if "array" in shape.kinds and shape.is_stated:
        yield from (_items(shapes, shape, [unquote(each) for each in parts]) for parts in ways)
    if "object" in shape.kinds and shape.is_stated:
        parts = next((each for each in ways if len(each) % 2 == 0), ways[0])
        yield _object(shapes, shape, _equations(parts) if style.explode else _alternating(parts))
    if shape.is_primitive:
        yield read_text(shapes, unquote(rest), shape.pointers)


def _matrix(name: str, style: Style, shapes: Shapes, shape: Shape, text: str) -> Iterator[Json]:
    if not text.startswith(";"):
        raise Malformed('must begin with ";"')
    pairs = [(unquote(key), value) for key, _, value in (each.partition("=") for each in text[1:].split(";"))]
    texts = [value for key, value in pairs if key == name]
    if "object" in shape.kinds and shape.is_stated and style.explode:
        yield _object(shapes, shape, {key: unquote(value) for key, value in pairs})
        return
    if not texts:
        raise Malformed(f'must be written as ";{name}="')
    if "array" in shape.kinds and shape.is_stated:
        items = texts if style.explode else texts[-1].split(",") if texts[-1] else []
        yield _items(shapes, shape, [unquote(each) for each in items])
    if "object" in shape.kinds and shape.is_stated:
        yield _object(shapes, shape, _alternating(texts[-1].split(",") if texts[-1] else []))
    if shape.is_primitive:
        yield read_text(shapes, unquote(texts[-1]), shape.pointers)


def _deep(name: str, shapes: Shapes, shape: Shape, pairs: Pairs) -> Iterator[Json]:
    members = [key.removeprefix(f"{name}[") for key, _ in pairs]
    if any(each.count("]") != 1 or not each.endswith("]") for each in members):
        return
    named = [(member[:-1], value) for member, (_, value) in zip(members, pairs, strict=True)]
    if shape.is_stated and "array" in shape.kinds and all(_INDEX.fullmatch(key) for key, _ in named):
        # OpenAPI has the style for objects alone. Clients write ``a[]=1`` or ``a[0]=1`` for an array.
        ordered = sorted(named, key=lambda pair: int(pair[0] or 0))
        yield _items(shapes, shape, [unquote_plus(value) for _, value in ordered])
        return
    yield from _grouped(shapes, shape, named)


def _grouped(shapes: Shapes, shape: Shape, pairs: Pairs) -> Iterator[Json]:
    """Yield the object of pairs of a member and a text; nothing where a member is an object itself."""
    texts: dict[str, list[str]] = {}
    for name, value in pairs:
        texts.setdefault(name, []).append(unquote_plus(value))
    members: dict[str, Json] = {}
    for name, found in texts.items():
        of_member = shapes.of(*shape.member(name))
        if of_member.is_stated and not of_member.is_primitive:
            if "array" not in of_member.kinds:
                return
            members[name] = _items(shapes, of_member, found)
        elif len(found) > 1 and of_member.is_stated and "array" in of_member.kinds:
            members[name] = _items(shapes, of_member, found)
        else:
            members[name] = read_text(shapes, found[-1], shape.member(name))
    yield members


def _flat_objects(
    style: Style, shapes: Shapes, shape: Shape, text: str, decode: Decode
) -> Iterator[dict[str, Json]]:
    for parts in _split(text, DELIMITERS[style.name], decode):
        yield _object(shapes, shape, _alternating(parts, str))


def _alternating(parts: Sequence[str], decode: Decode = unquote) -> dict[str, str]:
    """Return the members of an object whose names and values take turns."""
    if len(parts) % 2:
        raise Malformed("must have a value for each name")
    return {decode(name): decode(value) for name, value in zip(parts[::2], parts[1::2], strict=True)}


def _equations(parts: Sequence[str], decode: Decode = unquote) -> dict[str, str]:
    """Return the members of an object that are written as ``name=value``."""
    pairs = [each.partition("=") for each in parts if each]
    if not all(equals for _, equals, _ in pairs):
        raise Malformed('must have "name=value" for each member')
    return {decode(name): decode(value) for name, _, value in pairs}


def _items(shapes: Shapes, shape: Shape, texts: Sequence[str]) -> list[Json]:
    return [read_text(shapes, each, shape.items) for each in texts]


def _object(shapes: Shapes, shape: Shape, texts: Mapping[str, str]) -> dict[str, Json]:
    return {name: read_text(shapes, text, shape.member(name)) for name, text in texts.items()}


def readings(text: str) -> Iterator[tuple[str, Json]]:
    """Yield the values that a text may stand for with their JSON types, the text itself first."""
    yield "string", text
    if _NUMBER.fullmatch(text):
        number = json.loads(text)
        yield ("integer" if isinstance(number, int) else "number"), number
    if text in ("true", "false"):
        yield "boolean", text == "true"
    if text in ("", "null"):
        yield "null", None


def read_text(shapes: Shapes, text: str, pointers: Sequence[str]) -> Json:
    """Return the value that a text stands for: one that the schemas accept, else one of their types."""
    if not pointers:
        return text
    of_type = shapes.of(*pointers)
    found = [value for kind, value in readings(text) if kind in of_type.kinds]
    return first_accepted(shapes, pointers, found) if found else text


def first_accepted(shapes: Shapes, pointers: Sequence[str], values: Sequence[Json]) -> Json:
    """Return the first of some values that all schemas accept, else any of them, else the first of all."""
    accepts = shapes.access.accepts
    for how in (all, any):
        for value in values if len(values) > 1 else ():
            if how(accepts(pointer, value) for pointer in pointers):
                return value
    return values[0]


def write_text(value: Json) -> str:
    """Return a value that is neither an array nor an object as a text; null is the empty one."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)
