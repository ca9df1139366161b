"""Mistakes that clients of any API make, found in their requests."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from eqkit.sandbox.client_warnings import ClientWarning
from eqkit.sandbox.journal.entries import KEPT, JournalEntry
from eqkit.sandbox.request_linter import REFUSED, RETRIES, RequestLinter, fingerprint_of

TITLES = {**RETRIES, "duplicate-request": "The same request was carried out before"}
"""Every kind of mistake, with its title."""


class OperationLinter(RequestLinter[None]):
    """Finds requests that were carried out before, beside the mistakes with retries."""

    titles: Mapping[str, str] = MappingProxyType(TITLES)

    def __init__(self) -> None:
        """Begin with nothing seen."""
        super().__init__()
        self._done: dict[int, tuple[int, bytes]] = {}

    def _read(self, entry: JournalEntry) -> None:
        """Read nothing: the bytes of a request tell whether it is the same."""

    def _check(self, entry: JournalEntry, found: None) -> Iterator[ClientWarning]:
        yield from super()._check(entry, found)
        if entry.method == "POST" and entry.request and (entry.status < 400 or REFUSED in entry.error_codes):
            earlier = self._done.get(fingerprint_of(entry))
            key = entry.headers.get(b"idempotency-key", b"")
            if earlier is not None and not (key and earlier[1]):
                yield ClientWarning("duplicate-request", f"request {earlier[0]} has sent the same body here")

    def _note(self, number: int, entry: JournalEntry, found: None) -> None:
        super()._note(number, entry, found)
        if entry.method == "POST" and entry.request and entry.status < 400:
            key = entry.headers.get(b"idempotency-key", b"")
            self._done[fingerprint_of(entry)] = number, key

    def _forget(self, oldest: int) -> None:
        super()._forget(oldest)
        while len(self._done) > KEPT:
            del self._done[next(iter(self._done))]
