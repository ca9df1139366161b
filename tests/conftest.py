"""Settings and fixtures of all tests, and the two ways to a server: in-process, and on a real socket."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.timing.clock import Clock, ManualClock
from eqkit.web.app import Application
from tests.clients import Client
from tests.control import Control
from tests.processes import ServerProcess, running

START_MS = 1_459_036_800_000
"""2016-03-27T00:00:00Z, a day before the docs' wait-until."""


@pytest.fixture(scope="session", autouse=True)
def _no_second_copy_of_the_answers() -> Iterator[None]:
    """The root folders are importable while tests run; nobody may do it, or two copies would be loaded."""
    yield
    assert not {"handlers", "mocks", "openapi"} & sys.modules.keys()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at START_MS until the test moves it; every sandbox of `application` lives by it."""
    return ManualClock(START_MS)


@pytest.fixture
def set_up(clock: ManualClock) -> Iterator[Callable[..., Application]]:
    """Make applications with settings; every answer is held against the contract, a break fails the test."""
    made: list[Application] = []

    def set_up(**settings: Any) -> Application:
        made.append(
            elasticqueue(ElasticQueueSettings(validate_responses=True, **settings), make_clock=lambda: clock)
        )
        return made[-1]

    yield set_up
    assert [broken for application in made for broken in application.broken] == []


@pytest.fixture(scope="session")
def _default_clocks() -> list[Clock]:
    """The clock that new sandboxes of `_default_application` get is the last of these."""
    return []


@pytest.fixture(scope="session")
def _default_application(_default_clocks: list[Clock]) -> Application:
    """Made once, since binding the contract takes a tenth of a second."""
    return elasticqueue(ElasticQueueSettings(validate_responses=True), make_clock=lambda: _default_clocks[-1])


@pytest.fixture
def application(
    _default_application: Application, _default_clocks: list[Clock], clock: ManualClock
) -> Iterator[Application]:
    """An application with the default settings and no sandbox yet; a break of the contract fails the test."""
    _default_clocks[:] = [clock]
    _default_application.sandboxes._by_key.clear()
    _default_application.sandboxes._snapshots.clear()
    yield _default_application
    broken = [*_default_application.broken]
    _default_application.broken.clear()
    assert broken == []


@pytest.fixture
def client(application: Application) -> Client:
    """A client of `application` with a key of its own."""
    return Client(application)


@pytest.fixture
def control(application: Application) -> Control:
    """A client of the control plane of `application`, with a key of its own."""
    return Control(application)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server process on a free port, shared by the session; give each test a key of its own."""
    with running(tmp_path_factory.mktemp("live"), "--validate-responses", "true") as server:
        yield server
    assert "contract" not in server.log(), server.log()
    assert "Traceback" not in server.log(), server.log()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the seed of the fuzzing test."""
    parser.addoption("--fuzz-seed", type=int, default=1, help="Seed of Schemathesis, from 0 up.")
