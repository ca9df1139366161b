"""Secrets, known by their name or value, and the text that takes their place in output."""

import json
import re
from collections.abc import Collection
from urllib.parse import unquote_to_bytes

REDACTED = "[redacted]"
SECRET = re.compile(
    r"auth(?!enticate$|entication-info$|or(?!i[sz]))|key|token|secret|passw|pwd|signature|cookie|sess(?:ion|id)|credential|csrf|xsrf|jwt",
    re.IGNORECASE,
)
"""Found in the name of a header or parameter whose value is secret."""

DEEPEST_ESCAPING = 3
"""How often a query is decoded when a key is looked for in it: it may be escaped twice on its way."""

_MEMBER = re.compile(
    r"(?:(?:access|refresh|id|auth|api|session|bearer|csrf|xsrf|client)_?)?token|(?:client|api|webhook|signing)_?secret|secret"
    r"|(?:api|private|secret|access|signing|encryption)_?key|passw(?:or)?d|passphrase|pwd|credentials?|authorization|jwt|(?:set_?)?cookie|session_?id"
)
"""A member of a document whose text is a secret; the words of a header's name would hide far too much."""

_TEXT = r'"(?:[^"\\]|\\.)*+(?:"|\Z)'
_PAIR = re.compile(rf"({_TEXT})(?:(\s*+:\s*+)({_TEXT}))?", re.DOTALL)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_secret(name: str) -> bool:
    """Return whether a header or parameter, of a request or an answer, may hold a key by its name."""
    return SECRET.search(name) is not None and "idempotency" not in name.lower()


def without_key(text: bytes, key: bytes) -> bytes:
    """Return a query in which a key cannot be read, even percent-encoded: values are compared decoded."""
    if not key:
        return text
    # As it is, too, for it may have separators in it, as base64 has at its end.
    text = text.replace(key, REDACTED.encode())
    if b"%" not in text and b"+" not in text:
        return text
    pieces = re.split(rb"([&=;])", text)
    return b"".join(REDACTED.encode() if _stands_in(key, each) else each for each in pieces)


def without_members(text: str, names: Collection[str] = ()) -> str:
    """Return JSON in which the texts of secret members cannot be read; all else stays as it is written.

    `names` are more names of them, in lower case.
    """

    def redacted(found: re.Match[str]) -> str:
        name, colon, _ = found.groups()
        return f'{name}{colon}"{REDACTED}"' if colon and _is_member(name, names) else found[0]

    return _PAIR.sub(redacted, text)


def _is_member(written: str, names: Collection[str]) -> bool:
    try:
        name = str(json.loads(written, strict=False))
    except ValueError:
        return False
    words = _CAMEL.sub("_", name).replace("-", "_").lower()
    return name.lower() in names or _MEMBER.fullmatch(words) is not None


def _stands_in(key: bytes, piece: bytes) -> bool:
    for _ in range(DEEPEST_ESCAPING):
        if key in piece or key in piece.replace(b"+", b" "):
            return True
        decoded = unquote_to_bytes(piece)
        if decoded == piece:
            return False
        piece = decoded
    return key in piece
