"""Webhooks when their sandbox is copied, put back, or ends."""

import socket
from collections.abc import Iterator

import pytest

from eqkit.web.outbound import TIMEOUT_S
from tests.mocks.receivers import PATIENCE_S, SandboxClient, receiving
from tests.processes import ServerProcess


@pytest.fixture
def sandbox(live: ServerProcess) -> Iterator[SandboxClient]:
    """A sandbox whose clock stands at START."""
    sandbox = SandboxClient(live.url)
    sandbox.freeze()
    yield sandbox
    sandbox.close()


def test_a_snapshot_keeps_webhooks_their_log_and_pending_retries(sandbox: SandboxClient) -> None:
    """Restored, a sandbox makes the very attempts that it would have made."""
    with receiving(500, 204, 204) as receiver:
        webhook = sandbox.subscribe(receiver.url)
        sandbox.enqueue("hello", 1)
        sandbox.advance(1_000)
        sandbox.control("PUT", f"/sandboxes/{sandbox.key}/snapshot")
        sandbox.advance(60_000)
        first = sandbox.attempts(webhook)
        sandbox.control("POST", f"/sandboxes/{sandbox.key}/restore")
        assert sandbox.attempts(webhook) == first[:1]
        sandbox.advance(60_000)
        assert sandbox.attempts(webhook) == first
    assert receiver.messages == [("hello", 1), ("hello", 2), ("hello", 2)]


def test_a_fork_goes_on_with_the_webhooks_on_its_own(sandbox: SandboxClient, live: ServerProcess) -> None:
    """A change in one of the two does not reach the other."""
    with receiving(500, 204, 204) as receiver:
        webhook = sandbox.subscribe(receiver.url)
        sandbox.enqueue("hello", 1)
        sandbox.advance(1_000)
        fork = SandboxClient(live.url, f"{sandbox.key}_fork")
        sandbox.control("POST", f"/sandboxes/{sandbox.key}/fork", to=fork.key)
        sandbox.control("DELETE", f"/webhooks/{webhook['id']}")
        fork.advance(60_000)
        assert [each["outcome"] for each in fork.attempts(webhook)] == ["to-be-retried", "succeeded"]
        fork.close()
    assert receiver.messages == [("hello", 1), ("hello", 2)]


@pytest.mark.parametrize(("method", "path"), [("POST", "/reset"), ("DELETE", "")], ids=["reset", "delete"])
def test_a_sandbox_that_ends_breaks_off_attempts_under_way(
    sandbox: SandboxClient, method: str, path: str
) -> None:
    """A receiver that is still busy sees its connection closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_S)
        sandbox.subscribe(f"http://127.0.0.1:{server.getsockname()[1]}/")
        identifier = sandbox.enqueue("hello", 60_000)
        sandbox.control("POST", f"/pending/{identifier}/run")
        connection, _ = server.accept()
        with connection:
            # Less than a receiver may take: it is not the end of its time that is seen here.
            connection.settimeout(TIMEOUT_S / 2)
            received = b""
            while b"hello" not in received:
                received += connection.recv(65_536)
            sandbox.control(method, f"/sandboxes/{sandbox.key}{path}")
            while connection.recv(65_536):
                pass
    assert sandbox.control("GET", "/webhooks") == {"webhooks": []}
