"""Requests as nobody should send them, byte for byte on a socket: framing, targets, methods and headers."""

import contextlib
from pathlib import Path

import pytest

from tests.clients import BULK, JSON_API, MESSAGES, assert_error_document
from tests.processes import ServerProcess
from tests.web.sockets import GOOD, connected, request

MIB = 1_048_576
ENQUEUE = request()
HEALTH = request(b"", method=b"GET", target=b"/health", length=None)
CHUNKED = b"Transfer-Encoding: chunked"
UPGRADE = [b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"]
WEBSOCKET = [
    b"Connection: Upgrade",
    b"Upgrade: websocket",
    b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
]
MALFORMED = (400, "malformed-request")
TOO_LARGE = (431, "headers-too-large")
ACCEPTED = (202, None)


def chunked(*chunks: bytes) -> bytes:
    """Return a body in chunks."""
    return b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))


def queue(name: bytes) -> bytes:
    """Return a good request to a queue whose name is written so."""
    return request(target=b"/v1/queues/" + name + b"/messages")


FRAMING = {
    "a negative length": (request(length=b"-1"), *MALFORMED),
    "a length that is no number": (request(length=b"many"), *MALFORMED),
    "a hexadecimal length": (request(length=b"0x10"), *MALFORMED),
    "a length beyond 64 bits": (request(length=b"9" * 25), *MALFORMED),
    "a huge length": (request(length=b"9" * 15), 413, "request-too-large"),
    "an empty length": (request(b"", length=b" "), *MALFORMED),
    "two lengths": (request(GOOD, b"Content-Length: 3"), *MALFORMED),
    "the same length twice": (request(GOOD, b"Content-Length: %d" % len(GOOD)), *MALFORMED),
    "two lengths in one": (request(length=b"3, 3"), *MALFORMED),
    "length and chunks": (request(chunked(GOOD), CHUNKED, length=b"5"), *MALFORMED),
    "no length and no body": (request(b"", length=None), 400, "invalid-json"),
    "chunks": (request(chunked(GOOD[:9], GOOD[9:]), CHUNKED, length=None), *ACCEPTED),
    "chunks of one byte": (
        request(chunked(*[GOOD[at : at + 1] for at in range(len(GOOD))]), CHUNKED, length=None),
        *ACCEPTED,
    ),
    "a chunk with an extension": (
        request(b"%x;a=b\r\n" % len(GOOD) + GOOD + b"\r\n0\r\nTrailer: x\r\n\r\n", CHUNKED, length=None),
        *ACCEPTED,
    ),
    "no chunk": (request(chunked(), CHUNKED, length=None), 400, "invalid-json"),
    "a chunk without a size": (request(b"zz\r\n" + GOOD, CHUNKED, length=None), *MALFORMED),
    "a bad chunk behind a good one": (request(b"5\r\n{    \r\nzz\r\n", CHUNKED, length=None), *MALFORMED),
    "a chunk of a huge size": (request(b"f" * 20 + b"\r\n", CHUNKED, length=None), *MALFORMED),
    "another transfer coding": (request(GOOD, b"Transfer-Encoding: gzip", length=None), *MALFORMED),
    "bare line feeds": (ENQUEUE.replace(b"\r\n", b"\n"), *MALFORMED),
    "bare carriage returns": (ENQUEUE.replace(b"\r\n", b"\r"), *MALFORMED),
    "empty lines before": (b"\r\n\r\n" + ENQUEUE, *ACCEPTED),
    "NUL before": (b"\x00" + ENQUEUE, *MALFORMED),
    "a TLS hello": (bytes.fromhex("16030100c8010000c40303") + bytes(200), *MALFORMED),
    "an HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), *MALFORMED),
    "a wish for a websocket": (
        request(b"", *WEBSOCKET, method=b"GET", length=None),
        405,
        "method-not-allowed",
    ),
    "a good body and a wish for a websocket": (request(GOOD, *WEBSOCKET), *ACCEPTED),
    "a good body and a wish for HTTP/2": (request(GOOD, *UPGRADE), *ACCEPTED),
    "good chunks and a wish for HTTP/2": (request(chunked(GOOD), CHUNKED, *UPGRADE, length=None), *ACCEPTED),
    "a bad chunk and a wish for HTTP/2": (request(b"zz\r\n", CHUNKED, *UPGRADE, length=None), *MALFORMED),
    "HTTP/1.0": (request(version=b"HTTP/1.0", host=None), *ACCEPTED),
    "HTTP/1.9": (request(version=b"HTTP/1.9"), *MALFORMED),
    "no version": (b"POST " + MESSAGES.encode() + b" x\r\n\r\n", *MALFORMED),
    "an odd expectation": (request(GOOD, b"Expect: a-miracle"), *ACCEPTED),
}

