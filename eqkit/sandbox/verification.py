"""Whether a client has asked for what it should have, and if not, what came nearest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from eqkit.delay.instants import read_rfc3339, rfc3339
from eqkit.errors import Code, refusal
from eqkit.sandbox.body_matches import BodyMatches, Difference
from eqkit.sandbox.journal import Entry

NEAREST = 3
"""How many requests are shown that come near to an expected one."""

SHOWN = 20
"""The most differences that are told of one request."""

Numbered = tuple[int, Entry]


class Wanted:
    """The requests that are meant: every member of a match that is given has to be so."""

    def __init__(self, match: dict[str, Any], pointer: str = "", *, by_parameter: bool = False) -> None:
        """Take a match (schema ``RequestMatch``); raises Refusal for an instant or pattern that is none.

        A fault is placed below `pointer`, or at the query parameter of its name.
        """
        self._members = {name: match[name] for name in _MEMBERS if name in match}
        self._since = _instant(match, "since", None if by_parameter else pointer)
        self._until = _instant(match, "until", None if by_parameter else pointer)
        self._body = BodyMatches(match.get("body", ()), f"{pointer}/body")

    def differences(self, entry: Entry) -> list[Difference]:
        """Return where an entry is not as wanted; nothing for one that is meant."""
        found = [
            Difference(f"/{name}", wanted, actual)
            for name, wanted in self._members.items()
            if (actual := _MEMBERS[name](entry)) != wanted
        ]
        if self._since is not None and entry.at_ms < self._since:
            found.append(Difference("/at", f"since {rfc3339(self._since)}", rfc3339(entry.at_ms)))
        if self._until is not None and entry.at_ms > self._until:
            found.append(Difference("/at", f"until {rfc3339(self._until)}", rfc3339(entry.at_ms)))
        if self._body:
            found += self._body.differences(entry.document)
        return found

    def among(self, entries: Iterable[Numbered]) -> list[Numbered]:
        """Return the entries that are meant."""
        # Reading a document costs the most, so it is left to those that the rest lets through.
        return [each for each in entries if self._may_be(each[1]) and not self.differences(each[1])]

    def _may_be(self, entry: Entry) -> bool:
        return all(_MEMBERS[name](entry) == wanted for name, wanted in self._members.items())

    def nearest(self, entries: Iterable[Numbered]) -> list[tuple[int, Entry, list[Difference]]]:
        """Return the entries that are not meant but differ least, the fewest differences first."""
        compared = [(number, entry, self.differences(entry)) for number, entry in entries]
        near = sorted((each for each in compared if each[2]), key=lambda each: len(each[2]))
        return [(number, entry, differences[:SHOWN]) for number, entry, differences in near[:NEAREST]]


_MEMBERS: dict[str, Callable[[Entry], Any]] = {
    "operation": lambda entry: entry.operation,
    "queue": lambda entry: entry.queue,
    "status": lambda entry: entry.status,
    "stored": lambda entry: bool(entry.ids),
    "outcome": lambda entry: entry.outcome,
    "fault": lambda entry: entry.fault,
}


class Expectation:
    """How often some requests should have come."""

    def __init__(self, given: dict[str, Any], pointer: str) -> None:
        """Take an expectation (schema ``Expectation``); without a number it is at least one."""
        self.wanted = Wanted(given["request"], f"{pointer}/request")
        self.least, self.most = given.get("at-least", 0), given.get("at-most")
        self.told = " and ".join(f"{name} {given[name]}" for name in ("at-least", "at-most") if name in given)
        if "exactly" in given:
            self.least = self.most = given["exactly"]
            self.told = f"exactly {self.least}"
        elif given.get("never"):
            self.least = self.most = 0
            self.told = "never"
        elif not self.told:
            self.least, self.told = 1, "at-least 1"


class Miss(NamedTuple):
    """One rule that does not hold, and the numbers of the requests that it was held against."""

    rule: str
    detail: str
    expectation: int | None
    matched: Sequence[int]
    nearest: Sequence[tuple[int, Entry, list[Difference]]] = ()


def verify(given: dict[str, Any], entries: Sequence[Numbered]) -> list[Miss]:
    """Return what does not hold of a verification (schema ``Verification``); nothing when all of it does."""
    expectations = [
        Expectation(each, f"/expectations/{index}") for index, each in enumerate(given["expectations"])
    ]
    matched = [each.wanted.among(entries) for each in expectations]
    misses = list(_counts(expectations, matched, entries))
    if given.get("in-order"):
        misses += _order(expectations, matched)
    if "within-ms" in given:
        misses += _time(given["within-ms"], [entry for found in matched for entry in found])
    return misses


def _counts(
    expectations: Sequence[Expectation], matched: Sequence[list[Numbered]], entries: Sequence[Numbered]
) -> Iterator[Miss]:
    for index, (expectation, found) in enumerate(zip(expectations, matched, strict=True)):
        count, too_few = len(found), len(found) < expectation.least
        if too_few or (expectation.most is not None and count > expectation.most):
            nearest = expectation.wanted.nearest(entries) if too_few else ()
            detail = f"Expected {expectation.told}, and found {count}."
            yield Miss("count", detail, index, [number for number, _ in found], nearest)


def _order(expectations: Sequence[Expectation], matched: Sequence[list[Numbered]]) -> Iterator[Miss]:
    """Take for each expectation the first requests after those of the one before, as many as it needs."""
    last = 0
    for index, (expectation, found) in enumerate(zip(expectations, matched, strict=True)):
        later = [number for number, _ in found if number > last]
        if len(later) < expectation.least <= len(found):
            detail = (
                f"After request {last} there are {len(later)} such requests, and not {expectation.least}."
            )
            yield Miss("order", detail, index, [number for number, _ in found])
            return
        if expectation.least and len(later) >= expectation.least:
            last = later[expectation.least - 1]


def _time(within_ms: int, entries: Sequence[Numbered]) -> Iterator[Miss]:
    instants = [entry.at_ms for _, entry in entries]
    if instants and max(instants) - min(instants) > within_ms:
        detail = (
            f"{max(instants) - min(instants)} ms lie between the first and the last, more than {within_ms}."
        )
        yield Miss("time", detail, None, sorted({number for number, _ in entries}))


def _instant(match: dict[str, Any], name: str, pointer: str | None) -> int | None:
    if name not in match:
        return None
    try:
        return read_rfc3339(match[name])
    except ValueError:
        detail = f'"{match[name]}" is not a day of the calendar.'
        if pointer is None:
            raise refusal(Code.INVALID_PARAMETER, detail, parameter=name) from None
        raise refusal(Code.INVALID_VALUE, detail, pointer=f"{pointer}/{name}") from None
