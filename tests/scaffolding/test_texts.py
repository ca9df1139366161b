"""Texts of a contract stand in generated code as literals and docstrings, which Python reads back."""

import ast
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eqkit.scaffolding.texts import MAX_PARAGRAPHS, WIDTH, docstring, literal, paragraphs, plain

HOSTILE = [
    '"""',
    "'''",
    '\\"""',
    'a"',
    "a\\",
    '"',
    "\\",
    "\n",
    "\r",
    "\x00",
    "\u2028",
    "\ud800",
    "{x}",
    "%s",
    "#",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON | st.binary())
@example("\ud800\u202e\x1b[31m")
@example({'"': ["'", "\\", "\n"]})
def test_a_literal_is_the_value(value: Any) -> None:
    """On one line, without a character that nobody sees."""
    written = literal(value)
    assert ast.literal_eval(written) == value
    assert written.isprintable()


@pytest.mark.parametrize("text", ["plain", "it's", b"plain", b"it's", ""])
def test_texts_stand_in_double_quotes(text: str | bytes) -> None:
    """As ruff and black write them, unless the text has double quotes itself."""
    assert literal(text).lstrip("b")[0] == literal(text)[-1] == '"'
    quoted = f'{text}"' if isinstance(text, str) else text + b'"'
    assert literal(quoted).endswith("'") or "'" in str(text)


def test_numbers_that_json_lacks_are_calls() -> None:
    """They have no literal."""
    assert math.isnan(eval(literal(math.nan)))
    assert eval(literal([-math.inf])) == [-math.inf]


@given(
    st.text() | st.sampled_from(HOSTILE),
    st.lists(st.text(max_size=200) | st.sampled_from(HOSTILE), max_size=4),
    st.sampled_from(["", "    "]),
)
@example("x" * 100, ['"""' * 50], "    ")
def test_a_docstring_is_one_string_and_nothing_else(summary: str, texts: list[str], indent: str) -> None:
    """The words of the contract come back, and no line has spaces at its end."""
    safe = plain(summary, 300) or "x"
    parts = [each for text in texts for each in paragraphs(text)]
    written = docstring(safe, parts, indent)
    source = f"def f():\n{written}" if indent else written
    (statement,) = ast.parse(source).body
    holder = statement if indent else ast.parse(source)
    assert isinstance(holder, ast.FunctionDef | ast.Module)
    assert len(holder.body) == 1
    found = ast.get_docstring(holder) or ""
    assert found.split() == " ".join([safe, *parts]).split()
    assert all(line == line.rstrip() for line in written.split("\n"))


@given(st.lists(st.text("abc\\\"'", max_size=30), min_size=1))
def test_lines_of_a_docstring_fit(words: list[str]) -> None:
    """Unless one word alone is longer."""
    written = docstring(plain(" ".join(words), 5_000) or "x", [])
    assert all(len(line) <= WIDTH for line in written.split("\n") if " " in line.strip())


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("  a\n\tb  ", 10, "a b"),
        ("abcdef", 5, "abcd…"),
        ("a" * 10_000, 5, "aaaa…"),
        ("\x1b[31m", 20, "\\x1b[31m"),
        ("\ud800", 20, "\\ud800"),
        ("ü取\u202e", 20, "ü取\\u202e"),
    ],
)
def test_a_plain_text_is_one_line_of_visible_characters(text: str, limit: int, shown: str) -> None:
    """White space is one space, the rest is cut, and characters that nobody sees are escapes."""
    assert plain(text, limit) == shown


def test_a_long_description_is_cut() -> None:
    """After its first paragraphs."""
    assert list(paragraphs("a\n\n\n\nb\r\n\r\nc")) == ["a", "b", "c"]
    assert list(paragraphs("x\n\n" * 100)) == ["x"] * MAX_PARAGRAPHS + ["…"]
