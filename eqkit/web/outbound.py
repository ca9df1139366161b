"""The way out for webhooks: one POST over HTTP/1.1, with nothing in it that a receiver could make endless."""

import asyncio
import contextlib
import errno
import functools
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from eqkit import __version__
from eqkit.sandbox.webhooks.posting import SendFailed, TargetRefused

TIMEOUT_S = 10.0
"""How long a receiver may take for its answer, in real seconds, connecting included."""

MAX_HEAD = 64 * 1024
"""How long the status line and headers of an answer may be, in bytes."""

MAX_CONTENT = 64 * 1024
"""How much of an answer's content is read, in bytes; it is thrown away."""

CONTENT_S = 1.0
"""How long an answer's content is waited for, in real seconds, after its status is known."""

_PRINTABLE = re.compile(r"https?://[!-~]+", re.ASCII)
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)


class Target(NamedTuple):
    """A URL taken apart."""

    host: str
    port: int
    path: str
    secure: bool

    @classmethod
    def read(cls, url: str) -> "Target":
        """Take a URL apart; raises SendFailed for one that nothing can be posted to."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise SendFailed(f"not a URL: {error}") from None
        if not _PRINTABLE.fullmatch(url) or not host or "@" in parts.netloc:
            raise SendFailed("not a URL of the form http(s)://host[:port][/path]")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        secure = parts.scheme == "https"
        return cls(host, (443 if secure else 80) if port is None else port, path, secure)

    @property
    def authority(self) -> str:
        """Host and port, as the Host header has them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class HttpOutbound:
    """Posts to receivers; with `loopback_only`, to those on this machine.

    A name is resolved once for each request, its addresses are checked, and one of those is connected to: a
    name that leads elsewhere the second time (DNS rebinding) leads nowhere. Redirections are not followed.
    """

    def __init__(self, *, loopback_only: bool = True, timeout_s: float = TIMEOUT_S) -> None:
        """Take the allowed receivers, and how long one may take in real seconds."""
        self._loopback_only = loopback_only
        self._timeout_s = timeout_s

    async def check(self, url: str) -> None:
        """Raise SendFailed for a URL that nothing can be posted to, TargetRefused for one not allowed.

        Where every address is allowed, a name may be one that cannot be resolved yet.
        """
        target = Target.read(url)
        if self._loopback_only:
            with _as_not_posted(self._timeout_s):
                async with asyncio.timeout(self._timeout_s):
                    await self._addresses(target)

    async def post(
        self, url: str, headers: Sequence[tuple[str, str]], body: bytes, method: str = "POST"
    ) -> int:
        """Post a body and return the status of the answer; raises SendFailed if there is none."""
        target = Target.read(url)
        lines = [
            ("host", target.authority),
            ("user-agent", f"eqkit/{__version__}"),
            *headers,
            ("content-length", str(len(body))),
            ("connection", "close"),
        ]
        head = f"{method} {target.path} HTTP/1.1\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in lines
        )
        async with contextlib.AsyncExitStack() as connection:
            with _as_not_posted(self._timeout_s):
                async with asyncio.timeout(self._timeout_s):
                    reader, writer = await self._connect(target)
                    connection.callback(writer.transport.abort)
                    writer.write(head.encode("latin-1") + b"\r\n" + body)
                    answer = await _read_head(reader)
            # The status says it all; but a receiver that is cut off in its answer would complain.
            with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
                async with asyncio.timeout(CONTENT_S):
                    await reader.readexactly(min(answer.length, MAX_CONTENT))
        return answer.status

    async def _connect(self, target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        failure: OSError | None = None
        for address in await self._addresses(target):
            try:
                return await asyncio.open_connection(
                    address,
                    target.port,
                    limit=MAX_HEAD,
                    ssl=self._tls if target.secure else None,
                    server_hostname=target.host if target.secure else None,
                )
            except OSError as error:
                failure = error
        raise failure or SendFailed("the name has no address")

    async def _addresses(self, target: Target) -> list[str]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                target.host, target.port, type=socket.SOCK_STREAM
            )
        except UnicodeError:
            raise SendFailed("the name cannot be resolved") from None
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        if self._loopback_only and not all(map(_is_loopback, addresses)):
            raise TargetRefused(
                f"{target.host} is not this machine; the server was not started with --webhook-targets any"
            )
        return addresses

    @functools.cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


class _Head(NamedTuple):
    """The relevant part of an answer's head: the status, and how much content follows at most."""

    status: int
    length: int


async def _read_head(reader: asyncio.StreamReader) -> _Head:
    """Read the head of an answer; informational ones before it (1xx) are passed over."""
    while True:
        head = await reader.readuntil(b"\r\n\r\n")
        status_line = _STATUS_LINE.match(head)
        if status_line is None:
            raise SendFailed("the answer is not HTTP/1.1")
        status = int(status_line[1])
        if status >= 200:
            length = _LENGTH.search(head)
            return _Head(status, 0 if status == 204 else MAX_CONTENT if length is None else int(length[1]))


@contextlib.contextmanager
def _as_not_posted(timeout_s: float) -> Iterator[None]:
    """Turn every failure of a connection into words that are the same on every machine."""
    try:
        yield
    except TimeoutError:
        raise SendFailed(f"no answer within {timeout_s:g} s") from None
    except asyncio.IncompleteReadError:
        raise SendFailed("the connection was closed without an answer") from None
    except asyncio.LimitOverrunError:
        raise SendFailed(f"the answer's head is longer than {MAX_HEAD} bytes") from None
    except socket.gaierror:
        raise SendFailed("the name cannot be resolved") from None
    except ssl.SSLError as error:
        raise SendFailed(f"no TLS: {error.reason or 'the handshake failed'}") from None
    except OSError as error:
        raise SendFailed(_reason(error)) from None


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, ConnectionError):
        return "the connection was reset"
    return f"no connection: {os.strerror(error.errno or errno.EIO)}"
