"""The schemas of a document as messages are validated by them."""

from eqkit.contract.document import Document, Json
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.contract.schemas.validators import SchemaValidator


class DocumentSchemas:
    """The schemas of one document, and its other values."""

    def __init__(self, document: Document) -> None:
        """Take the document."""
        self._document = document
        self._schemas = Schemas(document)

    def node(self, pointer: str) -> Json:
        """Return the value at a pointer; None where there is none."""
        try:
            return self._document.at(pointer)
        except (KeyError, TypeError):
            return None

    def target(self, pointer: str) -> str | None:
        """Return the pointer that a ``$ref`` at a pointer leads to; None without one, or for a lost one."""
        return self._document.target(self.node(pointer))

    def validator(self, pointer: str, direction: Direction) -> SchemaValidator:
        """Compile the schema at a pointer; raises ContractError for one that is broken."""
        return self._schemas.validator(pointer, direction)

    def broken(self, direction: Direction) -> dict[str, str]:
        """Return why keywords of schemas are left out, by their pointers."""
        return {each.pointer: each.message for each in self._schemas.broken(direction)}
