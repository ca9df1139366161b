"""A small client of ElasticQueue that retries, and enqueues a message once however often it has to ask."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable

RETRIED = frozenset({429, 500, 503})
"""Statuses after which the same request may succeed."""

LONGEST_PAUSE_S = 30.0


class NotEnqueued(Exception):
    """The message is not known to be in the queue."""


class Reminders:
    """Enqueues messages with one key.

    A request whose answer is lost may have been carried out. Each message therefore gets an `Idempotency-Key`
    that stays the same over all attempts: the server stores it once, and repeats its answer.
    """

    def __init__(
        self, url: str, key: str, *, attempts: int = 4, pause: Callable[[float], None] = time.sleep
    ) -> None:
        """Ask the server at `url`, at most `attempts` times for a message; `pause` waits some seconds."""
        self._url = url
        self._key = key
        self._attempts = attempts
        self._pause = pause

    def enqueue(self, queue: str, body: str, wait_until: int | None = None) -> str:
        """Return the id of a new message; raises NotEnqueued when every attempt has failed."""
        request = self._request(queue, body, wait_until)
        for attempt in range(1, self._attempts + 1):
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    return str(json.load(response)["data"]["id"])
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in RETRIED:
                        raise NotEnqueued(error.read().decode()) from error
                    wait_s = float(error.headers.get("Retry-After", backoff_s(attempt)))
            except (OSError, http.client.HTTPException):
                wait_s = backoff_s(attempt)
            if attempt < self._attempts:
                self._pause(wait_s)
        raise NotEnqueued(f"{self._attempts} attempts have failed")

    def _request(self, queue: str, body: str, wait_until: int | None) -> urllib.request.Request:
        attributes: dict[str, object] = {"body": body}
        if wait_until is not None:
            attributes["wait-until"] = wait_until
        return urllib.request.Request(
            f"{self._url}/v1/queues/{queue}/messages",
            json.dumps({"data": {"type": "message", "attributes": attributes}}).encode(),
            {
                "Authorization": self._key,
                "Content-Type": "application/vnd.api+json",
                "Idempotency-Key": str(uuid.uuid4()),
            },
        )


def backoff_s(attempt: int) -> float:
    """Return how long to wait after an attempt: twice as long each time."""
    return min(0.5 * 2.0 ** (attempt - 1), LONGEST_PAUSE_S)
