"""Answers of the protocol itself: an error document of the API, and the end of the connection."""

from http import HTTPStatus

import orjson

from eqkit.errors import Code, ErrorObject
from eqkit.reason_phrases import reason_phrase
from eqkit.sandbox.journal.entries import header_lines
from eqkit.web.messages.context import Headers
from eqkit.web.messages.cors import headers_for
from eqkit.web.messages.error_responses import error_document
from eqkit.web.messages.negotiation import MEDIA_TYPE

RETRY_AFTER = b"1"
"""Seconds after which a full or a closing server may be tried again."""


_STATUS_LINES = {
    each.value: f"HTTP/1.1 {each.value} {reason_phrase(each)}\r\n".encode() for each in HTTPStatus
}


def status_line(status: int) -> bytes:
    """Return the first line of an answer; a status that has no name goes without one (RFC 9112 4)."""
    return _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status


def plain_error(
    error: ErrorObject, date_line: bytes, request_headers: Headers = (), *, is_head: bool = False
) -> bytes:
    """Return the bytes of an answer for an error, which ends its connection."""
    body = orjson.dumps(error_document([("error-0", error)]))
    lines = [
        *headers_for(dict(request_headers).get(b"origin")),
        (b"content-type", MEDIA_TYPE),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    if error.code.status == 503:
        lines.append((b"retry-after", RETRY_AFTER))
    head = status_line(error.code.status) + date_line + header_lines(lines) + b"\r\n"
    return head if is_head else head + body


def malformed(detail: str) -> ErrorObject:
    """Return the error of a request that is not HTTP/1.1 as it should be."""
    return ErrorObject(Code.MALFORMED_REQUEST, detail)
