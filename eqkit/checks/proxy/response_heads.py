"""The head of a response from a service: how long its body is, and how it is passed on."""

from collections.abc import Sequence

from eqkit.checks.findings import Finding
from eqkit.checks.proxy.proxied_exchange import Message
from eqkit.checks.proxy.upstream import UpstreamResponse, of_the_way
from eqkit.checks.proxy.violations import headers_of
from eqkit.contract.media_types import is_json
from eqkit.traffic.exchanges import Headers

LONGEST_VALIDATED_FIRST = 1024 * 1024
"""An answer of a known length up to this one is validated before its first byte leaves, in bytes."""


def start_of(answer: UpstreamResponse, findings: Sequence[Finding]) -> Message:
    """Return the message that begins an answer, with the findings so far in its headers."""
    headers = of_the_way(list(answer.headers))
    length = length_of(answer)
    if length is not None:
        headers.append((b"content-length", b"%d" % length))
    return {"type": "http.response.start", "status": answer.status, "headers": headers + headers_of(findings)}


def length_of(answer: UpstreamResponse) -> int | None:
    """Return how long the body of an answer is told to be, if it is told in a way that counts.

    Chunks go before a length (RFC 9112 6.3); if there is no body it is that of another answer.
    """
    headers = dict(answer.headers)
    length = headers.get(b"content-length", b"")
    if b"transfer-encoding" in headers or not length.isdigit() or answer.status in (204, 304):
        return None
    return int(length)


def is_short_json(answer: UpstreamResponse) -> bool:
    """Return whether an answer is validated before its first byte leaves."""
    length = length_of(answer)
    content_type = dict(texts(answer.headers)).get("content-type")
    may_wait = is_json(content_type) or length == 0
    return length is not None and length <= LONGEST_VALIDATED_FIRST and may_wait


def texts(raw: Sequence[tuple[bytes, bytes]]) -> Headers:
    """Return header lines as text."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)
