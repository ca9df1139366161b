"""The reason phrases of statuses."""

import pytest

from eqkit.reason_phrases import reason_phrase


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        (200, "OK"),
        (404, "Not Found"),
        (413, "Content Too Large"),
        (414, "URI Too Long"),
        (416, "Range Not Satisfiable"),
        (422, "Unprocessable Content"),
        (299, ""),
        (499, ""),
        (0, ""),
        (-1, ""),
    ],
)
def test_a_status_has_the_phrase_of_rfc_9110(status: int, phrase: str) -> None:
    """Whichever name the standard library has for it; one that is not registered has none."""
    assert reason_phrase(status) == phrase
