"""Prose taken apart into sentences, and the count of those that turn on a free relative.

A free relative stands where a noun should, as "`what` the docs say" for "the text of the docs". The count
is simple, so that two people get the same figure:

- A sentence ends at a full stop, a question mark, an exclamation mark or a colon before white space, and at
  the end of a paragraph, list item, heading or table cell. Two words make a sentence; fewer are a label.
- Code does not count: fenced blocks, text in backquotes, the targets of links.
- A sentence is counted if it holds `what`, `whatever`, `whatsoever`, `whoever`, `whomever` or `whichever`
  anywhere, or `who` or `whom` at its beginning or behind a preposition, a conjunction or a verb of saying.
- Questions are free: a sentence that ends in a question mark is not counted.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_FENCE = re.compile(r"^[ ]*```.*?^[ ]*```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"``.+?``|`[^`]*`", re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*\)")
_BREAK = re.compile(
    r"\n\s*\n|\n\s*(?:[-*]|\d+\.)\s+|^\s*#+\s+|\n#+\s+|(?<!\\)\||\n\s*(?=\w+: )", re.MULTILINE
)
_END = re.compile(r"(?<=[.?!:])[\s\"”)*_]+")
_FREE = re.compile(
    r"\b(?:what|whatever|whatsoever|whoever|whomever|whichever)\b"
    r"|(?:^|\b(?:about|and|at|but|by|for|from|of|on|or|to|with|knows?|says?|sees?|shows?|tells?) )whom?\b",
    re.IGNORECASE,
)


class Count(NamedTuple):
    """The sentences of one text, and those of them that turn on a free relative."""

    sentences: int
    free: list[str]


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of some Markdown or of a docstring, each on one line."""
    plain = _LINK.sub(r"\1", _CODE.sub("CODE", _FENCE.sub("\n\n", text)))
    for part in _BREAK.split(plain):
        for sentence in _END.split(part):
            words = " ".join(sentence.split()).strip(' -*>_"“”(')
            if len(re.findall(r"[A-Za-z]+", words)) > 1:
                yield words


def is_free(sentence: str) -> bool:
    """Return whether a sentence turns on a free relative."""
    return not sentence.endswith("?") and bool(_FREE.search(sentence))


def count(text: str) -> Count:
    """Count the sentences of one text."""
    found = list(sentences(text))
    return Count(len(found), [sentence for sentence in found if is_free(sentence)])


def docstrings(file: Path) -> str:
    """Return the docstrings of one Python file, those of attributes too, as paragraphs."""
    texts = [
        node.value.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ]
    return "\n\n".join(texts)
