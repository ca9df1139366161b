"""A header that would end its line never leaves over a socket, from any part of the server (RFC 9110 5.5)."""

import pytest

from eqkit.settings import Settings
from eqkit.web.messages.context import CONTEXT, Receive, Response, Scope, Send
from eqkit.web.messages.error_responses import ErrorResponses
from eqkit.web.messages.links import LinkBases
from eqkit.web.middleware.wire import Drain, Wire
from tests.web.http.test_server import Answering, run, serving
from tests.web.sockets import request


def answering(value: bytes) -> Wire:
    """Return a server's outermost layer over one that answers with a header of this value."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        scope[CONTEXT].response = Response(200, {"told": True}, headers=[(b"x-told", value)])

    return Wire(
        Answering(answer), link_bases=LinkBases(Settings()), drain=Drain(), responses=ErrorResponses()
    )


async def answered(value: bytes) -> bytes:
    """Send a request on a connection that stays open, the shortest way, and return the first bytes."""
    async with serving(answering(value)) as (_, _, (reader, writer)):
        writer.write(request(b"", method=b"GET", target=b"/", length=None))
        return await reader.read(1 << 16)


def test_an_ordinary_value_is_sent() -> None:
    """Spaces, quotes and bytes above ASCII are no end of a line."""
    received = run(answered(b'a "b" \xe9'))
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'\r\nx-told: a "b" \xe9\r\n' in received


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\0", b"\r\n"], ids=["CR", "LF", "NUL", "CRLF"])
def test_a_value_that_would_end_its_line_is_never_sent(end: bytes) -> None:
    """The request is answered with a 500, and nothing of the value goes out."""
    received = run(answered(b"a" + end + b"x-evil: 1"))
    assert b"x-evil" not in received
    assert not received.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\0", b"\r\n"], ids=["CR", "LF", "NUL", "CRLF"])
def test_a_name_that_would_end_its_line_is_never_sent_either(end: bytes) -> None:
    """An application behind the protocol may be anybody's (`eqkit proxy` is another one)."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"x-told" + end + b"x-evil", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def received() -> bytes:
        async with serving(Answering(answer)) as (_, _, (reader, writer)):
            writer.write(request(b"", method=b"GET", target=b"/", length=None))
            return await reader.read(1 << 16)

    assert run(received()).startswith(b"HTTP/1.1 500")
