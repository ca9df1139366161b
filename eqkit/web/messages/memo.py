"""Answers to questions that come again and again, within a bound."""

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(dict[K, V]):
    """A dict that forgets all of its entries before it would have more of them than it may."""

    def __init__(self, limit: int) -> None:
        """Take the most entries."""
        super().__init__()
        self._limit = limit

    def __setitem__(self, key: K, value: V) -> None:
        """Remember a value."""
        if len(self) >= self._limit:
            self.clear()
        super().__setitem__(key, value)
