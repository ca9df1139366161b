"""The exchanges of a proxy, recorded in the journal of the key of each."""

import base64
import contextlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from eqkit.checks.findings import Finding, Severity
from eqkit.checks.proxy.proxied_exchange import ProxiedExchange
from eqkit.contract.credentials import key_header, secret_names
from eqkit.contract.operations import Contract
from eqkit.sandbox.journal.entries import JournalEntry, read
from eqkit.sandbox.proxy_sandboxes import NO_KEY, ProxySandboxes
from eqkit.sandbox.sandbox import Sandbox
from eqkit.traffic.curl import redacted
from eqkit.traffic.exchanges import Headers, RecordedExchange
from eqkit.traffic.recording import SECRETS, body_text_without_secrets, without_coding
from eqkit.traffic.secrets import REDACTED, is_secret, without_key

LOST, TRUNCATED = "lost", "truncated"
"""The outcomes of an answer of which nothing, or not all, has reached the client."""

MOST_VIOLATIONS = 10
"""The most violations that an entry lists, as `openapi/mock.yaml` has it; the worst come first."""

MOST_CODES = 50
SHORTEST_SECRET = 6
"""A shorter key occurs in other words by chance, and is no secret; in characters."""

LONGEST_BODY = 1_048_576
"""How long a body may be to stand in a journal, in bytes; of a longer one there is the length."""

_REDACTED = REDACTED.encode()

_LENGTH = re.compile(r"[0-9]{1,12}")
_CODE = re.compile(r"[a-z-]{1,60}")
_SEVERITIES = list(Severity)


Stored = tuple[Sequence[int], Sequence[int | None]]
"""The ids of the messages that a request has stored, and the instant that each waits until."""

StoredBy = Callable[[JournalEntry, Sandbox], Stored]
"""Returns the messages that a request has stored, as its journal entry has them."""


def nothing_stored(entry: JournalEntry, sandbox: Sandbox) -> Stored:
    """Return no stored messages."""
    return (), ()


class Journals:
    """The journals of a proxy: each request goes into that of the key that it carried."""

    def __init__(
        self, contract: Contract, sandboxes: ProxySandboxes, stored_by: StoredBy = nothing_stored
    ) -> None:
        """Take the contract, which says where a key stands, and the sandboxes of the keys.

        `stored_by` knows the messages that a request has stored at the service.
        """
        self._stored_by = stored_by
        self._sandboxes = sandboxes
        sandboxes.expect_operations(contract.operations)
        self._document = contract.document
        self._named = secret_names(contract.document)
        self._secrets = frozenset(name.encode() for name in (*SECRETS, *self._named))

    def add(self, proxied: ProxiedExchange, outcome: str) -> None:
        """Record an exchange with its findings; of a body that was not kept, only its length."""
        exchange, route = _readable(proxied.whole), proxied.route
        operation = None if route is None else route.operations.get(exchange.method)
        key = exchange.request_header(key_header(self._document, operation)) or NO_KEY
        sandbox = self._sandboxes.of(key.strip())
        headers: dict[bytes, bytes] = {}
        for name, value in _lower(exchange.request_headers):
            if name not in self._secrets and not is_secret(name.decode("latin-1")):
                headers[name] = headers[name] + b", " + value if name in headers else value
        answered = [
            (name, _REDACTED if name in self._secrets or is_secret(name.decode("latin-1")) else value)
            for name, value in _lower(exchange.response_headers)
        ]
        path, _, query = proxied.target.partition("?")
        entry = JournalEntry(
            at_ms=sandbox.clock.now(),
            method=exchange.method,
            path=unquote(path),
            operation=None if operation is None else operation.id,
            status=exchange.status,
            error_codes=_error_codes(exchange),
            queue=None if route is None else route.parameters.get("queue"),
            query=redacted(query, lambda name: name.lower() in self._named).encode("latin-1"),
            headers=headers,
            request=exchange.request_body or b"",
            answer=exchange.response_body or b"",
            answer_headers=answered,
            duration_s=proxied.took_ms / 1000,
            fault=next((name for name, _ in exchange.faults), None),
            outcome=outcome,
            violations=_violations(exchange.name, proxied.findings),
            applied_faults=exchange.armed,
        )
        ids, wait_until_at_ms = self._stored_by(entry, sandbox)
        entry = entry._replace(ids=ids, wait_until_at_ms=wait_until_at_ms)
        entry = entry._replace(
            request=(request := self._kept(exchange.request_body, exchange.request_header("content-type"))),
            answer=(answer := self._kept(exchange.response_body, exchange.response_header("content-type"))),
            left_out=(
                0 if request else _length_of_request(exchange, proxied),
                0 if answer else proxied.got.length,
            ),
        )
        sandbox.journal.record(_without(key.strip(), entry))

    def _kept(self, body: bytes | None, media_type: str | None) -> bytes:
        """Return a body without secrets, or nothing of one that is too long for a journal."""
        if body is None or len(body) > LONGEST_BODY:
            return b""
        text = body_text_without_secrets(body, media_type or "", self._named)
        return body if text is None else text.encode()


