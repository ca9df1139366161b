"""JSON, and texts in a charset."""

import json

import orjson

from eqkit.contract.decoding.charsets import charset_of
from eqkit.contract.decoding.texts import write_text
from eqkit.contract.document import Json

BOM = "\ufeff"


class CannotEncode(Exception):
    """A value that has no form in a media type; the message is one sentence that says why."""


def json_of(value: Json) -> bytes:
    """Return JSON in UTF-8 (RFC 8259); raises CannotEncode."""
    try:
        return orjson.dumps(value)
    except (orjson.JSONEncodeError, TypeError):
        pass
    # Integers of more than 64 bits, and deep values, which orjson does not write.
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise CannotEncode(f"The value has no form in JSON: {error}.") from None
    return text_of(text, None)


def text_of(text: str, content_type: str | None) -> bytes:
    """Return a text in the charset of a Content-Type, by default UTF-8; raises CannotEncode."""
    charset = charset_of(content_type)
    if text.startswith(BOM):
        text = BOM + text  # for readers take the first one away
    try:
        return text.encode(charset)
    except LookupError:
        raise CannotEncode(f"The charset {charset[:40]} is not known.") from None
    except UnicodeError:
        raise CannotEncode(f"The text has a character that {charset[:40]} does not have.") from None


def plain(value: Json) -> str:
    """Return a value as a text: a document as JSON, null as the empty text."""
    return json_of(value).decode() if isinstance(value, dict | list) else write_text(value)


def binary_of(value: str) -> bytes:
    """Return the bytes that a text stands for, one for each character as readers have it, else in UTF-8."""
    try:
        return value.encode("latin-1")
    except UnicodeError:
        return text_of(value, None)
