"""The schemas of a contract as the messages of one direction are held against them."""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from eqkit.contract.decoding.shapes import Shapes
from eqkit.contract.document import LONGEST_CHAIN, Json, escaped
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.validators import SchemaValidator
from eqkit.contract.schemas.violations import Violation
from eqkit.errors import ContractError


class SchemaSource(Protocol):
    """The schemas of one document, compiled when they are first asked for."""

    def node(self, pointer: str) -> Json:
        """Return the value at a pointer; None where there is none."""
        ...

    def target(self, pointer: str) -> str | None:
        """Return the pointer that the ``$ref`` at a pointer leads to; None without one, or for a lost one."""
        ...

    def broken(self, direction: Direction) -> dict[str, str]:
        """Return why keywords of schemas are left out, by their pointers."""
        ...

    def validator(self, pointer: str, direction: Direction) -> SchemaValidator:
        """Compile the schema at a pointer; raises ContractError for one that is broken."""
        ...


class DirectedSchemas:
    """The schemas of requests, or those of responses. A broken one accepts everything, and is named."""

    def __init__(self, source: SchemaSource, direction: Direction, broken: dict[str, str]) -> None:
        """Take the schemas; why one cannot be validated against is added to `broken`, by its pointer."""
        self.direction = direction
        self.node, self.target = source.node, source.target
        self.shapes = Shapes(self)
        self._source = source
        self._broken = broken
        self._known: dict[str, SchemaValidator | None] = {}

    def validator(self, pointer: str) -> SchemaValidator | None:
        """Return the compiled schema at a pointer; None for a broken one."""
        if pointer not in self._known:
            self._known[pointer] = None
            try:
                self._known[pointer] = self._source.validator(pointer, self.direction)
            except ContractError as error:
                self._broken[pointer] = str(error).removeprefix(f"{pointer}: ")
        return self._known[pointer]

    def accepts(self, pointer: str, value: Json) -> bool:
        """Tell whether a value is valid by the schema at a pointer."""
        validator = self.validator(pointer)
        return validator is None or validator.is_valid(value)

    def violations(self, pointer: str, value: Json) -> list[Violation]:
        """Return the violations of a value by the schema at a pointer."""
        validator = self.validator(pointer)
        return [] if validator is None or validator.is_valid(value) else validator.violations(value)

    def followed(self, pointer: str) -> str:
        """Return where the object at a pointer really stands: the references are followed."""
        for _ in range(LONGEST_CHAIN):
            target = self.target(pointer)
            if target is None:
                break
            pointer = target
        return pointer

    def member(self, pointer: str, name: str) -> dict[str, Json]:
        """Return an object that is a member of the one at a pointer; an empty one where there is none."""
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
