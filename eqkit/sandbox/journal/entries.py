"""The requests of a sandbox and their answers: the newest entries, in order."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from eqkit.sandbox.memory import Memory

KEPT = 10_000
"""How many entries a journal keeps; the oldest go first."""

KEPT_IDS = 100_000
"""How many messages those entries may speak of together."""

KEPT_BYTES = 33_554_432
"""How many bytes of requests and answers those entries may hold together."""

REFUSED_BODY = 262_144
"""How long the body of a request that was refused may be to be kept; of a longer one there is the length."""

ROW_WEIGHT = 800
"""The weight of an entry beside its bytes, and that of a message in its sandbox, in bytes."""

SENT = "sent"
"""The outcome of an ordinary answer."""

UNDER_WAY = "under-way"
"""The outcome of a request that waits for its answer: no entry of a journal has it."""

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
"""The request headers that are shown: those that tell clients and their mistakes apart, never the key."""

NOTHING_LEFT_OUT = (0, 0)
_ABSENT = b"\0"
_BOM = b"\xef\xbb\xbf"

Headers = Sequence[tuple[bytes, bytes]]
Row = tuple[Any, ...]
"""An entry as kept, with its headers packed.

The fields of a JournalEntry, the bytes before the headers of the answer, and the size of it all in bytes. Ten
thousand are kept and few are looked at, so that the memory of each counts most.
"""

MAX_VIOLATIONS = 10
"""How many violations an entry has at most."""


class JournalEntry(NamedTuple):
    """One request of the public API. Keys are not kept (ruling H4).

    `ids` are those of the messages that it put into a queue, accepted at `at_ms`; `wait_until_at_ms` is how
    the wait-until of each was read, None if it sent none (ruling D2). Of the request's headers there are
    those of KEPT_HEADERS. In `path` a slash or a percent sign within a segment stays encoded. `request` and
    `answer` are bodies as they went over the wire, for documents are only read again when somebody looks;
    `left_out` is how many bytes of each were too many to be kept.
    `pace` is how many of the clock's seconds went by in one of the client's, 0 while the clock stood.
    `applied_faults` are its faults and limits, each with its effect, and `fault` is the last of them.
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
    headers: Mapping[bytes, bytes] = MappingProxyType({})
    request: bytes = b""
    answer: bytes = b""
    answer_headers: Headers = ()
    duration_s: float = 0.0
    pace: float = 1.0
    fault: str | None = None
    outcome: str = SENT
    violations: tuple[str, ...] = ()
    applied_faults: Sequence[tuple[str, str]] = ()
    left_out: tuple[int, int] = NOTHING_LEFT_OUT

    @property
    def due_at_ms(self) -> Sequence[int]:
        """When each message is due: as it was read, but never before its acceptance (ruling T3)."""
        return [self.at_ms if at is None else max(self.at_ms, at) for at in self.wait_until_at_ms]

    @property
    def document(self) -> Any:
        """The document of the request; None if it sent none, or none that is JSON."""
        return read(self.request)

    @property
    def retry_after_s(self) -> int | None:
        """The wait that the answer asked for (Retry-After), in seconds."""
        for name, value in self.answer_headers:
            if name == b"retry-after" and value.isdigit():
                return int(value)
        return None


_AT, _IDS, _HEADERS, _LINES = map(JournalEntry._fields.index, ("at_ms", "ids", "headers", "answer_headers"))
_NONE = (_ABSENT,) * len(KEPT_HEADERS)
_ALWAYS, _SIZE = len(JournalEntry._fields), len(JournalEntry._fields) + 1


def packed(headers: Mapping[bytes, bytes]) -> bytes:
    """Return the headers of a request that are kept, as one string of bytes."""
    return b"\n".join(map(headers.get, KEPT_HEADERS, _NONE))


def header_lines(headers: Headers) -> bytes:
    """Return headers as they go over the wire."""
    return b"".join([b"%b: %b\r\n" % line for line in headers])


def pack_entry(entry: JournalEntry) -> Row:
    """Return an entry as it is kept."""
    row: list[Any] = list(entry)
    headers, lines = packed(entry.headers), header_lines(entry.answer_headers)
    row[_HEADERS], row[_LINES] = headers, lines
    size = sum(map(len, (headers, entry.query, entry.request, entry.answer, lines, *entry.violations)))
    return (*row, (), size + len(entry.path))


