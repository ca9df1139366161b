"""What passes a proxy, written into the journal of the key that it came with."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from eqkit.checks.credentials import secret_names
from eqkit.checks.curl import redacted
from eqkit.checks.exchanges import Exchange, Headers
from eqkit.checks.findings import Finding, Severity
from eqkit.checks.passage import Passage
from eqkit.checks.recording import SECRETS
from eqkit.contract.operations import Contract
from eqkit.delay.instants import MAX_MS, read_wait_until
from eqkit.sandbox.any_key import NO_KEY, AnyKey
from eqkit.sandbox.journal import Entry, read
from eqkit.sandbox.sandbox import Sandbox

ENQUEUES = frozenset(("enqueueMessage", "bulkEnqueueMessages"))
"""The operations of ElasticQueue's contract that put messages into a queue."""

LOST, TRUNCATED = "lost", "truncated"
"""The outcomes of an answer of which nothing, or not all, has reached the client."""

MOST_VIOLATIONS = 10
"""The most violations that an entry lists, as `openapi/mock.yaml` has it; the worst come first."""

MOST_CODES = 50
REDACTED = b"[redacted]"

_ID = re.compile(r"[0-9]{1,19}")
_LENGTH = re.compile(r"[0-9]{1,12}")
_CODE = re.compile(r"[a-z-]{1,60}")
_SEVERITIES = list(Severity)


class Journals:
    """The journals of a proxy: each request is written into that of the key that it carried."""

    def __init__(self, contract: Contract, sandboxes: AnyKey) -> None:
        """Take the contract, which says where a key stands, and the worlds of the keys."""
        self._sandboxes = sandboxes
        self._key_header = _key_header(contract)
        self._named = secret_names(contract.document)
        self._secrets = frozenset(name.encode() for name in (*SECRETS, *self._named))

    def add(self, passage: Passage, outcome: str) -> None:
        """Write down what has passed, with what was found in it; of a body that was not kept, its length."""
        exchange, route = passage.whole, passage.route
        key = exchange.request_header(self._key_header) or NO_KEY
        sandbox = self._sandboxes.of(key.strip())
        operation = None if route is None else route.operations.get(exchange.method)
        headers: dict[bytes, bytes] = {}
        for name, value in _lower(exchange.request_headers):
            if name not in self._secrets:
                headers[name] = headers[name] + b", " + value if name in headers else value
        answered = [
            (name, REDACTED if name in self._secrets else value)
            for name, value in _lower(exchange.response_headers)
        ]
        path, _, query = passage.target.partition("?")
        entry = Entry(
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
            duration_s=passage.took_ms / 1000,
            fault=next((name for name, _ in exchange.faults), None),
            outcome=outcome,
            violations=_violations(exchange.name, passage.told),
            left_out=(_unread(exchange, passage), 0 if exchange.response_body else passage.got.length),
        )
        if entry.operation in ENQUEUES and 200 <= entry.status < 300:
            ids, wait_until_at_ms = _stored(entry, sandbox)
            entry = entry._replace(ids=ids, wait_until_at_ms=wait_until_at_ms)
        sandbox.journal.record(_without(key.strip(), entry))


def _unread(exchange: Exchange, passage: Passage) -> int:
    """Return how much of a request's body is not here; of what was never asked for, the head tells."""
    told = exchange.request_header("content-length") or ""
    if exchange.request_body:
        return 0
    return passage.sent.length or (int(told) if _LENGTH.fullmatch(told) else 0)


def _lower(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers:
        yield name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace")


def _key_header(contract: Contract) -> str:
    """Return the name of the header that a contract has its keys in, in lower case."""
    schemes = contract.document.data.get("components", {}).get("securitySchemes", {})
    for scheme in contract.document.inlined(schemes).values():
        if (scheme.get("type"), scheme.get("in")) == ("apiKey", "header"):
            return str(scheme["name"]).lower()
    return "authorization"


def _violations(name: str, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return what was found as the terminal tells it, without the name that an entry needs none of."""
    told = [
        f"{each.severity}: {each.message.removeprefix(f'{name}: ')} [{each.rule}]"
        for each in sorted(findings, key=lambda each: _SEVERITIES.index(each.severity))
    ]
    return tuple(told[:MOST_VIOLATIONS])


def _error_codes(exchange: Exchange) -> tuple[str, ...]:
    document = read(exchange.response_body or b"") if exchange.status >= 400 else None
    errors = document.get("errors") if isinstance(document, dict) else None
    codes = (
        [each.get("code") for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    )
    return tuple(code for code in codes if isinstance(code, str) and _CODE.fullmatch(code))[:MOST_CODES]


def _stored(entry: Entry, sandbox: Sandbox) -> tuple[list[int], list[int | None]]:
    """Return the ids of what a request has put into a queue, and the instant that each waits until.

    An answer that is given again for the same Idempotency-Key (ruling H14) has put nothing there.
    """
    ids = [int(each) for each in _answered_ids(entry) if _ID.fullmatch(each)]
    key = entry.headers.get(b"idempotency-key")
    if key is not None and any(
        each.headers.get(b"idempotency-key") == key and list(each.ids) == ids
        for each in sandbox.journal.entries
    ):
        return [], []
    waits = [_instant(resource, sandbox) for resource in _resources(entry.document)][: len(ids)]
    return ids, waits + [None] * (len(ids) - len(waits))


def _answered_ids(entry: Entry) -> list[str]:
    if entry.answer:
        return [str(each.get("id")) for each in _resources(read(entry.answer))]
    # An answer without a document, as the literal readings of ruling D1 have it, has the link alone.
    location = dict(entry.answer_headers).get(b"location", b"").decode("latin-1")
    return [location.rpartition("/")[2]]


def _resources(document: Any) -> list[dict[str, Any]]:
    data = document.get("data") if isinstance(document, dict) else None
    return [each for each in (data if isinstance(data, list) else [data]) if isinstance(each, dict)]


def _instant(resource: dict[str, Any], sandbox: Sandbox) -> int | None:
    attributes = resource.get("attributes")
    sent = attributes.get("wait-until") if isinstance(attributes, dict) else None
    if not isinstance(sent, int) or isinstance(sent, bool):
        return None
    instant_ms = read_wait_until(sent, sandbox.rules.unit)
    return instant_ms if 0 <= instant_ms <= MAX_MS else None


def _without(key: str, entry: Entry) -> Entry:
    """Return an entry in which a key that was repeated outside of its header cannot be read."""
    secret = key.encode("latin-1", "replace")
    if not secret:
        return entry
    return entry._replace(
        query=entry.query.replace(secret, REDACTED),
        headers={name: value.replace(secret, REDACTED) for name, value in entry.headers.items()},
        answer_headers=[(name, value.replace(secret, REDACTED)) for name, value in entry.answer_headers],
        violations=tuple(each.replace(key, REDACTED.decode()) for each in entry.violations),
    )
