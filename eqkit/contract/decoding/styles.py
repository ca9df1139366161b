"""Parameters read as their styles write them (OpenAPI 3.0.4 and 3.1.1, "Style Values"; RFC 6570).

A text can often be read in more than one way: ``a%2Cb`` is one item with a comma, and many clients send it
for two items. Every reading is a candidate, the letter of the style first; the first that is valid counts.
"""

import contextlib
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote, unquote_plus, unquote_to_bytes

from eqkit.contract.decoding.shapes import Shape, Shapes
from eqkit.contract.decoding.style_kinds import DELIMITERS, Style
from eqkit.contract.decoding.texts import Malformed, Repeated
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson, json_of

Pairs = Sequence[tuple[str, str]]
Decode = Callable[[str], str]

_OBJECT = frozenset(("object",))

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,400})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?")
"""A number as JSON writes it, so that ``007`` is none; in linear time, and no longer than a number can be."""

_BRACKETS = re.compile(r"(?:\[[^\[\]]*\])+")
"""The steps to a member in the style ``deepObject``."""

_INDEX = re.compile(r"[0-9]{0,9}")
"""The place of an item between brackets, which may be left to the order."""

Tree = dict[str, "Tree | list[str]"]
"""The members of an object by the steps between brackets, each with its texts or with members of its own."""


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
    if not (style.explode and style.name in ("form", "cookie") and "object" in shape.kinds):
        return own
    if own and shape.kinds != _OBJECT:
        return own
    return [pair for pair in pairs if pair[0] in shape.properties] or own


def read_pairs(name: str, style: Style, shapes: Shapes, shape: Shape, pairs: Pairs) -> Iterator[Json]:
    """Yield the values that the pairs of one parameter may stand for, at least one.

    `pairs` are those of `own_pairs`. Raises Malformed if the style does not write them. Yields nothing
    for brackets of ``deepObject`` that do not pair.
    """
    if style.name == "deepObject":
        yield from _deep(name, shapes, shape, pairs)
        return
    texts = [value for _, value in pairs]
    by_members = any(each != name for each, _ in pairs) or (
        style.explode and name in shape.properties and shape.kinds == _OBJECT
    )
    may_be_several = by_members or (style.explode and "array" in shape.kinds)
    if len(texts) > 1 and shape.is_stated and not may_be_several:
        raise Repeated(len(texts))
    if "array" in shape.kinds and shape.is_stated and not by_members:
        yield from _arrays(style, shapes, shape, texts)
    if "object" in shape.kinds and shape.is_stated:
        if by_members:
            yield from _grouped(shapes, shape, pairs)
        elif not style.explode:
            yield from _flat_objects(style, shapes, shape, texts[-1], unquote_plus)
        elif shape.kinds == _OBJECT:
            raise Malformed("must be sent as its members, each by its own name")
    if shape.is_primitive and not by_members:
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
    if decode is _unspaced:
        if "" in sent:  # a list in a header may have empty elements (RFC 9110 5.6.1.2)
            yield [each for each in sent if each]
    elif read != sent:
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
        yield _object(shapes, shape, _unique((key, unquote(value)) for key, value in pairs))
        return
    if not texts:
        raise Malformed(f'must be written as ";{name}="')
    if len(texts) > 1 and not (style.explode and "array" in shape.kinds):
        raise Repeated(len(texts))
    if "array" in shape.kinds and shape.is_stated:
        items = texts if style.explode else texts[-1].split(",") if texts[-1] else []
        yield _items(shapes, shape, [unquote(each) for each in items])
    if "object" in shape.kinds and shape.is_stated:
        yield _object(shapes, shape, _alternating(texts[-1].split(",") if texts[-1] else []))
    if shape.is_primitive:
        yield read_text(shapes, unquote(texts[-1]), shape.pointers)


def _deep(name: str, shapes: Shapes, shape: Shape, pairs: Pairs) -> Iterator[Json]:
    """Yield the value of members in brackets: an object, of which others are members, or an array.

    OpenAPI has the style for objects of single values alone. Clients write ``a[]=1`` or ``a[0]=1`` for an
    array, and ``a[b][c]=1`` for an object within.
    """
    tree: Tree = {}
    for key, value in pairs:
        brackets = key.removeprefix(name)
        if not _BRACKETS.fullmatch(brackets):
            return
        *above, last = brackets[1:-1].split("][")
        holder = tree
        for step in above:
            below = holder.setdefault(step, {})
            if isinstance(below, list):
                raise Malformed(f'must not have "{step}" as a value and as an object')
            holder = below
        texts = holder.setdefault(last, [])
        if isinstance(texts, dict):
            raise Malformed(f'must not have "{last}" as a value and as an object')
        texts.append(unquote_plus(value))
    yield _of_tree(shapes, shape, tree)


