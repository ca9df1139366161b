"""Answers of the operations tagged ``sandboxes``."""

from itertools import islice
from typing import Any

from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.sandbox.views import sandbox_view
from eqkit.web.messages.context import Response

Document = dict[str, Any]


def list_sandboxes(sandbox: None, sandboxes: Sandboxes, limit: int = 100) -> Response:
    """List the sandboxes that there are."""
    names = islice(sandboxes.names().items(), limit)
    return Response(200, {"sandboxes": [sandbox_view(name, each) for name, each in names]})


def get_sandbox(sandbox: None, name: str, sandboxes: Sandboxes) -> Response:
    """Show a sandbox: its clock, and how much it holds."""
    return Response(200, sandbox_view(name, sandboxes.named(name)))


def delete_sandbox(sandbox: Sandbox, name: str, sandboxes: Sandboxes) -> Response:
    """Forget a sandbox and its snapshot."""
    sandboxes.delete(name)
    return Response(204)


def reset_sandbox(sandbox: Sandbox, name: str, body: Document | None, sandboxes: Sandboxes) -> Response:
    """Begin a sandbox anew."""
    return Response(200, sandbox_view(name, sandboxes.reset(name, (body or {}).get("seed"))))


def save_snapshot(sandbox: Sandbox, name: str, sandboxes: Sandboxes) -> Response:
    """Keep a copy of all that is in a sandbox."""
    sandboxes.save(name)
    return Response(200, sandbox_view(name, sandboxes.named(name)))


def restore_snapshot(sandbox: Sandbox, name: str, sandboxes: Sandboxes) -> Response:
    """Put a sandbox back to its snapshot."""
    return Response(200, sandbox_view(name, sandboxes.restore(name)))


def fork_sandbox(sandbox: Sandbox, name: str, body: Document, sandboxes: Sandboxes) -> Response:
    """Copy a sandbox to a key that has none."""
    return Response(201, sandbox_view(body["to"], sandboxes.fork(name, body["to"])))
