"""XML as the value that it stands for, by the `xml` of its schemas (OpenAPI 3.0.4 and 3.1.1, "XML Object").

Namespaces are not compared, nor is the name of the root, which OpenAPI leaves open. A text in XML has no
type: of its readings, the first that is valid counts, as in a form.
"""

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from eqkit.contract.decoding.charsets import charset_of, decoded
from eqkit.contract.decoding.shapes import PRIMITIVES, Shape, Shapes
from eqkit.contract.decoding.styles import first_accepted, read_text
from eqkit.contract.decoding.texts import Malformed
from eqkit.contract.decoding.xml_hints import Hints, local_name
from eqkit.contract.document import Json

MAX_DEPTH = 100
"""How deep elements may nest; a document of deeper ones is malformed."""

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_WHITE = re.compile("[ \t\r\n]*")
_TEXTS = ("text", "cdata")


class Undetermined(Exception):
    """A document that stands for more than one value, since arrays or objects in it have no elements."""


def read_xml(shapes: Shapes, schema: str, content_type: str | None, body: bytes) -> Json:
    """Return the value of an XML document by the schema at a pointer.

    Raises Malformed or UnknownCharset for a body that is none, and Undetermined if it may have more than one
    value. A schema of nothing but a text is one of the document as it stands, so that nothing is said of it.
    """
    shape = shapes.of(schema)
    if not shape.is_stated or shape.kinds <= {"string", "null"}:
        raise Undetermined
    return _Reader(shapes).value(_root(content_type, body), (schema,))


def _root(content_type: str | None, body: bytes) -> ET.Element:
    named = charset_of(content_type, "")  # which goes before the declaration of the document (RFC 7303 3.2)
    text = decoded(body, content_type).encode("utf-8", "replace") if named else body
    # Its elements refuse the document type, and with it all that makes XML from outside unsafe.
    parser = ET.XMLParser(target=_Elements(), encoding="utf-8" if named else None)  # noqa: S314
    try:
        parser.feed(text)
        root: ET.Element = parser.close()
    except Malformed:
        raise
    except (ET.ParseError, ValueError, LookupError) as error:
        raise Malformed(f"the body is not XML: {error}") from None
    return root


class _Elements(ET.TreeBuilder):
    """Builds the elements of a document without a document type, whose entities could grow beyond bounds."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> ET.Element:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Malformed("the body nests too deep")
        return super().start(tag, attrs)

    def end(self, tag: str) -> ET.Element:
        self._depth -= 1
        return super().end(tag)

    def doctype(self, *_: object) -> None:
        raise Malformed("the body has a document type declaration, which is not read")


class _Reader:
    """Makes values of elements."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._known: dict[tuple[ET.Element, Sequence[str]], Json] = {}

    def value(self, element: ET.Element, pointers: tuple[str, ...]) -> Json:
        """Return the value of an element by the schemas at some pointers: the first reading that is valid."""
        if not pointers:
            return _plain(element)
        key = element, pointers  # alternatives ask for the same one over and over
        if key not in self._known:
            found = list(self._readings(element, self._shapes.of(*pointers))) or [_plain(element)]
            self._known[key] = first_accepted(self._shapes, pointers, found)
        return self._known[key]

    def _readings(self, element: ET.Element, shape: Shape) -> Iterator[Json]:
        if element.get(_NIL) in ("true", "1"):
            yield None
            return
        text = element.text or ""
        is_blank = _WHITE.fullmatch(text) is not None
        if "array" in shape.kinds and shape.is_stated and (len(element) or is_blank):
            yield self._items(list(element), shape)
        has_members = len(element) > 0 or any(not name.startswith("{") for name in element.attrib)
        if "object" in shape.kinds and (
            has_members or (shape.is_stated and is_blank) or self._has_text(shape)
        ):
            yield self._object(element, shape)
        if shape.kinds & PRIMITIVES and not len(element):
            yield self._text(text, shape.pointers)

    def _text(self, text: str, pointers: tuple[str, ...]) -> Json:
        """Return the value of a text; the white space around a number is none of it (XML Schema 2, 4.3.6)."""
        stripped = text.strip(" \t\r\n")
        found = [read_text(self._shapes, each, pointers) for each in dict.fromkeys((text, stripped))]
        return first_accepted(self._shapes, pointers, found)

    def _items(self, elements: Sequence[ET.Element], shape: Shape) -> list[Json]:
        if shape.items and self._is_bare(shape.items):
            raise Undetermined
        return [self.value(each, shape.items) for each in elements]

    def _object(self, element: ET.Element, shape: Shape) -> dict[str, Json]:
        children: dict[str, list[ET.Element]] = {}
        for child in element:
            children.setdefault(_local(child.tag), []).append(child)
        attributes = {name: text for name, text in element.attrib.items() if not name.startswith("{")}
        members: dict[str, Json] = {}
        bare: set[str] = set()
        for name, pointers in shape.properties.items():
            hints = self._hints(pointers)
            own = local_name(hints.name or name)
            of_member = self._shapes.of(*pointers)
            if hints.kind == "attribute":
                # Those in a namespace of their own are told apart by no more than their local names.
                texts = [text for key, text in element.attrib.items() if _local(key) == own]
                if texts:
                    members[name] = self._text(texts[0], pointers)
                    attributes.pop(own, None)
            elif hints.kind in _TEXTS:
                members[name] = self._text(element.text or "", pointers)
            elif "array" in of_member.kinds and of_member.is_stated and not _is_wrapped(hints):
                bare.add(name)
                found = self._bare_items(name, own, children, of_member)
                if found is not None:
                    members[name] = found
            elif hints.kind == "none":
                raise Undetermined
            elif own in children:
                values = [self.value(each, pointers) for each in children.pop(own)]
                members[name] = values[0] if len(values) == 1 else values
        for own, elements in children.items():
            values = [self.value(each, shape.others) for each in elements]
            members.setdefault(own, values[0] if len(values) == 1 else values)
        for own, text in attributes.items():
            members.setdefault(own, self._text(text, shape.others))
        for name in self._shapes.empty_arrays(shape):
            if name in bare:
                members.setdefault(name, [])
        return members

    def _bare_items(self, name: str, own: str, children: dict[str, list[ET.Element]], shape: Shape) -> Json:
        """Take the items of an array that stand among the members; None if there are none."""
        of_items = self._hints(shape.items)
        names = dict.fromkeys((local_name(of_items.name or name), own))
        found = [each for key in names for each in children.pop(key, ())]
        if not found:
            return None
        readings: list[Json] = [self._items(found, shape)]
        if len(found) == 1 and shape.kinds - {"array"}:
            readings.append(self.value(found[0], shape.pointers))
        return first_accepted(self._shapes, shape.pointers, readings)

    def _is_bare(self, pointers: tuple[str, ...]) -> bool:
        """Return whether a value is an array without an element of its own."""
        shape = self._shapes.of(*pointers)
        return shape.is_stated and "array" in shape.kinds and not _is_wrapped(self._hints(pointers))

    def _has_text(self, shape: Shape) -> bool:
        return any(self._hints(each).kind in _TEXTS for each in shape.properties.values())

    def _hints(self, pointers: Sequence[str]) -> Hints:
        return Hints.merged(self._shapes.schemas(*pointers))


def _is_wrapped(hints: Hints) -> bool:
    return hints.is_wrapped or hints.kind == "element"


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _plain(element: ET.Element) -> Json:
    """Return the value of an element that no schema speaks of: an object, or a text."""
    members: dict[str, Json] = {**element.attrib}
    for child in element:
        members[_local(child.tag)] = _plain(child)
    return members or (element.text or "")
