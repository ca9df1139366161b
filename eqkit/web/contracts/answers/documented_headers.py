"""The headers that a contract documents for its responses, with values of examples or generated ones."""

import json
from collections.abc import Sequence

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


class DocumentedHeaders:
    """The headers of the responses of one operation."""

    def __init__(self, schemas: DirectedSchemas, generator: Generator) -> None:
        """Take the schemas of responses, and the maker of values."""
        self._schemas, self._generator = schemas, generator
        self._headers: dict[int, Headers] = {}

    def of(self, status: int, documented: CompiledResponse | None) -> Headers:
        """Return the documented headers for a status that are required, or that have an example."""
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
        if header.schema is None or not (header.is_required or examples):
            return None
        value = next(
            (each.value for each in examples if self._schemas.accepts(header.schema or "", each.value)), None
        )
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
