"""The schemas of a contract as the messages of one direction are held against them."""

import contextlib
from collections.abc import Iterator

from eqkit.contract.decoding.shapes import Shapes
from eqkit.contract.document import LONGEST_CHAIN, Document, Json, escaped
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.contract.schemas.translation import Translation
from eqkit.contract.schemas.validators import BrokenValidator, SchemaValidator
from eqkit.errors import ContractError


class DirectedSchemas:
    """The schemas of requests, or those of responses. A broken one accepts everything, and is named."""

    def __init__(
        self, document: Document, schemas: Schemas, direction: Direction, broken: dict[str, str]
    ) -> None:
        """Take the schemas; why one cannot be validated against is added to `broken`, by its pointer."""
        self.direction = direction
        self.shapes = Shapes(self)
        self._document, self._schemas = document, schemas
        self._broken = broken
        self._known: dict[str, SchemaValidator | BrokenValidator] = {}

    @property
    def translation(self) -> Translation:
        """The schemas in JSON Schema 2020-12, for each version of OpenAPI."""
        return self._schemas.translation(self.direction)

    def node(self, pointer: str) -> Json:
        """Return the value at a pointer; None if there is none."""
        try:
            return self._document.at(pointer)
        except (KeyError, TypeError):
            return None

    def target(self, pointer: str) -> str | None:
        """Return the pointer that a ``$ref`` at a pointer leads to; None without one, or for a lost one."""
        return self._document.target(self.node(pointer))

    def validator(self, pointer: str) -> SchemaValidator | BrokenValidator:
        """Return the compiled schema at a pointer; for a broken one, one that admits every value.

        A schema that is nothing but a reference is compiled where it stands, once for all that refer to it.
        """
        if pointer not in self._known:
            target = self.target(pointer)
            if target not in (None, pointer) and len(self.node(pointer)) == 1:
                self._known[pointer] = BrokenValidator()  # for a reference that leads back here
                self._known[pointer] = self.validator(target)
                return self._known[pointer]
            self._known[pointer] = BrokenValidator()
            try:
                self._known[pointer] = self._schemas.validator(pointer, self.direction)
            except ContractError as error:
                self._broken[pointer] = str(error).removeprefix(f"{pointer}: ")
        return self._known[pointer]

    def accepts(self, pointer: str, value: Json) -> bool:
        """Return whether a value is valid by the schema at a pointer."""
        return self.validator(pointer).is_valid(value)

    def followed(self, pointer: str) -> str:
        """Return where the object at a pointer really stands: the references are followed."""
        for _ in range(LONGEST_CHAIN):
            target = self.target(pointer)
            if target is None:
                break
            pointer = target
        return pointer

    def member(self, pointer: str, name: str) -> dict[str, Json]:
        """Return an object that is a member of the one at a pointer; an empty one if there is none."""
        found = self.node(self.followed(f"{pointer}/{name}"))
        return found if isinstance(found, dict) else {}

    def members(self, pointer: str, name: str) -> dict[str, str]:
        """Return where each member of such an object really stands, by its name.

        References are followed for the object, too, where many documents have one that OpenAPI does not know.
        """
        holder = self.followed(f"{pointer}/{name}")
        return {each: self.followed(f"{holder}/{escaped(each)}") for each in self.member(pointer, name)}

    def schemas_at(self, pointer: str) -> Iterator[str]:
        """Yield the pointer to the member `schema` of the object at a pointer, where it has one."""
        with contextlib.suppress(AttributeError):
            if self.node(pointer).get("schema") is not None:
                yield f"{pointer}/schema"
