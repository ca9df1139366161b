"""Header values by their grammar (RFC 9110 5.6): lists, parameters, tokens and quoted strings.

Everything here takes time in the length of the value, for any content.
"""

import re
from collections.abc import Iterator

_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+"?)++', re.DOTALL)
_PART = re.compile(r'((?:[^;"]|"(?:[^"\\]|\\.)*+"?)*+)(?:;|\Z)', re.DOTALL)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BLANKS = " \t"


def elements(value: str) -> list[str]:
    """Return the elements of a list, without empty ones; a comma within a quoted string ends none."""
    found = (each.strip(_BLANKS) for each in _ELEMENT.findall(value))
    return [each for each in found if each]


def parts(element: str) -> list[str]:
    """Return the parts between semicolons: the first part, and those behind it that are not empty.

    A semicolon within a quoted string separates nothing.
    """
    first, *rest = (each.strip(_BLANKS) for each in _PART.findall(element))
    return [first, *(each for each in rest if each)]


def is_token(text: str) -> bool:
    """Return whether a text is a token."""
    return _TOKEN.fullmatch(text) is not None


def is_quoted(text: str) -> bool:
    """Return whether a text is a quoted string."""
    return _QUOTED.fullmatch(text) is not None


def unquoted(word: str) -> str:
    """Return the text that a quoted string stands for; anything else as it is."""
    quoted = _QUOTED.fullmatch(word)
    return word if quoted is None else _ESCAPE.sub(r"\1", quoted[1])


def quoted(text: str) -> str:
    """Return a text as a word of a header: as it is where that is a token, else as a quoted string."""
    return text if is_token(text) else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def pairs(element: str) -> Iterator[tuple[str, str | None]]:
    """Yield the name, in lower case, and the value of each part; None for a name alone.

    Blanks around the equals sign are forgiven. A part that begins with no token has the name "".
    """
    for part in parts(element):
        name, equals, value = part.partition("=")
        name = name.rstrip(_BLANKS)
        yield name.lower() if is_token(name) else "", unquoted(value.lstrip(_BLANKS)) if equals else None
