"""Exchanges written down as entries of a HAR, one by one: in a HAR file, or one a line in JSONL."""

import contextlib
import json
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eqkit.contract.media_types import essence, is_json
from eqkit.errors import StartupError
from eqkit.timing.clock import WallClock
from eqkit.traffic.codings import unpacked, unreadable
from eqkit.traffic.curl import redacted, without_secrets
from eqkit.traffic.exchanges import Headers, RecordedExchange
from eqkit.traffic.har import OURS, UNKNOWN, har_body, har_entry, har_request, har_response
from eqkit.traffic.secrets import REDACTED, is_secret, without_members

SECRETS = frozenset(("authorization", "cookie", "proxy-authorization", "set-cookie"))
OWNER_ALONE = 0o600

LONGEST_RECORDED = 16 * 1024 * 1024
"""How long a compressed body may become in a recording, in bytes: no longer than any other body there."""

_BEGINNING = '{"log":{"version":"1.2","creator":{"name":"eqkit proxy","version":"1"},"entries":['
_ADDRESSES = ("location", "content-location", "referer")


class Recording:
    """A file of exchanges; the ending of its name selects the format.

    The file is whole after each exchange: a recording that is killed, or has no room for the next exchange,
    leaves the earlier ones behind. Nobody but its owner can read it.
    """

    def __init__(self, file: Path) -> None:
        """Take a file named ``….har`` or ``….jsonl``; raises StartupError for another."""
        if file.suffix not in (".har", ".jsonl"):
            raise StartupError(f"{file}: a recording is called ….har or ….jsonl")
        self._file = file
        self._is_har = file.suffix == ".har"
        self._end = b"\n]}}\n" if self._is_har else b""
        self._count = 0
        self._lost, self._why = 0, ""
        try:
            self._opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, OWNER_ALONE)
            if not stat.S_ISREG(os.fstat(self._opened).st_mode):
                raise StartupError(f"{file}: not a file")
            with contextlib.suppress(OSError, AttributeError):  # of another owner, or where there is no such
                os.fchmod(self._opened, OWNER_ALONE)
            self._length = len(_BEGINNING) if self._is_har else 0
            if self._is_har:
                self._write(0, _BEGINNING.encode() + self._end)
        except OSError as error:
            raise StartupError(f"{file}: {error.strerror}") from error

    def add(self, exchange: RecordedExchange, took_ms: float, secrets: Collection[str] = ()) -> None:
        """Write an exchange down, which took so long and has just ended, if there is room for it.

        `secrets` are as for `entry_of`.
        """
        line = json.dumps(entry_of(exchange, took_ms, secrets), ensure_ascii=False)
        before = ",\n" if self._is_har and self._count else ""
        after = "" if self._is_har else "\n"
        entry = f"{before}{line}{after}".encode("utf-8", "surrogatepass")
        try:
            self._write(self._length, entry + self._end)
        except OSError as error:
            self._lost, self._why = self._lost + 1, error.strerror or str(error)
            with contextlib.suppress(OSError):
                os.ftruncate(self._opened, self._length)
                self._write(self._length, self._end)
            return
        self._length, self._count = self._length + len(entry), self._count + 1

    def close(self) -> str | None:
        """Close the file, and return the reason why it is not whole, if it is not."""
        os.close(self._opened)
        return self.missing

    @property
    def missing(self) -> str | None:
        """The reason why something could not be written; None if all was."""
        if not self._lost:
            return None
        return f"{self._file}: {self._lost} exchanges could not be written: {self._why}"

    def _write(self, position: int, data: bytes) -> None:
        """Write all of some bytes at a position; raises OSError."""
        os.lseek(self._opened, position, os.SEEK_SET)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._opened, rest) :]


def entry_of(exchange: RecordedExchange, took_ms: float, secrets: Collection[str] = ()) -> dict[str, Any]:
    """Return an exchange as an entry of a HAR, secrets left out of the request and of the answer.

    `secrets` are its contract's names for the places of its keys, in lower case.
    """
    location = exchange.response_header("location") or ""
    asked, answered = (
        (exchange.request_body, exchange.request_header("content-encoding") or ""),
        (exchange.response_body, exchange.response_header("content-encoding") or ""),
    )
    sent, got = without_coding(*asked, LONGEST_RECORDED), without_coding(*answered, LONGEST_RECORDED)
    answered_as = exchange.response_header("content-type") or ""
    content: dict[str, Any] = {"size": _size(got, answered[0]), "mimeType": answered_as}
    if got:
        content |= _body(got, answered_as, secrets)
    request = har_request(
        exchange.method,
        without_secrets(exchange.url, secrets),
        headers_without_secrets(exchange.request_headers, secrets),
        size=_size(exchange.request_body),
        body=_body(sent, exchange.request_header("content-type") or "", secrets) if sent else None,
    )
    for view, kept, (body, encoding) in ((request, sent, asked), (content, got, answered)):
        if kept is None and body is not None:
            view["comment"] = f"the body was not kept: {unreadable(encoding)}"
    response = har_response(
        exchange.status,
        headers_without_secrets(exchange.response_headers, secrets),
        content,
        redirect=without_secrets(location, secrets) if _is_url(location) else "",
        size=_size(exchange.response_body),
    )
    ours: dict[str, Any] = {"redacted": REDACTED}
    if exchange.armed:
        ours["faults"] = [{"name": name, "kind": kind} for name, kind in exchange.armed]
    started_ms = WallClock().now() - round(took_ms)
    return har_entry(started_ms, round(took_ms, 3), request, response, **{OURS: ours})


def without_coding(body: bytes | None, encoding: str, longest: int) -> bytes | None:
    """Return a body as it is kept: text without its coding, in which secrets can be found.

    Anything else is kept as it was sent, but for a body that cannot be unpacked within `longest` bytes: it is
    None, since nobody knows its secrets.
    """
    if not body or not encoding:
        return body
    plain = unpacked(body, encoding, longest)
    if plain is None:
        return None
    try:
        plain.decode()
    except UnicodeDecodeError:
        return body
    return plain


def _size(body: bytes | None, packed: bytes | None = None) -> int:
    """Return the size that a HAR gives to a body, or else to the one that was not kept of it."""
    known = packed if body is None else body
    return UNKNOWN if known is None else len(known)


def headers_without_secrets(headers: Headers, secrets: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield headers with their secrets redacted; `secrets` are as for `entry_of`."""
    for name, value in headers:
        if is_secret(name) or name.lower() in secrets:
            written = REDACTED
        elif name.lower() in _ADDRESSES:
            written = without_secrets(value, secrets) if _is_url(value) else REDACTED
        else:
            written = value
        yield name, written


def _is_url(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def _body(body: bytes, media_type: str, secrets: Collection[str]) -> dict[str, Any]:
    text = body_text_without_secrets(body, media_type, secrets)
    return har_body(media_type, body if text is None else text)


def body_text_without_secrets(body: bytes, media_type: str, secrets: Collection[str]) -> str | None:
    """Return JSON or a form with its secrets redacted; None for other media types, and if it is not UTF-8."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    if is_json(media_type):
        return without_members(text, secrets)
    if essence(media_type) == "application/x-www-form-urlencoded":
        return redacted(text, lambda name: is_secret(name) or name.lower() in secrets)
    return None
