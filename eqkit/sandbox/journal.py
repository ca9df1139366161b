"""What a sandbox was asked and what it answered: the newest entries, in order."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

KEPT = 10_000
"""How many entries a journal keeps; the oldest go first."""

KEPT_IDS = 100_000
"""How many messages those entries may speak of together."""

KEPT_BYTES = 33_554_432
"""How many bytes of requests and answers those entries may hold together."""

SENT = "sent"
"""The outcome of an ordinary answer."""

WHOLE = (SENT, "trickled")
"""The outcomes of answers of which all has left."""

KEPT_HEADERS = (
    b"host",
    b"user-agent",
    b"accept",
    b"content-type",
    b"idempotency-key",
    b"prefer",
    b"x-request-id",
    b"traceparent",
)
"""The request headers that are shown: what tells clients and their mistakes apart, and never the key."""

_BOM = b"\xef\xbb\xbf"


class Entry(NamedTuple):
    """One request of the public API. Keys are not kept (ruling H4).

    `ids` are those of the messages that it put into a queue, accepted at `at_ms`; `wait_until_at_ms` is how
    the wait-until of each was read, None where it sent none (ruling D2). `request` and `answer` are bodies as
    they went over the wire, for documents are only read again when somebody looks; of `all_headers`, which
    have no key among them, KEPT_HEADERS are shown. `size` is in bytes. `befell` are its faults and limits,
    each with what it did, and `fault` is the last of them.
    """

    at_ms: int
    method: str
    path: str
    operation: str | None
    status: int
    error_codes: tuple[str, ...] = ()
    ids: Sequence[int] = ()
    wait_until_at_ms: Sequence[int | None] = ()
    warnings: tuple[str, ...] = ()
    queue: str | None = None
    query: bytes = b""
    all_headers: Mapping[bytes, bytes] = MappingProxyType({})
    request: bytes = b""
    answer: bytes = b""
    answer_headers: Sequence[tuple[bytes, bytes]] = ()
    duration_s: float = 0.0
    frozen: bool = False
    fault: str | None = None
    outcome: str = SENT
    violations: tuple[str, ...] = ()
    size: int = 0
    befell: Sequence[tuple[str, str]] = ()

    @property
    def due_at_ms(self) -> Sequence[int]:
        """When each message is due: as it was read, but never before its acceptance (ruling T3)."""
        return [self.at_ms if at is None else max(self.at_ms, at) for at in self.wait_until_at_ms]

    @property
    def headers(self) -> dict[bytes, bytes]:
        """The headers of the request that are shown, by name."""
        return {name: self.all_headers[name] for name in KEPT_HEADERS if name in self.all_headers}

    @property
    def document(self) -> Any:
        """The document of the request; None where it sent none, or none that is JSON."""
        return read(self.request)

    @property
    def retry_after_s(self) -> int | None:
        """How long the answer told the client to wait, in seconds."""
        for name, value in self.answer_headers:
            if name == b"retry-after" and value.isdigit():
                return int(value)
        return None


def read(body: bytes) -> Any:
    """Return a body as a document; None for what is not JSON."""
    try:
        return orjson.loads(body.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        return None


class Journal:
    """A bounded list of entries, oldest first; they are numbered from 1, without a gap."""

    def __init__(self, kept: int = KEPT) -> None:
        """Keep the newest `kept` entries."""
        self._kept = kept
        self._ids = 0
        self._bytes = 0
        self.entries: deque[Entry] = deque()
        self.total = 0
        """How many entries there were so far: the number of the newest."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Journal":
        """Copy the list alone: nothing ever changes in an entry."""
        journal = Journal(self._kept)
        journal._ids, journal._bytes, journal.total = self._ids, self._bytes, self.total
        journal.entries = self.entries.copy()
        return journal

    def record(self, entry: Entry) -> None:
        """Add an entry, and lose the oldest when full."""
        entries = self.entries
        entries.append(entry)
        self.total += 1
        self._ids += len(entry.ids)
        self._bytes += entry.size
        while len(entries) > self._kept or (
            (self._ids > KEPT_IDS or self._bytes > KEPT_BYTES) and len(entries) > 1
        ):
            oldest = entries.popleft()
            self._ids -= len(oldest.ids)
            self._bytes -= oldest.size

    def clear(self) -> None:
        """Forget every entry; the numbers go on."""
        self.entries.clear()
        self._ids = self._bytes = 0

    def since(self, number: int = 0) -> Iterator[tuple[int, Entry]]:
        """Yield the entries after the one of that number, each with its own."""
        wanted = min(max(self.total - number, 0), len(self.entries))
        newest = list(islice(reversed(self.entries), wanted))
        yield from enumerate(reversed(newest), self.total - wanted + 1)
