"""Answers that are kept so that a repeated request gets the very same one (ruling H14)."""

from collections import OrderedDict
from typing import Any, NamedTuple

KEPT_MS = 24 * 60 * 60 * 1000
"""How long an answer is kept, in milliseconds of the sandbox's clock."""

MOST = 10_000
"""The most answers that are kept at once; the oldest go first."""


class Stored(NamedTuple):
    """What a key was used for, and what was answered."""

    fingerprint: bytes
    answer: Any
    expires_at_ms: int


class StoredAnswers:
    """The answers of one sandbox by idempotency key, in the order in which they expire."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_key: OrderedDict[str, Stored] = OrderedDict()

    def get(self, key: str, now_ms: int) -> Stored | None:
        """Return what is stored under a key, unless it is 24 hours old."""
        self._expire(now_ms)
        return self._by_key.get(key)

    def put(self, key: str, fingerprint: bytes, answer: Any, now_ms: int) -> None:
        """Keep an answer for 24 hours."""
        self._by_key[key] = Stored(fingerprint, answer, now_ms + KEPT_MS)
        self._by_key.move_to_end(key)
        if len(self._by_key) > MOST:
            self._by_key.popitem(last=False)

    def _expire(self, now_ms: int) -> None:
        while self._by_key:
            key = next(iter(self._by_key))
            if self._by_key[key].expires_at_ms > now_ms:
                return
            del self._by_key[key]
