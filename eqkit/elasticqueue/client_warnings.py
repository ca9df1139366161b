"""Mistakes that clients of a delay queue commonly make, found in their requests."""

import math
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

from eqkit.elasticqueue.wait_until import MILLISECONDS_FROM, WaitUntilUnit, read_wait_until
from eqkit.sandbox.client_warnings import ClientWarning
from eqkit.sandbox.journal.entries import KEPT, KEPT_IDS, WHOLE, Journal, JournalEntry
from eqkit.timing.instants import MAX_MS, rfc3339
from eqkit.timing.slices import Slices

RELATIVE_LOOKING = range(1, 1_000_000_001)
"""Values of wait-until that are a delay by mistake rather than a time in 2001 or before (ruling T9)."""

FAR_PAST_MS = 24 * 60 * 60 * 1000
"""A time that was over this long ago is a mistake, not a slow network."""

FAR_FUTURE_MS = 10 * 365 * 24 * 60 * 60 * 1000
"""A delay as long as this is a mistake."""

SINGLE_CALLS = 20
"""This many single messages for one queue within SINGLE_CALLS_MS would have been one bulk."""

SINGLE_CALLS_MS = 1_000

NEWS_KEPT = 1_000
"""How many warnings wait for the log; of more, the oldest are dropped."""

TITLES = {
    "relative-delay": "A delay was sent where a time is wanted",
    "seconds-for-milliseconds": "Seconds were sent where milliseconds are read",
    "milliseconds-for-seconds": "Milliseconds were sent where seconds are read",
    "far-past": "The time is long past",
    "far-future": "The time is years away",
    "early-retry": "The retry came before Retry-After had passed",
    "steady-retries": "The pauses between retries do not grow",
    "duplicate-message": "The same message was enqueued before",
    "single-calls": "Many single calls, where one bulk would do",
}
"""Every kind of mistake, with its title."""

REFUSED = "client-mistake"
"""The code of a request that was refused for its warnings."""


Sent = tuple[str, dict[str, Any]]
"""A message as a request brings it: the pointer to its resource object, and its attributes."""


AT_ONCE = 10
"""How many requests are searched before others get a turn; each may bring a thousand messages."""


class _Attempts(NamedTuple):
    """The attempts at a request that has failed: the last one, and the pauses so far.

    `retry_after_s` is the wait that the answer asked for, in the client's own seconds, each of which is
    `pace` seconds of the sandbox.
    """

    at_ms: int
    retry_after_s: int | None
    pace: float
    pauses_ms: tuple[int, ...]


def looks_relative(sent: int, at_ms: int, now_ms: int) -> bool:
    """Return whether a wait-until is a delay by mistake: small, and not ahead of a clock that is set back."""
    return sent in RELATIVE_LOOKING and at_ms <= now_ms


def relative_delay(index: int, sent: int, at_ms: int) -> str:
    """Return the warning that the wait-until of message `index` looks like a delay (ruling T9)."""
    return (
        f"wait-until {sent} of message {index} is {rfc3339(at_ms)}: "
        "it looks like a relative delay, and wait-until is a time"
    )


