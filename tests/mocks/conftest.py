"""A sandbox of a running server for each test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.mocks.sandbox_clients import SandboxClient
from tests.processes import ServerProcess


@pytest.fixture
def sandbox(live: ServerProcess, request: pytest.FixtureRequest) -> Iterator[SandboxClient]:
    """A sandbox of the test's own."""
    name = "".join(letter if letter.isalnum() else "_" for letter in request.node.name)
    sandbox = SandboxClient(live, f"test_{name}"[:200])
    yield sandbox
    sandbox.client.close()
