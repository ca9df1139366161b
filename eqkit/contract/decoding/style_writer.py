"""Values written as the styles of parameters have them: the way back of `styles`."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from eqkit.contract.decoding.style_kinds import DELIMITERS, Style
from eqkit.contract.decoding.texts import write_text
from eqkit.contract.document import Json

RESERVED = ":/?@!$'()*;"
"""Characters that `allowReserved` leaves as they are in a query (RFC 3986 2.2): not the separators."""


class Unwritable(ValueError):
    """A value for which a style has no form, such as an array within an array."""


def write_query(name: str, style: Style, value: Json, *, allow_reserved: bool = False) -> str:
    """Return the part of a query string, or of a urlencoded form, that says the value of a parameter.

    It is empty for null, and for an exploded array without items. Raises Unwritable.
    """
    safe = RESERVED if allow_reserved else ""
    return "&".join(f"{quote(key, safe='')}={text}" for key, text in _pairs(name, style, value, safe))


def write_cookie(name: str, style: Style, value: Json) -> str:
    """Return the value of a Cookie header that says the value of a parameter; raises Unwritable."""
    return "; ".join(f"{key}={text}" for key, text in _pairs(name, style, value, ""))


def write_header(style: Style, value: Json) -> str:
    """Return the value of a header; raises Unwritable."""
    match value:
        case dict() if style.explode:
            return ",".join(f"{name}={_plain(each)}" for name, each in value.items())
        case dict():
            return ",".join(_plain(each) for pair in value.items() for each in pair)
        case list():
            return ",".join(map(_plain, value))
    return _plain(value)


def write_path(name: str, style: Style, value: Json) -> str:
    """Return the text of a path for the value of a parameter; raises Unwritable."""
    match style.name:
        case "label":
            return f".{_joined(value, style, '.' if style.explode else ',')}"
        case "matrix":
            return _matrix(name, style, value)
    return _joined(value, style, ",")


def _joined(value: Json, style: Style, delimiter: str) -> str:
    match value:
        case dict() if style.explode:
            return delimiter.join(f"{_encoded(name)}={_encoded(each)}" for name, each in value.items())
        case dict():
            return delimiter.join(_encoded(each) for pair in value.items() for each in pair)
        case list():
            return delimiter.join(map(_encoded, value))
    return _encoded(value)


def _matrix(name: str, style: Style, value: Json) -> str:
    match value:
        case dict() if style.explode:
            return "".join(_matrix(key, style, each) for key, each in value.items())
        case list() if style.explode:
            return "".join(_matrix(name, style, each) for each in value)
    text = _joined(value, style, ",")
    return f";{quote(name, safe='')}={text}" if text else f";{quote(name, safe='')}"


def _pairs(name: str, style: Style, value: Json, safe: str) -> list[tuple[str, str]]:
    if value is None:
        return []
    if style.name == "deepObject":
        return _deep_pairs(name, value, safe)
    if isinstance(value, Mapping) and style.explode:
        return [(key, _encoded(each, safe)) for key, each in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str) and style.explode:
        return [(name, _encoded(each, safe)) for each in value]
    delimiter = DELIMITERS.get(style.name)
    if delimiter is None:
        raise Unwritable(f'there is no style "{style.name}"')
    delimiter = delimiter if delimiter == "," else quote(delimiter)
    match value:
        case dict():
            return [(name, delimiter.join(_encoded(each, safe) for pair in value.items() for each in pair))]
        case list():
            return [(name, delimiter.join(_encoded(each, safe) for each in value))]
    return [(name, _encoded(value, safe))]


def _deep_pairs(name: str, value: Json, safe: str) -> list[tuple[str, str]]:
    """Return the pairs of an object; what OpenAPI leaves open is written as clients in use do.

    That is an array itself, ``a[0]=1``, and an object or an array of objects within, ``a[b][c]=1``.
    """
    if not isinstance(value, dict | list):
        raise Unwritable("deepObject writes objects alone")
    pairs = []
    for key, member in value.items() if isinstance(value, dict) else enumerate(value):
        at = f"{name}[{key}]"
        is_plain = isinstance(member, list) and not any(isinstance(each, dict | list) for each in member)
        if is_plain and isinstance(value, dict):
            pairs += [(at, _encoded(each, safe)) for each in member]
        elif isinstance(member, dict | list):
            pairs += _deep_pairs(at, member, safe)
        else:
            pairs.append((at, _encoded(member, safe)))
    return pairs


def _encoded(value: Json, safe: str = "") -> str:
    return quote(_plain(value), safe=safe)


def _plain(value: Json) -> str:
    if isinstance(value, dict | list):
        raise Unwritable("an array or object within another has no form in any style")
    return write_text(value)
