"""Which requests are meant, and where another one differs from them."""

from collections.abc import Callable, Collection, Iterable
from operator import itemgetter
from typing import Any

from eqkit.contract.schemas.violations import nearest as nearest_name
from eqkit.errors import ApiError, Code, api_error
from eqkit.rfc3339 import read_instant
from eqkit.sandbox.journal.body_matches import BodyMatches, Difference
from eqkit.sandbox.journal.entries import UNDER_WAY, JournalEntry
from eqkit.timing.instants import rfc3339
from eqkit.timing.slices import Slices, at_once

NEAREST = 3
"""How many requests are shown that come near to an expected one."""

SHOWN = 20
"""The most differences that are listed for one request."""

Numbered = tuple[int, JournalEntry]
Near = tuple[int, JournalEntry, list[Difference]]
"""An entry by its number, with its differences from the one that is meant."""


class Wanted:
    """The requests that are meant: every member of a match that is given has to be so."""

    def __init__(
        self,
        match: dict[str, Any],
        pointer: str | None = "",
        *,
        operations: Collection[str] = (),
    ) -> None:
        """Take a match (schema ``RequestMatch``); raises ApiError (400) for one that no request can meet.

        A fault is placed below `pointer`, or where that is None at the query parameter of its name.
        `operations` are those that there are; with none known, any name is let through.
        """
        self._place = pointer
        self._members = {name: match[name] for name in _MEMBERS if name in match}
        self._since = self._instant(match, "since")
        self._until = self._instant(match, "until")
        self._require_possible(match, operations)
        self._body = BodyMatches(match.get("body", ()), f"{pointer}/body")

    def differences(self, entry: JournalEntry) -> list[Difference]:
        """Return where an entry is not as wanted, as far as it is known; nothing for one that is meant."""
        unknown = _unknown(entry)
        found = [
            Difference(f"/{name}", wanted, actual)
            for name, wanted in self._members.items()
            if name not in unknown and (actual := _MEMBERS[name](entry)) != wanted
        ]
        if self._since is not None and "since" not in unknown and entry.at_ms < self._since:
            found.append(Difference("/at", f"since {rfc3339(self._since)}", rfc3339(entry.at_ms)))
        if self._until is not None and entry.at_ms > self._until:
            found.append(Difference("/at", f"until {rfc3339(self._until)}", rfc3339(entry.at_ms)))
        if self._body and "body" not in unknown:
            found += self._body.differences(entry.document)
        return found

    def among(self, entries: Iterable[Numbered]) -> list[Numbered]:
        """Return the entries that are meant, as far as all that is asked of them is known."""
        return at_once(self.finding(entries))

    def finding(self, entries: Iterable[Numbered]) -> Slices[list[Numbered]]:
        """Find the entries that are meant, as `among` returns them."""
        found = []
        for each in entries:
            # Reading a document costs the most, so it is left to those that the rest lets through.
            if self._may_be(each[1]) and self._is_known(each[1]) and not self.differences(each[1]):
                found.append(each)
            yield
        return found

    def doubtful(self, entries: Iterable[JournalEntry]) -> list[JournalEntry]:
        """Return the entries that may be meant: their known members match, and one asked for is not known."""
        return [each for each in entries if not self._is_known(each) and not self.differences(each)]

    def may_be_before(self, instant_ms: int) -> bool:
        """Return whether a request can be meant that came up to an instant."""
        return self._since is None or self._since <= instant_ms

    def comparing(self, entries: Iterable[Numbered]) -> Slices[list[Near]]:
        """Find the entries that are not meant but differ least, the fewest differences first."""
        near: list[tuple[int, Near]] = []
        for number, entry in entries:
            differences = self.differences(entry)
            if differences:
                near.append((len(differences), (number, entry, differences[:SHOWN])))
                near = sorted(near, key=itemgetter(0))[:NEAREST]
            yield
        return [each for _, each in near]

    def _may_be(self, entry: JournalEntry) -> bool:
        return all(_MEMBERS[name](entry) == wanted for name, wanted in self._members.items())

    def _is_known(self, entry: JournalEntry) -> bool:
        unknown = _unknown(entry)
        if not unknown:
            return True
        asked = {*self._members, *(["body"] if self._body else ()), *(["since"] if self._since else ())}
        return not asked & unknown

    def _instant(self, match: dict[str, Any], name: str) -> int | None:
        if name not in match:
            return None
        try:
            return read_instant(match[name])
        except ValueError as error:
            raise self._impossible(name, str(error)) from None

    def _require_possible(self, match: dict[str, Any], operations: Collection[str]) -> None:
        operation = match.get("operation")
        if operation is not None and operations and operation not in operations:
            known = sorted(operations)
            guess = nearest_name(operation, tuple(known))
            hint = f'did you mean "{guess}"?' if guess else f"there are {', '.join(known)}."
            raise self._impossible("operation", f'There is no operation "{operation[:80]}"; {hint}')
        if self._since is not None and self._until is not None and self._since > self._until:
            since, until = rfc3339(self._since), rfc3339(self._until)
            raise self._impossible("until", f"No request comes since {since} and until {until}.")

    def _impossible(self, name: str, detail: str) -> ApiError:
        if self._place is None:
            return api_error(Code.INVALID_PARAMETER, detail, parameter=name)
        return api_error(Code.INVALID_VALUE, detail, pointer=f"{self._place}/{name}")


_NOTHING: frozenset[str] = frozenset()
_OF_THE_BODY = frozenset(("body",))
_OF_THE_END = frozenset(("status", "outcome", "fault"))


def _unknown(entry: JournalEntry) -> frozenset[str]:
    """Return the unknown members of an entry: the end of a request under way, or a body that was not kept."""
    if entry.outcome == UNDER_WAY:
        return _OF_THE_END if entry.ids else _OF_THE_END | {"stored", "since"}
    return _OF_THE_BODY if entry.left_out[0] else _NOTHING


_MEMBERS: dict[str, Callable[[JournalEntry], Any]] = {
    "operation": lambda entry: entry.operation,
    "queue": lambda entry: entry.queue,
    "status": lambda entry: entry.status,
    "stored": lambda entry: bool(entry.ids),
    "outcome": lambda entry: entry.outcome,
    "fault": lambda entry: entry.fault,
}
