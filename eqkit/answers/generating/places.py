"""The place of a value within the one that is made: its name, and how deep it is."""

from typing import NamedTuple

from eqkit.contract.document import Json

ABSENT: Json = object()
"""Stands for a value that the request has not."""

MAX_DEPTH = 5
"""Below that many levels, a value has no optional objects and arrays."""


MAX_LEVELS = 50
"""A value has no more levels than these."""


class Place(NamedTuple):
    """The name of a value, that of the object around it, and what the request has for it."""

    name: str = ""
    holder: str = ""
    depth: int = 0
    number: int = 0
    """The number of items before it, for an item and all within it."""
    echo: Json = ABSENT

    def member(self, name: str, echo: Json, holder: str) -> "Place":
        """Return the place of a member of the object at this place, which is called `holder`."""
        return Place(name, holder, self.depth + 1, self.number, echo)

    def item(self, index: int) -> "Place":
        """Return the place of an item of the array at this place."""
        return Place(self.name, self.holder, self.depth + 1, self.number or index)