def _readable(exchange: RecordedExchange) -> RecordedExchange:
    """Return an exchange with its bodies without their codings, None for those that cannot be read."""
    bodies = (
        (exchange.request_body, exchange.request_header("content-encoding") or ""),
        (exchange.response_body, exchange.response_header("content-encoding") or ""),
    )
    sent, got = (
        None if encoding and len(body or b"") > LONGEST_BODY else without_coding(body, encoding, LONGEST_BODY)
        for body, encoding in bodies
    )
    return replace(exchange, request_body=sent, response_body=got)


def _length_of_request(exchange: RecordedExchange, proxied: ProxiedExchange) -> int:
    """Return how long the body of a request is; of one that was not read to its end, the head tells."""
    message = exchange.request_header("content-length") or ""
    return int(message) if _LENGTH.fullmatch(message) else proxied.sent.length


def _lower(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers:
        yield name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace")


def _violations(name: str, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return findings as the terminal prints them, but for the name of the exchange."""
    messages = [
        f"{each.severity}: {each.message.removeprefix(f'{name}: ')} [{each.rule}]"
        for each in sorted(findings, key=lambda each: _SEVERITIES.index(each.severity))
    ]
    return tuple(messages[:MOST_VIOLATIONS])


def _error_codes(exchange: RecordedExchange) -> tuple[str, ...]:
    document = read(exchange.response_body or b"") if exchange.status >= 400 else None
    errors = document.get("errors") if isinstance(document, dict) else None
    codes = (
        [each.get("code") for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    )
    return tuple(code for code in codes if isinstance(code, str) and _CODE.fullmatch(code))[:MOST_CODES]


def _without(key: str, entry: JournalEntry) -> JournalEntry:
    """Return an entry in which a key that was repeated outside of its header cannot be read."""
    for secret in _secrets_in(key):
        sent = secret.encode("latin-1", "replace")
        entry = entry._replace(
            query=without_key(entry.query, sent),
            headers={name: value.replace(sent, _REDACTED) for name, value in entry.headers.items()},
            answer_headers=[(name, value.replace(sent, _REDACTED)) for name, value in entry.answer_headers],
            violations=tuple(each.replace(secret, REDACTED) for each in entry.violations),
        )
    return entry


def _secrets_in(key: str) -> list[str]:
    """Return the secrets of a key, the longest first: all of it, its credentials, the parts of Basic.

    Each comes as it is, and as it stands in a query.
    """
    scheme, _, plain = key.partition(" ")
    found = {key, plain.strip()}
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            found.add(base64.b64decode(plain).decode("latin-1"))
    long = {each for each in found if len(each) >= SHORTEST_SECRET}
    return sorted(long | {quote(each, safe="") for each in long}, key=len, reverse=True)
