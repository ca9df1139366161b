"""The clients read bodies framed in every way, and report answers that are no HTTP."""

import asyncio

import pytest

from eqkit.client import AsyncClient, Client, ClockState, ConnectError
from tests.interfaces.test_client import START, asker


@pytest.mark.parametrize(
    "framed",
    [
        b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"now": "\r\n%x\r\n2016-%b\r\n0\r\n\r\n',
        b'Connection: close\r\n\r\n{"now": "2016-%b',
    ],
    ids=["chunked", "until it closes"],
)
def test_a_body_may_be_framed_in_any_way(framed: bytes) -> None:
    """Chunks are put together, wherever they are cut; a body without a length ends with the connection."""
    rest = b'03-27T23:30:00.000Z", "frozen": true, "rate": 1}'
    sent = framed % ((len(rest) + 5, rest) if b"%x" in framed else (rest,))

    answered = asyncio.run(asked(AsyncClient, b"HTTP/1.1 200 OK\r\n" + sent))
    assert answered.now == START


async def asked(kind: type[Client] | type[AsyncClient], answer: bytes) -> ClockState:
    """Ask a server for its clock that answers every request with these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        client = kind(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        if isinstance(client, AsyncClient):
            return await client.clock.get()
        return await asyncio.to_thread(client.clock.get)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 what\r\n\r\n",
        b"x" * 200_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
    ],
    ids=["nothing", "no status line", "no status", "no end", "cut off", "no chunk"],
)
def test_an_incomplete_answer_is_a_connect_error(
    kind: type[Client] | type[AsyncClient], answer: bytes
) -> None:
    """Each broken connection raises ConnectError, and no error of Python's own."""
    with pytest.raises(ConnectError):
        asyncio.run(asked(kind, answer))


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_missing_answer_is_a_connect_error(kind: type[Client] | type[AsyncClient]) -> None:
    """Nobody listens at port 9 of this machine."""
    with pytest.raises(ConnectError, match=r"http://127\.0\.0\.1:9: "):
        asker(kind("http://127.0.0.1:9"))("clock.get")
