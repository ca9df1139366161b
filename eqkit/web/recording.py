"""What the journal keeps of a request and its answer, once the answer is made."""

import logging
from collections.abc import Mapping
from time import perf_counter

from eqkit.sandbox.journal import KEPT_HEADERS, Entry
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.exchange import Answer, Exchange

logger = logging.getLogger(__name__)

REDACTED = b"[redacted]"
"""What stands in the journal for a key."""


def write_down(exchange: Exchange, answer: Answer) -> None:
    """Add a request to the journal of its sandbox, and to the log where that tells everything."""
    sandbox = exchange.sandbox
    if sandbox is not None:
        sandbox.journal.record(entry_of(exchange, answer, sandbox))
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s %s %d", exchange.method, exchange.path, answer.status)


def entry_of(exchange: Exchange, answer: Answer, sandbox: Sandbox) -> Entry:
    """Return what is to be kept of a request and its answer."""
    at_ms, ids, wait_until_at_ms, warnings = answer.accepted or (sandbox.clock.now(), (), (), ())
    operation, method = exchange.operation, exchange.method
    query, request = exchange.scope["query_string"], exchange.body
    header_values, size = _kept_headers(exchange.headers)
    if query:
        query = query.replace(exchange.headers.get(b"authorization", b"?"), REDACTED)
    body = b"" if method == "HEAD" else answer.encoded() or b""
    return Entry(
        at_ms,
        method,
        exchange.path,
        None if operation is None else operation.id,
        answer.status,
        exchange.error_codes,
        ids,
        wait_until_at_ms,
        warnings,
        exchange.parameters.get("queue"),
        query,
        header_values,
        request,
        body,
        answer.headers,
        perf_counter() - exchange.began_s,
        sandbox.clock.frozen,
        exchange.fault,
        exchange.outcome,
        exchange.violations,
        size + len(exchange.path) + len(query) + len(request) + len(body),
    )


def _kept_headers(headers: Mapping[bytes, bytes]) -> tuple[tuple[bytes | None, ...], int]:
    """Return the values of KEPT_HEADERS, never the key among them, and how long they are together."""
    values = tuple(map(headers.get, KEPT_HEADERS))
    together, key = b"".join(filter(None, values)), headers.get(b"authorization")
    if key and key in together:
        values = tuple(value and value.replace(key, REDACTED) for value in values)
    return values, len(together)
