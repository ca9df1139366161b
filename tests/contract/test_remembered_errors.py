"""The errors of short values, which a schema remembers: clients repeat their mistakes."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from eqkit.contract.document import Json
from tests.contract.documents import coded
from tests.contract.test_coded_schemas import BODIES, message, repeatable

ALIKE: list[Json] = [
    0,
    0.0,
    -0.0,
    False,
    1,
    1.0,
    True,
    -1,
    -1.0,
    None,
    "",
    "1",
    "True",
    1.5,
    "2016-02-30T00:00:00Z",
    [],
    {},
]
"""Values of which some are equal to Python, and read otherwise."""


@repeatable
@given(values=st.lists(st.sampled_from(ALIKE), min_size=2, max_size=6))
def test_an_error_is_that_of_its_own_value(values: list[Json]) -> None:
    """Errors that a schema has found before are remembered, and never given for another value."""
    warm = coded(BODIES["MessageInputDocument"][0])
    for value in values:
        for document in ({"data": message({"body": value, "wait-until": value})}, {"data": value}):
            cold = coded(BODIES["MessageInputDocument"][0])
            assert warm.errors(document) == cold.errors(document)


def test_errors_of_long_names_are_not_remembered() -> None:
    """Else a client could make a server keep as much as it sends."""
    schema = coded(BODIES["MessageInputDocument"][0])
    schema.errors({"data": message({"body": "x", "first": 1})})
    tracemalloc.start()
    try:
        for number in range(300):
            assert schema.errors({"data": message({"body": "x", f"{number}" * 10_000: 1})})
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000
