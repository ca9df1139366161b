"""Bytes read as JSON once, and read again slowly only to name their exact mistakes."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from eqkit.contract.document import Json
from eqkit.contract.schemas.violations import nearest_pointer
from eqkit.errors import MAX_ERRORS, ApiError, Code, ErrorObject, api_error
from eqkit.timing.slices import PART, Slices

MAX_DEPTH = 254
"""How deep a document may nest; orjson writes no deeper, and a test holds it to that."""

MOST_VALUES, VALUES_OF_A_MESSAGE = 500_000, 100
"""How many values a document may have: this many, or this many for each message that a bulk may have."""

LONG = 65_536
"""From how many bytes on a body is looked at beside the event loop where it takes more than one look."""

DOUBTFUL: Any = object()
"""The mark of a body that a quick look is not enough for."""

_VALUES = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[,\[{]', re.DOTALL)
"""A string, ended or not, or the beginning of a further value; linear in time for any bytes."""

BACKSLASH, QUOTE = b'\\"'
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_json(raw: bytes) -> Json:
    """Return the JSON value of a request body; raises ApiError with every error (ruling B2).

    Duplicate keys cost next to nothing to find: written out again, the document has as many colons as
    came in, unless a member was lost on the way. Only an escaped colon could hide one, so that is looked
    at twice as well.
    """
    value = read_quickly(raw)
    return read_thoroughly(raw) if value is DOUBTFUL else value


def read_quickly(raw: bytes) -> Json:
    """Return the JSON value of a request body, or DOUBTFUL where `read_thoroughly` has to look at it."""
    try:
        value = orjson.loads(raw)
        colons = orjson.dumps(value).count(b":")
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return DOUBTFUL
    is_doubtful = raw.count(b":") != colons or (BACKSLASH in raw and b"\\u003" in raw)
    return DOUBTFUL if is_doubtful else value


def read_thoroughly(raw: bytes) -> Json:
    """Do the same as `read_json`, a hundred times as slowly for a body that is as it should be."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        if raw.startswith(BYTE_ORDER_MARK) and not raw.startswith(BYTE_ORDER_MARK * 2):
            return read_json(raw[len(BYTE_ORDER_MARK) :])
        raise _diagnosis(raw) from None
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise _too_deep() from None
    errors = _first_errors(raw.decode())
    if errors:
        raise ApiError(errors)
    return value


def counting(raw: bytes, limit: int) -> Slices[bool]:
    """Find out whether a body has more than `limit` values, whether it is JSON or not.

    A document of millions takes a parser a second in which nobody else is answered. The content of a string
    counts for nothing.
    """
    if sum(map(raw.count, (b",", b"[", b"{"))) <= limit:
        return False
    count = 0
    for index, found in enumerate(_VALUES.finditer(raw)):
        count += raw[found.start()] != QUOTE
        if count > limit:
            return True
        if index % PART == 0:
            yield
    return False


@dataclass(frozen=True, slots=True)
class _Unrepresentable:
    """A number that JSON or a 64-bit float cannot hold, where it stood."""

    text: str


class _Members(dict[str, Any]):
    """An object that remembers all that was written where keys came more than once."""

    written: list[tuple[str, Any]] | None = None


def _members(pairs: list[tuple[str, Any]]) -> _Members:
    members = _Members(pairs)
    if len(members) != len(pairs):
        members.written = pairs
    return members


def _number(text: str) -> Any:
    if len(text) < 20:
        return int(text)
    value = float(text)
    return value if abs(value) != float("inf") else _Unrepresentable(text)


def _fraction(text: str) -> Any:
    value = float(text)
    return value if abs(value) != float("inf") else _Unrepresentable(text)


def _reread(text: str) -> Any:
    return json.loads(
        text,
        object_pairs_hook=_members,
        parse_int=_number,
        parse_float=_fraction,
        parse_constant=_Unrepresentable,
    )


def _first_errors(text: str) -> list[ErrorObject]:
    return list(itertools.islice(_errors(_reread(text), ()), MAX_ERRORS))


def _diagnosis(raw: bytes) -> ApiError:
    """Name the mistakes of bytes that are not a JSON document."""
    if not raw:
        return api_error(
            Code.INVALID_JSON, "The request has no body; a JSON:API document is wanted.", pointer=""
        )
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        detail = f"Byte {error.start} of the body is not UTF-8, the only encoding of JSON between systems."
        return api_error(Code.INVALID_ENCODING, detail, pointer="")
    try:
        errors = _first_errors(text)
    except json.JSONDecodeError as error:
        detail = f"{error.msg} at line {error.lineno}, column {error.colno}."
        return api_error(Code.INVALID_JSON, detail, pointer="")
    except RecursionError:
        errors = []
    return ApiError(errors) if errors else _too_deep()


def _too_deep() -> ApiError:
    return api_error(Code.NESTING_TOO_DEEP, f"The document nests deeper than {MAX_DEPTH} levels.", pointer="")


def _errors(value: Any, path: tuple[str | int, ...]) -> Iterator[ErrorObject]:
    """Yield the errors that only a slow second reading finds, in document order."""
    match value:
        case _Members():
            for key, count in Counter(key for key, _ in value.written or ()).items():
                if count > 1:
                    detail = f'The key "{_printable(key)}" stands more than once in one object.'
                    yield ErrorObject(Code.DUPLICATE_KEY, detail, _pointer((*path, key)))
            for key, member in value.items():
                if _lone(key):
                    detail = "A key has half of a surrogate pair in it, which is no character."
                    yield ErrorObject(Code.LONE_SURROGATE, detail, _pointer(path))
                yield from _errors(member, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _errors(item, (*path, index))
        case str() if _lone(value):
            detail = "The string has half of a surrogate pair in it, which is no character."
            yield ErrorObject(Code.LONE_SURROGATE, detail, _pointer(path))
        case _Unrepresentable():
            shown = (
                value.text if len(value.text) <= 30 else f"{value.text[:20]}… of {len(value.text)} characters"
            )
            detail = f"{shown} is not a number that can be kept."
            yield ErrorObject(Code.NUMBER_OUT_OF_RANGE, detail, _pointer(path))


def _lone(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _printable(key: str) -> str:
    return key[:80].encode("utf-8", "replace").decode()


def _pointer(path: tuple[str | int, ...]) -> str:
    return nearest_pointer(itertools.takewhile(lambda part: not _lone(str(part)), path))
