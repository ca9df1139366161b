"""Values as literals of TypeScript: no text from outside stands in code in any other way."""

import json

from eqkit.contract.document import Json
from eqkit.exports.exchanges import NotExportable
from eqkit.printing import json_text

WIDEST = 100
"""How many characters a literal on one line has at most."""

LARGEST = 2**53 - 1
"""The largest whole number that JavaScript has exactly (ECMA-262, Number.MAX_SAFE_INTEGER)."""


def literal(value: Json, margin: str = "") -> str:
    """Return a JSON value as a literal, whose further lines begin with a margin; raises NotExportable."""
    flat = _flat(value)
    if not isinstance(value, dict | list) or len(flat) + len(margin) <= WIDEST:
        return flat
    inner = f"{margin}  "
    if isinstance(value, dict):
        lines = [f"{_key(name)}: {literal(each, inner)}" for name, each in value.items()]
        opening, closing = "{", "}"
    else:
        lines = [literal(each, inner) for each in value]
        opening, closing = "[", "]"
    body = "".join(f"{inner}{line},\n" for line in lines)
    return f"{opening}\n{body}{margin}{closing}"


def text_literal(text: str) -> str:
    """Return a text as a literal that stands in a script of a page as well: without ``</`` and ``<!``."""
    return json_text(text, None).replace("</", "<\\/").replace("<!", "<\\u0021")


def is_exact(value: Json) -> bool:
    """Return whether JavaScript has a JSON value with all of its numbers as they are."""
    match value:
        case dict():
            return all(map(is_exact, value.values()))
        case list():
            return all(map(is_exact, value))
        case bool():
            return True
        case int():
            return -LARGEST <= value <= LARGEST
    return True


def _key(name: str) -> str:
    # Written plainly, it would be the prototype of the object and not a member (ECMA-262 B.3.1).
    return '["__proto__"]' if name == "__proto__" else text_literal(name)


def _flat(value: Json) -> str:
    match value:
        case dict():
            members = ", ".join(f"{_key(name)}: {_flat(each)}" for name, each in value.items())
            return f"{{ {members} }}" if members else "{}"
        case list():
            return f"[{', '.join(map(_flat, value))}]"
        case str():
            return text_literal(value)
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        raise NotExportable("a number in it is too large for JSON") from None
