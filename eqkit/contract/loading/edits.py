"""Changes to data that others hold: containers on the way to a change are copied, and the rest is shared."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from eqkit.contract.pointers import Json, child


class Edits:
    """Data on its way to other data; each container is copied once, however often it is changed."""

    def __init__(self, data: Json) -> None:
        """Take the data, which is not changed."""
        self.data = data
        self._own: dict[int, Json] = {}

    def put(self, path: Sequence[str], value: Json) -> None:
        """Set the value at a path, whose containers have to be there; raises KeyError."""
        if not path:
            self.data = value
            return
        *above, last = path
        holder = self._container(above)
        holder[int(last) if isinstance(holder, list) else last] = value

    def remove(self, path: Sequence[str]) -> None:
        """Remove the value at a path; those behind it in an array move up. Raises KeyError."""
        *above, last = path
        holder = self._container(above)
        del holder[int(last) if isinstance(holder, list) else last]

    def share(self) -> Json:
        """Return the data as it is now, which no later edit changes: parts of it may be put elsewhere."""
        self._own = {}
        return self.data

    def _container(self, path: Sequence[str]) -> Any:
        self.data = holder = self._owned(self.data)
        for part in path:
            inner = self._owned(child(holder, part))
            holder[int(part) if isinstance(holder, list) else part] = inner
            holder = inner
        return holder

    def _owned(self, container: Json) -> Any:
        """Return a container that nobody else holds: itself, if it was made here, or else a copy."""
        if id(container) in self._own:
            return container
        made = container.copy()
        self._own[id(made)] = made  # which keeps it, and so its id
        return made


class Size(NamedTuple):
    """The size of some data, all parts as often as they stand in it."""

    values: int
    characters: int
    levels: int


def size_of(data: Json) -> Size:
    """Return the size of data; each part that is shared is looked at once."""
    known: dict[int, Size] = {}

    def measured(node: Json) -> Size:
        if isinstance(node, str):
            return Size(1, len(node), 0)
        if not isinstance(node, dict | list):
            return Size(1, 0, 0)
        if id(node) not in known:
            below = [measured(each) for each in (node.values() if isinstance(node, dict) else node)]
            values, characters = sum(each.values for each in below), sum(each.characters for each in below)
            names = sum(map(len, node)) if isinstance(node, dict) else 0
            levels = max((each.levels for each in below), default=0)
            known[id(node)] = Size(1 + values, names + characters, 1 + levels)
        return known[id(node)]

    return measured(data)
