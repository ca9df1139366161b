"""The target of a request in one normal form, which is validated and sent, and stays below the base."""

import re
from urllib.parse import unquote_to_bytes, urlsplit

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_NOT_SENT = re.compile(rb"[^\x21-\x7e]")
DEEPEST_ESCAPING = 4
"""How often a path is decoded when it is asked whether a server that decodes too much leaves the base."""


class Misdirected(Exception):
    """A target that leads nowhere below the base of the service; the message says why."""


class Base:
    """The address of a service, where every request goes."""

    def __init__(self, url: str) -> None:
        """Take the address; a query in it, and a slash at its end, mean nothing."""
        parts = urlsplit(url)
        self.is_secure = parts.scheme == "https"
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if self.is_secure else 80)
        self.authority = parts.netloc.rpartition("@")[2]
        self.path = _escaped(parts.path.rstrip("/").encode())
        self.origin = f"{parts.scheme}://{self.authority}"
        self.url = self.origin + self.path.decode("ascii")

    def target(self, raw_path: bytes, query: bytes) -> str:
        """Return the path and query to send for a path as a client has sent it; raises Misdirected.

        Dot segments are worked out (RFC 3986 5.2.4), and letters that need no percent encoding have none
        (6.2.2.2), so that nothing is one path to us and another one to the service.
        """
        if not raw_path.startswith(b"/"):
            raise Misdirected("its target is not a path that begins with /")
        path = self.path + _without_dots(_normal(raw_path))
        if not self._is_below(path):
            raise Misdirected("a server may take its path for one outside of the base of the service")
        return (path + (b"?" + _escaped(query) if query else b"")).decode("ascii")

    def _is_below(self, path: bytes) -> bool:
        """Return whether a path stays below the base for servers, too, that decode before they split."""
        base = self.path
        for _ in range(DEEPEST_ESCAPING):
            path, base = unquote_to_bytes(path).replace(b"\\", b"/"), unquote_to_bytes(base)
            if not _without_dots(path).startswith(base + b"/"):
                return False
        return True


def _escaped(text: bytes) -> bytes:
    """Return a text in which every byte may stand in a target."""
    return _NOT_SENT.sub(lambda found: b"%%%02X" % found[0][0], text)


def _normal(path: bytes) -> bytes:
    """Return a path without percent encoding where none is needed."""

    def plain(found: re.Match[bytes]) -> bytes:
        byte = int(found[1], 16)
        return bytes((byte,)) if byte in _UNRESERVED else b"%" + found[1].upper()

    return _escaped(_ESCAPED.sub(plain, path))


def _without_dots(path: bytes) -> bytes:
    """Return an absolute path in which dot segments are worked out; none leads above the root."""
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment != b".":
            kept.append(segment)
    if segments[-1:] in ([b"."], [b".."]):
        kept.append(b"")
    return b"/" + b"/".join(kept)
