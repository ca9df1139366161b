"""Faults armed at the control plane, and the responses to requests under them."""

from typing import Any

from tests.clients import Client
from tests.control import Control

UNAVAILABLE: dict[str, Any] = {"answer": {"status": 503}}

LOST: dict[str, Any] = {"wire": {"kind": "close"}}


def arm(control: Control, do: dict[str, Any], **rule: Any) -> str:
    """Arm a fault, and return its id; `duration_ms` is the member duration-ms."""
    members = {name.replace("_", "-"): value for name, value in rule.items()}
    answer = control.post("/faults", json={**members, "do": do})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def statuses(client: Client, count: int) -> list[int]:
    """The statuses that a number of requests get."""
    return [client.enqueue().status_code for _ in range(count)]
