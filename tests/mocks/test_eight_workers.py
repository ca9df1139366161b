"""Eight workers of a test run on one server see the same bytes as on a server of their own."""

import json
import random
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.clients import BULK, JSON_API, MESSAGES, message
from tests.processes import PATIENCE_S, ServerProcess, running

WORKERS = 8
ROUNDS = 8
FIRST_ID = 72301093732


def requests(worker: int) -> Iterator[bytes]:
    """Yield the requests of a worker, always the same: resets, moves, messages, mistakes, looks."""
    lot = random.Random(worker)
    now_ms = 1_459_036_800_000 + worker * 86_400_000
    name = f"/_mock/sandboxes/test_worker_{worker}"
    yield request(worker, "GET", "/_mock/queues")
    for round_ in range(ROUNDS):
        yield request(worker, "POST", f"{name}/reset", {"seed": 0})
        year = 2016 + round_
        yield request(worker, "POST", "/_mock/clock/freeze", {"at": f"{year}-03-0{worker + 1}T00:00:00Z"})
        for _ in range(lot.randrange(1, 6)):
            wait_ms = now_ms + lot.randrange(12 * 365) * 86_400_000
            yield request(worker, "POST", MESSAGES, {"data": message("x" * lot.randrange(200), wait_ms)})
        bulk = [message(str(worker), lot.randrange(10**12, 2 * 10**12)) for _ in range(lot.randrange(1, 9))]
        yield request(worker, "POST", BULK, {"data": bulk}, **{"Idempotency-Key": "once"})
        yield request(worker, "POST", BULK, {"data": bulk}, **{"Idempotency-Key": "once"})
        yield request(worker, "POST", MESSAGES, {"data": {"type": "message", "id": worker}})
        yield request(worker, "POST", MESSAGES, {"data": message("x")}, Prefer="code=429")
        yield request(worker, "POST", "/_mock/clock/advance", {"next": True})
        yield request(worker, "POST", f"/_mock/queues/a-queue/{lot.choice(['pause', 'resume'])}")
        yield request(worker, "POST", "/_mock/clock/advance", {"by-ms": lot.randrange(10**11)})
        yield request(worker, "GET", f"{MESSAGES}/{FIRST_ID + lot.randrange(9)}")
        yield request(worker, "DELETE", f"/_mock/pending/{FIRST_ID + lot.randrange(9)}")
        for path in ("clock", "pending", "deliveries", "queues", "events?follow=false"):
            yield request(worker, "GET", f"/_mock/{path}", Connection="close")
        yield request(worker, "GET", name)


def request(worker: int, method: str, path: str, document: Any = None, **headers: str) -> bytes:
    """Return the bytes of a request with the worker's key."""
    body = b"" if document is None else json.dumps(document).encode()
    media_type = "application/json" if path.startswith("/_mock") else JSON_API
    headers = {"Host": "127.0.0.1", "Authorization": f"test_worker_{worker}"} | headers
    if document is not None:
        headers |= {"Content-Type": media_type, "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


@contextmanager
def conversation(server: ServerProcess) -> Iterator[Any]:
    """Open a connection, and yield a function that sends a request on it and returns the answer in bytes."""
    opened = [socket.create_connection(server.address, PATIENCE_S)]

    def ask(sent: bytes) -> bytes:
        opened[-1].sendall(sent)
        received = b""
        while not is_whole(received):
            more = opened[-1].recv(65_536)
            if not more:
                opened[-1].close()
                opened.append(socket.create_connection(server.address, PATIENCE_S))
                break
            received += more
        return received

    try:
        yield ask
    finally:
        opened[-1].close()


def is_whole(received: bytes) -> bool:
    """Whether an answer of a connection that stays open has come to its end."""
    head, found, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: (\d+)", head)
    if not found or b"\r\nconnection: close" in head or b"\r\ntransfer-encoding" in head:
        return False
    return len(body) == (int(length[1]) if length else 0)


def seen(server: ServerProcess, worker: int) -> list[bytes]:
    """Return the responses to one worker, without the time of the wall and the port of the server.

    The wall's time is the `Date` of the control plane, and that of a clock which is not frozen yet.
    """
    shown = []
    with conversation(server) as ask:
        for each in requests(worker):
            answer = ask(each).replace(b":%d" % server.address[1], b"")
            if b" /_mock/" in each:
                answer = re.sub(rb"\r\ndate: [^\r]*", b"", answer, count=1)
                answer = re.sub(rb'"now":"[^"]*","frozen":false', b"", answer)
            shown.append(answer)
    return shown


def test_eight_workers_on_one_server_see_the_responses_of_eight_servers(tmp_path: Path) -> None:
    """Resets, frozen clocks and all: nobody notices that there are others, and every byte is the same."""
    folders = [tmp_path / str(number) for number in range(WORKERS + 1)]
    with ThreadPoolExecutor(WORKERS) as pool, ExitStack() as stack:
        for folder in folders:
            folder.mkdir()
        shared, *own = pool.map(lambda folder: stack.enter_context(running(folder)), folders)
        together = list(pool.map(seen, [shared] * WORKERS, range(WORKERS)))
        alone = list(pool.map(seen, own, range(WORKERS)))
    for shown, expected in zip(together, alone, strict=True):
        assert shown == expected
    assert all(b"message.delivered" in b"".join(answers) for answers in alone)
    assert len({b"".join(answers) for answers in alone}) == WORKERS
