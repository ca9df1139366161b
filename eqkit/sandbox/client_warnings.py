"""Warnings about requests that a client surely meant otherwise, and the interface of their linter."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from eqkit.sandbox.journal.entries import Journal, JournalEntry
from eqkit.timing.slices import Slices


class ClientWarning(NamedTuple):
    """One thing that a client surely meant otherwise; `pointer` leads to it in the request's document."""

    kind: str
    detail: str
    pointer: str | None = None


Warned = Mapping[int, tuple[ClientWarning, ...]]
"""The warnings of journal entries by their number, where there are any."""


class ClientLinter(Protocol):
    """Follows the journal of one sandbox, and keeps its warnings as long as the journal keeps the entry."""

    @property
    def titles(self) -> Mapping[str, str]:
        """The title of each kind of warning."""
        ...

    def of(self, journal: Journal) -> Warned:
        """Return the warnings of the entries that the journal keeps."""
        ...

    def following(self, journal: Journal) -> Slices[Warned]:
        """Search the entries since the last search a bit at a time, and return the result of `of`."""
        ...

    def news(self, journal: Journal, limit: int) -> tuple[list[tuple[int, ClientWarning]], bool]:
        """Return the warnings that no call before returned, each with the number of its entry.

        At most `limit` entries are searched; the second value tells whether those were all.
        """
        ...

    def check(self, journal: Journal, entry: JournalEntry) -> list[ClientWarning]:
        """Return the warnings of a request before it is carried out."""
        ...


class NoLinter:
    """The linter of a service that warns of nothing."""

    titles: Mapping[str, str] = MappingProxyType({})
    _NOTHING: Warned = MappingProxyType({})

    def of(self, journal: Journal) -> Warned:
        """Return no warnings."""
        return self._NOTHING

    def following(self, journal: Journal) -> Slices[Warned]:
        """Return no warnings, without a search."""
        yield from _no_slices()
        return self._NOTHING

    def news(self, journal: Journal, limit: int) -> tuple[list[tuple[int, ClientWarning]], bool]:
        """Return no warnings, of all entries."""
        return [], True

    def check(self, journal: Journal, entry: JournalEntry) -> list[ClientWarning]:
        """Return no warnings."""
        return []


def _no_slices() -> Iterator[None]:
    return iter(())
