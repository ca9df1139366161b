"""A recorded request as a curl line that can be pasted into a shell, without the secrets in it."""

import re
import shlex
from collections.abc import Callable, Collection
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from eqkit.checks.exchanges import Exchange

LONGEST_BODY = 2000
"""How many bytes of a body are written out; a longer one is named as a file to be filled."""

SECRET = re.compile(r"auth|key|token|secret|passw|signature|cookie|session", re.IGNORECASE)
_SHOWN = ("accept", "content-type", "content-encoding", "prefer", "idempotency-key")


def curl_line(exchange: Exchange, secrets: Collection[str] = ()) -> str:
    """Return the line; the key is the variable ``$KEY`` of the shell, other secrets read ``[redacted]``.

    `secrets` are as for `without_secrets`.
    """
    words = ["curl", "-i"]
    if exchange.method == "HEAD":
        words.append("--head")
    elif exchange.method != ("POST" if exchange.request_body else "GET"):
        words += ["-X", shlex.quote(exchange.method)]
    words.append(shlex.quote(without_secrets(exchange.url, secrets)))
    # Browsers leave the key out of what they export.
    if exchange.status != 401 or exchange.request_header("authorization") is not None:
        words += ["-H", '"Authorization: $KEY"']
    for name, value in exchange.request_headers:
        if name.lower() in _SHOWN and name.lower() not in secrets:
            words += ["-H", shlex.quote(f"{name}: {value}")]
    if exchange.request_body is None:
        words.append("# the body was not recorded")
    elif len(exchange.request_body) > LONGEST_BODY:
        words.append(f"--data-binary @body # of {len(exchange.request_body)} bytes")
    elif exchange.request_body:
        words += ["--data-binary", _quoted(exchange.request_body)]
    return " ".join(words)


def without_secrets(url: str, secrets: Collection[str] = ()) -> str:
    """Return a URL with no user in it and with the values of secret query parameters made unreadable.

    Secret is what sounds like it, and what a contract names as the place of a key: `secrets`, in lower case.
    """
    parts = urlsplit(url)
    query = redacted(parts.query, lambda name: SECRET.search(name) is not None or name.lower() in secrets)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def redacted(query: str, is_secret: Callable[[str], bool]) -> str:
    """Return a query in which the values of secret parameters cannot be read."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(is_secret(name) for name, _ in pairs):
        return query
    return "&".join(
        f"{quote(name)}={'[redacted]' if is_secret(name) else quote(value)}" for name, value in pairs
    )


def _quoted(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = ""
    if text.isprintable() and text:
        # A body that begins with @ would name a file to curl.
        return shlex.quote(text) if not text.startswith("@") else _escaped(body)
    return _escaped(body)


def _escaped(body: bytes) -> str:
    """Return bytes in the quotes of bash that know escapes."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b"'\\@" else f"\\x{byte:02x}" for byte in body)
    return f"$'{''.join(plain)}'"
