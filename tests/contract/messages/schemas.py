"""Schemas in a small document, as readers of messages ask for them."""

import jsonschema

from eqkit.contract.document import Document, Json


class Schemas:
    """The schemas of one document, validated against the oracle."""

    def __init__(self, **named: Json) -> None:
        """Take schemas by name; each stands at ``/schemas/NAME``."""
        self.document = Document({"openapi": "3.1.0", "schemas": named})

    def node(self, pointer: str) -> Json:
        """Return the node at a pointer."""
        return self.document.at(pointer)

    def target(self, pointer: str) -> str | None:
        """Return the pointer that a reference leads to."""
        node = self.node(pointer)
        reference = node.get("$ref") if isinstance(node, dict) else None
        return None if reference is None else str(reference).removeprefix("#")

    def accepts(self, pointer: str, value: Json) -> bool:
        """Validate a value."""
        schema = {**self.document.data, "$ref": f"#{pointer}"}
        return bool(jsonschema.Draft202012Validator(schema).is_valid(value))
