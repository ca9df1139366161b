"""Media types of a contract, written and read."""

import functools
import json
from typing import Any

from eqkit.answers.encoding import content_type, encoded
from eqkit.contract.document import Document, Json
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.messages.contents import MediaType, ReadBody, read_body
from eqkit.contract.messages.directed import DirectedSchemas


def media(name: str, node: Json = None) -> "Media":
    """Return a media type of a contract, made once: a property asks for it with each value."""
    return _media(name, json.dumps(node))


@functools.cache
def _media(name: str, node: str) -> "Media":
    return Media(name, json.loads(node))


class Media:
    """One media type of a response, with the schemas of its contract."""

    def __init__(self, name: str, node: Json = None, **schemas: Any) -> None:
        """Make a contract with the media type; `node` is its object, and `schemas` are components."""
        contents = {name: {} if node is None else node}
        document = {
            "openapi": "3.2.0",
            "paths": {"/a": {"post": {"requestBody": {"content": contents}, "responses": {}}}},
            "components": {"schemas": schemas},
        }
        compiled = CompiledContract(Document(document))
        _, _, content = compiled.operation("/paths/~1a/post").body
        self.schemas: DirectedSchemas = compiled.requests
        self.media_type: MediaType = content.media_types[name]

    def write(self, value: Json) -> bytes:
        """Return a value as a body."""
        return encoded(self.schemas, self.media_type, value)

    def text(self, value: Json) -> str:
        """Return a value as a body in UTF-8."""
        return self.write(value).decode()

    def sent_as(self, value: Json) -> str:
        """Return the Content-Type of a value."""
        return content_type(self.media_type, value, self.write(value))

    def read(self, body: bytes, sent_as: str | None = None) -> ReadBody:
        """Read a body as the engine does it."""
        return read_body(self.schemas.shapes, self.media_type, sent_as or self.media_type.name, body)

    def again(self, value: Json) -> Json:
        """Write a value, and return the value that is read; fails if the engine reads none."""
        body = self.write(value)
        found = self.read(body, content_type(self.media_type, value, body))
        assert not found.problems
        assert found.values, f"nothing was read of {body!r}"
        return found.values[-1][2]
