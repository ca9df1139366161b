"""Elements, attributes and texts, and the XML that they are written as (XML 1.0, and its namespaces)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from eqkit.contract.decoding.xml_hints import Hints, local_name

XSI = "http://www.w3.org/2001/XMLSchema-instance"

_NO_CHARACTER = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML has no form for, not even escaped (XML 1.0, 2.2)."""

_TEXT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_VALUE = _TEXT | {ord('"'): "&quot;", ord("\t"): "&#9;", ord("\n"): "&#10;"}
_NO_SCOPE: Mapping[str, str] = MappingProxyType({"xml": "http://www.w3.org/XML/1998/namespace"})


class Text(NamedTuple):
    """A text, or one as CDATA."""

    text: str
    is_cdata: bool


@dataclass
class Element:
    """An element, with its attributes and its content."""

    name: str
    hints: Hints
    attributes: list[tuple[str, Hints, str]] = field(default_factory=list)
    children: list["Element | Text"] = field(default_factory=list)
    is_nil: bool = False

    def child(self, name: str, hints: Hints) -> "Element":
        """Add an element to the content, and return it."""
        made = Element(name, hints)
        self.children.append(made)
        return made


def serialized(element: Element, scope: Mapping[str, str] = _NO_SCOPE) -> str:
    """Return an element as XML; `scope` has the namespaces of the elements around it, by prefix."""
    declared: dict[str, str] = {}
    name = _qualified(element.name, element.hints, scope, declared)
    attributes = {
        _qualified(own, hints, scope, declared, is_attribute=True): value
        for own, hints, value in element.attributes
    }
    if element.is_nil and not element.children:
        attributes[_qualified("nil", Hints(namespace=XSI, prefix="xsi"), scope, declared)] = "true"
    spaces = {f"xmlns:{prefix}" if prefix else "xmlns": uri for prefix, uri in declared.items()}
    written = "".join(f' {key}="{_escaped(value, _VALUE)}"' for key, value in (spaces | attributes).items())
    if not element.children:
        return f"<{name}{written}/>"
    inner = {**scope, **declared}
    content = "".join(
        serialized(each, inner) if isinstance(each, Element) else _text(each) for each in element.children
    )
    return f"<{name}{written}>{content}</{name}>"


def _qualified(
    name: str,
    hints: Hints,
    scope: Mapping[str, str],
    declared: dict[str, str],
    *,
    is_attribute: bool = False,
) -> str:
    """Return a name with its prefix, whose namespace is declared here if it is not in scope."""
    local = local_name(name)
    prefix, namespace = hints.prefix or "", hints.namespace
    known = {**scope, **declared}
    if prefix == "xml" or (is_attribute and not prefix):  # a default namespace is none of attributes
        return f"xml:{local}" if prefix else local
    if namespace is not None and known.get(prefix) != namespace:
        if prefix in declared:
            return local
        declared[prefix] = namespace
    return f"{prefix}:{local}" if prefix and (namespace is not None or prefix in known) else local


def _text(text: Text) -> str:
    if text.is_cdata:
        plain = _NO_CHARACTER.sub("\ufffd", text.text).replace("]]>", "]]]]><![CDATA[>")
        return f"<![CDATA[{plain}]]>"
    return _escaped(text.text, _TEXT)


def _escaped(text: str, table: dict[int, str]) -> str:
    return _NO_CHARACTER.sub("\ufffd", text).translate(table)
