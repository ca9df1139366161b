"""What the journal keeps of a request and its answer, once the answer is made."""

import logging
from time import perf_counter

from eqkit.sandbox.journal import Entry
from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.exchange import Answer, Exchange, Headers

logger = logging.getLogger(__name__)

REDACTED = b"[redacted]"
"""What stands in the journal for a key."""


def write_down(exchange: Exchange, answer: Answer, always: Headers = ()) -> None:
    """Add a request to the journal of its sandbox, and to the log where that tells everything.

    `always` are the headers that the wire gives to every answer.
    """
    sandbox = exchange.sandbox
    if sandbox is not None:
        sandbox.journal.record(entry_of(exchange, answer, sandbox, always))
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s %s %d", exchange.method, exchange.path, answer.status)


def entry_of(exchange: Exchange, answer: Answer, sandbox: Sandbox, always: Headers = ()) -> Entry:
    """Return what is to be kept of a request and its answer."""
    at_ms, ids, wait_until_at_ms, warnings = answer.accepted or (sandbox.clock.now(), (), (), ())
    operation, method = exchange.operation, exchange.method
    query, request = exchange.scope["query_string"], exchange.body
    # The request is over, and nobody asks for its key any more.
    headers = exchange.headers
    key = headers.pop(b"authorization", b"")
    together = b"".join(headers.values())
    if key and key in together:
        headers = {name: value.replace(key, REDACTED) for name, value in headers.items()}
    if key and query:
        query = query.replace(key, REDACTED)
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
        headers,
        request,
        body,
        (*always, *answer.headers),
        perf_counter() - exchange.began_s,
        sandbox.clock.frozen,
        exchange.fault,
        exchange.outcome,
        exchange.violations,
        len(together) + len(exchange.path) + len(query) + len(request) + len(body),
        exchange.befell,
    )
