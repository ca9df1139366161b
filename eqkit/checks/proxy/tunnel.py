"""WebSockets through the proxy: bytes of which no contract speaks, passed on both ways as they come."""

import asyncio

from eqkit.checks.proxy.proxied_exchange import Receive, Send
from eqkit.checks.proxy.upstream import PART, SWITCHING, HeaderLines, UpstreamResponse

WEBSOCKET = b"websocket"
"""The one protocol that a connection is upgraded to.

A service that is asked for HTTP/2 on a connection could be asked anything behind the proxy's back.
"""


def upgrade_of(method: str, headers: HeaderLines) -> list[tuple[bytes, bytes]]:
    """Return the headers that ask for a WebSocket (RFC 6455 4.1); none for a request that asks for none."""
    fields = [(name, value.strip().lower()) for name, value in headers]
    options = [each.strip() for name, value in fields if name == b"connection" for each in value.split(b",")]
    protocols = [value for name, value in fields if name == b"upgrade"]
    if method != "GET" or b"upgrade" not in options or protocols != [WEBSOCKET]:
        return []
    return [(b"connection", b"Upgrade"), (b"upgrade", WEBSOCKET)]


async def carry(answer: UpstreamResponse, receive: Receive, send: Send) -> None:
    """Switch a client to another protocol, and carry bytes both ways until one side has ended."""
    await send({"type": "http.response.start", "status": int(SWITCHING), "headers": list(answer.headers)})
    inward = asyncio.ensure_future(_to_service(answer, receive))
    outward = asyncio.ensure_future(_to_client(answer, send))
    try:
        await asyncio.wait((inward, outward), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in (inward, outward):
            if not each.cancel():
                each.exception()  # of a side that broke off, which ends both
    await send({"type": "http.response.body", "body": b""})


async def _to_service(answer: UpstreamResponse, receive: Receive) -> None:
    writer, has_more = answer.connection.writer, True
    while has_more:
        message = await receive()
        if message["type"] != "http.request":
            return
        writer.write(message["body"])
        await writer.drain()
        has_more = message["more_body"]


async def _to_client(answer: UpstreamResponse, send: Send) -> None:
    data = answer.rest or await answer.connection.reader.read(PART)
    while data:
        await send({"type": "http.response.body", "body": data, "more_body": True})
        data = await answer.connection.reader.read(PART)
