"""A key of a running server with its control plane, and connections that ask with it."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from tests.clients import BULK, JSON_API, message
from tests.processes import PATIENCE_S, ServerProcess
from tests.web.sockets import Connection, connected, request

FAR_S = 4_102_444_800
LATER = json.dumps({"data": message("later", FAR_S)}).encode()


class SandboxClient:
    """The control plane of a running server, for one key."""

    def __init__(self, server: ServerProcess, key: str) -> None:
        """Begin with a frozen clock."""
        self.key = key.encode()
        self.address = server.address
        self.client = httpx.Client(base_url=server.url, headers={"authorization": key}, timeout=PATIENCE_S)
        self.mock("POST", "/clock/freeze", {})

    def mock(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control plane, and return its document."""
        answer = self.client.request(method, f"/_mock{path}", json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def arm(self, do: dict[str, Any], **rule: Any) -> None:
        """Arm a fault."""
        self.mock("POST", "/faults", {**rule, "do": do})

    @contextlib.contextmanager
    def asking(self, *lines: bytes) -> Iterator[Connection]:
        """Send a message that waits for long, on a connection of its own."""
        with connected(self.address) as connection:
            connection.send(request(LATER, *lines, key=self.key))
            yield connection

    def stored(self) -> int:
        """How many messages wait."""
        return int(self.mock("GET", "/pending")["total"])

    def has_fired(self) -> bool:
        """Return whether a fault has acted on a request."""
        return any(fault["fired"] for fault in self.mock("GET", "/faults")["faults"])

    def entry(self) -> dict[str, Any]:
        """The newest entry of the journal."""
        entry: dict[str, Any] = self.mock("GET", "/journal")["entries"][-1]
        return entry

    def enqueue(self, *bodies: str, wait_until: int = FAR_S) -> list[str]:
        """Enqueue messages in one request, and return their ids."""
        document = {"data": [message(body, wait_until) for body in bodies]}
        answer = self.client.post(BULK, content=json.dumps(document), headers={"content-type": JSON_API})
        assert answer.status_code == 202, answer.text
        return [each["id"] for each in answer.json()["data"]]

    def advance(self, by_ms: int) -> None:
        """Move the clock on."""
        self.mock("POST", "/clock/advance", {"by-ms": by_ms})

    def deliveries(self) -> list[dict[str, Any]]:
        """Return the deliveries."""
        deliveries: list[dict[str, Any]] = self.mock("GET", "/deliveries")["deliveries"]
        return deliveries


def until(holds: Callable[[], bool]) -> None:
    """Ask until something holds that happens on the server's own time."""
    assert any(holds() for _ in range(10_000))
