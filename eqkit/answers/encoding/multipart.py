"""Objects as multipart forms (RFC 7578), and arrays as parts without names."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from eqkit.answers.encoding.forms import encoding_of, members, shape_of
from eqkit.answers.encoding.texts import CannotEncode, binary_of, json_of, text_of
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.decoding.style_kinds import Style
from eqkit.contract.decoding.style_writer import Unwritable, write_header
from eqkit.contract.decoding.texts import write_text
from eqkit.contract.document import Json, escaped
from eqkit.contract.media_types import essence, is_json
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.directed import DirectedSchemas

_DELIMITER = re.compile(rb"(?:\A|\n)--([!-~]{1,70})")
_TOKEN = re.compile(r"[A-Za-z0-9'+_.-]+")
_RANGES = {"image/*": "image/png", "audio/*": "audio/mpeg", "video/*": "video/mp4", "text/*": "text/plain"}


@dataclass
class Part:
    """One part of a multipart body, with its lines of headers."""

    content: bytes
    content_type: str | None = None
    is_file: bool = False
    headers: list[str] = field(default_factory=list)

    def head(self, name: str | None) -> bytes:
        """Return the headers of the part, as one of a name in a form, or as one without a name."""
        lines = [*self.headers]
        if name is not None:
            filename = f'; filename="{_quoted(name)}"' if self.is_file else ""
            lines.insert(0, f'Content-Disposition: form-data; name="{_quoted(name)}"{filename}')
        if self.content_type is not None:
            lines.append(f"Content-Type: {self.content_type}")
        return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")


def write_multipart(schemas: DirectedSchemas, media_type: MediaType, value: Json) -> bytes:
    """Return an object as a form, or an array as parts without names; raises CannotEncode."""
    named: list[tuple[str | None, Part]]
    if isinstance(value, list):
        named = [(None, _part(item, None, is_binary=False)) for item in value]
    else:
        named = [
            (name, part)
            for name, member in members(value, media_type).items()
            for part in _parts(schemas, media_type, name, member)
        ]
    boundary = _boundary([part.content for _, part in named])
    pieces = [b"--%b\r\n%b\r\n%b\r\n" % (boundary, part.head(name), part.content) for name, part in named]
    return b"".join([*pieces, b"--%b--\r\n" % boundary])


def boundary_of(body: bytes) -> str:
    """Return the boundary of a multipart body, as it stands in its Content-Type (RFC 2046 5.1.1)."""
    found = _DELIMITER.search(body)
    boundary = found[1].decode() if found else "none"
    return boundary if _TOKEN.fullmatch(boundary) else f'"{_quoted(boundary)}"'


def _parts(schemas: DirectedSchemas, media_type: MediaType, name: str, value: Json) -> Iterator[Part]:
    how, shape = encoding_of(media_type, name), shape_of(schemas, media_type, name)
    declared = _declared(how)
    # The items of an array that has arrays could not be told from such an array.
    if isinstance(value, list) and not (is_json(declared) or any(isinstance(item, list) for item in value)):
        is_binary = _is_binary(schemas, shape.items)
        parts = [_part(item, declared, is_binary=is_binary) for item in value]
    else:
        parts = [_part(value, declared, is_binary=_is_binary(schemas, shape.pointers))]
    headers = [*_headers(schemas, f"{media_type.pointer}/encoding/{escaped(name)}", how)]
    for part in parts:
        part.headers = headers
        yield part


def _part(value: Json, declared: str | None, *, is_binary: bool) -> Part:
    if is_json(declared) or value is None or isinstance(value, dict | list):
        return Part(json_of(value), declared if is_json(declared) else "application/json")
    if not isinstance(value, str):
        return Part(write_text(value).encode(), declared)
    is_text = not is_binary if declared is None else declared.startswith("text/")
    if is_text:
        return Part(text_of(value, declared), declared)
    return Part(binary_of(value), declared or "application/octet-stream", is_file=True)


def _declared(how: dict[str, Json]) -> str | None:
    """Return the first media type of a member's `contentType`, and one of it where it is a range."""
    first = str(how.get("contentType", "")).partition(",")[0].strip()
    kind = essence(first) or ""
    return _RANGES.get(kind, None if "*" in kind else first) or None


def _is_binary(schemas: DirectedSchemas, pointers: Sequence[str]) -> bool:
    """Return whether a schema is that of a file: by `format`, or since 3.1 by `contentMediaType`."""
    for pointer in pointers:
        node = schemas.node(schemas.followed(pointer))
        if not isinstance(node, dict):
            continue
        kind = str(node.get("contentMediaType", "text/plain"))
        if node.get("format") == "binary" or not (
            "contentEncoding" in node or kind.startswith("text/") or is_json(kind)
        ):
            return True
    return False


def _headers(schemas: DirectedSchemas, pointer: str, how: dict[str, Json]) -> Iterator[str]:
    """Yield the lines of the headers that each part of a member must have, with values of their schemas."""
    for name, at in schemas.members(pointer, "headers").items() if how.get("headers") else ():
        header = schemas.node(at)
        if not isinstance(header, dict) or header.get("required") is not True:
            continue
        if name.lower() == "content-type":  # which is of no effect here (OpenAPI 3.0.4, "Encoding Object")
            continue
        try:
            value = header["example"] if "example" in header else Generator(schemas).value(f"{at}/schema", at)
            text = write_header(Style("simple", header.get("explode") is True), value)
        except (CannotGenerate, Unwritable) as error:
            raise CannotEncode(f'The header "{name[:80]}" of a part has no value: {error}') from None
        yield f"{name}: {' '.join(text.split())}"


def _boundary(contents: Sequence[bytes]) -> bytes:
    """Return a boundary that is in none of the contents, and the same for the same ones."""
    digest = hashlib.blake2b(digest_size=12)
    for content in contents:
        digest.update(content)
    boundary = b"eqkit-" + digest.hexdigest().encode()
    while any(boundary in content for content in contents):
        digest.update(boundary)
        boundary = b"eqkit-" + digest.hexdigest().encode()
    return boundary


def _quoted(text: str) -> str:
    """Return a text as it stands within quotes; line ends are encoded, as browsers do it (RFC 7578 2)."""
    escaped_text = text.replace("\\", "\\\\").replace('"', '\\"')
    return escaped_text.replace("\r", "%0D").replace("\n", "%0A")
