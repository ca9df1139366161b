"""Entries of a journal as an HTTP Archive (HAR 1.2), for the tools that read one."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from eqkit import __version__
from eqkit.sandbox.journal.entries import SENT, JournalEntry
from eqkit.sandbox.journal.entry_views import answer_size, duration_ms, query, request_size, sent_bytes, texts
from eqkit.timing.slices import Slices
from eqkit.traffic.har import OURS, UNKNOWN, har_body, har_entry, har_request, har_response

View = dict[str, Any]

_OF_PATHS = "/:@!$&'()*+,;=%"
"""The characters that a path has as they are (RFC 3986 3.3); an entry has its ``%`` encoded already."""


def writing(entries: Iterable[tuple[int, JournalEntry]]) -> Slices[View]:
    """Write the archive of some entries, oldest first."""
    creator = {"name": "eqkit", "version": __version__}
    shown = []
    for number, entry in entries:
        shown.append(_entry(number, entry))
        yield
    return {"log": {"version": "1.2", "creator": creator, "entries": shown}}


def _entry(number: int, entry: JournalEntry) -> View:
    comment = f"request {number} of the journal"
    comment += "".join(f", fault {name} ({kind})" for name, kind in entry.applied_faults)
    if entry.outcome != SENT:
        comment += f", the answer was {entry.outcome}"
    faults = [{"name": name, "kind": kind} for name, kind in entry.applied_faults]
    return har_entry(
        entry.at_ms,
        duration_ms(entry),
        _request(entry),
        _response(entry),
        comment=comment,
        **{OURS: {"faults": faults, "outcome": entry.outcome}},
    )


def _request(entry: JournalEntry) -> View:
    host = entry.headers.get(b"host", b"").decode("latin-1") or "localhost"
    asked = query(entry)
    tail = "?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in asked) if asked else ""
    media_type = entry.headers.get(b"content-type", b"").decode("latin-1")
    return har_request(
        entry.method,
        f"http://{host}{quote(entry.path, _OF_PATHS)}{tail}",
        texts(entry.headers.items()),
        query=asked,
        size=request_size(entry),
        body=har_body(media_type, entry.request, params=[]) if entry.request else None,
    )


def _response(entry: JournalEntry) -> View:
    left = sent_bytes(entry)
    content: View = {"size": answer_size(entry), "mimeType": "x-unknown"}
    if entry.answer:
        media_type = dict(entry.answer_headers).get(b"content-type", b"application/vnd.api+json")
        content |= har_body(media_type.decode("latin-1"), entry.answer)
    # HAR's redirectURL is that of a redirect; our Location names a resource that was made.
    return har_response(
        entry.status, texts(entry.answer_headers), content, size=UNKNOWN if left is None else left
    )
