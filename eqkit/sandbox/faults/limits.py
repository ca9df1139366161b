"""Limits: how many requests a sandbox lets through in a time of its clock."""

import copy
from dataclasses import dataclass
from typing import Any

from eqkit.sandbox.events import Events
from eqkit.timing.instants import MAX_MS

Document = dict[str, Any]


@dataclass(slots=True)
class Limit:
    """One limit: its document as it was sent, and how much of it is left.

    A token bucket counts in tokens times the window's milliseconds, so that no fraction of one is lost.
    """

    document: Document
    left: int
    since_ms: int
    hit: int = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> "Limit":
        """Copy the counts alone: nothing ever changes in a document."""
        return copy.copy(self)

    @classmethod
    def of(cls, document: Document, now_ms: int) -> "Limit":
        """Begin with all of it left."""
        limit, window_ms = document["limit"], document["window-ms"]
        return cls(document, limit * window_ms if document["kind"] == "token-bucket" else limit, now_ms)

    @property
    def is_bucket(self) -> bool:
        """Whether it fills up evenly, rather than all at once with each window."""
        return bool(self.document["kind"] == "token-bucket")

    @property
    def label(self) -> str:
        """Its name, or its kind where it has none."""
        return str(self.document.get("name", self.document["kind"]))

    def is_about(self, operation: str, queue: str) -> bool:
        """Return whether it is for an operation and a queue."""
        document = self.document
        return document.get("operation") in (None, operation) and document.get("queue") in (None, queue)

    def _pass_time(self, now_ms: int) -> None:
        limit, window_ms = self.document["limit"], self.document["window-ms"]
        if self.is_bucket:
            self.left = min(limit * window_ms, self.left + (now_ms - self.since_ms) * limit)
            self.since_ms = now_ms
        elif now_ms >= self.since_ms + window_ms:
            self.left = limit

    def remaining(self, now_ms: int) -> int:
        """Return how many requests are let through at an instant."""
        self._pass_time(now_ms)
        return self.left // self.document["window-ms"] if self.is_bucket else self.left

    def shut_ms(self, now_ms: int) -> int:
        """Return how long no request is let through, possibly beyond the last instant; 0 while one is."""
        if self.remaining(now_ms):
            return 0
        window_ms = int(self.document["window-ms"])
        if not self.is_bucket:
            return self.since_ms + window_ms - now_ms
        return -((self.left - window_ms) // int(self.document["limit"]))

    def opens_at_ms(self, now_ms: int) -> int:
        """Return when a request is let through again: now, while there is something left."""
        return min(now_ms + self.shut_ms(now_ms), MAX_MS)

    def take(self, now_ms: int) -> None:
        """Count a request that is let through."""
        if not self.is_bucket and self.left == self.document["limit"]:
            # A window begins with its first request: no test depends on the minute that it runs in.
            self.since_ms = now_ms
        self.left -= self.document["window-ms"] if self.is_bucket else 1


class Limits:
    """The limits of one sandbox: a request passes all that are for it, or counts for none."""

    def __init__(self, events: Events) -> None:
        """Begin with none, and tell `events` of each request that is not let through."""
        self.limits: list[Limit] = []
        self._events = events

    def set(self, documents: list[Document], now_ms: int) -> None:
        """Replace them, each with all of it left."""
        self.limits = [Limit.of(document, now_ms) for document in documents]

    def add(self, documents: list[Document], now_ms: int) -> None:
        """Add some."""
        self.limits += [Limit.of(document, now_ms) for document in documents]

    def hit(self, operation: str, queue: str, now_ms: int) -> tuple[Limit, int] | None:
        """Count a request, or return the limit that shuts it out longest, and for how long."""
        about = [limit for limit in self.limits if limit.is_about(operation, queue)]
        shut = [limit for limit in about if not limit.remaining(now_ms)]
        if not shut:
            for limit in about:
                limit.take(now_ms)
            return None
        longest = max(shut, key=lambda limit: limit.shut_ms(now_ms))
        longest.hit += 1
        data = {"limit": longest.label, "operation": operation, "queue": queue}
        self._events.record(now_ms, "limit.hit", data)
        return longest, longest.shut_ms(now_ms)
