"""Values as XML, by the `xml` of their schemas (OpenAPI 3.0.4, 3.1.1 and 3.2, "XML Object").

OpenAPI leaves the element of a root open: it has the name of its schema's `xml`, else that of its component.
"""

from collections.abc import Iterator, Sequence

from eqkit.answers.encoding.texts import CannotEncode, plain
from eqkit.answers.encoding.xml_nodes import Element, Text, serialized
from eqkit.contract.decoding.charsets import charset_of
from eqkit.contract.decoding.xml_hints import Hints
from eqkit.contract.document import Json, escaped, pointer_parts
from eqkit.contract.messages.directed import DirectedSchemas

ROOT, ITEM = "root", "item"
"""The names of a root, and of the items of a root, that nothing else names."""

MAX_PARTS = 500
"""How many schemas may apply to one value together."""


def write_xml(schemas: DirectedSchemas, schema: str | None, content_type: str, value: Json) -> bytes:
    """Return a value as an XML document; raises CannotEncode for one in a charset that is not known."""
    writer = _Writer(schemas)
    charset = charset_of(content_type)
    text = f'<?xml version="1.0" encoding="{charset.upper()}"?>\n{serialized(writer.root(schema, value))}'
    try:
        return text.encode(charset, "xmlcharrefreplace")
    except LookupError:
        raise CannotEncode(f"The charset {charset[:40]} is not known.") from None


class _Writer:
    """Makes elements of values."""

    def __init__(self, schemas: DirectedSchemas) -> None:
        self._schemas = schemas

    def root(self, schema: str | None, value: Json) -> Element:
        """Return the root of a document, which is one element, also for an array that is not wrapped."""
        parts = self._parts(() if schema is None else (schema,), value)
        hints = self._hints(parts)
        root = Element(hints.name or _component(parts) or ROOT, hints)
        if isinstance(value, list):
            for pointers, item in self._items(parts, value):
                self._add(root, pointers, item, _component(self._parts(pointers, item)) or ITEM)
        else:
            self._fill(root, parts, value)
        return root

    def _add(self, parent: Element, pointers: Sequence[str], value: Json, name: str) -> None:
        """Add a value to the element that it belongs to: as a child, an attribute, or as content."""
        parts = self._parts(pointers, value)
        hints = self._hints(parts)
        kind = hints.kind or ("element" if not isinstance(value, list) or hints.is_wrapped else "none")
        own = hints.name or name
        if kind == "attribute" and not isinstance(value, dict | list):
            if value is not None:
                parent.attributes.append((own, hints, plain(value)))
        elif isinstance(value, list):
            # The name of an array that is not wrapped is of no effect.
            holder = parent.child(own, hints) if kind == "element" else parent
            for at, item in self._items(parts, value):
                self._add(holder, at, item, own if kind == "element" else name)
        elif kind in ("text", "cdata", "none"):
            self._fill(parent, parts, value, is_cdata=kind == "cdata")
        else:
            self._fill(parent.child(own, hints), parts, value)

    def _fill(self, element: Element, parts: Sequence[str], value: Json, *, is_cdata: bool = False) -> None:
        """Add the content of a value to an element."""
        if isinstance(value, dict):
            for name, member in value.items():
                self._add(element, self._members(parts, name), member, name)
        elif value is None:
            element.is_nil = True
        else:
            element.children.append(Text(plain(value), is_cdata))

    def _parts(self, pointers: Sequence[str], value: Json) -> list[str]:
        """Return the pointers of all schemas that apply to a value, the nearest first."""
        found: dict[str, None] = {}
        for pointer in pointers:
            self._visit(pointer, value, found)
        return list(found)

    def _visit(self, pointer: str, value: Json, found: dict[str, None]) -> None:
        if pointer in found or len(found) >= MAX_PARTS:
            return
        found[pointer] = None
        target, node = self._schemas.target(pointer), self._schemas.node(pointer)
        if target is not None:
            self._visit(target, value, found)
        if not isinstance(node, dict):
            return
        for index in range(_length(node.get("allOf"))):
            self._visit(f"{pointer}/allOf/{index}", value, found)
        for keyword in ("oneOf", "anyOf"):
            for index in range(_length(node.get(keyword))):
                at = f"{pointer}/{keyword}/{index}"
                if self._schemas.accepts(at, value):
                    self._visit(at, value, found)
        if "if" in node:
            branch = "then" if self._schemas.accepts(f"{pointer}/if", value) else "else"
            if branch in node:
                self._visit(f"{pointer}/{branch}", value, found)

    def _hints(self, parts: Sequence[str]) -> Hints:
        """Return the hints of some schemas together; of two that say the same, the nearest counts."""
        return Hints.merged(self._nodes(parts))

    def _nodes(self, parts: Sequence[str]) -> Iterator[dict[str, Json]]:
        nodes = map(self._schemas.node, parts)
        return (node for node in nodes if isinstance(node, dict))

    def _members(self, parts: Sequence[str], name: str) -> list[str]:
        """Return the pointers to the schemas of a member."""
        own = [f"{part}/properties/{escaped(name)}" for part in parts
               if name in _object(self._schemas.node(f"{part}/properties"))]  # fmt: skip
        return own or [f"{part}/additionalProperties" for part in parts
                       if isinstance(self._schemas.node(f"{part}/additionalProperties"), dict)]  # fmt: skip

    def _items(self, parts: Sequence[str], value: list[Json]) -> Iterator[tuple[list[str], Json]]:
        """Yield the pointers to the schemas of each item, and the item."""
        items = [f"{part}/items" for part in parts if isinstance(self._schemas.node(f"{part}/items"), dict)]
        for index, item in enumerate(value):
            first = [f"{part}/prefixItems/{index}" for part in parts
                     if self._schemas.node(f"{part}/prefixItems/{index}") is not None]  # fmt: skip
            yield first or items, item


def _component(parts: Sequence[str]) -> str | None:
    """Return the name of the first component among some schemas."""
    split = (pointer_parts(each) for each in parts)
    return next((each[2] for each in split if len(each) == 3 and each[:2] == ["components", "schemas"]), None)


def _object(node: Json) -> dict[str, Json]:
    return node if isinstance(node, dict) else {}


def _length(node: Json) -> int:
    return len(node) if isinstance(node, list) else 0
