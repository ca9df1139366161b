"""The headers of an answer that any web page may read, with or without credentials (ruling H9)."""

import re
from collections.abc import Iterable

from eqkit.web.messages.context import Headers

EXPOSED = b"Allow, Content-Location, Date, Location, Preference-Applied, Retry-After, WWW-Authenticate"
"""The headers that a page may read beyond those that it always may."""

_ALWAYS_EXPOSED = frozenset(
    [
        *EXPOSED.decode().lower().split(", "),
        "cache-control", "content-language", "content-length", "content-type", "expires", "last-modified",
        "pragma",
    ]
)  # fmt: skip
"""Those of EXPOSED, and the response headers that Fetch has on its own list (2.2.2)."""

_EXPOSE = (b"access-control-expose-headers", EXPOSED)
_ORIGIN = re.compile(rb"[\x21-\x7e]+")

TO_ANYBODY: Headers = ((b"vary", b"Accept"), (b"access-control-allow-origin", b"*"), _EXPOSE)
"""Headers of the answer to a request that names no origin; `Vary` is by ruling H6."""


def headers_for(origin: bytes | None) -> Headers:
    """Return the headers that let the page of an origin read an answer.

    The origin is named, and not `*`, since credentials have to be allowed by name (Fetch, 3.3.5).
    """
    if origin is None or _ORIGIN.fullmatch(origin) is None:
        return TO_ANYBODY
    return (
        (b"vary", b"Accept, Origin"),
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        _EXPOSE,
    )


def exposing(names: Iterable[str]) -> Headers:
    """Return the header that lets pages read headers of these names, too; none where they may already."""
    others = dict.fromkeys(name for name in names if name.lower() not in _ALWAYS_EXPOSED)
    value = ", ".join(others).encode("latin-1", "replace")
    return ((b"access-control-expose-headers", value),) if others else ()
