"""Mistakes that clients of a delay queue commonly make, found in their requests."""

from collections import deque
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from eqkit.elasticqueue.wait_until import MILLISECONDS_FROM, WaitUntilUnit, read_wait_until
from eqkit.sandbox.client_warnings import ClientWarning
from eqkit.sandbox.journal.entries import KEPT, KEPT_IDS, JournalEntry
from eqkit.sandbox.request_linter import REFUSED, RETRIES, RequestLinter
from eqkit.timing.instants import MAX_MS, rfc3339

RELATIVE_LOOKING = range(1, 1_000_000_001)
"""Values of wait-until that are a delay by mistake rather than a time in 2001 or before (ruling T9)."""

FAR_PAST_MS = 24 * 60 * 60 * 1000
"""A time that was over this long ago is a mistake, not a slow network."""

FAR_FUTURE_MS = 10 * 365 * 24 * 60 * 60 * 1000
"""A delay as long as this is a mistake."""

SINGLE_CALLS = 20
"""This many single messages for one queue within SINGLE_CALLS_MS would have been one bulk."""

SINGLE_CALLS_MS = 1_000

TITLES = {
    "relative-delay": "A delay was sent where a time is wanted",
    "seconds-for-milliseconds": "Seconds were sent where milliseconds are read",
    "milliseconds-for-seconds": "Milliseconds were sent where seconds are read",
    "far-past": "The time is long past",
    "far-future": "The time is years away",
    **RETRIES,
    "duplicate-message": "The same message was enqueued before",
    "single-calls": "Many single calls, where one bulk would do",
}
"""Every kind of mistake, with its title."""

Sent = tuple[str, dict[str, Any]]
"""A message as a request brings it: the pointer to its resource object, and its attributes."""


def looks_relative(sent: int, at_ms: int, now_ms: int) -> bool:
    """Return whether a wait-until is a delay by mistake: small, and not ahead of a clock that is set back."""
    return sent in RELATIVE_LOOKING and at_ms <= now_ms


def relative_delay(index: int, sent: int, at_ms: int) -> str:
    """Return the warning that the wait-until of message `index` looks like a delay (ruling T9)."""
    return (
        f"wait-until {sent} of message {index} is {rfc3339(at_ms)}: "
        "it looks like a relative delay, and wait-until is a time"
    )


class MessageLinter(RequestLinter[list[Sent]]):
    """Finds the mistakes with messages, beside those with retries."""

    titles: Mapping[str, str] = MappingProxyType(TITLES)

    def __init__(self, unit: WaitUntilUnit, remembered: int = 2 * KEPT_IDS) -> None:
        """Begin with nothing seen; `unit` is how the server reads wait-until.

        When more than `remembered` messages are known, those of requests that have gone are forgotten.
        """
        super().__init__()
        self._unit = unit
        self._remembered = remembered
        self._messages: dict[int, tuple[int, bytes]] = {}
        self._singles: dict[str, deque[int]] = {}

    def _read(self, entry: JournalEntry) -> list[Sent]:
        return list(_messages(entry))

    def _check(self, entry: JournalEntry, found: list[Sent]) -> Iterator[ClientWarning]:
        for index, (pointer, attributes) in enumerate(found):
            sent = attributes.get("wait-until")
            if isinstance(sent, int) and not isinstance(sent, bool):
                findings = self._time(index, sent, entry.at_ms)
                if findings is not None:
                    yield ClientWarning(*findings, f"{pointer}/attributes/wait-until")
        yield from super()._check(entry, found)
        if entry.ids or REFUSED in entry.error_codes:
            yield from self._duplicates(entry, found)
            if _is_single(found) and entry.queue in self._singles:
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

    def _note(self, number: int, entry: JournalEntry, found: list[Sent]) -> None:
        super()._note(number, entry, found)
        if REFUSED in entry.error_codes or not entry.ids:
            return
        key = entry.headers.get(b"idempotency-key", b"")
        for _, attributes in found:
            self._messages[_message_hash(entry.queue, attributes)] = (number, key)
        if _is_single(found) and entry.queue is not None:
            singles = self._singles.setdefault(entry.queue, deque(maxlen=SINGLE_CALLS))
            if any(warning.kind == "single-calls" for warning in self._found.get(number, ())):
                singles.clear()
            else:
                singles.append(entry.at_ms)

    def _forget(self, oldest: int) -> None:
        super()._forget(oldest)
        if len(self._messages) > self._remembered:
            self._messages = {same: seen for same, seen in self._messages.items() if seen[0] > oldest}
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


def _message_hash(queue: str | None, attributes: dict[str, Any]) -> int:
    return hash((queue, str(attributes.get("body")), str(attributes.get("wait-until"))))
