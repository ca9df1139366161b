"""The requests of both clients on the wire, and the reading of answers."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from eqkit.client.errors import DecodeError, StatusError
from eqkit.client.models import Event
from eqkit.client.operations import BASE, Operation, Result

TIMEOUT_S = 60.0
"""How long a client waits for an answer by default, in seconds of the wall."""


_CARRIED = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
"""A header's value that arrives as it was sent."""


@dataclass(frozen=True, slots=True)
class Address:
    """A server: scheme, host and port of its URL."""

    secure: bool
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Address":
        """Read a base URL; raises ValueError for any other text."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise ValueError(f"{url!r} is not the base URL of a server, such as http://127.0.0.1:8080")
        secure = parts.scheme == "https"
        return cls(secure, parts.hostname, parts.port or (443 if secure else 80))

    @property
    def authority(self) -> str:
        """The value of the header Host."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The key of the sandbox, and the token of a server that demands one; neither is in a traceback."""

    key: str | None = field(repr=False)
    token: str | None = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse text that no header can carry, such as a line end; the ValueError does not repeat it."""
        for name, value in (("key", self.key), ("token", self.token)):
            if value is not None and not _CARRIED.fullmatch(value):
                raise ValueError(
                    f"the {name} cannot be sent: expected printable ASCII characters, "
                    f"got {len(value)} characters that are not shown"
                )

    def headers(self) -> dict[str, str]:
        """The headers that carry them."""
        named = {"Authorization": self.key, "Control-Token": self.token}
        return {name: value for name, value in named.items() if value is not None}


def request_of(call: Operation[Any], credentials: Credentials) -> tuple[dict[str, str], bytes | None]:
    """Return headers and body of a call."""
    headers = {"Accept": "application/json", **credentials.headers()}
    if call.document is None:
        return headers, None
    return headers | {"Content-Type": "application/json"}, json.dumps(call.document).encode()


def framed(headers: Mapping[str, str], method: str, body: bytes) -> dict[str, str]:
    """Return headers with the length of the body, where there is one or could be."""
    length = {"Content-Length": str(len(body))} if body or method in ("POST", "PUT") else {}
    return {**headers, **length}


def document_of(status: int, body: bytes) -> Any:
    """Return the document of an answer, None for an empty one; raises StatusError or DecodeError."""
    text = body.decode("utf-8", "replace")
    try:
        document = json.loads(text) if text else None
    except ValueError as error:
        if status < 400:
            raise DecodeError(f"the answer is no JSON: {text[:80]!r}") from error
        document = None
    if status >= 400:
        raise StatusError.of(status, document, text)
    return document


def result_of(call: Operation[Result], status: int, body: bytes) -> Result:
    """Return the result of a call; raises StatusError from 400 on, or DecodeError."""
    document = document_of(status, body)
    try:
        return call.read(document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DecodeError(f"{call.method} {BASE}{call.path} is answered otherwise: {error!r}") from error


def stream_request(after: int | None, follow: bool, credentials: Credentials) -> tuple[str, dict[str, str]]:
    """Return path and headers of the stream of events."""
    last = {} if after is None else {"Last-Event-ID": str(after)}
    return f"{BASE}/events?follow={str(follow).lower()}", {
        "Accept": "text/event-stream",
        **credentials.headers(),
        **last,
    }


class EventLines:
    """Makes events of the lines of Server-Sent Events."""

    def __init__(self) -> None:
        """Begin with no line seen."""
        self._fields: dict[str, str] = {}

    def feed(self, line: bytes) -> Iterator[Event]:
        """Take a line, and yield the event that it completes."""
        text = line.decode().rstrip("\r\n")
        if text:
            name, _, value = text.partition(":")
            self._fields[name] = value.removeprefix(" ")
        elif "data" in self._fields:
            data = json.loads(self._fields["data"])
            at = datetime.fromisoformat(data.pop("at"))
            number = int(self._fields["id"])
            yield Event(number=number, at=at, kind=self._fields["event"], data=data)
            self._fields = {}
        else:
            self._fields = {}
