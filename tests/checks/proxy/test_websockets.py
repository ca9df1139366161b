"""A WebSocket through the proxy: it is let through, and other protocols are not."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.proxies import accepted, connected, listening, until
from tests.checks.proxy.test_proxy_command import running

CONTRACT = """
openapi: 3.0.3
info: {title: Things, version: 1.0.0}
paths:
  /things: {get: {responses: {'200': {description: Things.}}}}
"""
END = b"\r\n\r\n"
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Of: service\r\n\r\n"
)
LONG = bytes(range(256)) * 8192


def asking(*lines: bytes) -> bytes:
    """A request to upgrade."""
    return b"\r\n".join((b"GET /live HTTP/1.1", b"Host: a", *lines)) + END


WEBSOCKET = asking(b"Connection: keep-alive, Upgrade", b"Upgrade: WebSocket", b"Sec-WebSocket-Key: abc")


@contextlib.contextmanager
def asked_for(tmp_path: Path, request: bytes) -> Iterator[tuple[socket.socket, socket.socket, bytes]]:
    """Send a request through a proxy that refuses violations of the contract.

    Yields the client, the service, and the head that it got.
    """
    contract = tmp_path / "things.yaml"
    contract.write_text(CONTRACT)
    options = ("--contract", str(contract), "--on-violation", "fail")
    with (
        listening() as (upstream, listener),
        running(upstream, *options, folder=tmp_path) as (url, _process),
        connected(url) as client,
    ):
        client.sendall(request)
        with accepted(listener) as service:
            yield client, service, until(service, END)


@contextlib.contextmanager
def switched(
    tmp_path: Path, answer: bytes = SWITCHED
) -> Iterator[tuple[socket.socket, socket.socket, bytes]]:
    """Open a WebSocket; yields the client, the service, and the head that the client got."""
    with asked_for(tmp_path, WEBSOCKET) as (client, service, _asked):
        service.sendall(answer)
        yield client, service, until(client, END)


def exactly(connection: socket.socket, length: int) -> bytes:
    """A number of bytes."""
    found = b""
    while len(found) < length:
        part = connection.recv(65536)
        assert part, len(found)
        found += part
    return found


def test_a_websocket_is_let_through_with_all_that_it_needs(tmp_path: Path) -> None:
    """Both heads have the fields of RFC 6455, and the contract, which has no such path, is not consulted."""
    with asked_for(tmp_path, WEBSOCKET) as (client, service, asked):
        assert b"connection: upgrade\r\nupgrade: websocket\r\n" in asked.lower()
        assert b"sec-websocket-key: abc\r\n" in asked.lower()
        service.sendall(SWITCHED)
        answered = until(client, END)
        assert answered.startswith(b"HTTP/1.1 101 ")
        for line in (b"upgrade: websocket", b"connection: upgrade", b"x-of: service"):
            assert line in answered.lower()


def test_bytes_go_both_ways_as_they_are(tmp_path: Path) -> None:
    """Two megabytes each way, at the same time, none of them framed or changed."""
    with switched(tmp_path) as (client, service, _answered):
        senders = [threading.Thread(target=side.sendall, args=(LONG,)) for side in (client, service)]
        receivers: dict[str, bytes] = {}
        readers = [
            threading.Thread(target=lambda: receivers.update(service=exactly(service, len(LONG)))),
            threading.Thread(target=lambda: receivers.update(client=exactly(client, len(LONG)))),
        ]
        for thread in (*senders, *readers):
            thread.start()
        for thread in (*senders, *readers):
            thread.join(20)
        assert receivers == {"service": LONG, "client": LONG}


def test_bytes_right_behind_the_head_are_not_lost(tmp_path: Path) -> None:
    """A service may speak in the same segment in which it switches."""
    with switched(tmp_path, SWITCHED + b"\x81\x05hello") as (client, _service, answered):
        rest = answered.partition(END)[2]
        assert rest + exactly(client, 7 - len(rest)) == b"\x81\x05hello"


@pytest.mark.parametrize("ends", ["client", "service"])
def test_when_one_side_ends_so_does_the_other(tmp_path: Path, ends: str) -> None:
    """Nobody is left with a connection to nobody."""
    with switched(tmp_path) as (client, service, _answered):
        first, second = (client, service) if ends == "client" else (service, client)
        first.close()
        with contextlib.suppress(ConnectionError):
            assert second.recv(1) == b""


@pytest.mark.parametrize(
    "request_to_upgrade",
    [
        asking(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__"),
        asking(b"Connection: Upgrade", b"Upgrade: websocket, h2c"),
        asking(b"Upgrade: websocket"),
        asking(b"Connection: Upgrade", b"Upgrade: websocket", b"Content-Length: 0").replace(b"GET", b"POST"),
    ],
)
def test_no_other_protocol_is_asked_for(tmp_path: Path, request_to_upgrade: bytes) -> None:
    """Behind HTTP/2 in clear text, a client could ask for anything unseen."""
    with asked_for(tmp_path, request_to_upgrade) as (client, service, asked):
        assert b"upgrade" not in asked.lower()
        assert b"http2-settings" not in asked.lower()
        service.sendall(SWITCHED)
        assert until(client, END).startswith(b"HTTP/1.1 502 ")
