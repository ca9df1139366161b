"""The example values of a contract: those that it states, and generated ones where it states none."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from eqkit.answers.generating import CannotGenerate, Generator
from eqkit.contract.decoding.styles import read_text
from eqkit.contract.document import LONGEST_CHAIN, Json
from eqkit.contract.loading.json_texts import NotJson, json_of
from eqkit.contract.messages.directed import DirectedSchemas
from eqkit.exports.exchanges import NotExportable

MAX_EXAMPLES = 100
"""How many examples of one parameter, header or media type are exported."""


@dataclass(frozen=True, slots=True)
class Example:
    """A value; one that `is_text` is already written as it is sent (`serializedValue`, OpenAPI 3.2)."""

    value: Json
    is_text: bool = False


class Values:
    """The example values of one direction's parameters, headers and media types."""

    def __init__(self, schemas: DirectedSchemas) -> None:
        """Take the schemas."""
        self.schemas = schemas
        self._generator = Generator(schemas)
        self._known: dict[str, dict[str, Example]] = {}

    def named(self, pointer: str) -> dict[str, Example]:
        """Return the examples of a parameter, header or media type by name; that of `example` has none.

        `example` and `examples` exclude each other (OpenAPI 3.1.1, "Media Type Object"). An example whose
        value stands in a file of its own is left out.
        """
        if pointer not in self._known:
            self._known[pointer] = dict(islice(self._named(pointer), MAX_EXAMPLES))
        return self._known[pointer]

    def _named(self, pointer: str) -> Iterator[tuple[str, Example]]:
        examples = self.schemas.members(pointer, "examples")
        for name, at in examples.items():
            example = _stated(self.schemas.node(at))
            if example is not None:
                yield name, example
        node = self.schemas.node(pointer)
        if not examples and isinstance(node, dict) and "example" in node:
            yield "", Example(node["example"])

    def of_schema(self, pointer: str | None, seed: str, name: str = "", *, echo: Json = None) -> Example:
        """Return a value of the schema at a pointer: its own example, else a generated one.

        `seed`, `name` and `echo` are as for the generator. Raises NotExportable if there is neither.
        """
        if pointer is None:
            raise NotExportable("it has neither an example nor a schema")
        for each in self._own(pointer):
            if self.schemas.accepts(pointer, each.value):
                return each
        try:
            return Example(self._generator.value(pointer, seed, name=name, echo=echo))
        except CannotGenerate as error:
            raise NotExportable(str(error)) from None

    def accepts(self, pointer: str | None, example: Example, *, is_json: bool = False) -> bool:
        """Return whether a value is valid by the schema at a pointer.

        A text may stand for the value that it is written as: in JSON, or as parameters write it.
        """
        if pointer is None or example.is_text or self.schemas.accepts(pointer, example.value):
            return True
        if not isinstance(example.value, str):
            return False
        try:
            meant = json_of(example.value.encode("utf-8", "replace")) if is_json else None
        except NotJson:
            return False
        value = meant if is_json else read_text(self.schemas.shapes, example.value, (pointer,))
        return self.schemas.accepts(pointer, value)

    def own_of_schema(self, pointer: str | None) -> Example | None:
        """Return the example that a schema states; a default or an enumeration is none."""
        if pointer is None:
            return None
        return next((each for each in self._own(pointer, is_wide=False)), None)

    def _own(self, pointer: str, *, is_wide: bool = True) -> Iterator[Example]:
        """Yield the values that a schema states, those of `example` and `examples` first."""
        at: str | None = pointer
        for _ in range(LONGEST_CHAIN):
            if at is None:
                return
            node = self.schemas.node(at)
            if isinstance(node, dict):
                yield from map(Example, _values(node, is_wide=is_wide))
            at = self.schemas.target(at)


def _stated(node: Json) -> Example | None:
    """Return the value of an Example Object, in any of its three members (OpenAPI 3.2, "Example Object")."""
    match node:
        case {"value": value} | {"dataValue": value}:
            return Example(value)
        case {"serializedValue": str(text)}:
            return Example(text, is_text=True)
    return None


def _values(node: dict[str, Json], *, is_wide: bool) -> Iterator[Json]:
    if "example" in node:
        yield node["example"]
    yield from _first(node.get("examples"))
    if is_wide:
        yield from (node[name] for name in ("const", "default") if name in node)
        yield from _first(node.get("enum"))


def _first(listed: Json) -> list[Json]:
    return listed[:1] if isinstance(listed, list) else []
