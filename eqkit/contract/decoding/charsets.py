"""The charset that a Content-Type names, and texts in it."""

import codecs
import re

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)


class UnknownCharset(ValueError):
    """A charset that is not known here, or that bytes are not in."""


def charset_of(content_type: str | None, default: str = "utf-8") -> str:
    """Return the charset of a Content-Type, in lower case; UTF-8 where it names none (RFC 8259 8.1)."""
    found = _CHARSET.search(content_type or "")
    return found[1].lower() if found else default


def is_known_charset(content_type: str | None) -> bool:
    """Return whether texts in the charset that a Content-Type names can be read here."""
    return _codec(charset_of(content_type)) is not None


def _codec(charset: str) -> codecs.CodecInfo | None:
    try:
        codec = codecs.lookup(charset)
    except (LookupError, ValueError):
        return None
    return codec if getattr(codec, "_is_text_encoding", True) else None


def decoded(body: bytes, content_type: str | None) -> str:
    """Return the text of a body; raises UnknownCharset, which says why there is none."""
    charset = charset_of(content_type)
    codec = _codec(charset)
    if codec is None:
        raise UnknownCharset(f"the charset {charset[:40]} is not known")
    try:
        return codec.decode(body)[0].removeprefix("\ufeff")
    except UnicodeError:
        raise UnknownCharset(f"the body is not {charset[:40]}") from None
