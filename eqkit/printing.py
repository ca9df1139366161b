r"""Text from outside made fit to print: neither a terminal nor a CI system acts on it.

A terminal acts on escape sequences. GitHub Actions reads a line that begins with ``::`` as a command, and so
it does, like Azure Pipelines and TeamCity, with ``##[…]`` or ``##vso[…]`` anywhere in a line.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

_ACTED_ON = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))
"""Control and format characters, lone surrogates, and line breaks (categories of Unicode)."""

_COMMAND = re.compile(r"(?m)^(\s*):(?=:)|(?<=#)#(?=\w*\[)")
_IN_JSON = re.compile(
    r"(?<=#)#(?=\w*\[)|[\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0001-\U000e007f]"
)
"""The characters among them that JSON leaves as they are. None of its lines begins with a colon."""


def printable(text: str) -> str:
    r"""Return a text as one line, with escapes in place of characters that a terminal acts on: ``\x1b``."""
    if not text.isprintable():
        text = "".join(_escape(char) if unicodedata.category(char) in _ACTED_ON else char for char in text)
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):02x}", text)


def table_lines(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of texts as lines whose columns stand below each other."""
    shown = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in shown)
    return [printable(line) for line in lines]


def json_text(document: Any, indent: int | None = 2) -> str:
    """Return a document as JSON for people, with escapes in place of characters that a terminal acts on."""
    text = json.dumps(document, indent=indent, ensure_ascii=False, default=str)
    return _IN_JSON.sub(lambda found: json.dumps(found[0])[1:-1] if found[0] != "#" else "\\u0023", text)


def _escape(char: str) -> str:
    return ascii(char)[1:-1]
