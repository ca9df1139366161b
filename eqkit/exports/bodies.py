"""Values written as the bodies of messages: JSON and its sequences, forms, and texts."""

import json
from collections.abc import Iterator, Mapping

from eqkit.contract.decoding.forms import MULTIPART, URLENCODED
from eqkit.contract.decoding.style_writer import Unwritable, write_query
from eqkit.contract.decoding.styles import Style, write_text
from eqkit.contract.document import Json
from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.contents import EVENTS, JSON_LINES, JSON_SEQUENCES
from eqkit.exports.exchanges import NotExportable, is_sendable
from eqkit.exports.values import Example

Encoding = Mapping[str, Json]

BOUNDARY = "eqkit-part"
"""Begins the boundary of a multipart body; a number is added until no part has it."""

_CONCRETE = {"*/*": "application/json", "application/*": "application/json", "text/*": "text/plain"}
"""The media types that are sent where a contract has a range of them."""

_STYLED = ("style", "explode", "allowReserved")


def is_writable(media_type: str) -> bool:
    """Return whether any value can be written in a media type, and not texts alone."""
    kind = essence(sent_type(media_type)) or ""
    return is_json(kind) or kind in (URLENCODED, MULTIPART, EVENTS, *JSON_LINES, *JSON_SEQUENCES)


def sent_type(media_type: str) -> str:
    """Return the media type of a message, where a contract may have a range."""
    kind = essence(media_type) or ""
    if kind.endswith("/*+json"):
        return kind.replace("*", "x")
    return _CONCRETE.get(kind, media_type)


def write_body(media_type: str, example: Example, encoding: Encoding) -> tuple[str, bytes]:
    """Return the Content-Type and the bytes of a body; raises NotExportable.

    `encoding` is that of the media type, for the members of forms (OpenAPI 3.1.1, "Encoding Object").
    """
    sent = sent_type(media_type)
    kind, value = essence(sent) or "", example.value
    if "*" in sent or not is_sendable("Content-Type", sent):
        raise NotExportable(f"{media_type[:80]} is not a media type that can be sent")
    if example.is_text:
        return sent, _utf8(value)
    if is_json(kind):
        return sent, json_bytes(value)
    if kind == URLENCODED and isinstance(value, dict):
        return sent, write_urlencoded(value, encoding).encode()
    if kind == MULTIPART and isinstance(value, dict):
        return _multipart(sent, value, encoding)
    if isinstance(value, list) and (items := _sequence(kind, value)) is not None:
        return sent, items
    if isinstance(value, str):
        return sent, _utf8(value)
    if kind.startswith("text/") and not isinstance(value, dict | list):
        return sent, write_text(value).encode()
    raise NotExportable(f"only a text can be written as {kind}, and its example is none")


def json_bytes(value: Json) -> bytes:
    """Return a value as JSON; raises NotExportable for a number that JSON has not."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        try:
            return text.encode()
        except UnicodeEncodeError:  # a lone surrogate, which only its escape can stand for
            return json.dumps(value, allow_nan=False).encode()
    except ValueError:
        raise NotExportable("a number in it is too large for JSON") from None
    except TypeError:
        raise NotExportable("it has a value that JSON has not") from None


def _utf8(text: Json) -> bytes:
    return str(text).encode("utf-8", "replace")


def write_urlencoded(value: dict[str, Json], encoding: Encoding) -> str:
    """Return an object as a urlencoded form; `encoding` is that of its members; raises NotExportable."""
    pairs = []
    for name, member in value.items():
        how = _how(encoding, name)
        is_styled = any(each in how for each in _STYLED)
        by_type = not is_styled and (isinstance(member, dict) or "contentType" in how)
        style_name = str(how.get("style", "form"))
        style = Style(style_name, bool(how.get("explode", style_name == "form")))
        if isinstance(member, dict) and "style" not in how and "contentType" not in how:
            style, by_type = Style("deepObject", explode=True), False
        try:
            text = json_bytes(member).decode() if by_type and not isinstance(member, str) else member
            pairs.append(write_query(name, style, text))
        except (Unwritable, KeyError):
            # An array of objects: most servers read the JSON of it.
            pairs.append(write_query(name, Style("form", explode=False), json_bytes(member).decode()))
    return "&".join(each for each in pairs if each)


def _multipart(sent: str, value: dict[str, Json], encoding: Encoding) -> tuple[str, bytes]:
    parts = [part for name, member in value.items() for part in _parts(name, member, _how(encoding, name))]
    number = 0
    while any(f"{BOUNDARY}-{number}".encode() in part for part in parts):
        number += 1
    boundary = f"{BOUNDARY}-{number}"
    lines = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    return f"{essence(sent)}; boundary={boundary}", lines + f"--{boundary}--\r\n".encode()


def _parts(name: str, member: Json, how: Encoding) -> Iterator[bytes]:
    """Yield the parts of one member; each item of an array is one (OpenAPI 3.1.1, "Encoding multipart")."""
    for each in member if isinstance(member, list) else [member]:
        allowed = str(how.get("contentType", "")).partition(",")[0].strip()
        is_nested = isinstance(each, dict | list)
        kind = sent_type(allowed) if allowed else "application/json" if is_nested else ""
        kind = kind.replace("/*", "/x") if is_sendable("Content-Type", kind) else ""
        content = json_bytes(each) if is_nested or is_json(kind) else _utf8(write_text(each))
        # A file has a name; a text of the form has none (RFC 7578 4.2).
        is_file = bool(kind) and not is_json(kind) and kind != "text/plain"
        head = f'Content-Disposition: form-data; name="{_in_quotes(name)}"'
        head += '; filename="file"' if is_file else ""
        head += f"\r\nContent-Type: {kind}" if kind else ""
        yield head.encode("utf-8", "replace") + b"\r\n\r\n" + content


def _in_quotes(text: str) -> str:
    """Return a name as browsers write it in a Content-Disposition (HTML, "multipart/form-data")."""
    return text.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22")


def _how(encoding: Encoding, name: str) -> Encoding:
    found = encoding.get(name)
    return found if isinstance(found, dict) else {}


def _sequence(kind: str, items: list[Json]) -> bytes | None:
    """Return the items of a sequence in a media type of such; None for another (OpenAPI 3.2)."""
    if kind in JSON_LINES:
        return b"".join(json_bytes(each) + b"\n" for each in items)
    if kind in JSON_SEQUENCES:
        return b"".join(b"\x1e" + json_bytes(each) + b"\n" for each in items)
    if kind == EVENTS:
        return b"".join(_event(each) for each in items)
    return None


def _event(item: Json) -> bytes:
    """Return an item of a stream of events (HTML, "Server-sent events")."""
    if not isinstance(item, dict):
        item = {"data": json_bytes(item).decode()}
    lines = [
        f"{name}: {line}"
        for name in ("event", "data", "id", "retry")
        if item.get(name) is not None
        for line in write_text(
            item[name] if isinstance(item[name], str) else json_bytes(item[name]).decode()
        ).splitlines()
        or [""]
    ]
    return _utf8("\n".join(lines) + "\n\n")
