"""The head of a request on a socket: targets, Host, framing, and bad header lines (RFC 9110, RFC 9112)."""

import socket

import pytest

from eqkit.web.http.heads import strip_white_space
from tests.clients import MESSAGES, assert_error_document
from tests.processes import ServerProcess
from tests.web.sockets import GOOD, Connection, Reply, connected, request

HEALTH = request(b"", method=b"GET", target=b"/health", length=None)
CHUNKED = b"Transfer-Encoding: chunked"
CHUNKS = b"%x\r\n%b\r\n0\r\n" % (len(GOOD), GOOD)
KEY = b"test_heads"


def reply_to(live: ServerProcess, raw: bytes, method: str = "POST") -> Reply:
    """Send one request, and return its answer."""
    with connected(live.address) as connection:
        connection.send(raw)
        return connection.reply(method)


def is_alive(connection: Connection) -> bool:
    """Tell whether a connection takes another request."""
    connection.send(HEALTH)
    return connection.reply().status == 200


@pytest.mark.parametrize(
    ("lines", "trailer", "status"),
    [
        ({"key": None}, b"Authorization: " + KEY, 401),
        ({}, b"Authorization: wrong", 202),
        ({"media_type": None}, b"Content-Type: application/vnd.api+json", 415),
        ({}, b"Content-Type: text/plain", 202),
        ({}, b"Prefer: code=500", 202),
        ({}, b"Accept: text/html", 202),
        ({}, b"Content-Encoding: gzip", 202),
        ({}, b"Idempotency-Key: " + b"x" * 1000, 202),
        ({}, b"Host: other.test", 202),
        ({}, b"Connection: close", 202),
    ],
)
def test_a_field_of_a_trailer_is_no_header(
    live: ServerProcess, lines: dict[str, None], trailer: bytes, status: int
) -> None:
    """RFC 9110 6.5.1: framing, routing, authentication and content are said in the head or not at all."""
    head = request(b"", CHUNKED, length=None, **{"key": KEY, **lines})  # type: ignore[arg-type]
    with connected(live.address) as connection:
        connection.send(head + CHUNKS + trailer + b"\r\n\r\n")
        assert connection.reply().status == status
        assert is_alive(connection)


@pytest.mark.parametrize("blanks", [b" ", b"\t", b" \t ", b""], ids=["blank", "tab", "both", "none"])
@pytest.mark.parametrize("line", [b"Authorization: test_blanks", b"Content-Type: application/vnd.api+json",
                                  b"Content-Length: %d" % len(GOOD), CHUNKED, b"Prefer: code=418",
                                  b"Accept: text/html", b"Expect: 100-continue", b"Connection: close",
                                  b"Host: blanks.test", b"Content-Encoding: gzip"])  # fmt: skip
def test_white_space_around_a_value_is_no_part_of_it(live: ServerProcess, line: bytes, blanks: bytes) -> None:
    """RFC 9110 5.5: it means the same with blanks as without, for every header that is heeded."""
    name, value = line.split(b": ")
    given = {b"Authorization": "key", b"Content-Type": "media_type", b"Host": "host"}.get(name)
    framed = name in (b"Content-Length", b"Transfer-Encoding")
    body = CHUNKS + b"\r\n" if line == CHUNKED else GOOD
    replies = []
    for text in (value, blanks + value + blanks):
        lines = [] if given else [name + b":" + text]
        own = {given: text} if given else {}
        raw = request(body, *lines, **{"length": None if framed else b"", **own})  # type: ignore[arg-type]
        replies.append(reply_to(live, raw))
    plain, padded = replies
    assert plain.status == padded.status
    assert plain.headers.get("connection") == padded.headers.get("connection")
    link = plain.headers.get("location", "").rpartition("/")[0]
    assert padded.headers.get("location", "").rpartition("/")[0] == link


def test_a_tab_may_come_in_a_piece_of_its_own(live: ServerProcess) -> None:
    """How a head is cut means nothing; bytes in a body that look like a head are left as they are."""
    body = b'{"data":{"type":"message","attributes":{"body":"a\\t\\r\\n"}}\t\r\n\t}'
    plain = request(body, b"X-A: a\tb ", b"X-B: \t", b"X-C:\tc \t ", key=KEY)
    chunked = request(b"", b"Transfer-Encoding: chunked\t ", length=None) + CHUNKS + b"\r\n"
    for raw in (plain, chunked):
        for size in (1, 2, 3, 7):
            with connected(live.address) as connection:
                connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for at in range(0, len(raw), size):
                    connection.send(raw[at : at + size])
                assert connection.reply().status == 202
                assert is_alive(connection)


