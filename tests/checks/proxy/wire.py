"""A proxy for the contract of things, and each byte that passes through it."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple

import httpx

from eqkit.checks.findings import Finding
from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.sources import load
from eqkit.traffic.recording import Recording
from tests.checks.proxies import accepted, connected, listening, served, until

THINGS = """
openapi: 3.0.3
info: {title: Things, version: 1.0.0}
paths:
  /things:
    get:
      responses:
        '200':
          description: Things.
          content: {application/json: {schema: {type: array, items: {type: integer}}}}
        '204': {description: None.}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        '200': {description: Kept., content: {application/json: {schema: {type: array}}}}
        '413': {description: Too much.}
"""

ASKED = b"GET /things HTTP/1.1\r\nHost: a\r\n\r\n"

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n[1]"


class Got(NamedTuple):
    """An answer as it came."""

    status: int
    headers: httpx.Headers
    body: bytes


@contextlib.contextmanager
def before(
    upstream: str, tmp_path: Path, *recordings: Recording, fails: bool = False
) -> Iterator[tuple[str, list[Finding]]]:
    """Serve a proxy for the contract of things; yield its address and its findings."""
    contract = tmp_path / "things.yaml"
    contract.write_text(THINGS)
    messages: list[Finding] = []
    proxy = Proxy(*load(contract, [upstream]), upstream, messages.append, recordings, fails=fails)
    with served(proxy) as url:
        yield url, messages


def asked_and_answered(
    tmp_path: Path, request: bytes, answer: bytes, *recordings: Recording, base: str = "", fails: bool = False
) -> tuple[bytes, Got, list[Finding]]:
    """Return the head that the service got, the response that the client got, and the findings."""
    with (
        listening() as (upstream, listener),
        before(upstream + base, tmp_path, *recordings, fails=fails) as (url, messages),
    ):
        heads: list[bytes] = []

        def serve() -> None:
            with accepted(listener) as service:
                heads.append(until(service, b"\r\n\r\n"))
                with contextlib.suppress(ConnectionError):  # of a proxy that has heard enough
                    service.sendall(answer)
                    service.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        with connected(url) as client:
            client.sendall(request)
            got = read_answer(client, request.split()[0].decode())
    thread.join()
    return heads[0], got, messages


def read_answer(client: socket.socket, method: str) -> Got:
    """Read one answer off a connection that is kept."""
    response = HTTPResponse(client, method=method)
    response.begin()
    return Got(response.status, httpx.Headers(response.getheaders()), response.read())


@contextlib.contextmanager
def accepted_after(client: socket.socket, listener: socket.socket) -> Iterator[socket.socket]:
    """Ask for things, and yield the connection that the service gets it on."""
    client.sendall(ASKED)
    with accepted(listener) as service:
        until(service, b"\r\n\r\n")
        yield service
