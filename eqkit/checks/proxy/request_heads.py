"""The head of a request to a service: its headers as they are passed on."""

from eqkit.checks.proxy.targets import Base
from eqkit.checks.proxy.tunnel import upgrade_of
from eqkit.checks.proxy.upstream import HeaderLines, of_the_way


def head_of(
    method: str, headers: HeaderLines, base: Base, *, keeps_host: bool
) -> tuple[list[tuple[bytes, bytes]], bool]:
    """Return the headers of a client as they go to the service, and whether a body follows them.

    Bodies are asked for without a coding, so that each can be read.
    """
    given = [(name.lower(), value) for name, value in headers]
    passed_on = [(name, value.strip()) for name, value in of_the_way(given)]
    sent_host = next((value for name, value in given if name == b"host"), None) if keeps_host else None
    passed_on.insert(0, (b"host", base.authority.encode() if sent_host is None else sent_host))
    passed_on += [(b"accept-encoding", b"identity"), *upgrade_of(method, given)]
    framing = dict(line for line in given if line[0] in (b"transfer-encoding", b"content-length"))
    if framing:
        # Of both, the length is the one that does not count (RFC 9112 6.1).
        length = (b"content-length", framing.get(b"content-length", b""))
        passed_on.append((b"transfer-encoding", b"chunked") if b"transfer-encoding" in framing else length)
    return passed_on, bool(framing)
