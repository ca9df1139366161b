"""What becomes of webhooks when their sandbox is copied, put back, or ends."""

import socket
from collections.abc import Iterator

import pytest

from eqkit.web.outbound import TIMEOUT_S
from tests.mocks.receivers import PATIENCE_S, World, receiving
from tests.processes import ServerProcess


@pytest.fixture
def world(live: ServerProcess) -> Iterator[World]:
    """A sandbox whose clock stands at START."""
    world = World(live.url)
    world.freeze()
    yield world
    world.close()


def test_a_snapshot_keeps_webhooks_their_log_and_what_waits_for_a_retry(world: World) -> None:
    """Restored, a sandbox makes the very attempts that it would have made."""
    with receiving(500, 204, 204) as receiver:
        webhook = world.subscribe(receiver.url)
        world.enqueue("hello", 1)
        world.advance(1_000)
        world.control("PUT", f"/sandboxes/{world.key}/snapshot")
        world.advance(60_000)
        first = world.attempts(webhook)
        world.control("POST", f"/sandboxes/{world.key}/restore")
        assert world.attempts(webhook) == first[:1]
        world.advance(60_000)
        assert world.attempts(webhook) == first
    assert receiver.messages == [("hello", 1), ("hello", 2), ("hello", 2)]


def test_a_fork_goes_on_with_the_webhooks_on_its_own(world: World, live: ServerProcess) -> None:
    """What one of the two does is none of the other's business."""
    with receiving(500, 204, 204) as receiver:
        webhook = world.subscribe(receiver.url)
        world.enqueue("hello", 1)
        world.advance(1_000)
        fork = World(live.url, f"{world.key}_fork")
        world.control("POST", f"/sandboxes/{world.key}/fork", to=fork.key)
        world.control("DELETE", f"/webhooks/{webhook['id']}")
        fork.advance(60_000)
        assert [each["outcome"] for each in fork.attempts(webhook)] == ["to-be-retried", "succeeded"]
        fork.close()
    assert receiver.messages == [("hello", 1), ("hello", 2)]


@pytest.mark.parametrize(("method", "path"), [("POST", "/reset"), ("DELETE", "")], ids=["reset", "delete"])
def test_a_sandbox_that_ends_breaks_off_what_is_under_way(world: World, method: str, path: str) -> None:
    """A receiver that is still busy sees its connection closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)
        world.subscribe(f"http://127.0.0.1:{server.getsockname()[1]}/")
        identifier = world.enqueue("hello", 60_000)
        world.control("POST", f"/pending/{identifier}/run")
        connection, _ = server.accept()
        with connection:
            # Less than a receiver may take: it is not the end of its time that is seen here.
            connection.settimeout(TIMEOUT_S / 2)
            received = b""
            while b"hello" not in received:
                received += connection.recv(65_536)
            world.control(method, f"/sandboxes/{world.key}{path}")
            while connection.recv(65_536):
                pass
    assert world.control("GET", "/webhooks") == {"webhooks": []}