def test_a_line_of_white_space_alone_does_not_end_the_head(live: ServerProcess) -> None:
    """RFC 9112 2.2: it would continue the line before it, which is not taken (5.2)."""
    raw = request().replace(b"\r\nHost:", b"\r\nX-A: a\r\n\t\r\nHost:")
    assert reply_to(live, raw).status == 400


@pytest.mark.parametrize(
    ("target", "base"),
    [
        (b"http://other.test:81" + MESSAGES.encode(), "http://other.test:81/"),
        (b"HTTP://other.test" + MESSAGES.encode(), "http://other.test/"),
        (b"https://other.test" + MESSAGES.encode(), "https://other.test/"),
        (b"http://[::1]:8080" + MESSAGES.encode(), "http://[::1]:8080/"),
        (MESSAGES.encode(), "http://mock.test/"),
    ],
)
def test_the_host_of_an_absolute_target_replaces_host(live: ServerProcess, target: bytes, base: str) -> None:
    """RFC 9112 3.2.2: links lead to where the target says (ruling H8)."""
    assert reply_to(live, request(target=target)).headers["location"].startswith(base)


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        (b"GET", b"http://mock.test", 200),
        (b"GET", b"http://mock.test/health?", 200),
        (b"GET", b"http://mock.test?x=1", 200),
        (b"GET", b"http://evil.test/_mock/clock", 403),
        (b"GET", b"http://user@mock.test/health", 400),
        (b"GET", b"ftp://mock.test/health", 400),
        (b"GET", b"http:///health", 400),
        (b"GET", b"*", 400),
        (b"OPTIONS", b"http://mock.test", 404),
        (b"OPTIONS", b"*", 404),
    ],
)
def test_a_target_is_read_by_its_form(live: ServerProcess, method: bytes, target: bytes, status: int) -> None:
    """RFC 9112 3.2: an empty path is `/`, that of OPTIONS an asterisk; the control plane minds the host."""
    raw = request(b"", method=method, target=target, length=None, host=b"mock.test", key=None)
    raw = raw.replace(b"mock.test\r\n", b"127.0.0.1\r\n") if b"evil" in target else raw
    assert reply_to(live, raw).status == status


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (request(host=None), "no Host"),
        (request(GOOD, b"Host: mock.test"), "2 Host"),
        (request(GOOD, b"host: other.test", target=b"http://mock.test" + MESSAGES.encode()), "2 Host"),
        (request(GOOD, b"Host: a", version=b"HTTP/1.0"), "2 Host"),
        (request(host=None, target=b"http://mock.test" + MESSAGES.encode()), "no Host"),
        (b"GET /health\r\n\r\n", "HTTP/1.1 or HTTP/1.0"),
        (request(CHUNKS, b"Transfer-Encoding: gzip, chunked", length=None), "chunked"),
        (request(CHUNKS, b"Transfer-Encoding: identity, chunked", length=None), "chunked"),
        (request(CHUNKS, b"Transfer-Encoding: gzip", CHUNKED, length=None), "chunked"),
        (request(CHUNKS, b"Transfer-Encoding: gzip\t", CHUNKED, length=None), "chunked"),
        (request(CHUNKS, CHUNKED, length=None, version=b"HTTP/1.0"), "Content-Length"),
    ],
)
def test_a_head_that_can_be_read_in_two_ways_is_refused(live: ServerProcess, raw: bytes, words: str) -> None:
    """RFC 9112 3.2 and 6.1: a 400 with the reason, after which the connection is closed."""
    with connected(live.address) as connection:
        connection.send(raw)
        reply = connection.reply()
        assert_error_document(reply.json(), 400)
        assert words in reply.json()["errors"][0]["detail"]
        assert "date" in reply.headers
        assert reply.headers["connection"] == "close"
        assert connection.is_closed()


