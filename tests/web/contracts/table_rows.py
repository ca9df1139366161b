"""The rows of the table: small documents, a request to each, and the answer that the specifications ask for.

A file of rows has named `documents`, which several rows may share, and `rows`. A row has a `name`, its
`source`, a `document` (of that name, or written in place), a `request` and the expected answer (`expect`).
The rest of a document is filled in: `GET /a` among its members is an operation, and one without responses
answers 204, and a problem to any wrong request.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "table"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")
DONE = {
    "204": {"description": "Done"},
    "4XX": {"description": "Refused", "content": {"application/problem+json": {}}},
}
"""The responses of an operation that a row says nothing of."""

_MEMBERS = {"name", "source", "document", "request", "expect", "settings", "openapi", "wire"}
_EXPECTED = {"status", "type", "headers", "body", "json", "at", "names", "valid", "again", "matches"}
_REQUEST = {"line", "headers", "json", "body", "base64", "type", "chunked"}


@dataclass(frozen=True)
class Request:
    """A request as it is sent: method, target, header lines and body."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes | None
    is_chunked: bool = False

    def raw(self) -> bytes:
        """Return the bytes of the request, the last one on its connection."""
        lines = [f"{self.method} {self.target} HTTP/1.1", "Host: mock.test", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        body = self.body or b""
        if self.is_chunked:
            lines.append("Transfer-Encoding: chunked")
            body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
        elif self.body is not None:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    topic: str
    name: str
    source: str
    document: dict[str, Any]
    request: Request
    expect: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)
    is_for_wire: bool | None = None
    """Whether it is sent over a socket, too; None where that is left to the sample."""

    @property
    def id(self) -> str:
        """The name of its test."""
        return f"{self.topic}: {self.name}"


def rows() -> list[Row]:
    """Return all rows, by topic."""
    return [row for file in sorted(FOLDER.rglob("*.yaml")) for row in _rows_of(file)]


def _rows_of(file: Path) -> Iterator[Row]:
    data = yaml.load(file.read_text(), yaml.CSafeLoader)
    documents = data.get("documents", {})
    for row in data["rows"]:
        assert set(row) <= _MEMBERS, row["name"]
        given = row["document"]
        document = documents[given] if isinstance(given, str) else given
        expect = row["expect"] if isinstance(row["expect"], dict) else {"status": row["expect"]}
        assert "status" in expect, row["name"]
        assert set(expect) <= _EXPECTED, row["name"]
        version = row.get("openapi", data.get("openapi", "3.1.1"))
        yield Row(
            file.stem,
            row["name"],
            row["source"],
            whole(document, version),
            _request(row["request"]),
            expect,
            row.get("settings", {}),
            row.get("wire"),
        )


def whole(fragment: dict[str, Any], version: str) -> dict[str, Any]:
    """Return a document of which a row has a part."""
    document: dict[str, Any] = {"openapi": version, "info": {"title": "A row", "version": "1"}, "paths": {}}
    for name, node in fragment.items():
        method, _, path = name.partition(" ")
        if method in METHODS:
            operation = {"responses": DONE, **node}
            document["paths"].setdefault(path, {})[method.lower()] = operation
        elif name == "paths":
            document["paths"] |= node
        else:
            document[name] = node
    return document


def _request(given: Any) -> Request:
    """Return a request of its first line, or of its members."""
    members: dict[str, Any] = {"line": given} if isinstance(given, str) else given
    assert set(members) <= _REQUEST, given
    method, _, target = members["line"].partition(" ")
    headers = [
        (name, line)
        for name, value in members.get("headers", {}).items()
        for line in (value if isinstance(value, list) else [value])
    ]
    body: bytes | None = None
    media_type = members.get("type")
    if "json" in members:
        body, media_type = json.dumps(members["json"]).encode(), media_type or "application/json"
    elif "base64" in members:
        body = base64.b64decode(members["base64"])
    elif "body" in members:
        body = members["body"].encode()
    if media_type:
        headers.append(("Content-Type", media_type))
    return Request(method, target, headers, body, members.get("chunked", False))


@dataclass(frozen=True)
class Response:
    """An answer as it came: status, header lines and body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the value of a header, its lines joined (RFC 9110 5.3)."""
        found = [value for each, value in self.headers if each.lower() == name.lower()]
        return ", ".join(found) if found else None

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    def __str__(self) -> str:
        """Show it as it failed."""
        lines = "\n".join(f"{name}: {value}" for name, value in self.headers)
        return f"{self.status}\n{lines}\n\n{self.body[:2000].decode('utf-8', 'replace')}"


def differences(expect: dict[str, Any], answer: Response) -> Iterator[str]:
    """Yield the ways in which an answer is not as expected."""
    if answer.status != expect["status"]:
        yield f"the status is {answer.status}, and not {expect['status']}"
    media_type = answer.header("content-type")
    if "type" in expect and (media_type or "").partition(";")[0] != expect["type"]:
        yield f"the media type is {media_type}, and not {expect['type']}"
    for name, wanted in expect.get("headers", {}).items():
        sent = answer.header(name)
        if not _is_header(wanted, sent):
            yield f"the header {name} is {sent}, and not {wanted}"
    if "body" in expect and answer.body.decode() != expect["body"]:
        yield f"the body is not {expect['body']!r}"
    if "matches" in expect and not re.fullmatch(expect["matches"], answer.body.decode()):
        yield f"the body does not match {expect['matches']}"
    if "json" in expect and answer.json() != expect["json"]:
        yield f"the document is not {expect['json']}"
    for pointer, wanted in expect.get("at", {}).items():
        found = _at(answer.json(), pointer)
        if found != wanted or type(found) is not type(wanted):
            yield f"at {pointer} is {found!r}, and not {wanted!r}"
    for name in expect.get("names", ()):
        if name not in answer.body.decode():
            yield f"the answer does not name {name}"


def _is_header(wanted: Any, sent: str | None) -> bool:
    """Return whether a header is as expected: a text, none, a pattern, or a list that has some members."""
    match wanted:
        case {"matches": pattern}:
            return sent is not None and re.fullmatch(pattern, sent) is not None
        case {"has": members}:
            return {each.lower() for each in members} <= {
                each.strip().lower() for each in (sent or "").split(",")
            }
        case {"has-not": members}:
            there = {each.strip().lower() for each in (sent or "").split(",")}
            return not there & {each.lower() for each in members}
    return bool(sent == wanted)


MISSING = "(nothing)"
"""The expectation that nothing is at a pointer."""


def _at(document: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        try:
            document = document[int(part) if isinstance(document, list) else part]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return document
