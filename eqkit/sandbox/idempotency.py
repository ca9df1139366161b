"""Answers that are kept so that a repeated request gets the very same one (ruling H14)."""

from collections import OrderedDict
from typing import Any, NamedTuple

KEPT_MS = 24 * 60 * 60 * 1000
"""How long an answer is kept, in milliseconds of the sandbox's clock."""

MOST = 10_000
"""The most answers that are kept at once; the oldest go first."""


STORED_WEIGHT = 900
"""About how many bytes of memory an answer takes beside its body."""


class Stored(NamedTuple):
    """The request that a key was used for, and its answer."""

    fingerprint: bytes
    response: Any
    size: int
    expires_at_ms: int


class StoredResponses:
    """The answers of one sandbox by idempotency key, in the order in which they expire."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_key: OrderedDict[str, Stored] = OrderedDict()
        self.weight = 0
        """About how many bytes of memory they take."""
        self.under_way: set[str] = set()
        """The keys of requests that are being carried out; a copy begins without any."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "StoredResponses":
        """Copy the list alone: nothing ever changes in an answer."""
        responses = StoredResponses()
        responses._by_key, responses.weight = self._by_key.copy(), self.weight
        return responses

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._by_key)

    def get(self, key: str, now_ms: int) -> Stored | None:
        """Return the answer stored under a key, unless it is 24 hours old."""
        self._expire(now_ms)
        return self._by_key.get(key)

    def put(self, key: str, fingerprint: bytes, response: Any, now_ms: int, size: int = 0) -> None:
        """Keep an answer of `size` bytes for 24 hours; `fingerprint` identifies its request."""
        if key in self._by_key:
            self._forget(key)
        self._by_key[key] = Stored(fingerprint, response, size, now_ms + KEPT_MS)
        self.weight += STORED_WEIGHT + size
        if len(self._by_key) > MOST:
            self._forget(next(iter(self._by_key)))

    def _forget(self, key: str) -> None:
        self.weight -= STORED_WEIGHT + self._by_key.pop(key).size

    def _expire(self, now_ms: int) -> None:
        while self._by_key:
            key = next(iter(self._by_key))
            if self._by_key[key].expires_at_ms > now_ms:
                return
            self._forget(key)
