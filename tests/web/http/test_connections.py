"""Connections: which are kept alive, in which order requests are answered, and which are closed."""

import asyncio
import socket
from typing import Any

import pytest

from eqkit.elasticqueue.service import elasticqueue
from eqkit.web.http.limits import Timeouts
from eqkit.web.http.protocol import Protocol
from eqkit.web.http.site import Site
from tests.clients import MESSAGES, assert_error_document
from tests.processes import ServerProcess
from tests.web.sockets import GOOD, connected, request

UPGRADE = [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"]
GET_HEALTH = request(b"", method=b"GET", target=b"/health", length=None)


def test_pipelined_requests_are_answered_in_their_order(live: ServerProcess) -> None:
    """Ruling B2: requests sent without waiting get an answer each, in order."""
    with connected(live.address) as connection:
        connection.send(request(key=b"test_pipeline") * 3 + request(b"{") + GET_HEALTH)
        replies = [connection.reply() for _ in range(5)]
    assert [reply.status for reply in replies] == [202, 202, 202, 400, 200]
    ids = [int(reply.json()["data"]["id"]) for reply in replies[:3]]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]


def test_requests_before_garbage_are_answered_first(live: ServerProcess) -> None:
    """Ruling B2: the enqueued messages are answered with their 202, and only then the garbage with a 400."""
    with connected(live.address) as connection:
        connection.send(request() + request() + b"garbage\r\n\r\n" + request())
        replies = [connection.reply() for _ in range(3)]
        assert connection.is_closed()
    assert [reply.status for reply in replies] == [202, 202, 400]
    assert_error_document(replies[2].json(), 400)


def test_after_the_last_answer_garbage_gets_none(live: ServerProcess) -> None:
    """Ruling B2: a request that ends its connection is the last one to be answered on it."""
    with connected(live.address) as connection:
        connection.send(request(GOOD, b"Connection: close") + b"garbage\r\n\r\n")
        assert connection.reply().status == 202
        assert connection.is_closed()


def test_a_request_may_come_byte_by_byte(live: ServerProcess) -> None:
    """Ruling B2: how a request is cut into pieces means nothing."""
    with connected(live.address) as connection:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw = request(GOOD, *UPGRADE)
        for at in range(len(raw)):
            connection.send(raw[at : at + 1])
        assert connection.reply().status == 202


@pytest.mark.parametrize(
    "expect", [b"100-continue", b"100-Continue ", b" 100-continue\t", b"a=b, 100-continue"]
)
def test_a_client_that_waits_for_100_continue_gets_it(live: ServerProcess, expect: bytes) -> None:
    """RFC 9110 10.1.1: the body is sent only after the 100, and then answered."""
    head, _, body = request(GOOD, b"Expect:" + expect).partition(b"\r\n\r\n")
    with connected(live.address) as connection:
        connection.send(head + b"\r\n\r\n")
        assert connection.reply().status == 100
        connection.send(body)
        assert connection.reply().status == 202


