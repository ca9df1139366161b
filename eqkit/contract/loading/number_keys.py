"""Paths as jsonschema-rs tells them: a key that reads as a number is an index, "007" is 7, "" is left out."""

import functools
import re
from collections.abc import Iterator, Sequence

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

    def resolve_path(
        self, messages: Sequence[str | int], instance: Json = _ANYTHING, *, is_member: bool = False
    ) -> Path:
        """Return a path with its keys as they are; of several that it may be, one to the very instance.

        With `is_member`, it is a path to the object that has the instance for a member.
        """
        node = self._root
        try:
            for part in messages:
                node = node[part]
        except (KeyError, IndexError, TypeError):  # no object has a number for a key, and "" is not told
            return self._searched(messages, instance, is_member)
        is_it = instance is _ANYTHING or not self.has_empty_keys or _fits(node, instance, is_member)
        return tuple(messages) if is_it else self._searched(messages, instance, is_member)

    @functools.cached_property
    def has_empty_keys(self) -> bool:
        """Whether any object within the value has the key ""."""
        waiting = [self._root]
        while waiting:
            node = waiting.pop()
            if isinstance(node, dict) and "" in node:
                return True
            if isinstance(node, dict | list):
                inner = node.values() if isinstance(node, dict) else node
                waiting += [each for each in inner if isinstance(each, dict | list)]
        return False

    def _searched(self, messages: Sequence[str | int], instance: Json, is_member: bool) -> Path:
        found = self._below_empty([((), self._root)])
        for part in messages:
            steps = [((*path, key), node[key]) for path, node in found for key in self._keys(node, part)]
            found = self._below_empty(steps)
        fitting = (path for path, node in found if instance is _ANYTHING or _fits(node, instance, is_member))
        return next(fitting, found[0][0])

    def _below_empty(self, found: list[tuple[Path, Json]]) -> list[tuple[Path, Json]]:
        """Return some places, each followed by those that keys of no character lead to from it."""
        if not self.has_empty_keys:
            return found
        return [each for path, node in found for each in _chain(path, node)]

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


def _fits(node: Json, instance: Json, is_member: bool) -> bool:
    if is_member:
        return isinstance(node, dict) and instance in node.values()
    return bool(node == instance)


def _chain(path: Path, node: Json) -> Iterator[tuple[Path, Json]]:
    yield path, node
    while isinstance(node, dict) and "" in node:
        path, node = (*path, ""), node[""]
        yield path, node