def _of_tree(shapes: Shapes, shape: Shape, tree: Tree) -> Json:
    if shape.is_stated and "array" in shape.kinds and all(map(_INDEX.fullmatch, tree)):
        ordered = sorted(tree.items(), key=lambda pair: int(pair[0] or 0))
        items: list[Json] = []
        for _, found in ordered:
            if isinstance(found, dict):
                items.append(_of_tree(shapes, shapes.of(*shape.items), found))
            else:
                items += _items(shapes, shape, found)
        return items
    return {
        name: _of_tree(shapes, shapes.of(*shape.member(name)), found)
        if isinstance(found, dict)
        else _member(shapes, shape, name, found)
        for name, found in tree.items()
    }


def _grouped(shapes: Shapes, shape: Shape, pairs: Pairs) -> Iterator[Json]:
    """Yield the object of pairs of a member and a text."""
    texts: dict[str, list[str]] = {}
    for name, value in pairs:
        texts.setdefault(name, []).append(unquote_plus(value))
    yield {name: _member(shapes, shape, name, found) for name, found in texts.items()}


def _member(shapes: Shapes, shape: Shape, name: str, texts: Sequence[str]) -> Json:
    """Return a member of an object that has a text of its own, or one for each of its items."""
    of_member = shapes.of(*shape.member(name))
    if of_member.is_stated and "array" in of_member.kinds:
        if len(texts) > 1 or not of_member.is_primitive:
            return _items(shapes, of_member, texts)
    elif len(texts) > 1 and of_member.is_stated:
        raise Malformed(f'must have "{name}" once, and has it {len(texts)} times')
    return read_text(shapes, texts[-1], shape.member(name))


def _flat_objects(
    style: Style, shapes: Shapes, shape: Shape, text: str, decode: Decode
) -> Iterator[dict[str, Json]]:
    for parts in _split(text, DELIMITERS[style.name], decode):
        yield _object(shapes, shape, _alternating(parts, str))


def _alternating(parts: Sequence[str], decode: Decode = unquote) -> dict[str, str]:
    """Return the members of an object whose names and values take turns."""
    if len(parts) % 2:
        raise Malformed("must have a value for each name")
    return _unique((decode(name), decode(value)) for name, value in zip(parts[::2], parts[1::2], strict=True))


def _equations(parts: Sequence[str], decode: Decode = unquote) -> dict[str, str]:
    """Return the members of an object that are written as ``name=value``."""
    pairs = [each.partition("=") for each in parts if each]
    if not all(equals for _, equals, _ in pairs):
        raise Malformed('must have "name=value" for each member')
    return _unique((decode(name), decode(value)) for name, _, value in pairs)


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the members of an object, each of which is written once."""
    members: dict[str, str] = {}
    for name, value in pairs:
        if name in members:
            raise Malformed(f'must have "{name}" once')
        members[name] = value
    return members


def _items(shapes: Shapes, shape: Shape, texts: Sequence[str]) -> list[Json]:
    return [read_text(shapes, each, shape.items) for each in texts]


def _object(shapes: Shapes, shape: Shape, texts: Mapping[str, str]) -> dict[str, Json]:
    return {name: read_text(shapes, text, shape.member(name)) for name, text in texts.items()}


def readings(text: str) -> Iterator[tuple[str, Json]]:
    """Yield the values that a text may stand for with their JSON types, the text itself first."""
    yield "string", text
    if _NUMBER.fullmatch(text):
        number = json.loads(text)
        if isinstance(number, int):
            yield "integer", number
        elif math.isfinite(number):
            yield "number", number
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
    return first_accepted(shapes, pointers, found) if found else _nested(text, of_type)


def _nested(text: str, shape: Shape) -> Json:
    """Return the value of a text that cannot stand for a value of any type that is wanted.

    No style writes an object or an array within another; clients send them as JSON.
    """
    if not shape.is_primitive and text[:1] in ("{", "["):
        with contextlib.suppress(NotJson):
            return json_of(text.encode("utf-8", "surrogatepass"))
    return text


def first_accepted(shapes: Shapes, pointers: Sequence[str], values: Sequence[Json]) -> Json:
    """Return the first of some values that all schemas accept, else any of them, else the first of all."""
    accepts = shapes.access.accepts
    for how in (all, any):
        for value in values if len(values) > 1 else ():
            if how(accepts(pointer, value) for pointer in pointers):
                return value
    return values[0]
