"""Texts of a contract in Python code: as literals, docstrings and comments, and in no other way.

A contract may come from anybody, and its texts have quotes, backslashes, line breaks, and characters that
nobody sees. Everything that is no plain text for the eye stands in the code as an escape.
"""

import textwrap
from collections.abc import Iterable, Iterator
from typing import Any

WIDTH = 88
"""The columns of a line, as ruff and black have them by default."""

INDENT = "    "
MAX_SUMMARY = 300
MAX_PARAGRAPHS, MAX_PARAGRAPH = 10, 1_000
"""How much of a description stands in a docstring: paragraphs, and the characters of each."""


def literal(value: Any) -> str:
    """Return the Python literal of a JSON value or of bytes, in double quotes unless it has some."""
    match value:
        case str() | bytes():
            return _quoted(value)
        case dict():
            return "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(literal, value)) + "]"
        case float() if value != value or abs(value) == float("inf"):
            return f'float("{value}")'
    return repr(value)


def _quoted(text: str | bytes) -> str:
    # With a single quote in front, `repr` takes double quotes unless the text has some.
    if isinstance(text, str):
        return repr(text) if '"' in text else '"' + repr("'" + text)[2:]
    return repr(text) if b'"' in text else 'b"' + repr(b"'" + text)[3:]


def plain(text: str, limit: int) -> str:
    """Return a text in one line for a docstring or comment, its first characters, with escapes."""
    words = " ".join(text[: 4 * limit].split())
    escaped = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in words)
    return escaped if len(escaped) <= limit else f"{escaped[: limit - 1].rstrip()}…"


def docstring(summary: str, paragraphs: Iterable[str], indent: str = INDENT) -> str:
    """Return the docstring of a function or module, with an empty line before each paragraph.

    A paragraph keeps its lines, which are wrapped where they are too long.
    """
    lines = [*_wrapped(_escaped(summary), indent)]
    for paragraph in paragraphs:
        lines += ["", *(part for line in paragraph.split("\n") for part in _wrapped(_escaped(line), indent))]
    if len(lines) == 1:
        return f'{indent}"""{lines[0]}"""\n'
    first, *rest = lines
    body = [f"{indent}{each}" if each else "" for each in rest]
    return "\n".join([f'{indent}"""{first}', *body, f'{indent}"""', ""])


def _escaped(line: str) -> str:
    """Return a line as it stands in a docstring: no backslash or quote of it means anything to Python."""
    line = line.replace("\\", "\\\\")
    return line.replace('"', '\\"') if '"""' in line or line.endswith('"') else line


def _wrapped(line: str, indent: str) -> list[str]:
    """Return the lines of a text; those behind the first of an indented one are indented further."""
    own = line[: len(line) - len(line.lstrip())]
    width = WIDTH - len(indent) - 2 * len('"""')  # as if all of it stood on one line
    return textwrap.wrap(
        line, width, subsequent_indent=f"{own}{INDENT}" if own else "",
        break_on_hyphens=False, break_long_words=False,
    ) or [""]  # fmt: skip


def paragraphs(description: str) -> Iterator[str]:
    """Yield the first paragraphs of a description, each in one line."""
    found = (plain(each, MAX_PARAGRAPH) for each in description.replace("\r\n", "\n").split("\n\n"))
    shown = [each for each in found if each][: MAX_PARAGRAPHS + 1]
    yield from shown[:MAX_PARAGRAPHS]
    if len(shown) > MAX_PARAGRAPHS:
        yield "…"
