"""The requests of callbacks and webhooks: their documented headers, and bodies that are valid."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eqkit.answers.encoding import content_type, encoded
from eqkit.answers.examples import examples_of
from eqkit.answers.generating import Generator
from eqkit.contract.document import Json
from eqkit.contract.messages.compiled import CompiledContract, CompiledOperation
from eqkit.contract.messages.contents import MediaType
from eqkit.contract.messages.parameters import CompiledHeader
from eqkit.web.contracts.answers.documented_headers import DocumentedHeaders

_OF_THE_SENDER = frozenset((
    "connection", "content-length", "host", "transfer-encoding", "user-agent", "webhook-id",
    "webhook-signature", "webhook-timestamp",
))  # fmt: skip
"""Headers that each attempt sets itself, although a contract may speak of them."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The names that a header can have (RFC 9110 5.6.2)."""


@dataclass(frozen=True, slots=True)
class ContractPost:
    """One request that a contract promises (see `Post`); `queue` is the name of its callback or webhook."""

    id: int
    queue: str
    method: str
    media_type: str
    body: bytes
    headers: Sequence[tuple[str, str]] = ()

    def document(self, attempt: int) -> bytes:
        """Return the body, the same for each attempt."""
        return self.body


class OutgoingRequests:
    """Makes the parts of requests that a service sends, which are valid as those of its responses are."""

    def __init__(self, compiled: CompiledContract, generator: Generator) -> None:
        """Take the contract, and a maker of values of its responses."""
        self._schemas, self._generator = compiled.responses, generator
        self._documented = DocumentedHeaders(compiled.responses, generator)
        self._headers: dict[str, Sequence[tuple[str, str]]] = {}

    def headers(self, operation: CompiledOperation) -> Sequence[tuple[str, str]]:
        """Return the header parameters of an operation that are required, or that have an example."""
        if operation.pointer not in self._headers:
            self._headers[operation.pointer] = self._headers_of(operation)
        return self._headers[operation.pointer]

    def _headers_of(self, operation: CompiledOperation) -> Sequence[tuple[str, str]]:
        documented = [
            CompiledHeader(self._schemas, each.name, each.pointer)
            for each in operation.parameters
            if each.place == "header"
            and _NAME.fullmatch(each.name)
            and each.name.lower() not in _OF_THE_SENDER
        ]
        lines = self._documented.lines(documented)
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in lines]

    def made(self, media_type: MediaType | None, seed: bytes | str, echo: Json = None) -> tuple[str, bytes]:
        """Return the Content-Type and the bytes of a valid example, else of a value made of a seed.

        A generated value takes over the members of `echo` that fit. Without a media type there are no bytes,
        and no type.
        Raises CannotGenerate or CannotEncode.
        """
        if media_type is None:
            return "", b""
        return self.written(media_type, self._value(media_type, seed, echo))

    def written(self, media_type: MediaType, value: Json) -> tuple[str, bytes]:
        """Return the Content-Type and the bytes of a value; raises CannotEncode."""
        body = encoded(self._schemas, media_type, value)
        return content_type(media_type, value, body), body

    def _value(self, media_type: MediaType, seed: bytes | str, echo: Json) -> Json:
        schema = media_type.schema
        examples = examples_of(self._schemas, media_type.pointer)
        valid = (each for each in examples if schema is None or self._schemas.accepts(schema, each.value))
        example = next(valid, None)
        if example is not None:
            return example.value
        return {} if schema is None else self._generator.value(schema, seed, echo=echo)