TARGETS = {
    "an asterisk": (request(b"", method=b"OPTIONS", target=b"*", length=None), 404, "path-not-found"),
    "the absolute form": (request(target=b"http://other.test" + MESSAGES.encode()), *ACCEPTED),
    "the absolute form without a path": (request(target=b"http://other.test"), 405, "method-not-allowed"),
    "the authority form": (request(b"", method=b"CONNECT", target=b"a.test:443", length=None), *MALFORMED),
    "CONNECT to a path": (request(method=b"CONNECT"), 405, "method-not-allowed"),
    "no slash": (request(target=b"v1/queues/q/messages"), *MALFORMED),
    "a query alone": (request(target=b"?a=b"), *MALFORMED),
    "a fragment": (request(target=MESSAGES.encode() + b"#part"), *ACCEPTED),
    "an escaped slash": (queue(b"a%2Fb"), 400, "invalid-queue-name"),
    "an escaped slash and too many parts": (
        request(target=b"/v1%2Fqueues/q/messages"),
        404,
        "path-not-found",
    ),
    "no escape": (queue(b"a%zz"), 400, "invalid-queue-name"),
    "half an escape": (queue(b"a%2"), 400, "invalid-queue-name"),
    "an escape twice": (queue(b"a%252Fb"), 400, "invalid-queue-name"),
    "an escape that is no UTF-8": (queue(b"%ff"), 400, "invalid-queue-name"),
    "an escaped surrogate": (queue(b"%ed%a0%80"), 400, "invalid-queue-name"),
    "an escaped NUL": (queue(b"a%00"), 400, "invalid-queue-name"),
    "an escaped line break": (queue(b"a%0d%0aX:%20y"), 400, "invalid-queue-name"),
    "a raw character": (queue("é".encode()), *MALFORMED),
    "a raw byte": (queue(b"\xff"), *MALFORMED),
    "a control character": (queue(b"a\x01"), *MALFORMED),
    "a raw NUL": (queue(b"a\x00b"), *MALFORMED),
    "DEL": (queue(b"a\x7fb"), *MALFORMED),
    "a tab": (queue(b"a\tb"), *MALFORMED),
    "a blank": (queue(b"a b"), *MALFORMED),
    "an empty name": (queue(b""), 400, "invalid-queue-name"),
    "two slashes first": (request(target=b"/" + MESSAGES.encode()), 404, "path-not-found"),
    "two slashes within": (request(target=b"/v1//queues/q/messages"), 404, "path-not-found"),
    "a slash behind": (request(target=MESSAGES.encode() + b"/"), 404, "path-not-found"),
    "dot segments": (request(target=b"/v1/x/.." + MESSAGES.encode()[3:]), 404, "path-not-found"),
    "escaped dot segments": (request(target=b"/v1/%2e%2e" + MESSAGES.encode()), 404, "path-not-found"),
    "a long target": (queue(b"a" * 60_000), 400, "invalid-queue-name"),
    "too long a target": (queue(b"a" * 70_000), *TOO_LARGE),
    "an odd query": (request(target=MESSAGES.encode() + b"?%zz&%ff=%"), 400, "unknown-query-parameter"),
    "a raw character in the query": (request(target=MESSAGES.encode() + "?é".encode()), *MALFORMED),
    "a long query": (
        request(target=MESSAGES.encode() + b"?" + b"a" * 60_000),
        400,
        "unknown-query-parameter",
    ),
}

