"""The sandbox of a test, on the server that its module runs as `url`."""

from collections.abc import Iterator

import pytest

from tests.mocks.receivers import SandboxClient


@pytest.fixture
def sandbox(url: str) -> Iterator[SandboxClient]:
    """The control plane of a sandbox that nobody else has, and whose clock stands."""
    client = SandboxClient(url)
    client.control("POST", "/clock/freeze")
    yield client
    client.close()