def test_http_1_0_gets_neither_chunks_nor_interim_answers(live: ServerProcess) -> None:
    """RFC 9110 15.2, RFC 9112 6.1: an answer without a length ends with its connection."""
    old = {"version": b"HTTP/1.0", "host": None}
    expecting = request(GOOD, b"Expect: 100-continue", **old)  # type: ignore[arg-type]
    with connected(live.address) as connection:
        connection.send(expecting[:-5])
        # Sent later, and answered: so the server has looked for the rest of the body.
        assert reply_to(live, HEALTH).status == 200
        connection.send(expecting[-5:])
        assert connection.reply().status == 202
    asking = request(b"", method=b"GET", target=b"/_mock/events?follow=false", length=None, **old)  # type: ignore[arg-type]
    with connected(live.address) as connection:
        connection.send(asking)
        received = b""
        while data := connection.socket.recv(1 << 16):
            received += data
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head
    assert body.startswith(b": watching")


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        ("/health", "/%68ealth"),
        ("/openapi.json", "/openapi%2Ejson"),
        ("/_mock/clock", "/%5Fmock/cl%6fck"),
        ("/_mock/openapi.json", "/%5fmock/openapi%2ejson"),
        (f"{MESSAGES}/1", "/v1/queues/a%2Dqueue/%6Dessages/%31"),
        (f"/v1/api{MESSAGES[3:]}/1", f"/v1/%61pi{MESSAGES[3:]}/1"),
        ("/v1/queues/a%2fb/messages/1", "/v1/%71ueues/a%2Fb/messages/1"),
    ],
)
def test_an_escape_that_needs_none_is_the_same_path(live: ServerProcess, path: str, escaped: str) -> None:
    """RFC 3986 6.2.2.2: for routes, pages, the other spelling of reading, and the control plane."""
    replies = [
        reply_to(live, request(b"", method=b"GET", target=each.encode(), host=b"127.0.0.1", length=None))
        for each in (path, escaped)
    ]
    plain, other = [
        (reply.status, sorted(reply.json()), [error["code"] for error in reply.json().get("errors", ())])
        for reply in replies
    ]
    assert plain == other
    assert plain[2] != ["path-not-found"]


def test_an_escaped_slash_is_no_separator(live: ServerProcess) -> None:
    """RFC 3986 2.2: it is data of its segment."""
    for path in (b"/_mock%2Fclock", b"/v1%2fqueues/q/messages/1", b"/openapi%2Fjson"):
        raw = request(b"", method=b"GET", target=path, host=b"127.0.0.1", length=None)
        assert reply_to(live, raw).status == 404


def test_every_answer_has_a_date(live: ServerProcess) -> None:
    """RFC 9110 6.6.1: those that the protocol gives itself, too."""
    long = b"X-A: " + b"a" * 70_000
    for raw in (b"NONSENSE\r\n\r\n", HEALTH, request(), request(host=None), request(GOOD, long)):
        assert reply_to(live, raw).headers["date"].endswith(" GMT")


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(live: ServerProcess) -> None:
    """An endless header, trailer or extension of a chunk is a 431 at the limit."""
    piece = b"a" * 50_000
    head = request(b"", CHUNKED, length=None)
    for begun in (b"GET / HTTP/1.1\r\nX-A: ", head + CHUNKS + b"X-A: ", head + b"1;x="):
        with connected(live.address) as connection:
            connection.send(begun)
            for _ in range(20):
                connection.send(piece)
            assert connection.reply().status == 431


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nA: b\tc \t\r\nB:\t \r\nC: \td\t\r\nD: e\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n\t\r\nC: d\t \r\n\r\n",
        b"GET\t/\tHTTP/1.1\r\nA: b\t\r\n\r\n",
    ],
)
def test_white_space_is_taken_away_alike_however_a_head_is_cut(head: bytes) -> None:
    """A head that is cut in two at any place reads the same as the whole."""
    body = b"x\t\r\n\t\r\n\r\n"
    whole, held = strip_white_space(b"", head + body)
    assert held == b""
    assert whole.endswith(b"\r\n\r\n" + body)
    assert b"\n\t\r\n" not in whole.removesuffix(body) or b"\r\n\t\r\n" in head
    for at in range(1, len(head)):
        first, held = strip_white_space(b"", head[:at])
        second, nothing = strip_white_space(first[-3:], held + head[at:] + body)
        assert (first + second, nothing) == (whole, b"")
