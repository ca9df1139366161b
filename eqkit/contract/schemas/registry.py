"""Schemas of a contract by the pointers they stand at, each compiled once."""

from collections.abc import Callable, Sequence

from eqkit.contract.document import Document
from eqkit.contract.loading.places import Place
from eqkit.contract.schemas.broken_schemas import BrokenSchema
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.translation import Translation
from eqkit.contract.schemas.validators import SchemaValidator
from eqkit.errors import ContractError


class Schemas:
    """The schemas of one document."""

    def __init__(self, document: Document, place: Callable[[str], Place] | None = None) -> None:
        """Take the document; `place` tells where a pointer of it leads, as an error names it."""
        self._document = document
        self._place = place
        self._validators: dict[tuple[str, Direction], SchemaValidator] = {}
        self._translations: dict[Direction, Translation] = {}

    def validator(self, pointer: str, direction: Direction) -> SchemaValidator:
        """Return the validator of the schema at a pointer, for values of one direction; it is compiled once.

        Raises ContractError if nothing stands at the pointer.
        """
        if (pointer, direction) not in self._validators:
            try:
                validator = SchemaValidator(self.translation(direction), pointer, self._place)
            except KeyError as error:
                raise ContractError(f"{pointer}: there is no schema") from error
            self._validators[pointer, direction] = validator
        return self._validators[pointer, direction]

    def broken(self, direction: Direction = Direction.EITHER) -> Sequence[BrokenSchema]:
        """Return the keywords by which nothing can be validated, and which are left out."""
        return self.translation(direction).broken

    def translation(self, direction: Direction) -> Translation:
        """Return all schemas of the document in JSON Schema 2020-12, for values of one direction."""
        if direction not in self._translations:
            self._translations[direction] = Translation(self._document, direction)
        return self._translations[direction]
