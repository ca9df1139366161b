"""HTTP/1.1 over asyncio's streams, as much of it as a client of one server needs."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

from eqkit.client.wire import Address, framed

PIECE = 65_536
"""How many bytes are read at once."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer whose body comes in chunks."""

    status: int
    chunks: AsyncGenerator[bytes, None]


class Connections:
    """Opens a connection for each request to one server."""

    def __init__(self, address: Address) -> None:
        """Take the server."""
        self._address = address

    @contextlib.asynccontextmanager
    async def __call__(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> AsyncIterator[Response]:
        """Send a request and give its answer.

        Raises OSError or EOFError where the answer does not come, breaks off or is no HTTP.
        """
        address = self._address
        reader, writer = await asyncio.open_connection(
            address.host, address.port, ssl=True if address.secure else None
        )
        try:
            named = {"Host": address.authority, "Connection": "close", **framed(headers, method, body)}
            lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
            writer.write(f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body)
            await writer.drain()
            with _is_http():
                status, answered = await _head(reader)
            yield Response(status, _body(reader, answered))
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


@contextlib.contextmanager
def _is_http() -> Iterator[None]:
    """Raise ConnectionError for an answer that is no HTTP."""
    try:
        yield
    except (ValueError, IndexError, asyncio.LimitOverrunError) as error:
        raise ConnectionError("what came is no HTTP") from error


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return int(lines[0].split(" ", 2)[1]), headers


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
    if headers.get("transfer-encoding") == "chunked":
        while chunk := await _chunk(reader):
            yield chunk
    elif "content-length" in headers:
        yield await reader.readexactly(int(headers["content-length"]))
    else:
        while piece := await reader.read(PIECE):
            yield piece


async def _chunk(reader: asyncio.StreamReader) -> bytes:
    with _is_http():
        size = int(await reader.readuntil(b"\r\n"), 16)
    return (await reader.readexactly(size + 2))[:-2] if size else b""
