"""Keys that read as numbers, or are empty, are found again, though the engine tells them otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.contract.document import Json
from eqkit.contract.loading.number_keys import NumberKeys, Path
from eqkit.contract.schemas.validators import at_path, position_in

KEYS = st.sampled_from(["7", "007", "+7", "0", "a", "-1", "12", ""])
VALUES = st.recursive(
    st.integers(0, 3), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


def paths(value: Json, above: Path = ()) -> list[Path]:
    """Return the path of each value within another, in the order of the document."""
    found = [above]
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, each in members:
        found += paths(each, (*above, key))
    return found


def as_the_engine_has_it(path: Path) -> list[str | int]:
    """Return a path with each key that reads as a number as that number, and without empty ones."""
    return [int(part) if str(part).removeprefix("+").isdigit() else part for part in path if part != ""]


@given(VALUES)
def test_a_path_of_the_engine_leads_to_a_value_it_may_mean(value: Json) -> None:
    """For keys of any form, the returned path reads the same to the engine."""
    keys = NumberKeys(value)
    for path in paths(value):
        engine = as_the_engine_has_it(path)
        found = keys.resolve_path(engine)
        assert as_the_engine_has_it(found) == engine
        assert found in paths(value)
        by_value = keys.resolve_path(engine, at_path(value, path))
        assert at_path(value, by_value) == at_path(value, path)


@given(VALUES)
def test_places_are_sorted_as_they_stand_in_the_document(value: Json) -> None:
    """Parents before their children, members in their order; the value there comes with the position."""
    expected, known = paths(value), dict[Path, dict[str, int]]()
    backwards = expected[::-1]
    assert [position_in(value, path, known)[1] for path in expected] == [
        at_path(value, path) for path in expected
    ]
    assert sorted(backwards, key=lambda path: position_in(value, path, known)[0]) == expected


@pytest.mark.parametrize(
    ("value", "engine", "instance", "path"),
    [
        ({"7": "a", "007": "b"}, [7], "b", ("007",)),
        ({"": {"a": 1}, "a": 2}, ["a"], 1, ("", "a")),
        ({"": {"": 1}}, [], 1, ("", "")),
        ({"": [{"": 3}]}, [0], 3, ("", 0, "")),
        ({"7": "a", "007": "b"}, [7], "a", ("7",)),
        ({"7": "a", "007": "b"}, [7], "c", ("7",)),
        ({"7": {"x": 1}, "007": {"y": 2}}, [7, "y"], 2, ("007", "y")),
        ({"a": [{"0": 1}]}, ["a", 0, 0], 1, ("a", 0, "0")),
        ([[1], {"1": 2}], [1, 1], 2, (1, "1")),
        ({"1": [5, 6], "01": [7]}, [1, 1], 6, ("1", 1)),
    ],
)
def test_of_several_keys_it_is_the_one_with_the_very_value(
    value: Json, engine: list[str | int], instance: Json, path: Path
) -> None:
    """The value distinguishes two keys that the engine cannot tell apart."""
    assert NumberKeys(value).resolve_path(engine, instance) == path
