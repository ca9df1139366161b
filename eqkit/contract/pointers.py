"""JSON pointers (RFC 6901), and the references that are made of them."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

Json = Any
"""A JSON value; its type is the schema's business."""


def pointer_parts(pointer: str) -> list[str]:
    """Split a JSON pointer (RFC 6901) into its unescaped parts."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def value_at(document: Json, pointer: str, default: Json = None) -> Json:
    """Return the value that a JSON pointer (RFC 6901) leads to; `default` if there is none."""
    node = document
    for part in pointer_parts(pointer):
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and part.isdecimal() and len(part) < 10 and int(part) < len(node):
            node = node[int(part)]
        else:
            return default
    return node


def reference_parts(reference: str) -> list[str]:
    """Split a reference within a document, "#/…", into the parts of its pointer (RFC 6901, section 6).

    Raises KeyError for one that is no pointer, such as one to an anchor or to another document.
    """
    pointer = unquote(reference.removeprefix("#"))
    if not reference.startswith("#") or pointer[:1] not in ("", "/"):
        raise KeyError(reference)
    return pointer_parts(pointer)


def child(node: Json, part: str) -> Json:
    """Return the member or item that a part of a pointer leads to; raises KeyError if there is none."""
    if isinstance(node, list) and part.isdecimal() and len(part) < 10 and int(part) < len(node):
        return node[int(part)]
    if isinstance(node, dict):
        return node[part]
    raise KeyError(part)


def pointer_of(parts: Sequence[str | int]) -> str:
    """Join parts into a JSON pointer (RFC 6901)."""
    return "".join(f"/{part if isinstance(part, int) else escaped(part)}" for part in parts)


def escaped(part: str) -> str:
    """Return a part as it stands in a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")
