"""Exchanges written down as entries of a HAR, one by one: in a HAR file, or one a line in JSONL."""

import contextlib
import json
import os
import stat
from collections.abc import Collection
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eqkit.contract.media_types import essence, is_json
from eqkit.errors import StartupError
from eqkit.sandbox.journal.har import OURS, body_text
from eqkit.sandbox.journal.secrets import REDACTED, is_secret, without_members
from eqkit.timing.clock import WallClock
from eqkit.timing.instants import rfc3339
from eqkit.traffic.curl import redacted, without_secrets
from eqkit.traffic.exchanges import Exchange, Headers

SECRETS = frozenset(("authorization", "cookie", "proxy-authorization", "set-cookie"))
OWNER_ALONE = 0o600

_BEGINNING = '{"log":{"version":"1.2","creator":{"name":"eqkit proxy","version":"1"},"entries":['
_ADDRESSES = ("location", "content-location", "referer")


class Recording:
    """A file that exchanges are written into; what a file is called says of which form it is.

    After each exchange the file is whole: one that is killed, or has no room for the next one, leaves behind
    what came before. Nobody but its owner can read it.
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

    def add(self, exchange: Exchange, took_ms: float, secrets: Collection[str] = ()) -> None:
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
        """Close the file, and return what is missing in it, if anything is."""
        os.close(self._opened)
        return self.missing

    @property
    def missing(self) -> str | None:
        """What could not be written, and why; None where all was."""
        if not self._lost:
            return None
        return f"{self._file}: {self._lost} exchanges could not be written: {self._why}"

    def _write(self, position: int, data: bytes) -> None:
        """Write all of some bytes at a position; raises OSError."""
        os.lseek(self._opened, position, os.SEEK_SET)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._opened, rest) :]


def entry_of(exchange: Exchange, took_ms: float, secrets: Collection[str] = ()) -> dict[str, Any]:
    """Return an exchange as an entry of a HAR, secrets left out of the request and of the answer.

    `secrets` are what its contract calls the places of its keys, in lower case.
    """
    sent_as = exchange.request_header("content-type") or ""
    answered_as = exchange.response_header("content-type") or ""
    location = exchange.response_header("location") or ""
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": without_secrets(exchange.url, secrets),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(exchange.request_headers, secrets),
        "queryString": [],
        "headersSize": -1,
        "bodySize": -1 if exchange.request_body is None else len(exchange.request_body),
    }
    if exchange.request_body:
        request["postData"] = {"mimeType": sent_as} | _text(exchange.request_body, sent_as, secrets)
    size = -1 if exchange.response_body is None else len(exchange.response_body)
    content: dict[str, Any] = {"size": size, "mimeType": answered_as}
    if exchange.response_body:
        content |= _text(exchange.response_body, answered_as, secrets)
    return {
        "startedDateTime": rfc3339(WallClock().now() - round(took_ms)),
        "time": round(took_ms, 3),
        "request": request,
        "response": {
            "status": exchange.status,
            "statusText": HTTPStatus(exchange.status).phrase if exchange.status in _KNOWN else "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(exchange.response_headers, secrets),
            "content": content,
            "redirectURL": without_secrets(location, secrets) if _is_url(location) else "",
            "headersSize": -1,
            "bodySize": size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": round(took_ms, 3), "receive": 0},
        OURS: {"redacted": REDACTED},
    }


_KNOWN = frozenset(status.value for status in HTTPStatus)


def _headers(headers: Headers, secrets: Collection[str]) -> list[dict[str, str]]:
    shown = []
    for name, value in headers:
        if is_secret(name) or name.lower() in secrets:
            written = REDACTED
        elif name.lower() in _ADDRESSES:
            written = without_secrets(value, secrets) if _is_url(value) else REDACTED
        else:
            written = value
        shown.append({"name": name, "value": written})
    return shown


def _is_url(text: str) -> bool:
    try:
        urlsplit(text)
    except ValueError:
        return False
    return True


def _text(body: bytes, media_type: str, secrets: Collection[str]) -> dict[str, str]:
    text = body_text_without_secrets(body, media_type, secrets)
    return body_text(body) if text is None else {"text": text}


def body_text_without_secrets(body: bytes, media_type: str, secrets: Collection[str]) -> str | None:
    """Return a document or a form in which secrets cannot be read; None for what is neither, or not UTF-8."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    if is_json(media_type):
        return without_members(text, secrets)
    if essence(media_type) == "application/x-www-form-urlencoded":
        return redacted(text, lambda name: is_secret(name) or name.lower() in secrets)
    return None
