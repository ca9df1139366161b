"""Entries of an HTTP Archive (HAR 1.2): the one place that writes them."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from eqkit.reason_phrases import reason_phrase
from eqkit.timing.instants import rfc3339

View = dict[str, Any]
Pairs = Iterable[tuple[str, str]]

OURS = "_eqkit"
"""The member of an entry that eqkit alone writes, such as the faults of a request."""

MOCKED = "mock"
"""The kind among those faults of an answer that a mock has made for a service without the operation."""

UNKNOWN = -1
"""The size that HAR gives to something that was not measured."""


def har_entry(started_ms: int, took_ms: float, request: View, response: View, **more: Any) -> View:
    """Return an entry that began at an instant in milliseconds; `more` are members behind the rest."""
    return {
        "startedDateTime": rfc3339(started_ms),
        "time": took_ms,
        "request": request,
        "response": response,
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
        **more,
    }


def har_request(
    method: str, url: str, headers: Pairs, *, query: Pairs = (), size: int = UNKNOWN, body: View | None = None
) -> View:
    """Return the request of an entry; `body` has the type and text that `har_body` makes."""
    view: View = {
        "method": method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "queryString": _pairs(query),
        "headersSize": UNKNOWN,
        "bodySize": size,
    }
    if body is not None:
        view["postData"] = body
    return view


def har_response(
    status: int, headers: Pairs, content: View, *, redirect: str = "", size: int = UNKNOWN
) -> View:
    """Return the response of an entry; `content` is its body, whose size need not be that on the wire."""
    return {
        "status": status,
        "statusText": reason_phrase(status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "content": content,
        "redirectURL": redirect,
        "headersSize": UNKNOWN,
        "bodySize": size,
    }


def har_body(media_type: str, body: bytes | str, **more: Any) -> View:
    """Return the members of a body; bytes that are not UTF-8 are in base64, so that none is lost."""
    if isinstance(body, str):
        text: Mapping[str, str] = {"text": body}
    else:
        try:
            text = {"text": body.decode()}
        except UnicodeDecodeError:
            text = {"text": base64.b64encode(body).decode(), "encoding": "base64"}
    return {"mimeType": media_type, **more, **text}


def _pairs(items: Pairs) -> list[View]:
    return [{"name": name, "value": value} for name, value in items]
