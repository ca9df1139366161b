"""The least that is a delay queue: a heap, a dict, and nothing looked at twice."""

import heapq
import itertools
import time
from collections import deque
from typing import Any, NamedTuple

RETAINED = 100_000
"""How many delivered messages are kept, as many as eqkit keeps: else the peers would grow while they run."""

MESSAGES = "/v1/queues/{queue}/messages"


class Kept(NamedTuple):
    """A message as it is kept."""

    body: str
    wait_until: int | None
    due_ms: int


class PlainQueue:
    """Messages by id, the pending ones in a heap; each request delivers those that are due."""

    def __init__(self) -> None:
        """Begin empty, with the id of the docs' example."""
        self._ids = itertools.count(72_301_093_732)
        self._kept: dict[int, Kept] = {}
        self._heap: list[tuple[int, int]] = []
        self._delivered: deque[int] = deque()

    def put(self, body: str, wait_until: int | None) -> int:
        """Keep a message and return its id; `wait_until` counts milliseconds."""
        now_ms = int(time.time() * 1000)
        identifier, due_ms = next(self._ids), max(wait_until or 0, now_ms)
        self._kept[identifier] = Kept(body, wait_until, due_ms)
        heapq.heappush(self._heap, (due_ms, identifier))
        while self._heap and self._heap[0][0] <= now_ms:
            self._delivered.append(heapq.heappop(self._heap)[1])
        while len(self._delivered) > RETAINED:
            del self._kept[self._delivered.popleft()]
        return identifier

    def enqueue(self, base_url: str, queue: str, document: dict[str, Any]) -> dict[str, Any]:
        """Keep the message of a document, and return the document that answers it."""
        return {"jsonapi": {"version": "1.1"}, "data": self._accept(base_url, queue, document["data"])}

    def enqueue_all(self, base_url: str, queue: str, document: dict[str, Any]) -> dict[str, Any]:
        """Keep the messages of a document, and return the document that answers it."""
        data = [self._accept(base_url, queue, resource) for resource in document["data"]]
        return {"jsonapi": {"version": "1.1"}, "data": data}

    def read(self, base_url: str, queue: str, identifier: str) -> dict[str, Any]:
        """Return the document that shows a message; raises KeyError when there is none."""
        kept = self._kept[int(identifier)]
        attributes: dict[str, Any] = {"body": kept.body}
        if kept.wait_until is not None:
            attributes["wait-until"] = kept.wait_until
        resource = _resource(base_url, queue, int(identifier))
        resource |= {"attributes": attributes, "meta": {"due-ms": kept.due_ms}}
        return {"jsonapi": {"version": "1.1"}, "data": resource}

    def _accept(self, base_url: str, queue: str, resource: dict[str, Any]) -> dict[str, Any]:
        attributes = resource["attributes"]
        return _resource(base_url, queue, self.put(attributes["body"], attributes.get("wait-until")))


def _resource(base_url: str, queue: str, identifier: int) -> dict[str, Any]:
    link = f"{base_url}{MESSAGES.format(queue=queue)}/{identifier}"
    return {"type": "message", "id": str(identifier), "links": {"self": link}}
