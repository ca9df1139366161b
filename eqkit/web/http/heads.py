"""The head of a request: its target and the headers that frame it (RFC 9112)."""

import re
from typing import Any

import httptools

from eqkit.web.messages.header_fields import elements

_SCHEMES = {b"http": "http", b"https": "https"}
_WHITE_SPACE_AT_END = re.compile(rb"(?<=[^\r\n \t])[ \t]+(?=\r\n)")
_MAYBE_AT_END = re.compile(rb"(?<=[^\r\n \t])[ \t]+\r?\Z")


class MalformedHead(ValueError):
    """A head that RFC 9112 refuses with a 400; its text goes to the client."""


Target = tuple[bytes, bytes, str, bytes | None]
"""Path, query, scheme, and the authority of the absolute form."""


def read_target(target: bytes, method: bytes) -> Target:
    """Return the target of a request, by the forms of RFC 9112 3.2; raises MalformedHead."""
    if target[:1] == b"/":
        if b"#" in target:
            target = target.partition(b"#")[0]
        path, _, query = target.partition(b"?")
        return path, query, "http", None
    if target == b"*" and method == b"OPTIONS":
        return b"*", b"", "http", None
    try:
        url = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        raise MalformedHead("The request target must be a path, or a whole http URL.") from None
    parts: Any = url  # each may be None, in spite of httptools' annotations
    scheme = _SCHEMES.get((parts.schema or b"").lower())
    if scheme is None or not parts.host:
        raise MalformedHead("The request target must be a path, or a whole http URL.")
    if b"@" in target.partition(b"//")[2].partition(b"/")[0]:
        # RFC 9110 4.2.4: in a URL from elsewhere it is there to mislead.
        raise MalformedHead("The request target must have no user information before its host.")
    host = b"[%b]" % parts.host if b":" in parts.host else parts.host
    authority = host if parts.port is None else b"%b:%d" % (host, parts.port)
    nothing = b"*" if method == b"OPTIONS" and parts.query is None else b"/"
    return parts.path or nothing, parts.query or b"", scheme, authority


def require_framing(version: str, hosts: int, transfer_coding: bytes) -> None:
    """Check the version, Host lines and transfer codings, which the parser does not; raises MalformedHead."""
    if version not in ("1.1", "1.0"):
        raise MalformedHead("The request must be HTTP/1.1 or HTTP/1.0.")
    if hosts > 1:
        raise MalformedHead(f"The request has {hosts} Host headers; it must have one (RFC 9112 3.2).")
    if not hosts and version == "1.1":
        raise MalformedHead("The request has no Host header, which HTTP/1.1 wants (RFC 9112 3.2).")
    if not transfer_coding:
        return
    if version == "1.0":
        raise MalformedHead("HTTP/1.0 has no Transfer-Encoding (RFC 9112 6.1); send a Content-Length.")
    codings = elements(transfer_coding.decode("latin-1"))
    if [coding.lower() for coding in codings] != ["chunked"]:
        raise MalformedHead("The only Transfer-Encoding that is understood is chunked, and that once.")


def wants_continue(expect: bytes) -> bool:
    """Return whether an Expect header asks for a 100 before the body is sent (RFC 9110 10.1.1)."""
    return "100-continue" in (each.lower() for each in elements(expect.decode("latin-1")))


def strip_white_space(before: bytes, data: bytes) -> tuple[bytes, bytes]:
    """Remove the white space at the end of header lines (RFC 9110 5.5), up to the end of the head.

    llhttp does not know a ``chunked`` that a tab follows. `before` are the last bytes, three or fewer, of the
    same head that were parsed already. Returns the bytes to parse now, and those to put before the next ones:
    white space that may yet turn out to end a line. A line of white space alone is left, since without it the
    head would end there.
    """
    text, begin = before + data, len(before)
    end, held = text.find(b"\r\n\r\n"), b""
    # The first of the two line ends belongs to the last header; the head may have ended within `before`.
    end = len(text) if end < 0 else max(end + 2, begin)
    if end == len(text):
        maybe = _MAYBE_AT_END.search(text, begin)
        if maybe is not None:
            end, held = maybe.start(), maybe.group()
    pieces, at = [], begin
    for white_space in _WHITE_SPACE_AT_END.finditer(text, begin, end):
        pieces.append(text[at : white_space.start()])
        at = white_space.end()
    return b"".join([*pieces, text[at : len(text) - len(held)]]), held
