"""The server that the tests of the handlers ask."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from eqkit.asgi import Application, InProcess, application

PROJECT = Path(__file__).parents[1]
CONTRACT = PROJECT / "openapi.yaml"


@pytest.fixture(scope="session")
def app() -> Application:
    """The mock of the contract with the handlers, in this process."""
    return application(contract=CONTRACT, handlers=PROJECT / "handlers")


@pytest.fixture
def mock(app: Application, request: pytest.FixtureRequest) -> Iterator[InProcess]:
    """The mock in a sandbox of its own for each test: its store is empty."""
    name = re.sub(r"[^A-Za-z0-9_-]", "_", request.node.name)[:150]
    with InProcess(app, headers={"Eqkit-Sandbox": f"test_{name}"}) as server:
        yield server
