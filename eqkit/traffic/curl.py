"""A recorded request as a curl line that can be pasted into a shell, without the secrets in it."""

import re
import shlex
from collections.abc import Callable, Collection, Iterable
from urllib.parse import parse_qsl, quote, unquote_plus, urlsplit, urlunsplit

from eqkit.contract.credentials import Credentials, asked_for, bare, secret_names
from eqkit.contract.document import Document
from eqkit.contract.operations import Operation
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.secrets import is_secret

LONGEST_BODY = 2000
"""How many bytes of a body are written out; a longer one is named as a file to be filled."""

VARIABLE = "EQKIT_CLIENT_KEY"
"""The variable of the shell that the key is taken from, which the checks take it from, too."""

_MARK = "KEY-OF-THE-SHELL"
"""Stands for the key until the line is quoted."""

_ACTIVE = re.compile(r"""["$`\\!]""")
"""The characters that bash acts on between double quotes."""

_NAMING = re.compile(r"\w")
"""A character that would continue the variable's name."""

_SHOWN = frozenset(("accept", "content-type", "content-encoding", "prefer", "idempotency-key"))
_HEADER = re.compile(r"[^@\s:][^\s:]*: ?[^\r\n]*")
"""A header that curl sends as one: it reads a file for one that begins with @."""


def curl_line(
    exchange: RecordedExchange, document: Document | None = None, operation: Operation | None = None
) -> str:
    """Return the line; the key is the variable ``$EQKIT_CLIENT_KEY``, other secrets are redacted.

    The key stands where the operation of the document wants it, and nowhere if it wants none; without a
    document it stands in Authorization. The headers shown are those that the operation declares, and those
    about the form of the body and of the answer.
    """
    secrets = frozenset[str]() if document is None else secret_names(document)
    wanted = bare(_MARK) if document is None else asked_for(document, _MARK, operation)
    # Browsers leave the key out of their exports.
    if exchange.status == 401 and not _has(exchange, wanted):
        wanted = Credentials()
    url = without_secrets(exchange.url, secrets)
    declared = () if operation is None else operation.in_place("header")
    shown = (_SHOWN | {name.lower() for name in declared}) - secrets - {"authorization", "cookie"}
    headers = [*wanted.headers, *(pair for pair in exchange.request_headers if pair[0].lower() in shown)]
    address = _address(url, [name for name, _ in wanted.query])
    line = shell_line(exchange.method, address, headers, exchange.request_body, _MARK)
    return line if exchange.request_body is not None else f"{line} # the body was not recorded"


def shell_line(
    method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes | None, mark: str
) -> str:
    """Return a request as one line of bash, which runs nothing but curl for any request.

    Where `mark` stands in the address or in a header, the line has the variable with the key.
    """
    words = ["curl", "-i"]
    if method == "HEAD":
        words.append("--head")
    elif method != ("POST" if body else "GET"):
        words += ["-X", _quoted(method)]
    words.append(_quoted(url, mark))
    for name, value in headers:
        if name.lower() == "authorization" and value.startswith("Basic "):
            words.append(f'--user "${VARIABLE}"')  # of a user and a password, which curl encodes
        elif _HEADER.fullmatch(f"{name}: {value}"):
            words += ["-H", _quoted(f"{name}: {value}" if value else f"{name};", mark)]
    if body is not None and len(body) > LONGEST_BODY:
        words.append(f"--data-binary @body # of {len(body)} bytes")
    elif body:
        words += ["--data-binary", _body(body)]
    return " ".join(words)


def without_secrets(url: str, secrets: Collection[str] = ()) -> str:
    """Return a URL with no user in it and with the values of secret query parameters made unreadable.

    A parameter is secret if its name sounds like it, or if it is one of `secrets`: a contract's names for the
    places of its keys, in lower case.
    """
    parts = urlsplit(url)
    query = redacted(parts.query, lambda name: is_secret(name) or name.lower() in secrets)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def redacted(query: str, is_secret: Callable[[str], bool]) -> str:
    """Return a query in which the values of secret parameters cannot be read."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(is_secret(name) for name, _ in pairs):
        return query
    return "&".join(
        f"{quote(name)}={'[redacted]' if is_secret(name) else quote(value)}" for name, value in pairs
    )


def _has(exchange: RecordedExchange, wanted: Credentials) -> bool:
    asked = {name for name, _ in parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)}
    in_headers = any(exchange.request_header(name) is not None for name, _ in wanted.headers)
    return in_headers or any(name in asked for name, _ in wanted.query)


def _address(url: str, keys: Collection[str]) -> str:
    """Return an address with the key's mark in the query parameters that are for it."""
    if not keys:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair and unquote_plus(pair.split("=")[0]) not in keys]
    query = "&".join([*kept, *(f"{quote(name)}={_MARK}" for name in keys)])
    return parts._replace(query=query).geturl()


def _quoted(text: str, mark: str | None = None) -> str:
    """Return a text as one word of bash, with the variable in the place of `mark`."""
    pieces = [text] if mark is None else text.split(mark)
    if len(pieces) == 1:
        return _literal(text)
    if text.isprintable() and not _ACTIVE.search(text) and not any(map(_NAMING.match, pieces[1:])):
        return f'"{f"${VARIABLE}".join(pieces)}"'
    return f'"${VARIABLE}"'.join(_literal(piece) if piece else "" for piece in pieces)


def _body(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return _escaped(body)
    # A body that begins with @ would name a file to curl.
    return _escaped(body) if text.startswith("@") else _literal(text)


def _literal(text: str) -> str:
    return shlex.quote(text) if text.isprintable() else _escaped(text.encode("utf-8", "surrogatepass"))


def _escaped(content: bytes) -> str:
    """Return bytes in the quotes of bash that know escapes."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b"'\\@" else f"\\x{byte:02x}" for byte in content)
    return f"$'{''.join(plain)}'"
