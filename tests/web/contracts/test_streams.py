"""Sequences are sent item by item, each a pause of the sandbox's clock after the one before it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.mocks.receivers import SandboxClient
from tests.processes import running

CONTRACT = """
openapi: 3.2.0
info: {title: Ticks, version: "1"}
paths:
  /lines:
    get:
      operationId: lines
      responses:
        "200":
          description: one after the other
          content:
            application/jsonl: {itemSchema: {type: object}, example: [{n: 1}, {n: 2}, {n: 3}]}
            application/json: {schema: {type: array}, example: [1, 2]}
  /events:
    get:
      operationId: events
      responses:
        "200":
          description: generated ones
          content:
            text/event-stream:
              itemSchema: {type: object, required: [data], properties: {data: {type: string, minLength: 1}}}
"""
PAUSE_MS = 60_000


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the contract with a minute between items."""
    folder = tmp_path_factory.mktemp("streams")
    (folder / "ticks.yaml").write_text(CONTRACT)
    with running(folder, str(folder / "ticks.yaml"), "--stream-pause", str(PAUSE_MS)) as server:
        yield server.url


def test_items_come_as_the_clock_moves_on(url: str, sandbox: SandboxClient) -> None:
    """The first one comes at once; each advance by a pause brings one more."""
    with httpx.stream("GET", f"{url}/lines", headers={"Eqkit-Sandbox": sandbox.key}) as response:
        assert response.headers["content-type"] == "application/jsonl"
        lines = response.iter_lines()
        assert next(lines) == '{"n":1}'
        for expected in ('{"n":2}', '{"n":3}'):
            sandbox.control("POST", "/clock/advance", **{"by-ms": PAUSE_MS})
            assert next(lines) == expected
        assert list(lines) == []


def test_events_are_generated_and_paced(url: str, sandbox: SandboxClient) -> None:
    """Of a single item's schema, several are made."""
    with httpx.stream("GET", f"{url}/events", headers={"Eqkit-Sandbox": sandbox.key}) as response:
        lines = response.iter_lines()
        assert next(lines).startswith("data: ")
        sandbox.control("POST", "/clock/advance", **{"by-ms": 2 * PAUSE_MS})
        assert sum(line.startswith("data: ") for line in lines) >= 2


def test_a_stream_ends_with_its_sandbox(url: str, sandbox: SandboxClient) -> None:
    """A reset lets go of clients that wait for a clock that is no more."""
    with httpx.stream("GET", f"{url}/lines", headers={"Eqkit-Sandbox": sandbox.key}) as response:
        lines = response.iter_lines()
        next(lines)
        sandbox.control("POST", f"/sandboxes/{sandbox.key}/reset")
        assert list(lines) == []


def test_an_array_of_json_is_sent_whole(url: str, sandbox: SandboxClient) -> None:
    """A JSON array is one document."""
    headers = {"Eqkit-Sandbox": sandbox.key, "Accept": "application/json"}
    assert httpx.get(f"{url}/lines", headers=headers).json() == [1, 2]
