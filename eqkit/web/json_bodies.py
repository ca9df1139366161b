"""Bytes read as JSON once, and read again slowly only to say exactly what is wrong with them."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from eqkit.contract.document import Json, pointer_of
from eqkit.errors import Code, Fault, Refusal, refusal

MAX_DEPTH = 1024
"""How deep a document may nest; orjson itself stops here, and a test holds it to that."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_json(raw: bytes) -> Json:
    """Return the JSON value of a request body; raises Refusal with every fault (ruling B2).

    Duplicate keys cost next to nothing to find: written out again, the document has as many colons as
    came in, unless a member was lost on the way. Only an escaped colon could hide one, so that is looked
    at twice as well.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        if raw.startswith(BYTE_ORDER_MARK):
            return read_json(raw[len(BYTE_ORDER_MARK) :])
        raise _diagnosis(raw) from None
    if raw.count(b":") != orjson.dumps(value).count(b":") or b"\\u003" in raw:
        faults = list(_faults(_reread(raw.decode()), ()))
        if faults:
            raise Refusal(faults)
    return value


@dataclass(frozen=True, slots=True)
class _Unrepresentable:
    """A number that JSON or a 64-bit float cannot hold, where it stood."""

    text: str


class _Members(dict[str, Any]):
    """An object that remembers which of its keys came more than once."""

    repeated: tuple[str, ...] = ()


def _members(pairs: list[tuple[str, Any]]) -> _Members:
    members = _Members(pairs)
    if len(members) != len(pairs):
        counts = Counter(key for key, _ in pairs)
        members.repeated = tuple(key for key, count in counts.items() if count > 1)
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


def _diagnosis(raw: bytes) -> Refusal:
    """Say what is wrong with bytes that are not a JSON document."""
    if not raw:
        return refusal(
            Code.INVALID_JSON, "The request has no body; a JSON:API document is wanted.", pointer=""
        )
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        detail = f"Byte {error.start} of the body is not UTF-8, the only encoding of JSON between systems."
        return refusal(Code.INVALID_ENCODING, detail, pointer="")
    try:
        faults = list(_faults(_reread(text), ()))
    except json.JSONDecodeError as error:
        detail = f"{error.msg} at line {error.lineno}, column {error.colno}."
        return refusal(Code.INVALID_JSON, detail, pointer="")
    except RecursionError:
        faults = []
    if faults:
        return Refusal(faults)
    return refusal(Code.NESTING_TOO_DEEP, f"The document nests deeper than {MAX_DEPTH} levels.", pointer="")


def _faults(value: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    """Walk a reread document for what only a slow look can see, in document order."""
    match value:
        case _Members():
            for key in value.repeated:
                detail = f'The key "{_printable(key)}" stands more than once in one object.'
                yield Fault(Code.DUPLICATE_KEY, detail, pointer_of([*map(_text, path), _printable(key)]))
            for key, member in value.items():
                if _lone(key):
                    detail = "A key has half of a surrogate pair in it, which is no character."
                    yield Fault(Code.LONE_SURROGATE, detail, pointer_of([*map(_text, path)]))
                yield from _faults(member, (*path, key))
        case list():
            for index, item in enumerate(value):
                yield from _faults(item, (*path, index))
        case str() if _lone(value):
            detail = "The string has half of a surrogate pair in it, which is no character."
            yield Fault(Code.LONE_SURROGATE, detail, pointer_of([*map(_text, path)]))
        case _Unrepresentable():
            shown = (
                value.text if len(value.text) <= 30 else f"{value.text[:20]}… of {len(value.text)} characters"
            )
            detail = f"{shown} is not a number that can be kept."
            yield Fault(Code.NUMBER_OUT_OF_RANGE, detail, pointer_of([*map(_text, path)]))


def _lone(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def _printable(key: str) -> str:
    return key[:80].encode("utf-8", "replace").decode()


def _text(part: str | int) -> str:
    return _printable(part) if isinstance(part, str) else str(part)
