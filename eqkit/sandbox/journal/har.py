"""Entries of a journal as an HTTP Archive (HAR 1.2), for the tools that read one."""

import base64
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from eqkit import __version__
from eqkit.sandbox.journal.entries import SENT, Entry
from eqkit.sandbox.journal.entry_views import (
    answer_size,
    duration_ms,
    pairs,
    query,
    request_size,
    sent_bytes,
    texts,
)
from eqkit.timing.instants import rfc3339
from eqkit.timing.slices import Slices

View = dict[str, Any]

OURS = "_eqkit"
"""The member of an entry that eqkit alone writes: its faults, and what became of its answer."""

UNKNOWN = -1
"""What HAR writes for a size that nobody has measured."""


def writing(entries: Iterable[tuple[int, Entry]]) -> Slices[View]:
    """Write the archive of some entries, oldest first."""
    creator = {"name": "eqkit", "version": __version__}
    shown = []
    for number, entry in entries:
        shown.append(_entry(number, entry))
        yield
    return {"log": {"version": "1.2", "creator": creator, "entries": shown}}


def _entry(number: int, entry: Entry) -> View:
    told = f"request {number} of the journal"
    told += "".join(f", fault {name} ({kind})" for name, kind in entry.befell)
    if entry.outcome != SENT:
        told += f", the answer was {entry.outcome}"
    took_ms = duration_ms(entry)
    return {
        "startedDateTime": rfc3339(entry.at_ms),
        "time": took_ms,
        "request": _request(entry),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "comment": told,
        OURS: {
            "faults": [{"name": name, "kind": kind} for name, kind in entry.befell],
            "outcome": entry.outcome,
        },
    }


def _request(entry: Entry) -> View:
    host = entry.headers.get(b"host", b"").decode("latin-1") or "localhost"
    asked = query(entry)
    tail = "?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in asked) if asked else ""
    view: View = {
        "method": entry.method,
        "url": f"http://{host}{quote(entry.path)}{tail}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(texts(entry.headers.items())),
        "queryString": pairs(asked),
        "headersSize": UNKNOWN,
        "bodySize": request_size(entry),
    }
    if entry.request:
        media_type = entry.headers.get(b"content-type", b"").decode("latin-1")
        view["postData"] = {"mimeType": media_type, "params": []} | body_text(entry.request)
    return view


def _response(entry: Entry) -> View:
    headers = texts(entry.answer_headers)
    left = sent_bytes(entry)
    content: View = {"size": answer_size(entry), "mimeType": "x-unknown"}
    if entry.answer:
        media_type = dict(entry.answer_headers).get(b"content-type", b"application/vnd.api+json")
        content |= {"mimeType": media_type.decode("latin-1")} | body_text(entry.answer)
    return {
        "status": entry.status,
        "statusText": _phrase(entry.status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(headers),
        "content": content,
        # HAR's redirectURL is that of a redirect; our Location names what was made.
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN if left is None else left,
    }


def body_text(body: bytes) -> dict[str, str]:
    """Return the members of a body in a HAR; what is not UTF-8 is in base64, so that no byte is lost."""
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
