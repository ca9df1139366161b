"""The messages that requests have put into queues of the real service, as a proxy sees it."""

import re
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from eqkit.elasticqueue.wait_until import WaitUntilUnit, read_wait_until
from eqkit.sandbox.journal.entries import JournalEntry, read
from eqkit.sandbox.sandbox import Sandbox
from eqkit.timing.instants import MAX_MS

ENQUEUES = frozenset(("enqueueMessage", "bulkEnqueueMessages"))
"""The operations that put messages into a queue."""

MOST_KEYS = 1000
"""How many Idempotency-Keys of a sandbox are remembered, each with its messages."""

_ID = re.compile(r"[0-9]{1,19}")


class RecordedMessages:
    """Reads the stored messages from requests and answers."""

    def __init__(self) -> None:
        """Begin with no Idempotency-Key known."""
        self._known: WeakKeyDictionary[Sandbox, dict[bytes, list[int]]] = WeakKeyDictionary()

    def __call__(self, entry: JournalEntry, sandbox: Sandbox) -> tuple[Sequence[int], Sequence[int | None]]:
        """Return the ids of the messages that a request has enqueued, and the instant that each waits until.

        An answer that is given again for the same Idempotency-Key (ruling H14) has put nothing there.
        """
        if entry.operation not in ENQUEUES or not 200 <= entry.status < 300:
            return (), ()
        ids = [int(each) for each in _answered_ids(entry) if _ID.fullmatch(each)]
        key = entry.headers.get(b"idempotency-key")
        if key is not None:
            known = self._known.setdefault(sandbox, {})
            if known.get(key) == ids:
                return [], []
            if len(known) == MOST_KEYS:
                del known[next(iter(known))]
            known[key] = ids
        waits = [_instant(resource) for resource in _resources(entry.document)][: len(ids)]
        return ids, waits + [None] * (len(ids) - len(waits))


def _answered_ids(entry: JournalEntry) -> list[str]:
    if entry.answer:
        return [str(each.get("id")) for each in _resources(read(entry.answer))]
    # An answer without a document, as the literal readings of ruling D1 have it, has the link alone.
    location = dict(entry.answer_headers).get(b"location", b"").decode("latin-1")
    return [location.rpartition("/")[2]]


def _resources(document: Any) -> list[dict[str, Any]]:
    data = document.get("data") if isinstance(document, dict) else None
    return [each for each in (data if isinstance(data, list) else [data]) if isinstance(each, dict)]


def _instant(resource: dict[str, Any]) -> int | None:
    attributes = resource.get("attributes")
    sent = attributes.get("wait-until") if isinstance(attributes, dict) else None
    if not isinstance(sent, int) or isinstance(sent, bool):
        return None
    instant_ms = read_wait_until(sent, WaitUntilUnit.AUTO)
    return instant_ms if 0 <= instant_ms <= MAX_MS else None
