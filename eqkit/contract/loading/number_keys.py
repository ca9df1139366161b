"""Paths as jsonschema-rs tells them: it takes every key that reads as a number for an index, "007" for 7."""

import re
from collections.abc import Sequence

from eqkit.contract.document import Json

Path = tuple[str | int, ...]

_NUMBER = re.compile(r"\+?0*[0-9]{1,20}")
"""The texts that Rust reads as an index."""

_ANYTHING: Json = object()


class NumberKeys:
    """One value and the keys of its objects that read as numbers; the value must not change."""

    def __init__(self, root: Json) -> None:
        """Take the value."""
        self._root = root
        self._known: dict[int, dict[int, list[str]]] = {}

    def resolve_path(self, messages: Sequence[str | int], instance: Json = _ANYTHING) -> Path:
        """Return a path with its keys as they are; of several that it may be, one to the very instance."""
        node = self._root
        try:
            for part in messages:
                node = node[part]
        except KeyError:  # no object has a number for a key
            return self._searched(messages, instance)
        return tuple(messages)

    def _searched(self, messages: Sequence[str | int], instance: Json) -> Path:
        found: list[tuple[Path, Json]] = [((), self._root)]
        for part in messages:
            found = [((*path, key), node[key]) for path, node in found for key in self._keys(node, part)]
        return next((path for path, node in found if instance in (_ANYTHING, node)), found[0][0])

    def _keys(self, node: Json, part: str | int) -> Sequence[str | int]:
        """Return the keys of an object, or the index of a list, that a part of a path may be."""
        if isinstance(node, list):
            return (part,) if isinstance(part, int) and part < len(node) else ()
        if not isinstance(node, dict):
            return ()
        if isinstance(part, str):
            return (part,) if part in node else ()
        if id(node) not in self._known:
            numbers = self._known[id(node)] = {}
            for key in filter(_NUMBER.fullmatch, node):
                numbers.setdefault(int(key), []).append(key)
        return self._known[id(node)].get(part, ())
