"""Raw sockets to a server: they send any bytes, and read the answers as they came."""

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.clients import JSON_API, MESSAGES

PATIENCE_S = 20
"""After this long without a byte a server is said to hang, and the test fails."""

GOOD = b'{"data":{"type":"message","attributes":{"body":"good"}}}'


@dataclass(frozen=True)
class Reply:
    """One answer: its status, its headers by lower-case name, and its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


class Connection:
    """One connection to a server."""

    def __init__(self, address: tuple[str, int]) -> None:
        """Connect."""
        self.socket = socket.create_connection(address, PATIENCE_S)
        self._received = b""

    def send(self, data: bytes) -> None:
        """Send bytes; a server that has refused them already may have closed the connection."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def reply(self, method: str = "POST") -> Reply:
        """Read one answer, and no byte more; fails when there is none in time."""
        head, _, self._received = self._until(b"\r\n\r\n").partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(status_line.split(" ")[1])
        length = int(headers.get("content-length", 0))
        if method == "HEAD" or status in (100, 204):
            length = 0
        while len(self._received) < length:
            self._more()
        body, self._received = self._received[:length], self._received[length:]
        return Reply(status, headers, body)

    def is_closed(self) -> bool:
        """Wait for the server to close the connection; False if it says something instead."""
        if self._received:
            return False
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def _until(self, end: bytes) -> bytes:
        while end not in self._received:
            self._more()
        return self._received

    def _more(self) -> None:
        data = self.socket.recv(1 << 16)
        assert data, f"the server closed the connection after {self._received!r}"
        self._received += data


@contextlib.contextmanager
def connected(address: tuple[str, int]) -> Iterator[Connection]:
    """Connect, and close the connection in the end."""
    connection = Connection(address)
    try:
        yield connection
    finally:
        connection.socket.close()


def request(
    body: bytes = GOOD,
    *lines: bytes,
    method: bytes = b"POST",
    target: bytes = MESSAGES.encode(),
    version: bytes = b"HTTP/1.1",
    host: bytes | None = b"mock.test",
    key: bytes | None = b"test_hostile",
    media_type: bytes | None = JSON_API.encode(),
    length: bytes | None = b"",
) -> bytes:
    """Return the bytes of a request; `length` b"" is the right one, None leaves it out."""
    head = [b" ".join([method, target, version])]
    named = {b"Host": host, b"Authorization": key, b"Content-Type": media_type}
    head += [name + b": " + value for name, value in named.items() if value is not None]
    if length is not None:
        head.append(b"Content-Length: " + (length or b"%d" % len(body)))
    return b"\r\n".join([*head, *lines, b"", body])