HEADERS = {
    "an unknown method": (request(method=b"FOO"), *MALFORMED),
    "a method in lower case": (request(method=b"post"), *MALFORMED),
    "a method of WebDAV": (request(method=b"PROPFIND"), 405, "method-not-allowed"),
    "an endless method": (request(method=b"A" * 70_000), *MALFORMED),
    "no Host": (request(host=None), *MALFORMED),
    "an empty Host": (request(host=b""), *ACCEPTED),
    "an odd Host": (request(host=b"a b/<c>"), *ACCEPTED),
    "two Hosts": (request(GOOD, b"Host: other.test"), *MALFORMED),
    "no key": (request(key=None), 401, "unauthorized"),
    "an empty key": (request(key=b""), 401, "unauthorized"),
    "two keys": (request(GOOD, b"Authorization: test_other"), 401, "unauthorized"),
    "the same key twice": (request(GOOD, b"Authorization: test_hostile"), 401, "unauthorized"),
    "a key that is no ASCII": (request(key=b"test_\xff"), 401, "unauthorized"),
    "no media type": (request(media_type=None), 415, "unsupported-media-type"),
    "an upper-case media type": (request(media_type=JSON_API.upper().encode()), *ACCEPTED),
    "two media types": (request(GOOD, b"Content-Type: text/plain"), 415, "unsupported-media-type"),
    "a bogus charset": (
        request(media_type=b"%b; charset=bogus" % JSON_API.encode()),
        415,
        "unsupported-media-type",
    ),
    "a charset": (request(media_type=b"%b;charset=utf-8" % JSON_API.encode()), 415, "unsupported-media-type"),
    "a media type that is no ASCII": (request(media_type=b"\xff/\xfe"), 415, "unsupported-media-type"),
    "a media type of blanks": (
        request(media_type=b"%b;%b!" % (JSON_API.encode(), b" " * 60_000)),
        415,
        "unsupported-media-type",
    ),
    "gzip": (request(b"\x1f\x8b", b"Content-Encoding: gzip"), 415, "unsupported-content-encoding"),
    "an Accept that is no ASCII": (request(GOOD, b"Accept: \xff"), *ACCEPTED),
    "an Accept of commas": (request(GOOD, b"Accept: " + b"," * 60_000), *ACCEPTED),
    "an Accept of open quotes": (request(GOOD, b"Accept: " + b'a/b;q="' * 8000), *ACCEPTED),
    "an Accept of semicolons": (request(GOOD, b"Accept: a/b" + b" ;" * 30_000 + b"!"), *ACCEPTED),
    "a Prefer of blanks": (request(GOOD, b"Prefer: ;" + b" " * 60_000 + b"x"), *ACCEPTED),
    "a Prefer that is no ASCII": (request(GOOD, b"Prefer: code=\xff"), 400, "invalid-preference"),
    "an idempotency key that is no ASCII": (request(GOOD, b"Idempotency-Key: \xff"), 400, "invalid-header"),
    "a long idempotency key": (request(GOOD, b"Idempotency-Key: " + b"a" * 60_000), 400, "invalid-header"),
    "a header that is no ASCII": (request(GOOD, b"X-A: \xff\xc3\xa9"), *ACCEPTED),
    "a header with NUL": (request(GOOD, b"X-A: a\x00b"), *MALFORMED),
    "a header on two lines": (request(GOOD, b"X-A: a\r\n b"), *MALFORMED),
    "a header without a colon": (request(GOOD, b"X-A"), *MALFORMED),
    "a header without a name": (request(GOOD, b": a"), *MALFORMED),
    "a blank before the colon": (request(GOOD, b"X-A : a"), *MALFORMED),
    "a name that is no ASCII": (request(GOOD, b"X-\xff: a"), *MALFORMED),
    "a long header": (request(GOOD, b"X-A: " + b"a" * 60_000), *ACCEPTED),
    "too long a header": (request(GOOD, b"X-A: " + b"a" * 70_000), *TOO_LARGE),
    "two thousand headers": (request(GOOD, *[b"X-%d: a" % at for at in range(2000)]), *ACCEPTED),
    "one header two thousand times": (request(GOOD, *[b"X-A: a"] * 2000), *ACCEPTED),
    "ten thousand headers": (request(GOOD, *[b"X-%d: a" % at for at in range(10_000)]), *TOO_LARGE),
}
CASES = FRAMING | TARGETS | HEADERS