class MessageLinter:
    """Follows a journal, and keeps its warnings for as long as the journal keeps the entry."""

    titles: Mapping[str, str] = MappingProxyType(TITLES)

    def __init__(self, unit: WaitUntilUnit, remembered: int = 2 * KEPT_IDS) -> None:
        """Begin with nothing seen; `unit` is how the server reads wait-until.

        When more than `remembered` messages are known, those of requests that have gone are forgotten.
        """
        self._unit = unit
        self._remembered = remembered
        self._seen = 0
        # Ordered by number, and quick at both ends: a plain dict is slow to lose its first entries.
        self._found: OrderedDict[int, tuple[ClientWarning, ...]] = OrderedDict()
        self._failed: dict[int, _Attempts] = {}
        self._messages: dict[int, tuple[int, bytes]] = {}
        self._singles: dict[str, deque[int]] = {}
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
            messages = list(_messages(entry))
            warnings = tuple(self._check(entry, messages))
            if warnings:
                self._found[number] = warnings
                self._news += [(number, warning) for warning in warnings]
            self._note(number, entry, messages)
            self._seen = number
        oldest = journal.total - len(journal)
        while self._found and (first := next(iter(self._found))) <= oldest:
            del self._found[first]
        self._forget(oldest)

    def check(self, journal: Journal, entry: JournalEntry) -> list[ClientWarning]:
        """Return the warnings of a request that would enqueue, before it does."""
        self.of(journal)
        return list(self._check(entry._replace(error_codes=(REFUSED,)), list(_messages(entry))))

    def _check(self, entry: JournalEntry, messages: list[Sent]) -> Iterator[ClientWarning]:
        for index, (pointer, attributes) in enumerate(messages):
            sent = attributes.get("wait-until")
            if isinstance(sent, int) and not isinstance(sent, bool):
                findings = self._time(index, sent, entry.at_ms)
                if findings is not None:
                    yield ClientWarning(*findings, f"{pointer}/attributes/wait-until")
        yield from self._retry(entry)
        if entry.ids or REFUSED in entry.error_codes:
            yield from self._duplicates(entry, messages)
            if _is_single(messages) and entry.queue in self._singles:
                yield from self._single_calls(entry.queue, entry.at_ms)

    def _time(self, index: int, sent: int, now_ms: int) -> tuple[str, str] | None:
        unit = self._unit
        if looks_relative(sent, read_wait_until(sent, unit), now_ms):
            return "relative-delay", relative_delay(index, sent, read_wait_until(sent, unit))
        if unit is WaitUntilUnit.SECONDS and MILLISECONDS_FROM <= sent <= MAX_MS:
            meant = rfc3339(sent)
            return (
                "milliseconds-for-seconds",
                f"wait-until {sent} is read as seconds; in milliseconds it is {meant}",
            )
        if unit is WaitUntilUnit.MILLISECONDS and RELATIVE_LOOKING.stop <= sent < MILLISECONDS_FROM:
            meant = rfc3339(sent * 1000)
            return (
                "seconds-for-milliseconds",
                f"wait-until {sent} is read as milliseconds; in seconds it is {meant}",
            )
        at_ms = read_wait_until(sent, unit)
        if 0 < at_ms < now_ms - FAR_PAST_MS:
            return (
                "far-past",
                f"wait-until {sent} is {rfc3339(at_ms)}, more than a day ago at {rfc3339(now_ms)}",
            )
        if now_ms + FAR_FUTURE_MS < at_ms <= MAX_MS:
            return (
                "far-future",
                f"wait-until {sent} is {rfc3339(at_ms)}, more than ten years from {rfc3339(now_ms)}",
            )
        return None

    def _retry(self, entry: JournalEntry) -> Iterator[ClientWarning]:
        attempts = self._failed.get(_fingerprint(entry))
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

    def _duplicates(self, entry: JournalEntry, messages: list[Sent]) -> Iterator[ClientWarning]:
        here: dict[int, int] = {}
        key = entry.headers.get(b"idempotency-key", b"")
        for index, (pointer, attributes) in enumerate(messages):
            same = _message_hash(entry.queue, attributes)
            earlier = self._messages.get(same)
            if same in here:
                detail = f"message {here[same]} of this bulk is the same"
                yield ClientWarning("duplicate-message", detail, pointer)
            elif earlier is not None and not (key and earlier[1] and key != earlier[1]):
                detail = f"request {earlier[0]} has put the same message into this queue"
                yield ClientWarning("duplicate-message", detail, pointer)
            here.setdefault(same, index)

    def _single_calls(self, queue: str, at_ms: int) -> Iterator[ClientWarning]:
        before = sum(at_ms - each < SINGLE_CALLS_MS for each in self._singles[queue])
        if before >= SINGLE_CALLS - 1:
            detail = f"{SINGLE_CALLS} messages came one by one within {SINGLE_CALLS_MS} ms"
            yield ClientWarning("single-calls", detail)

    def _note(self, number: int, entry: JournalEntry, messages: list[Sent]) -> None:
        if REFUSED in entry.error_codes:
            return
        fingerprint = _fingerprint(entry)
        before = self._failed.pop(fingerprint, None)
        if entry.status == 429 or entry.status >= 500 or entry.outcome not in WHOLE:
            wait_s = entry.retry_after_s
            pauses = () if before is None else (*before.pauses_ms, entry.at_ms - before.at_ms)[-2:]
            self._failed[fingerprint] = _Attempts(entry.at_ms, wait_s, entry.pace, pauses)
        if not entry.ids:
            return
        key = entry.headers.get(b"idempotency-key", b"")
        for _, attributes in messages:
            self._messages[_message_hash(entry.queue, attributes)] = (number, key)
        if _is_single(messages) and entry.queue is not None:
            singles = self._singles.setdefault(entry.queue, deque(maxlen=SINGLE_CALLS))
            if any(warning.kind == "single-calls" for warning in self._found.get(number, ())):
                singles.clear()
            else:
                singles.append(entry.at_ms)

    def _forget(self, oldest: int) -> None:
        """Bound the memory: drop records of requests that have left the journal."""
        if len(self._messages) > self._remembered:
            self._messages = {same: seen for same, seen in self._messages.items() if seen[0] > oldest}
        while len(self._failed) > KEPT:
            del self._failed[next(iter(self._failed))]
        while len(self._singles) > KEPT:
            del self._singles[next(iter(self._singles))]


def _messages(entry: JournalEntry) -> Iterator[Sent]:
    """Yield the pointer and the attributes of each message that a request brings, valid or not."""
    if entry.method != "POST":
        return
    document = entry.document
    data = document.get("data") if isinstance(document, dict) else None
    many = enumerate(data) if isinstance(data, list) else ()
    for pointer, resource in [(f"/data/{index}", each) for index, each in many] or [("/data", data)]:
        attributes = resource.get("attributes") if isinstance(resource, dict) else None
        if isinstance(attributes, dict):
            yield pointer, attributes


def _is_single(messages: list[Sent]) -> bool:
    return len(messages) == 1 and messages[0][0] == "/data"


def _fingerprint(entry: JournalEntry) -> int:
    return hash((entry.method, entry.path, entry.request))


def _message_hash(queue: str | None, attributes: dict[str, Any]) -> int:
    return hash((queue, str(attributes.get("body")), str(attributes.get("wait-until"))))
