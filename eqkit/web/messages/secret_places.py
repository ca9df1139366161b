"""The places of the credentials of a contract, and requests for the journal without them."""

import base64
import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from eqkit.contract.decoding.styles import raw_cookies, raw_pairs
from eqkit.sandbox.journal.entries import KEPT_HEADERS, packed
from eqkit.traffic.secrets import DEEPEST_ESCAPING, REDACTED, without_key
from eqkit.web.messages.memo import Memo

ALWAYS = frozenset((b"authorization", b"proxy-authorization"))
"""The headers of credentials in any contract."""

SHORTEST_SECRET = 6
"""A shorter value occurs in other words by chance: it is redacted in its own place alone; in bytes."""

SHORTEST_IN_DOCUMENT = 16
"""The like for paths and bodies, where the password "password" would hide the name of a member."""

KNOWN, LONGEST_KNOWN = 1_024, 4_096
"""How many headers are remembered with their credentials, and the bytes of the longest."""

_REDACTED = REDACTED.encode()


class Recordable(NamedTuple):
    """The parts of a request and its answer that a journal keeps, its headers packed."""

    path: str
    query: bytes
    headers: bytes
    request: bytes
    answer: bytes


class SecretPlaces:
    """The headers, query parameters and cookies that hold credentials."""

    def __init__(
        self, headers: Collection[str] = (), parameters: Collection[str] = (), cookies: Collection[str] = ()
    ) -> None:
        """Take the names; those of headers in any case."""
        self._headers = ALWAYS | {name.lower().encode("latin-1", "replace") for name in headers}
        self._kept = dict.fromkeys(self._headers & set(KEPT_HEADERS), _REDACTED)
        self._parameters, self._cookies = frozenset(parameters), frozenset(cookies)
        self._known: Memo[tuple[bytes | None, ...], Sequence[bytes]] = Memo(KNOWN)
        """The credentials in headers that came before: a client sends the same with each request."""

    def without_secrets(
        self, path: str, query: bytes, headers: Mapping[bytes, bytes], request: bytes, answer: bytes
    ) -> Recordable:
        """Return a request and the body of its answer without the credentials that the request carried.

        They are redacted in their own places by name, and elsewhere by value where they are long enough.
        """
        secrets = self._secrets(headers, query)
        if self._kept:
            headers = {**headers, **{name: each for name, each in self._kept.items() if name in headers}}
        kept = packed(headers)
        if query and self._parameters:
            query = b"&".join(map(self._without_value, query.split(b"&")))
        for secret in secrets:
            kept = kept.replace(secret, _REDACTED)
            query = without_key(query, secret) if query else query
            if len(secret) >= SHORTEST_IN_DOCUMENT:
                path = path.replace(_text(secret), REDACTED)
                request, answer = request.replace(secret, _REDACTED), answer.replace(secret, _REDACTED)
        return Recordable(path, query, kept, request, answer)

    def path_without_secrets(self, path: str, query: bytes, headers: Mapping[bytes, bytes]) -> str:
        """Return a path without the credentials that its request carried elsewhere, too."""
        for secret in self._secrets(headers, query):
            if len(secret) >= SHORTEST_IN_DOCUMENT:
                path = path.replace(_text(secret), REDACTED)
        return path

    def _secrets(self, headers: Mapping[bytes, bytes], query: bytes) -> Sequence[bytes]:
        """Return the credentials of a request that are long enough, the longest first."""
        if (query and self._parameters) or (self._cookies and b"cookie" in headers):
            return self._longest_first(headers, query)
        sent = tuple([headers.get(name) for name in self._headers])
        secrets = self._known.get(sent)
        if secrets is None:
            secrets = self._longest_first(headers, b"")
            if sum(len(each or b"") for each in sent) <= LONGEST_KNOWN:
                self._known[sent] = secrets
        return secrets

    def _longest_first(self, headers: Mapping[bytes, bytes], query: bytes) -> Sequence[bytes]:
        found = {each for each in self._values(headers, query) if len(each) >= SHORTEST_SECRET}
        return sorted(found, key=len, reverse=True)

    def _without_value(self, piece: bytes) -> bytes:
        name, equals, _ = piece.partition(b"=")
        (decoded, _), *_ = raw_pairs(piece.decode("latin-1")) or [("", "")]
        return name + equals + _REDACTED if equals and decoded in self._parameters else piece

    def _values(self, headers: Mapping[bytes, bytes], query: bytes) -> Iterator[bytes]:
        """Yield the credentials of a request in each form that they may be repeated in."""
        for name in self._headers & headers.keys():
            yield from _forms(headers[name])
        if self._cookies and b"cookie" in headers:
            for cookie, value in raw_cookies(headers[b"cookie"].decode("latin-1")):
                if cookie in self._cookies:
                    yield from _decoded(value.encode("latin-1"))
        if self._parameters and query:
            for parameter, value in raw_pairs(query.decode("latin-1")):
                if parameter in self._parameters:
                    yield from _decoded(value.encode("latin-1"))
                    yield from _decoded(value.replace("+", " ").encode("latin-1"))


def _text(secret: bytes) -> str:
    """Return a secret as it stands in a path, which servers read as UTF-8."""
    return secret.decode("utf-8", "replace")


def _decoded(value: bytes) -> Iterator[bytes]:
    """Yield a value as it is, and percent-decoded as often as it may have been encoded on its way."""
    yield value
    for _ in range(DEEPEST_ESCAPING):
        value = unquote_to_bytes(value)
        yield value


def _forms(value: bytes) -> Iterator[bytes]:
    """Yield a value of a header, its credentials behind the scheme, and the password of Basic."""
    value = value.strip()
    yield value
    scheme, blank, credentials = value.partition(b" ")
    if blank:
        yield credentials.strip()
    if scheme.lower() == b"basic":
        with contextlib.suppress(ValueError):
            pair = base64.b64decode(credentials.strip(), validate=True)
            yield from (pair, pair.partition(b":")[2])
