"""Verification of a client's requests against expectations, with the nearest requests where one is missed."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from eqkit.errors import Code, api_error
from eqkit.sandbox.journal.entries import JournalEntry
from eqkit.sandbox.journal.matching import Near, Numbered, Wanted
from eqkit.timing.instants import rfc3339
from eqkit.timing.slices import Slices

COUNTS = ("exactly", "at-least", "at-most", "never")
"""The members of an expectation that say how often."""


class Evidence(NamedTuple):
    """The known requests of a sandbox: those that are kept, and those under way.

    `lost` counts requests that are not kept any more; `lost_until_ms` is the latest of their instants.
    """

    entries: Sequence[Numbered]
    under_way: Sequence[JournalEntry] = ()
    lost: int = 0
    lost_until_ms: int = 0

    def doubts(self, wanted: Wanted) -> tuple[int, str]:
        """Return how many more requests may be meant than are seen to be, and why, in words."""
        lost = self.lost if wanted.may_be_before(self.lost_until_ms) else 0
        waiting = wanted.doubtful(self.under_way) + [
            entry for _, entry in wanted.among(enumerate(self.under_way))
        ]
        unread = wanted.doubtful(entry for _, entry in self.entries)
        messages = []
        if lost:
            until = rfc3339(self.lost_until_ms)
            messages.append(f"the journal has lost {lost} of the requests up to {until}")
        if waiting:
            first = f"{waiting[0].method} {waiting[0].path[:80]}"
            messages.append(f"{len(waiting)} still under way ({first}{' and others' * (len(waiting) > 1)})")
        if unread:
            messages.append(f"of {len(unread)} the body was too long to be kept")
        return lost + len(waiting) + len(unread), "; ".join(messages)


class Expectation:
    """How often some requests should have come."""

    def __init__(self, given: dict[str, Any], pointer: str, operations: Collection[str] = ()) -> None:
        """Take an expectation (schema ``Expectation``); without a number it is at least one.

        Raises ApiError (400) for one that always holds or never can.
        """
        self.wanted = Wanted(given["request"], f"{pointer}/request", operations=operations)
        _require_one_count(given, pointer)
        self.min_count, self.max_count = given.get("at-least", 0), given.get("at-most")
        self.description = " and ".join(
            f"{name} {given[name]}" for name in ("at-least", "at-most") if name in given
        )
        if "exactly" in given:
            self.min_count = self.max_count = given["exactly"]
            self.description = f"exactly {self.min_count}"
        elif given.get("never"):
            self.min_count = self.max_count = 0
            self.description = "never"
        elif not self.description:
            self.min_count, self.description = 1, "at-least 1"


def _require_one_count(given: dict[str, Any], pointer: str) -> None:
    """Refuse counts that contradict each other, and one that any number meets."""
    said = [name for name in COUNTS if name in given]
    if len(said) > 1 and said != ["at-least", "at-most"]:
        last = said[-1]
        detail = f'"{said[0]}" says how often; "{last}" beside it is one too many.'
        raise api_error(Code.INVALID_VALUE, detail, pointer=f"{pointer}/{last}")
    if len(said) == 2 and given["at-least"] > given["at-most"]:
        detail = f"No number is at least {given['at-least']} and at most {given['at-most']}."
        raise api_error(Code.INVALID_VALUE, detail, pointer=f"{pointer}/at-most")
    if said == ["at-least"] and given["at-least"] == 0:
        detail = "At least 0 came whatever comes; say 1 or more, or at-most, exactly or never."
        raise api_error(Code.INVALID_VALUE, detail, pointer=f"{pointer}/at-least")


class Miss(NamedTuple):
    """One rule that does not hold, and the numbers of the requests that it was held against."""

    rule: str
    detail: str
    expectation: int | None
    matched: Sequence[int]
    nearest: Sequence[Near] = ()


def verifying(
    given: dict[str, Any], evidence: Evidence, operations: Collection[str] = ()
) -> Slices[list[Miss]]:
    """Return the misses of a verification (schema ``Verification``); none if all of it holds.

    An upper bound also misses if unknown requests might exceed it.
    """
    expectations = [
        Expectation(each, f"/expectations/{index}", operations)
        for index, each in enumerate(given["expectations"])
    ]
    matched: list[list[Numbered]] = []
    for each in expectations:
        found = yield from each.wanted.finding(evidence.entries)
        matched.append(found)
    misses = yield from _counting(expectations, matched, evidence)
    if given.get("in-order"):
        misses += _order(expectations, matched)
    if "within-ms" in given:
        misses += _time(given["within-ms"], expectations, matched, evidence)
    return misses


def _counting(
    expectations: Sequence[Expectation], matched: Sequence[list[Numbered]], evidence: Evidence
) -> Slices[list[Miss]]:
    misses = []
    for index, (expectation, found) in enumerate(zip(expectations, matched, strict=True)):
        count, max_count, numbers = len(found), expectation.max_count, [number for number, _ in found]
        expected = f"Expected {expectation.description}, and found {count}"
        if max_count is not None and count > max_count:
            misses.append(Miss("count", f"{expected}.", index, numbers))
            continue
        too_few = count < expectation.min_count
        if not too_few and max_count is None:
            continue
        more, why = evidence.doubts(expectation.wanted)
        yield
        if too_few:
            nearest = yield from expectation.wanted.comparing(evidence.entries)
            detail = f"{expected}; {more} more may be meant: {why}." if more else f"{expected}."
            misses.append(Miss("count", detail, index, numbers, nearest))
        elif max_count is not None and count + more > max_count:
            detail = f"{expected}, but {more} more may be meant: {why}."
            misses.append(Miss("incomplete", detail, index, numbers))
    return misses


def _order(expectations: Sequence[Expectation], matched: Sequence[list[Numbered]]) -> Iterator[Miss]:
    """Take for each expectation the first requests after those of the one before, as many as it needs."""
    last = 0
    for index, (expectation, found) in enumerate(zip(expectations, matched, strict=True)):
        later = [number for number, _ in found if number > last]
        if len(later) < expectation.min_count <= len(found):
            detail = (
                f"After request {last} there are {len(later)} such requests, and not {expectation.min_count}."
            )
            yield Miss("order", detail, index, [number for number, _ in found])
            return
        if expectation.min_count and len(later) >= expectation.min_count:
            last = later[expectation.min_count - 1]


def _time(
    within_ms: int,
    expectations: Sequence[Expectation],
    matched: Sequence[list[Numbered]],
    evidence: Evidence,
) -> Iterator[Miss]:
    entries = [each for found in matched for each in found]
    instants = [entry.at_ms for _, entry in entries]
    numbers = sorted({number for number, _ in entries})
    if instants and max(instants) - min(instants) > within_ms:
        detail = (
            f"{max(instants) - min(instants)} ms lie between the first and the last, more than {within_ms}."
        )
        yield Miss("time", detail, None, numbers)
        return
    doubts = [evidence.doubts(each.wanted) for each in expectations]
    if any(more for more, _ in doubts):
        why = next(why for more, why in doubts if more)
        detail = f"All that is seen came within {within_ms} ms, but more may be meant: {why}."
        yield Miss("incomplete", detail, None, numbers)
