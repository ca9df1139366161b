"""Messages kept in columns: no object per message, so a million of them cost little and stall nothing."""

from array import array
from collections.abc import Iterable, Sequence
from sys import getsizeof
from typing import Any

from eqkit.delay.message import Draft, Message

ROWS = 1024
"""Rows of a chunk. One message that stays keeps its chunk alive, and no other."""

MESSAGE_WEIGHT = 130
QUEUE_WEIGHT = 300
"""About how many bytes of memory a message takes beside its body, and a queue by itself."""

ABSENT = -1


class _Chunk:
    """Up to ROWS messages with consecutive ids."""

    __slots__ = ("accepted", "bodies", "delivered", "due", "kept", "queues", "read_as", "wait_until")

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.queues = array("L")
        self.accepted = array("q")
        self.due = array("q")
        self.wait_until = array("q")
        self.read_as = array("q")
        self.delivered = array("q")
        self.kept = 0

    def copy(self) -> "_Chunk":
        """Return another one with the same rows."""
        chunk = _Chunk()
        for name in self.__slots__:
            column = getattr(self, name)
            setattr(chunk, name, column if isinstance(column, int) else column[:])
        return chunk


class Store:
    """Messages by their offset: the number of messages that were accepted before them."""

    def __init__(self, first_id: int) -> None:
        """Begin empty; the message at offset 0 will have the id `first_id`."""
        self._first_id = first_id
        self._chunks: dict[int, _Chunk] = {}
        self._queue_names: list[str] = []
        self._queue_numbers: dict[str, int] = {}
        self._pending: list[int] = []
        self._bodies = 0
        self.size = 0
        """How many messages were ever accepted, and so the offset of the next."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Store":
        """Copy the columns; a million messages take a few hundredths of a second."""
        store = Store(self._first_id)
        store._chunks = {number: chunk.copy() for number, chunk in self._chunks.items()}
        store._queue_names, store._queue_numbers = self._queue_names.copy(), self._queue_numbers.copy()
        store._pending, store._bodies = self._pending.copy(), self._bodies
        store.size = self.size
        return store

    @property
    def kept(self) -> int:
        """How many messages are kept, delivered or not."""
        return sum([chunk.kept for chunk in self._chunks.values()])

    @property
    def pending_total(self) -> int:
        """How many messages are not delivered yet."""
        return sum(self._pending)

    @property
    def weight(self) -> int:
        """About how many bytes of memory all of it takes."""
        return self._bodies + MESSAGE_WEIGHT * self.kept + QUEUE_WEIGHT * len(self._queue_names)

    def pending(self, queue: str) -> int:
        """Return how many messages of a queue are not delivered yet."""
        number = self._queue_numbers.get(queue)
        return 0 if number is None else self._pending[number]

    def queue_of(self, offset: int) -> str:
        """Return the queue of a message that is kept."""
        number, row = divmod(offset, ROWS)
        return self._queue_names[self._chunks[number].queues[row]]

    def is_pending(self, offset: int) -> bool:
        """Return whether a message that is not delivered yet stands at an offset, which may be any number."""
        return 0 <= offset < self.size and bool(self.pending_among([offset]))

    def pending_among(self, offsets: Iterable[int], queue: str | None = None) -> list[int]:
        """Return those of some offsets whose message is not delivered yet, and in a queue, or in any."""
        chunks, wanted = self._chunks, None if queue is None else self._queue_numbers.get(queue, ABSENT)
        found = []
        for offset in offsets:
            chunk, row = chunks.get(offset // ROWS), offset % ROWS
            if chunk is None or chunk.accepted[row] == ABSENT or chunk.delivered[row] != ABSENT:
                continue
            if wanted is None or chunk.queues[row] == wanted:
                found.append(offset)
        return found

    @property
    def queue_names(self) -> Sequence[str]:
        """The queues, in the order in which they were made."""
        return self._queue_names

    def append(self, queue: str, draft: Draft, accepted_ms: int, due_ms: int) -> int:
        """Keep a message and return its offset."""
        offset = self.size
        chunk = self._chunk(offset)
        body, wait_until, read_as_ms = draft
        number = self._queue_number(queue)
        chunk.bodies.append(body)
        chunk.queues.append(number)
        chunk.accepted.append(accepted_ms)
        chunk.due.append(due_ms)
        chunk.wait_until.append(ABSENT if wait_until is None else wait_until)
        chunk.read_as.append(ABSENT if read_as_ms is None else read_as_ms)
        chunk.delivered.append(ABSENT)
        chunk.kept += 1
        self._pending[number] += 1
        self._bodies += getsizeof(body)
        self.size = offset + 1
        return offset

    def append_all(
        self, queue: str, drafts: Sequence[Draft], accepted_ms: int, dues_ms: Sequence[int]
    ) -> int:
        """Keep messages, column by column, and return the offset of the first."""
        first = self.size
        number = self._queue_number(queue) if drafts else 0
        begin = 0
        while begin < len(drafts):
            chunk = self._chunk(first + begin)
            end = min(len(drafts), begin + ROWS - len(chunk.bodies))
            some, count = drafts[begin:end], end - begin
            bodies = [body for body, _, _ in some]
            self._bodies += sum(map(getsizeof, bodies))
            chunk.bodies.extend(bodies)
            chunk.queues.extend([number] * count)
            chunk.accepted.extend([accepted_ms] * count)
            chunk.due.extend(dues_ms[begin:end])
            chunk.wait_until.extend([ABSENT if sent is None else sent for _, sent, _ in some])
            chunk.read_as.extend([ABSENT if at_ms is None else at_ms for _, _, at_ms in some])
            chunk.delivered.extend([ABSENT] * count)
            chunk.kept += count
            begin = end
        self.size = first + len(drafts)
        if drafts:
            self._pending[number] += len(drafts)
        return first

    def _chunk(self, offset: int) -> _Chunk:
        chunk = self._chunks.get(offset // ROWS)
        if chunk is None:
            chunk = self._chunks[offset // ROWS] = _Chunk()
        return chunk

    def _queue_number(self, queue: str) -> int:
        number = self._queue_numbers.get(queue)
        if number is None:
            number = self._queue_numbers[queue] = len(self._queue_names)
            self._queue_names.append(queue)
            self._pending.append(0)
        return number

    def deliver(self, offset: int, delivered_ms: int) -> None:
        """Note when a message was delivered that was pending."""
        chunk, row = self._chunks[offset // ROWS], offset % ROWS
        chunk.delivered[row] = delivered_ms
        self._pending[chunk.queues[row]] -= 1

    def delivered_ms(self, offsets: Sequence[int]) -> list[int]:
        """Return when messages were delivered, in the order given."""
        chunks = self._chunks
        return [chunks[offset // ROWS].delivered[offset % ROWS] for offset in offsets]

    def forget(self, offset: int) -> None:
        """Forget a message; its chunk goes with the last one in it."""
        number, row = divmod(offset, ROWS)
        chunk = self._chunks[number]
        if chunk.delivered[row] == ABSENT:
            self._pending[chunk.queues[row]] -= 1
        self._bodies -= getsizeof(chunk.bodies[row])
        chunk.bodies[row] = ""
        chunk.accepted[row] = ABSENT
        chunk.kept -= 1
        if not chunk.kept and len(chunk.bodies) == ROWS:
            del self._chunks[number]

    def get(self, identifier: int) -> Message | None:
        """Return a message by its id; None when there is none, or none any more."""
        number, row = divmod(identifier - self._first_id, ROWS)
        chunk = self._chunks.get(number)
        if chunk is None or row >= len(chunk.bodies) or chunk.accepted[row] == ABSENT:
            return None
        wait_until, read_as_ms, delivered_ms = chunk.wait_until[row], chunk.read_as[row], chunk.delivered[row]
        return Message(
            id=identifier,
            queue=self._queue_names[chunk.queues[row]],
            body=chunk.bodies[row],
            wait_until=None if wait_until == ABSENT else wait_until,
            wait_until_at_ms=None if read_as_ms == ABSENT else read_as_ms,
            accepted_at_ms=chunk.accepted[row],
            due_at_ms=chunk.due[row],
            delivered_at_ms=None if delivered_ms == ABSENT else delivered_ms,
        )

    def at(self, offset: int) -> Message:
        """Return the message at an offset that is known to be kept; raises KeyError otherwise."""
        message = self.get(self._first_id + offset)
        if message is None:
            raise KeyError(offset)
        return message
