"""Bodies without the content coding that they were sent in, as far as the standard library knows it."""

import zlib

_GZIP, _GZIP_OR_ZLIB, _RAW = 31, 47, -15
"""zlib's numbers (`wbits`) for the frames of compressed bytes."""

_FRAMES = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_GZIP_OR_ZLIB, _RAW)}
"""The frames of each coding; deflate is zlib's (RFC 9110 8.4.1.2), though many servers send it bare."""


def unpacked(body: bytes, encoding: str, longest: int) -> bytes | None:
    """Undo a Content-Encoding; None for another coding, a body that is cut off, or one that gets too long."""
    plain: bytes | None = body
    codings = [coding for each in encoding.split(",") if (coding := each.strip().lower())]
    for coding in reversed(codings):
        if coding != "identity" and plain is not None:
            found = (_inflated(plain, frame, longest) for frame in _FRAMES.get(coding, ()))
            plain = next((each for each in found if each is not None), None)
    return plain


def _inflated(body: bytes, frame: int, longest: int) -> bytes | None:
    """Decompress bytes of one frame or of several, one behind the other, as gzip allows."""
    parts: list[bytes] = []
    left, rest = longest, body
    while rest:
        unpack = zlib.decompressobj(frame)
        try:
            part = unpack.decompress(rest, left + 1)
        except zlib.error:
            return None
        left -= len(part)
        if left < 0 or not unpack.eof:
            return None
        parts.append(part)
        rest = unpack.unused_data
    return b"".join(parts)
