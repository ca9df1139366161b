"""Arbitrary bytes cause no crash, no foreign shape of an answer, and no silence."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.clients import BULK, JSON_API, MESSAGES, Client, assert_error_document
from tests.processes import ServerProcess
from tests.web.sockets import GOOD, connected, request

FUZZ = settings(
    max_examples=150,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TOKENS = [
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b'"',
        b"\\",
        b"\\u",
        b"\\ud800",
        b"\\u003a",
        b"-",
        b"e9",
        b"1" * 400,
    ),
    *(b'"data":', b'"type":"message"', b'"attributes":', b'"body":"a"', b'"wait-until":', b"NaN", b"null"),
    *(b"\xef\xbb\xbf", b"\xff", b"\x00", b" ", b"[" * 300, b'{"a":' * 300, b"}" * 300, GOOD),
]
BODIES = st.one_of(st.binary(max_size=200), st.lists(st.sampled_from(TOKENS), max_size=12).map(b"".join))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(json.loads(GOOD)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["data", "type", "attributes", "body", "wait-until", "id", "message"])
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
LINES = [
    *(
        b"POST ",
        b"GET ",
        b"FOO ",
        MESSAGES.encode(),
        b"/",
        b"*",
        b"?a=b",
        b"%",
        b" HTTP/1.1",
        b" HTTP/1.0",
        b"\r\n",
    ),
    *(
        b"\r\n\r\n",
        b"\n",
        b"Host: a\r\n",
        b"Content-Length: 5\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"5\r\n",
    ),
    *(
        b"0\r\n\r\n",
        b"Authorization: test_fuzz\r\n",
        b"Content-Type: application/vnd.api+json\r\n",
        b"Connection: ",
    ),
    *(b"close\r\n", b"Upgrade: h2c\r\n", b"Upgrade\r\n", b"Expect: 100-continue\r\n", b"\x00", b"\xff", GOOD),
]
STREAMS = st.one_of(
    st.binary(min_size=1, max_size=200),
    st.lists(st.sampled_from(LINES), min_size=1, max_size=14).map(b"".join),
)
HEADER = st.binary(max_size=40).map(lambda value: bytes(set(value) - {0, 10, 13}))


def assert_answer(status: int, document: Any) -> None:
    """Compare an answer to an enqueueing with the contract."""
    assert status < 500
    if status != 202:
        assert_error_document(document, status)


@pytest.mark.parametrize("path", [MESSAGES, BULK])
@FUZZ
@given(body=BODIES)
def test_any_bytes_as_a_body_get_an_answer_of_the_contract(client: Client, path: str, body: bytes) -> None:
    """Ruling B2: never a 500, for any bytes."""
    response = client.post(path, content=body)
    assert_answer(response.status_code, response.json())


@pytest.mark.parametrize("path", [MESSAGES, BULK])
@FUZZ
@given(value=VALUES)
def test_any_json_as_a_body_gets_an_answer_of_the_contract(client: Client, path: str, value: Any) -> None:
    """Ruling B2: never a 500, for any document."""
    response = client.post(path, content=json.dumps(value))
    assert_answer(response.status_code, response.json())


@FUZZ
@given(content_type=HEADER, accept=HEADER, prefer=HEADER, key=HEADER)
def test_any_bytes_in_headers_get_an_answer_of_the_contract(
    client: Client, content_type: bytes, accept: bytes, prefer: bytes, key: bytes
) -> None:
    """Ruling B2: negotiation and preferences may be nonsense, too."""
    for changed in (
        {"content-type": content_type},
        {"accept": accept},
        {"prefer": b"code=" + prefer},
        {"idempotency-key": key},
        {"host": key, "access-control-request-headers": prefer},
    ):
        response = client.enqueue(headers=changed)
        assert_answer(response.status_code, response.json())


@FUZZ
@given(stream=STREAMS)
def test_any_bytes_on_a_socket_are_answered(live: ServerProcess, stream: bytes) -> None:
    """Ruling B2: every answer is HTTP with a status below 500, a refusal has our shape, and nothing hangs."""
    with connected(live.address) as connection:
        # Wherever the stream has led the server to, NULs are the end of it.
        connection.send(stream + b"\x00" * 500)
        received = b""
        while data := connection.socket.recv(1 << 16):
            received += data
    heads = [part[:3] for part in received.split(b"HTTP/1.1 ")[1:] if part[:3].isdigit()]
    assert heads
    assert max(map(int, heads)) < 500
    if int(heads[-1]) >= 400:
        assert JSON_API.encode() in received
        assert_error_document(json.loads(received.rpartition(b"\r\n\r\n")[2]), int(heads[-1]))
    with connected(live.address) as another:
        another.send(request(b"", method=b"GET", target=b"/health", length=None))
        assert another.reply().status == 200
