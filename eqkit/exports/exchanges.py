"""The one list that every format is written from: an operation, a request to it, and the answer."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from eqkit.contract.credentials import Credentials, asked_for, schemes
from eqkit.contract.document import Document
from eqkit.contract.operations import Operation
from eqkit.traffic.exchanges import Headers, RecordedExchange
from eqkit.traffic.secrets import REDACTED

KEY = "test_export"
"""Stands where a request needs a key: no export has the key of anybody."""

_OF_CONNECTIONS = frozenset((
    "connection", "content-encoding", "content-length", "date", "host", "keep-alive", "proxy-connection",
    "te", "trailer", "transfer-encoding", "upgrade",
))  # fmt: skip
"""Headers of one connection or moment (RFC 9110 7.6.1); a recorded body has no content coding any more."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")


class NotExportable(Exception):
    """Something that a format, or HTTP itself, has no place for; the message says why."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of a contract or recording that is not exported: its name, and the reason."""

    name: str
    reason: str

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.name}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ExportedExchange:
    """One request to an operation and its answer, without the credentials of anybody.

    `name` is that of the contract's example, or ``recorded-N``; it may be empty. `path` has the texts of the
    path's parameters, percent-encoded. `credentials` are those that the operation asks for, with KEY.
    `is_forced` says that a server gives this answer only to a request that asks for it (RFC 7240), and
    `is_generated` that its body is no example of anybody.
    """

    operation: Operation
    name: str
    exchange: RecordedExchange
    path: Mapping[str, str] = field(default_factory=dict)
    credentials: Credentials = field(default_factory=Credentials)
    is_forced: bool = False
    is_generated: bool = False
    is_recorded: bool = False

    @property
    def prefer(self) -> str:
        """The value of ``Prefer`` that asks a mock for this answer."""
        wanted = f"code={self.exchange.status}"
        has_name = self.name and not self.is_recorded
        return f"{wanted}, example={quoted(self.name)}" if has_name else wanted

    @property
    def title(self) -> str:
        """A line that tells it from the others of its operation."""
        return f"{self.exchange.status} {self.name}".rstrip()


Exported = Iterator[ExportedExchange | LeftOut]
"""What a source yields: exchanges, and the parts that cannot be one."""


def quoted(text: str) -> str:
    """Return a text as a token, or else as a quoted string (RFC 9110 5.6)."""
    if _TOKEN.fullmatch(text):
        return text
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'


def is_sendable(name: str, value: str) -> bool:
    """Return whether HTTP can carry a header (RFC 9110 5.5)."""
    return _TOKEN.fullmatch(name) is not None and _VALUE.fullmatch(value) is not None


def wanted_credentials(document: Document, operation: Operation, status: int) -> Credentials:
    """Return the credentials of a request that is answered with a status: a 401 is that to none."""
    return Credentials() if status == 401 else asked_for(document, KEY, operation)


def with_credentials(exported: ExportedExchange) -> RecordedExchange:
    """Return the exchange as it is sent: with KEY wherever the operation wants it."""
    exchange, wanted = exported.exchange, exported.credentials
    headers = with_headers(exchange.request_headers, wanted.headers)
    return replace(exchange, url=with_keys(exchange.url, wanted), request_headers=headers)


def with_headers(headers: Headers, added: Headers) -> Headers:
    """Return headers with some more, each in place of its name's own; a cookie comes behind the others."""
    found = headers
    for name, value in added:
        own = [text for each, text in found if each.lower() == name.lower() and text != REDACTED]
        is_cookie = name.lower() == "cookie"
        others = tuple(pair for pair in found if pair[0].lower() != name.lower())
        found = (*others, (name, "; ".join([*own, value]) if is_cookie else value))
    return found


def with_keys(url: str, wanted: Credentials) -> str:
    """Return a URL, or its path and query, with the credentials that stand in the query."""
    for name, value in wanted.query:
        url += f"{'&' if '?' in url else '?'}{quote(name, safe='')}={quote(value, safe='')}"
    return url


def own_headers(headers: Headers, left_out: Iterable[str] = ()) -> Headers:
    """Return headers without those of a connection, redacted ones, and some by their names in lower case."""
    names = _OF_CONNECTIONS | frozenset(left_out)
    return tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in names and value != REDACTED and is_sendable(name, value)
    )


def secret_headers(document: Document) -> frozenset[str]:
    """Return the headers, in lower case, that the credentials of a document stand in."""
    named = (each for each in schemes(document).values() if each.get("in") == "header")
    return frozenset({"authorization", *(str(each.get("name")).lower() for each in named)})


def distinct(found: Iterable[ExportedExchange]) -> list[ExportedExchange]:
    """Return exchanges without those that repeat an earlier one of their operation."""
    known: dict[object, ExportedExchange] = {}
    for each in found:
        exchange = each.exchange
        key = (exchange.url, exchange.request_body, exchange.status, exchange.response_body)
        known.setdefault((each.operation.id, *key), each)
    return list(known.values())
