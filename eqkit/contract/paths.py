"""Paths of a contract by the requests that are for them: a tree, concrete segments before templates."""

import re
from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import quote, unquote

T = TypeVar("T")

_TEMPLATE = re.compile(r"\{([^}]*)\}")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_IN_SEGMENTS = "!$&'()*+,;=:@%-._~"
"""The characters that a segment may have as they are (RFC 3986 3.3), and the sign of an escape."""


class Match(NamedTuple, Generic[T]):
    """A path that was asked for: its operations by method, and the texts of its templates, as sent."""

    operations: "dict[str, tuple[tuple[str, ...], T]]"
    texts: tuple[str, ...]

    def parameters(self, method: str) -> dict[str, str]:
        """Return the texts by the names that the templates have for a method."""
        return dict(zip(self.operations[method][0], self.texts, strict=True))


class PathTree(Generic[T]):
    """The paths of one contract; of several that fit, those with concrete segments go first.

    So OpenAPI has it ("Paths Object", path templating matching). Paths that differ in the names of their
    templates alone are one path with the methods of all of them.
    """

    def __init__(self) -> None:
        """Begin without paths."""
        self._root: _Node[T] = _Node()

    def add(self, path: str, method: str, operation: T) -> None:
        """Put an operation at a path; the first one of a method stays."""
        node = self._root
        for segment in path.split("/")[1:]:
            node = node.child(segment)
        node.operations.setdefault(method, (tuple(_TEMPLATE.findall(path)), operation))

    def find(self, path: str, *, is_exclusive: bool = False) -> Iterator[Match[T]]:
        """Yield the paths of the contract that a raw path fits, the most concrete one first.

        If `is_exclusive`, a concrete segment that leads to a path rules out the templates beside it: a
        method that the concrete path has not is none of the templated one either. So does a segment with a
        text beside its template, such as ``{id}:cancel``, those that are a template alone.
        """
        yield from self._root.find(normal_path(path).split("/")[1:], 0, (), is_exclusive)


class _Node(Generic[T]):
    """One place in the tree."""

    __slots__ = ("_literals", "_partials", "_template", "operations")

    def __init__(self) -> None:
        self._literals: dict[str, _Node[T]] = {}
        self._partials: dict[tuple[str, ...], _Node[T]] = {}
        self._template: _Node[T] | None = None
        self.operations: dict[str, tuple[tuple[str, ...], T]] = {}

    def child(self, segment: str) -> "_Node[T]":
        """Return the place of a segment below this one, made where there is none."""
        written = _TEMPLATE.split(segment)[::2]
        literals = tuple(normal_path(quote(each, safe=_IN_SEGMENTS)) for each in written)
        if len(literals) == 1:
            return self._literals.setdefault(unquote(segment), _Node())
        if literals == ("", ""):
            self._template = self._template or _Node()
            return self._template
        return self._partials.setdefault(literals, _Node())

    def find(
        self, segments: list[str], at: int, texts: tuple[str, ...], is_exclusive: bool
    ) -> Iterator[Match[T]]:
        """Yield the places below this one that the segments from `at` on lead to.

        Each place is visited once at most, since one way alone leads to it.
        """
        if at == len(segments):
            if self.operations:
                yield Match(self.operations, texts)
            return
        segment = segments[at]
        literal = self._literals.get(unquote(segment) if "%" in segment else segment)
        is_found = False
        if literal is not None:
            for match in literal.find(segments, at + 1, texts, is_exclusive):
                is_found = True
                yield match
            if is_found and is_exclusive:
                return
        for literals, node in self._partials.items():
            found = _between(literals, segment)
            if found is not None:
                for match in node.find(segments, at + 1, (*texts, *found), is_exclusive):
                    is_found = True
                    yield match
        if is_found and is_exclusive:
            return
        if self._template is not None and segment:
            yield from self._template.find(segments, at + 1, (*texts, segment), is_exclusive)


def normal_path(path: str) -> str:
    """Return a raw path with nothing escaped that needs no escape: the same path (RFC 3986 6.2.2.2)."""
    return _ESCAPE.sub(_unescaped, path) if "%" in path else path


def _unescaped(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def _between(literals: tuple[str, ...], segment: str) -> list[str] | None:
    """Return the texts between the literals of a segment; None if it has others.

    Linear in the segment, for any template: each text is as short as it can be, and never empty.
    """
    first, *inner, last = literals
    at, end = len(first), len(segment) - len(last)
    if not (segment.startswith(first) and segment.endswith(last)):
        return None
    texts = []
    for literal in inner:
        found = segment.find(literal, at + 1, end)
        if found < 0:
            return None
        texts.append(segment[at:found])
        at = found + len(literal)
    return [*texts, segment[at:end]] if at < end else None
