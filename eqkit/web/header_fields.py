"""Header values by their grammar (RFC 9110 5.6): lists, parameters, tokens and quoted strings.

Everything here takes time in the length of the value, whatever stands in it.
"""

import re
from collections.abc import Iterator

_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*+"?)++', re.DOTALL)
_PART = re.compile(r'(?:[^;"]|"(?:[^"\\]|\\.)*+"?)++', re.DOTALL)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BLANKS = " \t"


def elements(value: str) -> list[str]:
    """Return the elements of a list, without empty ones; a comma within a quoted string ends none."""
    found = (each.strip(_BLANKS) for each in _ELEMENT.findall(value))
    return [each for each in found if each]


def parts(element: str) -> list[str]:
    """Return what semicolons separate, empty parts included; one within a quoted string separates nothing."""
    return [each.strip(_BLANKS) for each in _PART.findall(element)]


def is_token(text: str) -> bool:
    """Tell whether a text is a token."""
    return _TOKEN.fullmatch(text) is not None


def unquoted(word: str) -> str:
    """Return the text that a quoted string stands for; anything else as it is."""
    quoted = _QUOTED.fullmatch(word)
    return word if quoted is None else _ESCAPE.sub(r"\1", quoted[1])


def pairs(element: str) -> Iterator[tuple[str, str | None]]:
    """Yield the name, in lower case, and the value of each parameter; None for a name alone.

    Blanks around the equals sign are forgiven. What begins with no token is left out.
    """
    for part in parts(element):
        name, equals, value = part.partition("=")
        name = name.rstrip(_BLANKS)
        if is_token(name):
            yield name.lower(), unquoted(value.lstrip(_BLANKS)) if equals else None