def entry_of(row: Row) -> JournalEntry:
    """Return an entry as it is looked at."""
    values = zip(KEPT_HEADERS, row[_HEADERS].split(b"\n"), strict=True)
    lines = [line.partition(b": ") for line in row[_LINES].split(b"\r\n")[:-1]]
    return JournalEntry._make(row[:_ALWAYS])._replace(
        headers={name: value for name, value in values if value != _ABSENT},
        answer_headers=[*row[_ALWAYS], *((name, value) for name, _, value in lines)],
    )


def read(body: bytes) -> Any:
    """Return a body as a document; None for a body that is not JSON."""
    try:
        return orjson.loads(body.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        return None


class Journal:
    """A bounded list of entries, oldest first; they are numbered from 1, without a gap."""

    def __init__(self, kept: int = KEPT, kept_bytes: int = KEPT_BYTES, memory: Memory | None = None) -> None:
        """Keep the newest `kept` entries, and no more of them than fit into `kept_bytes`.

        Bytes that are kept count for `memory`, which may ask to forget some.
        """
        self._memory = memory or Memory()
        self._kept = kept
        self._kept_bytes = kept_bytes
        self._ids = 0
        self._bytes = 0
        self._rows: deque[Row] = deque()
        self.total = 0
        """How many entries there were so far: the number of the newest."""
        self.lost = 0
        """How many entries had to go for newer ones since the journal was last cleared."""
        self.lost_until_ms = 0
        """The latest instant that a lost entry is of."""

    def __len__(self) -> int:
        """Return how many entries are kept."""
        return len(self._rows)

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        return self._bytes + ROW_WEIGHT * len(self._rows)

    @property
    def entries(self) -> Sequence[JournalEntry]:
        """All that are kept, oldest first."""
        return [entry for _, entry in self.since()]

    def __deepcopy__(self, memo: dict[int, Any]) -> "Journal":
        """Copy the list alone: nothing ever changes in an entry."""
        journal = Journal(self._kept, self._kept_bytes, self._memory)
        journal._ids, journal._bytes, journal.total = self._ids, self._bytes, self.total
        journal.lost, journal.lost_until_ms = self.lost, self.lost_until_ms
        journal._rows = self._rows.copy()
        return journal

    def record(self, entry: JournalEntry) -> None:
        """Add an entry, and lose the oldest when full."""
        self.keep(pack_entry(entry))

    def keep(self, row: Row) -> None:
        """Add an entry that is packed already, and lose the oldest when full."""
        rows, ids, size = self._rows, len(row[_IDS]), row[_SIZE]
        rows.append(row)
        self.total += 1
        self._ids += ids
        self._bytes += size
        while len(rows) > self._kept or (
            (self._ids > KEPT_IDS or self._bytes > self._kept_bytes) and len(rows) > 1
        ):
            self._forget_oldest()
        # The messages of the request were in its body.
        memory = self._memory
        memory.grown += 2 * size + ROW_WEIGHT * (ids + 1)
        if memory.grown > memory.step:
            memory.settle()

    def _forget_oldest(self) -> None:
        oldest = self._rows.popleft()
        self._ids -= len(oldest[_IDS])
        self._bytes -= oldest[_SIZE]
        self.lost += 1
        self.lost_until_ms = max(self.lost_until_ms, oldest[_AT])

    def shed(self, size: int) -> int:
        """Forget the oldest entries until `size` bytes are free; return the number of bytes freed."""
        before = self.weight
        while self._rows and before - self.weight < size:
            self._forget_oldest()
        return before - self.weight

    def clear(self) -> None:
        """Forget every entry, on request, so that none counts as lost; the numbers go on."""
        self._rows.clear()
        self._ids = self._bytes = self.lost = self.lost_until_ms = 0

    def since(self, number: int = 0) -> Iterator[tuple[int, JournalEntry]]:
        """Yield the entries after the one of that number, each with its own."""
        wanted = min(max(self.total - number, 0), len(self._rows))
        newest = list(islice(reversed(self._rows), wanted))
        yield from enumerate(map(entry_of, reversed(newest)), self.total - wanted + 1)
