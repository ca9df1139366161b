"""Where the ids of a sandbox begin."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eqkit.delay.ids import first_id

LARGEST_SEED = 2**59
ROOM = 10**10
"""That many ids after the first have eleven digits, too."""


@pytest.mark.parametrize(
    ("seed", "identifier"),
    [(0, 72_301_093_732), (1, 40_572_093_735), (7, 10_198_093_753), (LARGEST_SEED, 78_459_364_196)],
)
def test_the_same_seed_gives_the_same_id_on_every_machine(seed: int, identifier: int) -> None:
    """Ruling B11: seed 0 begins with the id of the docs, the others where they always did."""
    assert first_id(seed) == identifier


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(st.integers(0, LARGEST_SEED))
@example(0)
@example(LARGEST_SEED)
def test_ids_have_eleven_digits_for_every_seed(seed: int) -> None:
    """Ruling B11: as in the docs, and for the first ten thousand million messages."""
    assert 10**10 <= first_id(seed) < first_id(seed) + ROOM <= 10**11


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(st.integers(0, LARGEST_SEED), st.integers(1, 10**6))
def test_seeds_that_lie_near_each_other_begin_apart(seed: int, further: int) -> None:
    """The next seed gives other ids (ruling B11)."""
    assert first_id(seed) != first_id(seed + further)
