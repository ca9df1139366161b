"""The entry of the journal for a request and its answer, made once there is an answer."""

from time import perf_counter
from urllib.parse import unquote

from eqkit.sandbox.journal.entries import NOTHING_LEFT_OUT, REFUSED_BODY, Row, packed
from eqkit.sandbox.sandbox import Sandbox
from eqkit.traffic.secrets import REDACTED, without_key
from eqkit.web.messages.context import Headers, RequestContext, Response

_REDACTED = REDACTED.encode()
"""The text in the journal in place of a key."""


def record(context: RequestContext, response: Response, lines: bytes = b"", always: Headers = ()) -> None:
    """Add a request to the journal of its sandbox.

    `lines` are the answer's own headers as they go over the wire, `always` those that precede them there.
    """
    sandbox = context.sandbox
    if sandbox is not None:
        sandbox.journal.keep(pack_entry(context, response, sandbox, lines, always))


def pack_entry(
    context: RequestContext, response: Response, sandbox: Sandbox, lines: bytes = b"", always: Headers = ()
) -> Row:
    """Return the parts of a request and its answer that are kept."""
    at_ms, ids, wait_until_at_ms, warnings = response.accepted or (sandbox.clock.now(), (), (), ())
    operation, method = context.operation, context.method
    path, query, request = context.path, context.scope["query_string"], context.body
    body = b"" if method == "HEAD" else response.encoded() or b""
    if context.secrets is not None:
        path, query, kept, request, body = context.secrets.without_secrets(
            path, query, context.headers, request, body
        )
    else:
        kept, key = packed(context.headers), context.headers.get(b"authorization")
        if key and key in kept:
            kept = kept.replace(key, _REDACTED)
        if key and query:
            query = without_key(query, key)
    if path == context.path:  # a redacted one is no path of the contract
        path = _plain_path(context)
    left_out = NOTHING_LEFT_OUT
    if response.status >= 400 and len(request) > REFUSED_BODY:
        request, left_out = b"", (len(request), 0)
    said = sum(map(len, context.violations)) if context.violations else 0
    return (
        at_ms,
        method,
        path,
        None if operation is None else operation.id,
        response.status,
        context.error_codes,
        ids,
        wait_until_at_ms,
        warnings,
        context.parameters.get("queue"),
        query,
        kept,
        request,
        body,
        lines,
        perf_counter() - context.began_s,
        sandbox.clock.pace,
        context.fault,
        context.outcome,
        context.violations,
        context.applied_faults,
        left_out,
        always,
        said + len(path) + len(query) + len(kept) + len(request) + len(body) + len(lines),
    )


def _plain_path(context: RequestContext) -> str:
    """Return the path without its percent-encoding, but for the characters that would mean another path."""
    raw = context.scope.get("raw_path", b"")
    if b"%25" not in raw and b"%2F" not in raw and b"%2f" not in raw:
        return context.path
    segments = map(unquote, raw.decode("latin-1").split("/"))
    return "/".join([each.replace("%", "%25").replace("/", "%2F") for each in segments])
