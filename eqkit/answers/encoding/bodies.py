"""Bodies: values as the bytes of the media types of a contract."""

import re
from collections.abc import Iterator, Sequence

import yaml

from eqkit.answers.encoding.forms import write_urlencoded
from eqkit.answers.encoding.multipart import boundary_of, write_multipart
from eqkit.answers.encoding.sequences import CSV, csv_of, event_of, is_events, writer_of
from eqkit.answers.encoding.texts import CannotEncode, binary_of, json_of, plain, text_of
from eqkit.answers.encoding.xml_documents import write_xml
from eqkit.contract.decoding.charsets import charset_of
from eqkit.contract.decoding.forms import URLENCODED
from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson
from eqkit.contract.loading.json_texts import json_of as read_json
from eqkit.contract.media_types import essence, is_json, is_xml, with_charset
from eqkit.contract.messages.contents import EVENTS, MediaType
from eqkit.contract.messages.directed import DirectedSchemas

UTF_8 = ("utf-8", "utf8", "us-ascii", "ascii")

_RANGES = {"text/*": "text/plain", "image/*": "image/png", "audio/*": "audio/mpeg", "video/*": "video/mp4",
           "multipart/*": "multipart/form-data"}  # fmt: skip
"""The media types that stand for ranges of them; for all others, JSON or a text, as the value is."""

_BINARY = re.compile(r"(?:image|audio|video|font|model)/(?!svg).+|application/(?:octet-stream|pdf|zip|gzip)")
_YAML = re.compile(r"(?:application|text)/(?:x-|vnd\.)?yaml|.+\+yaml")


def encoded(schemas: DirectedSchemas, media_type: MediaType, value: Json) -> bytes:
    """Return a value as the bytes of a media type; raises CannotEncode.

    A text for a media type that is no JSON is an example as it is written there (OpenAPI 3.0.4, "Example
    Object"), and goes out as it is. What is written is read by `read_body` as the same value.
    """
    name = _concrete(media_type.name, value)
    kind = essence(name) or ""
    try:
        if isinstance(value, list) and (write := writer_of(kind)) is not None:
            return b"".join(map(write, value))
        if is_json(kind):
            return _in_charset(_json(schemas, media_type, value), name)
        if isinstance(value, str):
            return _text(schemas, media_type, name, value)
        return _document(schemas, media_type, name, value)
    except RecursionError:
        raise CannotEncode(f"The value nests too deep for {kind}.") from None


def encoded_items(media_type: MediaType, items: Sequence[Json]) -> Iterator[bytes]:
    """Yield the bytes of each item of a sequence, which together are those of `encoded`.

    Raises CannotEncode for a media type that is no sequence.
    """
    kind = essence(media_type.name) or ""
    write = writer_of(kind)
    if write is None:
        raise CannotEncode(f"{kind[:80]} is no sequence of items.")
    yield from map(write, items)


def content_type(media_type: MediaType, value: Json, body: bytes) -> str:
    """Return the Content-Type of a value that was encoded as a body: one media type, with its boundary."""
    name = _concrete(media_type.name, value)
    if not (essence(name) or "").startswith("multipart/") or "boundary=" in name.lower():
        return with_charset(name, body)
    return f"{name}; boundary={boundary_of(body)}"


def _concrete(name: str, value: Json) -> str:
    kind = essence(name) or ""
    if "*" not in kind:
        return name
    if "+" in kind:  # a range of those of a structure, such as application/*+json
        return kind.replace("*", "x")  # the type of the suffix itself is not within the range
    if kind in _RANGES:
        return _RANGES[kind]
    if kind not in ("*/*", "application/*"):
        return kind.replace("*", "x")
    return "text/plain" if isinstance(value, str) and kind == "*/*" else "application/json"


def _json(schemas: DirectedSchemas, media_type: MediaType, value: Json) -> bytes:
    """Return a value as JSON; a text that only its own JSON is valid for is that JSON."""
    schema = media_type.schema
    if isinstance(value, str) and schema is not None and not schemas.accepts(schema, value):
        try:
            if schemas.accepts(schema, read_json(value.encode("utf-8", "replace"))):
                return value.encode()
        except NotJson:
            pass
    return json_of(value)


def _in_charset(body: bytes, name: str) -> bytes:
    return body if charset_of(name) in UTF_8 else text_of(body.decode(), name)


def _text(schemas: DirectedSchemas, media_type: MediaType, name: str, value: str) -> bytes:
    kind = essence(name) or ""
    if kind == EVENTS and not is_events(value):
        return event_of(value)
    if is_xml(kind) and not value.lstrip().startswith("<"):
        return write_xml(schemas, media_type.schema, name, value)
    if kind.startswith("multipart/") and "\r" not in value:
        value = value.replace("\n", "\r\n")  # as it stands in a document with other line ends
    return binary_of(value) if _BINARY.fullmatch(kind) else text_of(value, name)


def _document(schemas: DirectedSchemas, media_type: MediaType, name: str, value: Json) -> bytes:
    kind = essence(name) or ""
    write = writer_of(kind)
    if write is not None:
        return write(value)
    if is_xml(kind):
        return write_xml(schemas, media_type.schema, name, value)
    if kind == URLENCODED:
        return write_urlencoded(schemas, media_type, value).encode()
    if kind.startswith("multipart/"):
        return write_multipart(schemas, media_type, value)
    if _YAML.fullmatch(kind):
        return text_of(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), name)
    if kind in CSV and isinstance(value, list):
        return text_of(csv_of(value), name)
    if isinstance(value, dict | list) and not kind.startswith(("text/", "application/vnd.")):
        what = "An array" if isinstance(value, list) else "An object"
        raise CannotEncode(f"{what} has no form in {kind[:80]}.")
    return text_of(plain(value), name)
