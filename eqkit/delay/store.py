"""Messages kept in columns: no object per message, so a million of them cost little and stall nothing."""

from array import array
from collections.abc import Sequence

from eqkit.delay.message import Draft, Message

ROWS = 1024
"""Rows of a chunk. One message that stays keeps its chunk alive, and no other."""

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


class Store:
    """Messages by their offset: the number of messages that were accepted before them."""

    def __init__(self, first_id: int) -> None:
        """Begin empty; the message at offset 0 will have the id `first_id`."""
        self._first_id = first_id
        self._chunks: dict[int, _Chunk] = {}
        self._queue_names: list[str] = []
        self._queue_numbers: dict[str, int] = {}
        self.size = 0
        """How many messages were ever accepted, and so the offset of the next."""

    @property
    def queue_names(self) -> Sequence[str]:
        """The queues, in the order in which they were made."""
        return self._queue_names

    def append(self, queue: str, draft: Draft, accepted_ms: int, due_ms: int) -> int:
        """Keep a message and return its offset."""
        offset = self.size
        chunk = self._chunk(offset)
        body, wait_until, read_as_ms = draft
        chunk.bodies.append(body)
        chunk.queues.append(self._queue_number(queue))
        chunk.accepted.append(accepted_ms)
        chunk.due.append(due_ms)
        chunk.wait_until.append(ABSENT if wait_until is None else wait_until)
        chunk.read_as.append(ABSENT if read_as_ms is None else read_as_ms)
        chunk.delivered.append(ABSENT)
        chunk.kept += 1
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
            chunk.bodies.extend([body for body, _, _ in some])
            chunk.queues.extend([number] * count)
            chunk.accepted.extend([accepted_ms] * count)
            chunk.due.extend(dues_ms[begin:end])
            chunk.wait_until.extend([ABSENT if sent is None else sent for _, sent, _ in some])
            chunk.read_as.extend([ABSENT if at_ms is None else at_ms for _, _, at_ms in some])
            chunk.delivered.extend([ABSENT] * count)
            chunk.kept += count
            begin = end
        self.size = first + len(drafts)
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
        return number

    def deliver(self, offset: int, delivered_ms: int) -> None:
        """Note when a message was delivered."""
        self._chunks[offset // ROWS].delivered[offset % ROWS] = delivered_ms

    def delivered_ms(self, offsets: Sequence[int]) -> list[int]:
        """Return when messages were delivered, in the order given."""
        chunks = self._chunks
        return [chunks[offset // ROWS].delivered[offset % ROWS] for offset in offsets]

    def forget(self, offset: int) -> None:
        """Forget a message; its chunk goes with the last one in it."""
        number, row = divmod(offset, ROWS)
        chunk = self._chunks[number]
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
