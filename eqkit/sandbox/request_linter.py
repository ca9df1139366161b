"""Mistakes that clients of any service commonly make with retries, found in the journal of a sandbox."""

import math
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

from eqkit.sandbox.client_warnings import ClientWarning
from eqkit.sandbox.journal.entries import KEPT, WHOLE, Journal, JournalEntry
from eqkit.timing.slices import Slices

NEWS_KEPT = 1_000
"""How many warnings wait for the log; of more, the oldest are dropped."""

AT_ONCE = 10
"""How many requests are searched before others get a turn; each may bring a thousand messages."""

REFUSED = "client-mistake"
"""The code of a request that was refused for its warnings."""

RETRIES = {
    "early-retry": "The retry came before Retry-After had passed",
    "steady-retries": "The pauses between retries do not grow",
}
"""The kinds of mistakes with retries, with their titles."""

T = TypeVar("T")


class _Attempts(NamedTuple):
    """The attempts at a request that has failed: the last one, and the pauses so far.

    `retry_after_s` is the wait that the answer asked for, in the client's own seconds, each of which is
    `pace` seconds of the sandbox.
    """

    at_ms: int
    retry_after_s: int | None
    pace: float
    pauses_ms: tuple[int, ...]


class RequestLinter(Generic[T]):
    """Follows a journal, and keeps its warnings for as long as the journal keeps the entry.

    It knows retries; a service adds to `_check` and `_note`, for which each entry is read once, by `_read`.
    """

    titles: Mapping[str, str] = MappingProxyType(RETRIES)

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._seen = 0
        # Ordered by number, and quick at both ends: a plain dict is slow to lose its first entries.
        self._found: OrderedDict[int, tuple[ClientWarning, ...]] = OrderedDict()
        self._failed: dict[int, _Attempts] = {}
        self._news: deque[tuple[int, ClientWarning]] = deque(maxlen=NEWS_KEPT)

    def of(self, journal: Journal) -> Mapping[int, tuple[ClientWarning, ...]]:
        """Return the warnings of the entries that the journal keeps, by number, where there are any."""
        self._follow(journal, None)
        return self._found

    def following(self, journal: Journal) -> Slices[Mapping[int, tuple[ClientWarning, ...]]]:
        """Search the newer entries a bit at a time, and return the same as `of`."""
        before = -1
        while before < self._seen:  # a journal that was cleared has nothing more to search
            before = self._seen
            self._follow(journal, AT_ONCE)
            yield
        return self._found

    def news(self, journal: Journal, limit: int) -> tuple[list[tuple[int, ClientWarning]], bool]:
        """Return the warnings that no call before returned, each with the number of its entry.

        At most `limit` entries are searched; the second value tells whether those were all.
        """
        self._follow(journal, limit)
        news = list(self._news)
        self._news.clear()
        return news, self._seen >= journal.total

    def _follow(self, journal: Journal, limit: int | None) -> None:
        """Search the entries that came since the last search, `limit` of them at most."""
        for number, entry in islice(journal.since(self._seen), limit):
            found = self._read(entry)
            warnings = tuple(self._check(entry, found))
            if warnings:
                self._found[number] = warnings
                self._news += [(number, warning) for warning in warnings]
            self._note(number, entry, found)
            self._seen = number
        oldest = journal.total - len(journal)
        while self._found and (first := next(iter(self._found))) <= oldest:
            del self._found[first]
        self._forget(oldest)

    def check(self, journal: Journal, entry: JournalEntry) -> list[ClientWarning]:
        """Return the warnings of a request that would change something, before it does."""
        self.of(journal)
        return list(self._check(entry._replace(error_codes=(REFUSED,)), self._read(entry)))

    def _read(self, entry: JournalEntry) -> T:
        """Return the parts of a request that its checks look at."""
        raise NotImplementedError

    def _check(self, entry: JournalEntry, found: T) -> Iterator[ClientWarning]:
        """Yield the warnings of a request."""
        yield from self._retry(entry)

    def _retry(self, entry: JournalEntry) -> Iterator[ClientWarning]:
        attempts = self._failed.get(fingerprint_of(entry))
        if attempts is None:
            return
        if attempts.retry_after_s is not None:
            # Where the pace has changed meanwhile, the one by which the client has waited enough.
            pace = min(attempts.pace or 1, entry.pace or 1)
            left_ms = attempts.at_ms + int(attempts.retry_after_s * 1000 * pace) - entry.at_ms
            if left_ms > 0:
                message = (
                    f"it came {math.ceil(left_ms / pace)} ms before the Retry-After of the answer before"
                )
                yield ClientWarning("early-retry", message)
            return
        pauses = (*attempts.pauses_ms, entry.at_ms - attempts.at_ms)
        if len(pauses) < 2 or (not entry.pace and not any(pauses[-2:])):
            return  # while the clock stands, nothing is known of pauses
        is_steady = 0.9 * pauses[-2] <= pauses[-1] <= 1.1 * pauses[-2]
        if is_steady or (len(pauses) == 3 and pauses[-1] <= pauses[-2] <= pauses[-3]):
            message = " and then ".join(f"{pause} ms" for pause in pauses[-2:])
            yield ClientWarning("steady-retries", f"the pauses before it were {message}; they should grow")

    def _note(self, number: int, entry: JournalEntry, found: T) -> None:
        """Remember a request, for those that come after it."""
        if REFUSED in entry.error_codes:
            return
        fingerprint = fingerprint_of(entry)
        before = self._failed.pop(fingerprint, None)
        if entry.status == 429 or entry.status >= 500 or entry.outcome not in WHOLE:
            wait_s = entry.retry_after_s
            pauses = () if before is None else (*before.pauses_ms, entry.at_ms - before.at_ms)[-2:]
            self._failed[fingerprint] = _Attempts(entry.at_ms, wait_s, entry.pace, pauses)

    def _forget(self, oldest: int) -> None:
        """Bound the memory: drop records of requests up to number `oldest`, which the journal has lost."""
        while len(self._failed) > KEPT:
            del self._failed[next(iter(self._failed))]


def fingerprint_of(entry: JournalEntry) -> int:
    """Return a number that a request and its retries have in common."""
    return hash((entry.method, entry.path, entry.request))
