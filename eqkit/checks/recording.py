"""Exchanges written down as entries of a HAR: all at once in a HAR file, or one a line in JSONL."""

import base64
import json
from collections.abc import Callable, Collection, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from eqkit.checks.curl import without_secrets
from eqkit.checks.exchanges import Exchange, Headers
from eqkit.delay.clock import WallClock
from eqkit.delay.instants import rfc3339
from eqkit.errors import StartupError
from eqkit.sandbox.secrets import REDACTED, SECRET

SECRETS = frozenset(("authorization", "cookie", "proxy-authorization", "set-cookie"))


class Recording:
    """A file that exchanges are written into; what a file is called says of which form it is."""

    def __init__(self, file: Path) -> None:
        """Take a file named ``….har`` or ``….jsonl``; raises StartupError for another."""
        if file.suffix not in (".har", ".jsonl"):
            raise StartupError(f"{file}: a recording is called ….har or ….jsonl")
        self._file = file
        self._entries: list[dict[str, Any]] = []
        self._write("" if file.suffix == ".jsonl" else _har([]), "w")

    def add(self, exchange: Exchange, took_ms: float, secrets: Collection[str] = ()) -> None:
        """Write an exchange down, which took so long and has just ended; `secrets` are as for `entry_of`."""
        entry = entry_of(exchange, took_ms, secrets)
        if self._file.suffix == ".jsonl":
            self._write(json.dumps(entry, ensure_ascii=False) + "\n", "a")
        else:
            self._entries.append(entry)

    def close(self) -> None:
        """Write what is to be written at the end."""
        if self._file.suffix == ".har":
            self._write(_har(self._entries), "w")

    def _write(self, text: str, mode: str) -> None:
        try:
            with self._file.open(mode, encoding="utf-8") as opened:
                opened.write(text)
        except OSError as error:
            raise StartupError(f"{self._file}: {error.strerror}") from error


def entry_of(exchange: Exchange, took_ms: float, secrets: Collection[str] = ()) -> dict[str, Any]:
    """Return an exchange as an entry of a HAR, secrets left out.

    `secrets` are what its contract calls the places of its keys, in lower case.
    """
    request: dict[str, Any] = {
        "method": exchange.method,
        "url": without_secrets(exchange.url, secrets),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(exchange.request_headers, lambda name: is_secret(name) or name in secrets),
        "queryString": [],
        "headersSize": -1,
        "bodySize": -1 if exchange.request_body is None else len(exchange.request_body),
    }
    if exchange.request_body:
        media_type = exchange.request_header("content-type") or ""
        request["postData"] = {"mimeType": media_type} | _text(exchange.request_body)
    size = -1 if exchange.response_body is None else len(exchange.response_body)
    content = {"size": size, "mimeType": exchange.response_header("content-type") or ""}
    return {
        "startedDateTime": rfc3339(WallClock().now() - round(took_ms)),
        "time": round(took_ms, 3),
        "request": request,
        "response": {
            "status": exchange.status,
            "statusText": HTTPStatus(exchange.status).phrase if exchange.status in _KNOWN else "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(exchange.response_headers, lambda name: name in SECRETS or name in secrets),
            "content": content | (_text(exchange.response_body) if exchange.response_body else {}),
            "redirectURL": exchange.response_header("location") or "",
            "headersSize": -1,
            "bodySize": size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": round(took_ms, 3), "receive": 0},
    }


_KNOWN = frozenset(status.value for status in HTTPStatus)


def is_secret(name: str) -> bool:
    """Tell a header of a request, in lower case, that a key of an API may be in, whatever an API calls it."""
    return name in SECRETS or (SECRET.search(name) is not None and "idempotency" not in name)


def _headers(headers: Headers, is_secret: Callable[[str], bool]) -> list[dict[str, str]]:
    return [
        {"name": name, "value": REDACTED if is_secret(name.lower()) else value} for name, value in headers
    ]


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def _har(entries: Sequence[dict[str, Any]]) -> str:
    creator = {"name": "eqkit proxy", "version": "1"}
    return json.dumps({"log": {"version": "1.2", "creator": creator, "entries": entries}}, ensure_ascii=False)
