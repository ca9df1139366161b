"""Broken connections if there are none: errors that a client in the same process knows."""

import sys

from eqkit.sandbox.faults.armed import WireKind


def broken_connection(kind: WireKind) -> Exception:
    """Return the exception of a client for a fault on the wire: httpx's own error if httpx is in use.

    It is a ConnectionResetError too, for clients that know no other. A reset is httpx's ReadError; every
    other kind is an answer that is none, its RemoteProtocolError.
    """
    message = f"a fault ended the connection: {kind}"
    name = "ReadError" if kind is WireKind.RESET else "RemoteProtocolError"
    # Not imported here: a client that uses httpx has imported it, and no other needs it.
    known = getattr(sys.modules.get("httpx"), name, None)
    if known is None:
        return ConnectionResetError(message)
    broken: Exception = type(name, (known, ConnectionResetError), {})(message)
    return broken
