"""A world of a running server for each test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.mocks.worlds import World
from tests.processes import ServerProcess


@pytest.fixture
def world(live: ServerProcess, request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of the test's own."""
    name = "".join(letter if letter.isalnum() else "_" for letter in request.node.name)
    world = World(live, f"test_{name}"[:200])
    yield world
    world.client.close()
