"""A recorded request as a curl line that can be pasted into a shell, without the secrets in it."""

import re
import shlex
from collections.abc import Callable, Collection
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

from eqkit.checks.credentials import Credentials, bare, credentials, secret_names
from eqkit.checks.exchanges import Exchange
from eqkit.contract.document import Document
from eqkit.contract.operations import Operation
from eqkit.sandbox.secrets import SECRET

LONGEST_BODY = 2000
"""How many bytes of a body are written out; a longer one is named as a file to be filled."""

_MARK = "KEY-OF-THE-SHELL"
"""Stands for the key until the line is quoted."""

_SHOWN = ("accept", "content-type", "content-encoding", "prefer", "idempotency-key")


def curl_line(
    exchange: Exchange, document: Document | None = None, operation: Operation | None = None
) -> str:
    """Return the line; the key is the variable ``$KEY`` of the shell, other secrets read ``[redacted]``.

    It stands where the operation of the document wants it, and without a document alone in Authorization.
    """
    secrets = frozenset[str]() if document is None else secret_names(document)
    wanted = bare(_MARK) if document is None else credentials(document, _MARK, operation)
    # Browsers leave the key out of what they export.
    if exchange.status == 401 and not _has(exchange, wanted):
        wanted = Credentials()
    words = ["curl", "-i"]
    if exchange.method == "HEAD":
        words.append("--head")
    elif exchange.method != ("POST" if exchange.request_body else "GET"):
        words += ["-X", shlex.quote(exchange.method)]
    words.append(_address(without_secrets(exchange.url, secrets), [name for name, _ in wanted.query]))
    words += [header_of_the_shell(name, value, _MARK, "$KEY") for name, value in wanted.headers]
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


def header_of_the_shell(name: str, value: str, key: str, variable: str) -> str:
    """Return the option of curl for a header with a key, in whose place a variable of the shell stands.

    For Basic, that is a user and a password, which curl encodes.
    """
    if value.startswith("Basic "):
        return f'--user "{variable}"'
    quoted = re.sub(r'(["$`\\])', r"\\\1", f"{name}: {value}")
    return f'-H "{quoted.replace(key, variable)}"'


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


def _has(exchange: Exchange, wanted: Credentials) -> bool:
    asked = {name for name, _ in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)}
    in_headers = any(exchange.request_header(name) is not None for name, _ in wanted.headers)
    return in_headers or any(name in asked for name, _ in wanted.query)


def _address(url: str, keys: Collection[str]) -> str:
    """Return an address in quotes, with the key in the query parameters that are for it."""
    if not keys:
        return shlex.quote(url)
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and unquote_plus(pair.split("=")[0]) not in keys]
    query = "&".join([*kept, *(f"{quote(name)}={_MARK}" for name in keys)])
    # Between single quotes the shell puts nothing in.
    return shlex.quote(parts._replace(query=query).geturl()).replace(_MARK, "'\"$KEY\"'")


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
