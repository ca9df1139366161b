"""Arrays and nested objects in `deepObject`, which OpenAPI leaves open, are written as clients in use do."""

from urllib.parse import unquote

import pytest

from eqkit.contract.decoding.style_kinds import Style
from eqkit.contract.decoding.style_writer import Unwritable, write_query
from eqkit.contract.document import Json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, 2], "a[0]=1&a[1]=2"),
        ({"b": [1, 2]}, "a[b]=1&a[b]=2"),
        ({"b": {"c": 1}}, "a[b][c]=1"),
        ({"b": [{"c": 1}, {"c": 2}]}, "a[b][0][c]=1&a[b][1][c]=2"),
        ([{"c": [1]}], "a[0][c]=1"),
    ],
)
def test_values_that_openapi_leaves_open_are_written_in_brackets(value: Json, text: str) -> None:
    """An array in deepObject, and anything within a member, is written as clients in use do."""
    assert unquote(write_query("a", Style("deepObject", True), value)) == text


def test_deep_object_has_no_form_for_a_single_value() -> None:
    """Without members, nothing stands between brackets."""
    with pytest.raises(Unwritable):
        write_query("a", Style("deepObject", True), 1)
