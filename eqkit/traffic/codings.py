"""Bodies without the content coding that they were sent in, as far as the standard library knows it."""

import zlib

_GZIP, _GZIP_OR_ZLIB, _RAW = 31, 47, -15
"""zlib's numbers (`wbits`) for the frames of compressed bytes."""

_FRAMES = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_GZIP_OR_ZLIB, _RAW)}
"""The frames of each coding; deflate is zlib's (RFC 9110 8.4.1.2), though many servers send it bare."""

MAX_CODINGS = 5
"""How many codings one upon the other are undone: each may take as long as the one below it."""

MAX_MEMBERS = 10_000
"""How many frames one behind the other are undone: a body of empty ones is all work and no content."""

_PIECE = 65_536
"""How much is decompressed at once, in bytes: the rest behind a frame is copied for the next one."""


def unpacked(body: bytes, encoding: str, longest: int) -> bytes | None:
    """Undo a Content-Encoding; None for another coding, a body that is cut off, or one that gets too long.

    An empty body is one in any coding, as that of an answer to HEAD.
    """
    plain: bytes | None = body
    codings = _codings(encoding) if body else []
    if len(codings) > MAX_CODINGS:
        return None
    for coding in reversed(codings):
        if plain is not None:
            found = (_inflated(plain, frame, longest) for frame in _FRAMES.get(coding, ()))
            plain = next((each for each in found if each is not None), None)
    return plain


def unreadable(encoding: str) -> str:
    """Return why a body in a Content-Encoding could not be unpacked, as the end of a sentence."""
    codings = _codings(encoding)
    unknown = ", ".join(dict.fromkeys(each for each in codings if each not in _FRAMES))
    if unknown:
        return f"content coding {unknown[:80]} cannot be read here, only gzip and deflate"
    return f"it is not whole in content coding {', '.join(codings)[:80]}, or is too long without it"


def _codings(encoding: str) -> list[str]:
    """Return the codings of a Content-Encoding, the first one that was applied first."""
    names = (each.strip().lower() for each in encoding.split(","))
    return [name for name in names if name not in ("", "identity")]


def _inflated(body: bytes, frame: int, longest: int) -> bytes | None:
    """Decompress bytes of one frame or of several, one behind the other, as gzip allows."""
    parts: list[bytes] = []
    left, rest, members = longest, memoryview(body), 0
    while rest and members < MAX_MEMBERS:
        members += 1
        unpack = zlib.decompressobj(frame)
        while rest and not unpack.eof:
            piece = rest[:_PIECE]
            try:
                part = unpack.decompress(piece, left + 1)
            except zlib.error:
                return None
            left -= len(part)
            if left < 0:
                return None
            parts.append(part)
            rest = rest[len(piece) - len(unpack.unused_data) :]
        if not unpack.eof:
            return None
    return None if rest else b"".join(parts)
