"""Answers of the operations tagged ``limits``."""

from typing import Any

from eqkit.sandbox.faults.limits import Limit
from eqkit.sandbox.sandbox import Sandbox
from eqkit.timing.instants import rfc3339
from eqkit.web.messages.context import Response

Document = dict[str, Any]


def get_limits(sandbox: Sandbox) -> Response:
    """List the limits, each with the requests that are left."""
    now_ms = sandbox.clock.now()
    return Response(200, {"limits": [_view(limit, now_ms) for limit in sandbox.limits.limits]})


def set_limits(sandbox: Sandbox, body: Document) -> Response:
    """Replace the limits."""
    sandbox.limits.set(body["limits"], sandbox.clock.now())
    sandbox.refresh_fault_hooks()
    return get_limits(sandbox)


def clear_limits(sandbox: Sandbox) -> Response:
    """Remove all limits."""
    sandbox.limits.set([], sandbox.clock.now())
    sandbox.refresh_fault_hooks()
    return Response(204)


def _view(limit: Limit, now_ms: int) -> Document:
    return {
        "limit": limit.document,
        "remaining": limit.remaining(now_ms),
        "opens-at": rfc3339(limit.opens_at_ms(now_ms)),
        "hit": limit.hit,
    }
