"""Long arrays are explained by a slice, since an object of each violation keeps all others waiting."""

import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.schemas.clipping import SLICE
from eqkit.contract.schemas.validators import SchemaValidator

ROW: Any = {
    "type": "object",
    "required": ["cells"],
    "properties": {"cells": {"type": "array", "items": {"type": "integer"}}},
}
TABLE: Any = {"type": "object", "properties": {"rows": {"type": "array", "minItems": 1, "items": ROW}}}
quickly = settings(max_examples=40, deadline=None, derandomize=True, database=None)


def validator_of(schema: Json) -> SchemaValidator:
    """Return a validator of a schema."""
    info = {"title": "T", "version": "1"}
    document = Document({"openapi": "3.1.0", "info": info, "components": {"schemas": {"A": schema}}})
    found = CompiledContract(document).requests.validator("/components/schemas/A")
    assert isinstance(found, SchemaValidator)
    return found


VALIDATOR = validator_of(TABLE)


def places(value: Json) -> list[tuple[str | int, ...]]:
    """Return the places of the violations of a value."""
    return [each.path for each in VALIDATOR.violations(value, limit=10_000)]


@quickly
@given(
    length=st.integers(1, 3 * SLICE),
    wrong=st.sets(st.integers(0, 3 * SLICE - 1), max_size=6),
    cell=st.sampled_from(["x", None, 0.5]),
)
def test_the_first_wrong_items_are_named_at_their_own_places(
    length: int, wrong: set[int], cell: Json
) -> None:
    """Wherever they are; those of a later slice are left for the next try."""
    rows: list[Json] = [{"cells": [1, cell]} if index in wrong else {"cells": [1]} for index in range(length)]
    own = sorted(each for each in wrong if each < length)
    found = places({"rows": rows})
    assert found == [("rows", index, "cells", 1) for index in own[: len(found)]]
    assert bool(found) == bool(own)
    assert len(found) == len(own) or own[len(found)] >= own[0] // SLICE * SLICE + SLICE


@quickly
@given(row=st.integers(0, 5), cell=st.integers(0, 2 * SLICE + 1))
def test_a_wrong_item_within_a_short_array_of_long_ones_is_named(row: int, cell: int) -> None:
    """An inner array is sliced like an outer one."""
    rows: list[Any] = [{"cells": [1] * (2 * SLICE + 2)} for _ in range(6)]
    rows[row]["cells"][cell] = "x"
    assert places({"rows": rows}) == [("rows", row, "cells", cell)]


def test_an_array_within_a_long_array_that_no_slice_shows_is_named() -> None:
    """Where both are long and the wrong item is early in one and late in the other, all is explained."""
    rows: list[Any] = [{"cells": [1]} for _ in range(3 * SLICE)]
    rows[0] = {"cells": [1] * (2 * SLICE) + ["x"]}
    assert places({"rows": rows}) == [("rows", 0, "cells", 2 * SLICE)]


def test_rules_that_count_items_are_kept() -> None:
    """A slice of an array has fewer items than the array."""
    for keyword, value in (
        ("minItems", 2 * SLICE),
        ("uniqueItems", True),
        ("contains", {"const": 2 * SLICE}),
    ):
        validator = validator_of({"type": "array", keyword: value, "items": {"type": "integer"}})
        good: list[Json] = [*range(2 * SLICE + 1)]
        assert validator.violations(good) == []
        assert [each.path for each in validator.violations([*good, "x"])] == [(len(good),)]


def test_many_wrong_items_are_explained_at_once() -> None:
    """400,000 took ten seconds."""
    began = time.process_time()
    assert len(VALIDATOR.violations({"rows": ["x"] * 400_000}, limit=50)) == 50
    assert time.process_time() - began < 3
