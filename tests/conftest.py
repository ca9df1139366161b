"""What holds for every test: the answers are loaded once, under their name in the package."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_second_copy_of_the_answers() -> Iterator[None]:
    """The root folders are importable while tests run; nobody may do it, or two copies would be loaded."""
    yield
    assert not {"handlers", "mocks", "openapi"} & sys.modules.keys()
