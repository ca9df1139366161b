"""Header values by their grammar: lists, parameters, tokens and quoted strings (RFC 9110 5.6)."""

from time import process_time

import pytest

from eqkit.web.messages.header_fields import elements, pairs, parts, quoted, unquoted


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", []),
        (" , ,", []),
        ("a, b ,\tc", ["a", "b", "c"]),
        ('a="x, y", b', ['a="x, y"', "b"]),
        (r'a="x\", y", b', [r'a="x\", y"', "b"]),
        ('a="x, b', ['a="x, b']),
    ],
)
def test_a_comma_ends_an_element_but_in_a_quoted_string(value: str, expected: list[str]) -> None:
    """RFC 9110 5.6.1: empty elements are none, and an open quote goes to the end."""
    assert elements(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", ["a"]),
        ("a ; b=1;; c", ["a", "b=1", "c"]),
        (";b=1", ["", "b=1"]),
        (r'a="x;\";y";b', [r'a="x;\";y"', "b"]),
    ],
)
def test_a_semicolon_ends_a_part_but_in_a_quoted_string(value: str, expected: list[str]) -> None:
    """RFC 9110 5.6.6: the first part always stands first, though it be empty."""
    assert parts(value) == expected


def test_a_pair_has_a_name_in_lower_case_and_its_value_unquoted() -> None:
    """RFC 7240 2: blanks around the equals sign are no part of it; a part without a name has none."""
    assert list(pairs(r'Code = 404;note="a\"b";wait; =x;é=1')) == [
        ("code", "404"),
        ("note", 'a"b'),
        ("wait", None),
        ("", "x"),
        ("", "1"),
    ]


@pytest.mark.parametrize("text", ["plain", "two words", 'a "quote"', "back\\slash", ""])
def test_a_quoted_text_is_unquoted_again(text: str) -> None:
    """RFC 9110 5.6.4, both ways."""
    assert unquoted(quoted(text)) == text


@pytest.mark.parametrize("piece", ['"', '"\\', "\\", ",", ";", 'a;q="', "a=b;", ' "'])
def test_no_value_takes_more_time_than_it_is_long(piece: str) -> None:
    """Ten times the length takes about ten times the time, for any repeated piece."""

    def seconds(length: int) -> float:
        value = piece * (length // len(piece))
        times = []
        for _ in range(3):
            begun = process_time()
            for element in elements(value):
                list(pairs(element))
            times.append(process_time() - begun)
        return min(times)

    assert seconds(60_000) < 40 * max(seconds(6_000), 0.001)
