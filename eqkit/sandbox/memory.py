"""The memory that the sandboxes of a server hold together, and the order in which it is freed."""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Protocol

from eqkit.errors import ApiError, Code, api_error

MAX_BYTES = 1_073_741_824
"""The bytes that the sandboxes of a server hold together at most, by default."""

JOURNAL_SHARE = 8
"""The fraction of it that all journals share: one in JOURNAL_SHARE."""

STEPS = 256
LONGEST_STEP = 4_194_304
"""The sizes are counted anew once one part in STEPS, or LONGEST_STEP bytes, may have come on top."""

RETRY_AFTER_S = b"10"
"""The Retry-After of a full server, in seconds; the time until there is room is not known."""


class Requests(Protocol):
    """A journal, as far as its memory goes; all sizes are bytes."""

    @property
    def weight(self) -> int:
        """How much it holds."""
        ...

    def shed(self, size: int) -> int:
        """Forget about that much of the oldest entries, and return the number of bytes."""
        ...


class History(Protocol):
    """The state of a service, as far as the memory of its history goes."""

    @property
    def history_weight(self) -> int:
        """How much of it can only be looked at any more."""
        ...

    def forget_history(self, size: int) -> int:
        """Forget about that much of the oldest history, and return the number of bytes."""
        ...


class Holder(Protocol):
    """A sandbox. Its journal and a part of its state are history, of which the oldest can be forgotten."""

    @property
    def weight(self) -> int:
        """How much it holds, its history included."""
        ...

    @property
    def journal(self) -> Requests:
        """The journal."""
        ...

    @property
    def state(self) -> History:
        """The state of the service in it."""
        ...


Shed = tuple[int, Callable[[int], int]]
"""A history: its size in bytes, and the function that forgets some of it."""


def _nobody() -> Sequence[Holder]:
    return ()


class Memory:
    """The bound on the memory of all sandboxes of a server.

    Bytes are counted and not measured, as an estimate of Python's own use. They are counted anew now and then
    and not kept up to date, so that a request pays for two additions. Journals have a share of their own,
    within which the longest gives way. Beyond the bound, the history of the service's states is forgotten
    early, that of the sandbox that has most of it first. Pending messages are never dropped: if they alone
    are too much, the server is full, and takes no more of them.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        """Allow `max_bytes` bytes."""
        self.max_bytes = max_bytes
        self.step = min(max_bytes // STEPS, LONGEST_STEP)
        """How much may come on top before `settle` is called."""
        self.grown = 0
        """The bytes that came on top since; each store that keeps something adds to it."""
        self.holders: Callable[[], Iterable[Holder]] = _nobody
        self.more: Callable[[], int] = int
        """How many bytes are held by others than the sandboxes: their snapshots."""
        self.is_full = False
        self.dropped = 0
        """How many bytes of history had to give way so far."""

    def settle(self) -> None:
        """Count the bytes held, drop excess history, and set `is_full` if the rest is still too much."""
        self.grown = 0
        holders = list(self.holders())
        journals: list[Shed] = [(each.journal.weight, each.journal.shed) for each in holders]
        self._shed(journals, sum(weight for weight, _ in journals) - self.max_bytes // JOURNAL_SHARE)
        excess = self._used(holders) - self.max_bytes
        if excess > 0:
            states = [each.state for each in holders]
            excess -= self._shed([(each.history_weight, each.forget_history) for each in states], excess)
        self.is_full = excess > 0

    def require_room(self, size: int = 0) -> None:
        """Raise ApiError (503) if there is no room, or none for `size` more bytes."""
        if size or self.is_full:
            self.settle()
        if self.is_full or (size and self._used(self.holders()) + size > self.max_bytes):
            raise self.no_room()

    def no_room(self) -> ApiError:
        """Return the refusal of a request that there is no room for."""
        detail = (
            f"The sandboxes of this server hold all of the {self.max_bytes:,} bytes that "
            "--max-memory allows: purge a queue, reset or delete a sandbox, or start it with more."
        )
        return api_error(Code.UNAVAILABLE, detail, headers=[(b"retry-after", RETRY_AFTER_S)])

    def _used(self, holders: Iterable[Holder]) -> int:
        return sum(each.weight for each in holders) + self.more()

    def _shed(self, histories: Sequence[Shed], excess: int) -> int:
        """Drop excess from the longest histories, half of each at most; return the number of bytes dropped.

        It is somewhat more than asked for, so that the next few requests find room; and never so much that
        anybody would have to wait.
        """
        if excess <= 0:
            return 0
        shed, wanted = 0, min(excess + self.step, 4 * self.step)
        for weight, forget in sorted(histories, key=itemgetter(0), reverse=True):
            if shed >= wanted or not weight:
                break
            shed += forget(min(wanted - shed, weight // 2 + 1))
        self.dropped += shed
        return shed
