"""A shell beside the live server, with a key of its own."""

from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner, Result

from eqkit.cli import main
from tests.clients import JSON_API, message
from tests.interfaces.shell import DUE_MS, Run
from tests.processes import ServerProcess


@pytest.fixture
def key() -> str:
    """A key with a sandbox of its own."""
    return f"test_{uuid4().hex}"


@pytest.fixture
def run(live: ServerProcess, key: str) -> Run:
    """Run a command against the live server and the key's sandbox."""

    def run(*arguments: str, typed: str | None = None) -> Result:
        environment = {"EQKIT_URL": live.url}
        return CliRunner().invoke(main, [*arguments, "--key", key], input=typed, env=environment)

    return run


@pytest.fixture
def enqueue(live: ServerProcess, key: str) -> Callable[[], httpx.Response]:
    """Enqueue the message of the docs with the key."""

    def enqueue() -> httpx.Response:
        return httpx.post(
            f"{live.url}/v1/queues/a-queue/messages",
            json={"data": message("hello", DUE_MS)},
            headers={"authorization": key, "content-type": JSON_API},
        )

    return enqueue
