"""Choices between names: a misspelt one is led to the nearest, and nothing is guessed at without need."""

from collections.abc import Iterator

import pytest

from eqkit.contract.document import Json, pointer_of
from tests.contract.documents import CONTRACT, MOCK, coded, walk

NAMES = {
    f"{title}: {pointer_of(path)}": tuple(node["enum"])
    for title, contract in (("public", CONTRACT), ("control", MOCK))
    for path, node in walk(contract.data)
    if isinstance(node, dict) and isinstance(node.get("enum"), list)
    if len(node["enum"]) > 1 and str(node["enum"][0])[0].isalpha()
}
"""Every choice between names in both documents, by its place."""


def misspelt(name: str) -> Iterator[str]:
    """A name in capitals, without its last letter, with two letters swapped, and with a letter too many."""
    yield name.upper()
    yield name[:-1]
    yield name[:1] + name[2:3] + name[1:2] + name[3:]
    yield f"{name}s"


@pytest.mark.parametrize("place", sorted(NAMES))
def test_a_misspelt_choice_gets_the_nearest_one_as_a_suggestion(place: str) -> None:
    """A misspelt name gets the nearest allowed one as a suggestion, wherever a document lists names."""
    allowed = NAMES[place]
    schema = coded({"type": "string", "enum": list(allowed)})
    for name in allowed:
        for slip in set(misspelt(name)) - set(allowed):
            (error,) = schema.errors(slip)
            assert error.detail.endswith(f', not "{slip}"; did you mean "{name}"?')


@pytest.mark.parametrize(
    ("allowed", "value", "detail"),
    [
        (["close", "reset"], "explode", '"document" must be "close" or "reset", not "explode".'),
        (["close", "reset"], "", '"document" must be "close" or "reset", not "".'),
        (["message"], "mesage", '"document" must be "message", not "mesage".'),
        ([True], False, '"document" must be true, not false.'),
        ([429, 503], 504, '"document" must be 429 or 503, not 504.'),
    ],
)
def test_a_choice_is_not_guessed_at_without_need(allowed: list[Json], value: Json, detail: str) -> None:
    """Without a near name, with one choice only, or for another type, the allowed values suffice."""
    assert [error.detail for error in coded({"enum": allowed}).errors(value)] == [detail]
