"""The headers that a contract documents for its responses, with values of examples or generated ones."""

import json
from collections.abc import Mapping, Sequence

from eqkit.answers.examples import examples_of
from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.decoding.style_writer import Unwritable, write_header
from eqkit.contract.media_types import is_json
from eqkit.contract.messages.compiled import CompiledResponse
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.contract.messages.parameters import CompiledHeader
from eqkit.web.messages.context import Headers
from eqkit.web.messages.cors import TO_ANYBODY

_OF_THE_SERVER = frozenset((
    "connection", "content-length", "content-type", "date", "transfer-encoding",
    *(name.decode() for name, _ in TO_ANYBODY),
))  # fmt: skip
"""Headers that the server sets itself, whatever a contract says of them."""

_OF_HTTP: Mapping[str, Sequence[str]] = {
    "cache-control": ("no-cache",), "content-disposition": ('attachment; filename="report.pdf"',),
    "content-language": ("en",), "etag": ('"33a64df551425fcc"',),
    "expires": ("Thu, 01 Jan 2026 00:00:00 GMT",),
    "last-modified": ("Mon, 01 Jan 2024 00:00:00 GMT",), "link": ('<https://example.com/>; rel="self"',),
    "set-cookie": ("session=5e9f0b7d; Path=/",), "vary": ("Accept",), "www-authenticate": ("Bearer",),
}  # fmt: skip
"""Values of headers that have a form of their own (RFC 9110, 9111, 6265, 6266, 8288), by their names."""


class DocumentedHeaders:
    """The headers of the responses of one operation."""

    def __init__(self, schemas: DirectedSchemas, generator: Generator) -> None:
        """Take the schemas of responses, and the maker of values."""
        self._schemas, self._generator = schemas, generator
        self._headers: dict[int, Headers] = {}

    def of(self, status: int, documented: CompiledResponse | None) -> Headers:
        """Return the documented headers for a status that are required, or that have an example.

        A Location is always there: a redirection is none without it (RFC 9110 15.4).
        """
        if status not in self._headers:
            listed: Sequence[CompiledHeader] = () if documented is None else documented.headers
            self._headers[status] = self.lines(
                [each for each in listed if each.name.lower() not in _OF_THE_SERVER]
            )
        return self._headers[status]

    def lines(self, documented: Sequence[CompiledHeader]) -> Headers:
        """Return the lines of those headers that are required, or that have an example."""
        lines = map(self._header, documented)
        return tuple(line for line in lines if line is not None)

    def _header(self, header: CompiledHeader) -> tuple[bytes, bytes] | None:
        examples = examples_of(self._schemas, header.holder)
        name = header.name.lower()
        if header.schema is None or not (header.is_required or examples or name == "location"):
            return None
        known = [each.value for each in examples] or [*_OF_HTTP.get(name, ())]
        value = next((each for each in known if self._schemas.accepts(header.schema or "", each)), None)
        try:
            if value is None:
                value = self._generator.value(header.schema, header.name, name=header.name)
            # Escapes for all but ASCII: a header is no place for UTF-8 (RFC 9110 5.5).
            is_typed = is_json(header.media_type)
            text = json.dumps(value, separators=(",", ":")) if is_typed else write_header(header.style, value)
        except (CannotGenerate, Unwritable):
            return None
        cleaned = "".join(" " if ord(each) < 32 or ord(each) == 127 else each for each in text).strip()
        return header.name.lower().encode("latin-1", "replace"), cleaned.encode("latin-1", "replace")
