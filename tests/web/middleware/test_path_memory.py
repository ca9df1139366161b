"""The memory of the router: most requests are for one of few paths, and made-up ones must not fill it."""

from typing import Any

import pytest

from eqkit.web.middleware.routing import Routing
from eqkit.web.middleware.without_operation import KEPT_PATHS, LONGEST_KEPT


@pytest.fixture
def routing() -> Routing:
    """A router of one path, without anything below it."""
    below: Any = None
    routing = Routing(below, pages={})
    bound: Any = object()
    routing._tree.add(["queues", "{queue}"], "GET", bound)
    return routing


def test_the_memory_of_paths_is_bounded(routing: Routing) -> None:
    """Every path is found all the same, and the memory is in use."""
    sizes = set()
    for number in range(2 * KEPT_PATHS + 10):
        found = routing._find(f"/queues/{number}")
        assert found is not None
        assert found[1] == {"queue": str(number)}
        sizes.add(len(routing._found))
    assert max(sizes) == KEPT_PATHS
    assert min(sizes) == 1


def test_a_long_path_is_found_and_not_remembered(routing: Routing) -> None:
    """The bytes of the memory are bounded, too."""
    longest = "/queues/" + "q" * (LONGEST_KEPT - len("/queues/"))
    for path, kept in ((longest, 1), (longest + "q", 1)):
        assert routing._find(path) is not None
        assert len(routing._found) == kept