@pytest.mark.parametrize(
    ("body", "lines", "length"),
    [(b"", [], None), (b"", [], b"0"), (b"0\r\n\r\n", [b"Transfer-Encoding: chunked"], None)],
    ids=["nothing", "a length of 0", "no chunk"],
)
def test_an_optional_body_is_left_out_in_any_framing(
    live: ServerProcess, body: bytes, lines: list[bytes], length: bytes | None
) -> None:
    """RFC 9110 6.4: content of no bytes is no content, and is validated as none."""
    named = {"target": b"/_mock/clock/freeze", "host": b"127.0.0.1", "media_type": b"application/json"}
    with connected(live.address) as connection:
        connection.send(request(body, *lines, key=b"test_optional", length=length, **named))
        assert connection.reply().status == 200


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (request(GOOD, b"Expect: 100-continue", key=b"wrong"), 401),
        (request(GOOD, b"Expect: 100-continue", media_type=b"text/plain"), 415),
        (request(GOOD, b"Expect: 100-continue", length=b"10485761"), 413),
    ],
)
def test_a_body_that_is_not_wanted_is_not_asked_for(live: ServerProcess, raw: bytes, status: int) -> None:
    """Ruling H2: a refusal by the head comes instead of the 100, and the body is never sent."""
    with connected(live.address) as connection:
        connection.send(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
        assert connection.reply().status == status


def test_a_wish_to_upgrade_is_ignored_and_the_next_request_is_answered(live: ServerProcess) -> None:
    """RFC 9110 7.8: a server may stay with HTTP/1.1, and then the body is still the request's."""
    asking = request(b"", *UPGRADE, method=b"GET", target=b"/health", length=None)
    with connected(live.address) as connection:
        connection.send(asking * 3 + request(GOOD, *UPGRADE))
        replies = [connection.reply() for _ in range(4)]
        assert connection.is_closed()
    assert [reply.status for reply in replies] == [200, 200, 200, 202]
    assert replies[3].headers["connection"] == "close"


def test_bytes_behind_an_upgrade_request_and_its_body_are_no_part_of_that_body(live: ServerProcess) -> None:
    """RFC 9112 6.3: a body ends where its length says; the connection ends after its answer."""
    with connected(live.address) as connection:
        connection.send(request(GOOD, *UPGRADE) + request())
        assert connection.reply().status == 202
        assert connection.is_closed()


def test_a_request_that_is_refused_while_it_is_read_is_not_carried_out(live: ServerProcess) -> None:
    """Ruling B2: its answer is the 400, and the journal has no other."""
    # Its head alone would have been answered with a 415.
    head: dict[str, Any] = {"key": b"test_refused", "media_type": b"text/plain", "length": None}
    raw = request(b"ZZ\r\n", b"Transfer-Encoding: chunked", **head)
    with connected(live.address) as connection:
        connection.send(raw)
        assert connection.reply().status == 400
        assert connection.is_closed()
    with connected(live.address) as connection:
        asked = request(b"", method=b"GET", target=b"/_mock/journal", key=b"test_refused", host=b"127.0.0.1",
                        length=None)  # fmt: skip
        connection.send(asked)
        assert connection.reply().json()["total"] == 0


def test_a_client_that_leaves_in_the_middle_disturbs_nobody(live: ServerProcess) -> None:
    """Ruling B2: half a head or half a body is dropped with its connection; nothing of it is enqueued."""
    key = b"test_leaving"
    raw = request(key=key)
    for cut in (1, 20, raw.index(b"\r\n\r\n") + 10, len(raw) - 1):
        with connected(live.address) as connection:
            connection.send(raw[:cut])
            connection.socket.shutdown(socket.SHUT_WR)
            assert connection.is_closed()
    with connected(live.address) as connection:
        connection.send(raw)
        assert connection.reply().json()["data"]["id"] == "72301093732"


def test_head_leaves_no_body_on_the_wire(live: ServerProcess) -> None:
    """Ruling H9: after an answer to HEAD the next byte is the next answer's, for every status."""
    with connected(live.address) as connection:
        for target, status in ((f"{MESSAGES}/1", 404), (MESSAGES, 405), ("/nowhere", 404), ("/", 200)):
            connection.send(request(b"", method=b"HEAD", target=target.encode(), length=None))
            reply = connection.reply("HEAD")
            assert reply.status == status
            assert int(reply.headers["content-length"]) > 0
        connection.send(GET_HEALTH)
        assert connection.reply().body == b'{"status":"ok"}'


def test_a_refused_body_is_read_past(live: ServerProcess) -> None:
    """Ruling H2: after a refusal by the head alone the connection stands at the next request."""
    with connected(live.address) as connection:
        connection.send(request(b"x" * 100_000, key=b"wrong") + GET_HEALTH)
        assert [connection.reply().status for _ in range(2)] == [401, 200]


def test_an_idle_connection_is_closed_and_a_busy_one_is_not() -> None:
    """A connection is kept for some time after its last answer, counted anew with each."""

    async def answered_until_closed() -> int:
        site = Site(elasticqueue(), timeouts=Timeouts(idle_s=0.2))
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Protocol(site), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            begun, answers = loop.time(), 0
            while loop.time() < begun + 0.5:
                writer.write(b"GET /health HTTP/1.1\r\nHost: mock.test\r\n\r\n")
                answers += (await reader.readuntil(b'{"status":"ok"}')).startswith(b"HTTP/1.1 200")
            assert await reader.read() == b""
            writer.close()
        return answers

    assert asyncio.run(asyncio.wait_for(answered_until_closed(), 20)) > 2
