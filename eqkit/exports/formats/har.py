"""Exchanges as an HTTP Archive (HAR 1.2), which browsers, proxies and Playwright read."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from eqkit import __version__
from eqkit.exports.exchanges import ExportedExchange, with_credentials, with_headers
from eqkit.traffic.har import OURS, UNKNOWN, har_body, har_entry, har_request, har_response
from eqkit.traffic.secrets import REDACTED

View = dict[str, Any]


def har(exported: Iterable[ExportedExchange]) -> View:
    """Return the archive. Its entries begin at 1970, one millisecond apart: no clock makes two files differ.

    A request whose answer only a mock gives has the ``Prefer`` that asks for it (RFC 7240), and its answer
    ``Preference-Applied``.
    """
    creator = {"name": "eqkit export", "version": __version__}
    entries = [_entry(number, each) for number, each in enumerate(exported)]
    return {"log": {"version": "1.2", "creator": creator, "entries": entries}}


def _entry(number: int, exported: ExportedExchange) -> View:
    exchange = exported.exchange if exported.is_recorded else with_credentials(exported)
    asked, applied = exchange.request_headers, exchange.response_headers
    if exported.is_forced:
        asked = with_headers(asked, (("Prefer", exported.prefer),))
        applied = (*applied, ("Preference-Applied", exported.prefer))
    body = exchange.request_body
    request = har_request(
        exchange.method,
        exchange.url,
        asked,
        query=parse_qsl(exchange.query, keep_blank_values=True),
        size=_size(body),
        body=har_body(exchange.request_header("content-type") or "", body) if body else None,
    )
    media_type = exchange.response_header("content-type") or ""
    content: View = {"size": _size(exchange.response_body), "mimeType": media_type}
    if exchange.response_body:
        content |= har_body(media_type, exchange.response_body)
    is_redirect = exchange.status in (301, 302, 303, 307, 308)
    location = exchange.response_header("location") or "" if is_redirect else ""
    response = har_response(
        exchange.status, applied, content, redirect=location, size=_size(exchange.response_body)
    )
    # eqkit takes the headers for all that there are, as in a recording of its own.
    ours: View = {"redacted": REDACTED} if exchange.has_all_headers else {}
    comment = f"{exported.operation.id}: {exported.title}"
    return har_entry(number, 0, request, response, comment=comment, **({OURS: ours} if ours else {}))


def _size(body: bytes | None) -> int:
    return UNKNOWN if body is None else len(body)