@pytest.mark.parametrize(("raw", "status", "code"), CASES.values(), ids=CASES.keys())
def test_a_hostile_request_gets_an_answer_of_the_contract(
    live: ServerProcess, raw: bytes, status: int, code: str | None
) -> None:
    """Ruling B2: the expected status, a JSON:API document of a few words, and a server that goes on."""
    with connected(live.address) as connection:
        connection.send(raw)
        reply = connection.reply()
        assert reply.headers["content-type"] == JSON_API
        assert reply.headers["vary"] == "Accept"
        if code is None:
            assert (reply.status, reply.json()["data"]["type"]) == (status, "message")
        else:
            assert_error_document(reply.json(), reply.status)
            assert reply.status == status
            assert {error["code"] for error in reply.json()["errors"]} == {code}
        assert len(reply.body) < 1000
        if status in (400, 431) and code in ("malformed-request", "headers-too-large"):
            assert reply.headers["connection"] == "close"
            assert connection.is_closed()
    with connected(live.address) as another:
        another.send(HEALTH)
        assert another.reply().body == b'{"status":"ok"}'


@pytest.mark.parametrize("path", [MESSAGES, BULK])
def test_a_request_of_ten_mebibytes_is_taken_and_a_byte_more_is_not(live: ServerProcess, path: str) -> None:
    """Ruling B3: the limit is exact, with a length and in chunks, and the connection stays good."""
    document = GOOD if path == MESSAGES else GOOD.replace(b'{"type', b'[{"type').replace(b"}}}", b"}}]}")
    for extra, lines in ((0, ()), (1, ()), (0, (CHUNKED,)), (1, (CHUNKED,))):
        body = document.ljust(10 * MIB + extra)
        raw = request(
            chunked(body[:MIB], body[MIB:]) if lines else body,
            *lines,
            target=path.encode(),
            length=None if lines else b"",
        )
        with connected(live.address) as connection:
            connection.send(raw)
            reply = connection.reply()
            if extra:
                assert_error_document(reply.json(), 413)
                assert reply.json()["errors"][0]["code"] == "request-too-large"
                assert "10485760" in reply.json()["errors"][0]["detail"]
            assert reply.status == (413 if extra else 202)
            connection.send(HEALTH)
            assert connection.reply().status == 200


def test_a_bulk_of_bodies_of_a_mebibyte_is_taken(live: ServerProcess) -> None:
    """Ruling B3: nine bodies of exactly 1 MiB are one request; one byte more in one of them is a 413."""
    resource = b'{"type":"message","attributes":{"body":"%b"}}'
    fits, too_long = resource % (b"a" * MIB), resource % ("é" * (MIB // 2)).encode().join([b"a", b""])
    for items, status in (([fits] * 9, 202), ([fits, too_long], 413)):
        with connected(live.address) as connection:
            connection.send(request(b'{"data":[%b]}' % b",".join(items), target=BULK.encode()))
            reply = connection.reply()
        assert reply.status == status
        if status == 413:
            assert_error_document(reply.json(), 413)
            assert reply.json()["errors"][0]["source"] == {"pointer": "/data/1/attributes/body"}


def test_a_head_without_an_end_is_read_past_for_a_while_only(live: ServerProcess) -> None:
    """Its client gets the refusal if it looks for one, and cannot send for as long as it likes."""
    sent = 0
    with contextlib.suppress(ConnectionError), connected(live.address) as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: a\r\n")
        while sent < 64 * MIB:
            connection.socket.sendall(b"X: " + b"a" * MIB + b"\r\n")
            sent += MIB
    assert sent < 64 * MIB


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="what a process holds is read from /proc")
@pytest.mark.parametrize(
    "body", [b"x" * 5 * MIB, b"[" + b"1," * 200_000 + b"1]"], ids=["no JSON", "an array"]
)
def test_a_body_that_was_refused_does_not_stay(live: ServerProcess, body: bytes) -> None:
    """Neither the journal nor an exception keeps a refused body, so that made-up keys cost nothing."""

    def refuse(count: int) -> None:
        for number in range(count):
            with connected(live.address) as connection:
                connection.send(request(body, key=b"test_refused_%d" % number))
                assert connection.reply().status == 400

    with connected(live.address) as connection:  # the control plane takes memory of its own, once it is built
        connection.send(request(b"", method=b"GET", target=b"/_mock/clock", length=None))
        connection.reply("GET")
    refuse(10)
    before = resident_bytes(live.process.pid)
    refuse(30)
    assert resident_bytes(live.process.pid) - before < 60 * MIB


def resident_bytes(pid: int) -> int:
    """Return the memory that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
