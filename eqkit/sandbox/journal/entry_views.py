"""Entries of a journal, as documents of the control plane show them."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl

import orjson

from eqkit.sandbox.client_warnings import ClientWarning
from eqkit.sandbox.journal.entries import WHOLE, JournalEntry, read
from eqkit.timing.instants import rfc3339
from eqkit.traffic.secrets import REDACTED, is_secret

View = dict[str, Any]

SHOWN_DEPTH = 200
"""How deep a document may nest to be shown as one; a deeper one is shown as the text that it came as."""


def entry_view(number: int, entry: JournalEntry, warnings: Sequence[ClientWarning] = ()) -> View:
    """Show an entry (schema ``JournalEntry``)."""
    view: View = {"number": number, "at": rfc3339(entry.at_ms), "method": entry.method, "path": entry.path}
    if entry.operation is not None:
        view["operation"] = entry.operation
    if entry.queue is not None:
        view["queue"] = entry.queue
    if entry.query:
        view["query"] = pairs(query(entry))
    headers = pairs(texts(entry.headers.items()))
    view["request"] = {"headers": headers, **_body(entry.request, request_size(entry))}
    if entry.fault is not None:
        view["fault"] = entry.fault
    view |= {"stored": bool(entry.ids), "messages": _messages(entry), "status": entry.status}
    view["error-codes"] = list(entry.error_codes)
    headers = pairs(texts(entry.answer_headers))
    view["answer"] = {"headers": headers, **_body(entry.answer, answer_size(entry))}
    view["outcome"] = entry.outcome
    if (size := sent_bytes(entry)) is not None:
        view["sent-bytes"] = size
    view["duration-ms"] = duration_ms(entry)
    view["violations"] = list(entry.violations)
    view["warnings"] = [_warning(warning) for warning in warnings]
    return view


def query(entry: JournalEntry) -> list[tuple[str, str]]:
    """Return the query of a request, with a secret in it made unreadable."""
    found = parse_qsl(entry.query.decode("latin-1"), keep_blank_values=True, errors="replace")
    return [(name, REDACTED if is_secret(name) else value) for name, value in found]


def texts(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Return headers as texts."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


def pairs(items: Iterable[tuple[str, str]]) -> list[View]:
    """Show names and values, of which each may come more than once."""
    return [{"name": name, "value": value} for name, value in items]


def request_size(entry: JournalEntry) -> int:
    """Return how long the body of a request is, in bytes, kept or not."""
    return len(entry.request) + entry.left_out[0]


def answer_size(entry: JournalEntry) -> int:
    """Return how long the body of an answer is, in bytes, kept or not."""
    return len(entry.answer) + entry.left_out[1]


def sent_bytes(entry: JournalEntry) -> int | None:
    """Return how many bytes of the answer's body have left; None if it broke off in the middle."""
    if entry.outcome in WHOLE:
        return answer_size(entry)
    return 0 if entry.outcome in ("lost", "reset", "garbage") else None


def duration_ms(entry: JournalEntry) -> float:
    """Return how long an answer took, in milliseconds of the wall's time."""
    return round(entry.duration_s * 1000, 3)


def can_be_shown(document: Any) -> bool:
    """Return whether a document can stand inside of another one, which may nest 254 levels at most."""
    for _ in range(254 - SHOWN_DEPTH):
        document = [document]
    try:
        orjson.dumps(document)
    except orjson.JSONEncodeError:
        return False
    return True


def _body(body: bytes, size: int) -> View:
    if not body:
        return {"size": size}
    document = read(body)
    is_flat = body.count(b"{") + body.count(b"[") <= SHOWN_DEPTH
    if document is not None and (is_flat or can_be_shown(document)):
        return {"size": len(body), "document": document}
    return {"size": len(body), "text": body.decode("utf-8", "replace")}


def _messages(entry: JournalEntry) -> list[View]:
    views: list[View] = []
    for identifier, at_ms, due_ms in zip(entry.ids, entry.wait_until_at_ms, entry.due_at_ms, strict=True):
        view = {"id": str(identifier), "due-at": rfc3339(due_ms)}
        if at_ms is not None:
            view["wait-until-at"] = rfc3339(at_ms)
        views.append(view)
    return views


def _warning(warning: ClientWarning) -> View:
    view: View = {"kind": warning.kind, "detail": warning.detail}
    return view if warning.pointer is None else view | {"pointer": warning.pointer}
