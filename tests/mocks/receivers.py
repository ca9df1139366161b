"""Receivers of webhooks on this machine, and a client of a running server with a key of its own."""

import base64
import contextlib
import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx

from tests.clients import JSON_API

START = "2016-03-27T00:00:00.000Z"
START_MS = 1_459_036_800_000
PATIENCE_S = 20
"""After this long a receiver that waits for a request fails the test."""


class Received(NamedTuple):
    """One request as a receiver got it; header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> Any:
        """The resource object of the document."""
        return json.loads(self.body)["data"]


def is_genuine(request: Received, secret: str) -> bool:
    """Check a signature as Standard Webhooks describes it, in words of our own."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = (
        f"{request.headers['webhook-id']}.{request.headers['webhook-timestamp']}.".encode() + request.body
    )
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return request.headers["webhook-signature"] == f"v1,{expected}"


class Receiver:
    """A server that answers with statuses, one after the other and then the last for ever."""

    def __init__(self, statuses: Sequence[int]) -> None:
        """Take the statuses to answer with."""
        self._statuses = list(statuses)
        self._changed = threading.Condition()
        self.requests: list[Received] = []
        self.url = ""

    def take(self, request: Received) -> int:
        """Note a request and return the status to answer with."""
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()
            return self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]

    def wait_for(self, count: int) -> None:
        """Wait until that many requests are there."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.requests) >= count, PATIENCE_S)

    @property
    def messages(self) -> list[tuple[str, int]]:
        """The body of each message that came, and which attempt it was."""
        return [
            (each.message["attributes"]["body"], each.message["meta"]["attempt"]) for each in self.requests
        ]


@contextlib.contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    """Run a receiver on a free port; it answers 204 unless other answers are given."""
    receiver = Receiver(statuses or (204,))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.send_response(receiver.take(Received(self.path, headers, body)))
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_PUT = do_POST  # noqa: N815 - the base class's names

        def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - its name in the base class
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks?from=mock"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class SandboxClient:
    """One sandbox of a running server, asked over its socket."""

    def __init__(self, url: str, key: str | None = None) -> None:
        """Take a key that nobody else has, unless one is given."""
        self.key = key or f"test_{uuid.uuid4().hex}"
        self._http = httpx.Client(base_url=url, headers={"authorization": self.key})

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def ask(self, method: str, path: str, /, **body: Any) -> httpx.Response:
        """Ask the control plane something."""
        return self._http.request(method, f"/_mock{path}", json=body or None)

    def control(self, method: str, path: str, /, **body: Any) -> Any:
        """Ask the control plane, which has to succeed, and return its answer."""
        response = self.ask(method, path, **body)
        assert response.is_success, response.text
        return response.json() if response.content else None

    def freeze(self) -> None:
        """Stand at START."""
        self.control("POST", "/clock/freeze", at=START)

    def subscribe(self, url: str, **more: Any) -> Any:
        """Make a webhook."""
        return self.control(
            "POST", "/webhooks", url=url, **{name.replace("_", "-"): each for name, each in more.items()}
        )

    def enqueue(self, body: str, after_ms: int | None = None, queue: str = "a-queue") -> str:
        """Enqueue a message, due so long after START or at once, and return its id."""
        attributes: dict[str, Any] = {"body": body}
        if after_ms is not None:
            attributes["wait-until"] = START_MS + after_ms
        response = self._http.post(
            f"/v1/queues/{queue}/messages",
            json={"data": {"type": "message", "attributes": attributes}},
            headers={"content-type": JSON_API},
        )
        assert response.status_code == 202, response.text
        return str(response.json()["data"]["id"])

    def advance(self, by_ms: int) -> list[tuple[str, str, Any]]:
        """Move the clock on and return its events, each with its time, kind and data."""
        happened = self.control("POST", "/clock/advance", **{"by-ms": by_ms})["happened"]
        return [(each["at"], each["kind"], each["data"]) for each in happened]

    def attempts(self, webhook: Any) -> Any:
        """Return the log of a webhook's attempts."""
        return self.control("GET", f"/webhooks/{webhook['id']}/attempts")["attempts"]
