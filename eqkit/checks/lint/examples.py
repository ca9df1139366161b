"""Every example and default of a document, and whether its own schema accepts it."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import jsonschema_rs

from eqkit.checks.findings import Severity
from eqkit.checks.lint.kinds import OLDEST, Kind
from eqkit.checks.lint.nodes import Node, Nodes
from eqkit.checks.lint.problems import Problem
from eqkit.checks.lint.rules.shapes import types_of
from eqkit.contract.document import Document, Json, pointer_of, pointer_parts
from eqkit.contract.media_types import is_json
from eqkit.contract.plain_schemas import Side, excused_by, nullable

_BASE = "urn:contract"


class Sample(NamedTuple):
    """A value that shows what a schema means: where it stands, its schema's pointer, and the value."""

    pointer: str
    schema: str
    value: Json


def examples_are_valid(nodes: Nodes) -> Iterator[Problem]:
    """An example is valid by its own schema (Media Type Object, `example`: SHOULD); mocks answer with it."""
    yield from _wrong(nodes, [*_of_holders(nodes), *_of_schemas(nodes)], None)


def defaults_are_valid(nodes: Nodes) -> Iterator[Problem]:
    """A default is valid by its own schema: MUST in 3.0 (Schema Object, `default`), advised since 3.1."""
    yield from _wrong(nodes, list(defaults(nodes)), None if nodes.version == OLDEST else Severity.WARNING)


def samples(nodes: Nodes) -> Iterator[Sample]:
    """Yield every example and default."""
    yield from _of_holders(nodes)
    yield from _of_schemas(nodes)
    yield from defaults(nodes)


def defaults(nodes: Nodes) -> Iterator[Sample]:
    """Yield every default of a schema."""
    for node in nodes.schemas:
        if "default" in node.value:
            yield Sample(node.at("default"), node.pointer, node.value["default"])


def _of_schemas(nodes: Nodes) -> Iterator[Sample]:
    for node in nodes.schemas:
        if "example" in node.value:
            yield Sample(node.at("example"), node.pointer, node.value["example"])
        for index, value in enumerate(node.items("examples") if nodes.version > OLDEST else ()):
            yield Sample(node.at("examples", index), node.pointer, value)


def _of_holders(nodes: Nodes) -> Iterator[Sample]:
    for node in nodes.of(Kind.MEDIA_TYPE, Kind.PARAMETER, Kind.HEADER):
        if not isinstance(node.value.get("schema"), dict):
            continue
        schema = node.at("schema")
        found = [Sample(node.at("example"), schema, node.value["example"])] if "example" in node.value else []
        for there, real in nodes.below(node, "examples"):
            for member in ("value", "dataValue"):
                if real.kind is Kind.EXAMPLE and member in real.value:
                    at = there if real is there else real
                    found.append(Sample(at.at(member), schema, real.value[member]))
        yield from (each for each in found if not _is_written_out(nodes, node, each.value))


def _is_written_out(nodes: Nodes, holder: Node, value: Json) -> bool:
    """Whether an example is the text of a form, of XML or the like, which no schema speaks of as it is."""
    if not isinstance(value, str) or holder.kind is not Kind.MEDIA_TYPE or is_json(holder.path[-1]):
        return False
    schema = nodes.one(holder, "schema")
    return schema is None or "string" not in types_of(nodes, schema)


def _wrong(nodes: Nodes, found: list[Sample], severity: Severity | None) -> Iterator[Problem]:
    judged = Examples(nodes.document)
    for sample in found:
        for within, message in judged.faults(sample.pointer, sample.schema, sample.value):
            yield Problem(sample.pointer + within, message[:300], severity, sample.schema)


class Examples:
    """The examples of one document; schemas are judged where they stand, and may refer in circles."""

    def __init__(self, document: Document) -> None:
        """Prepare the judging, in the draft of JSON Schema that the version of OpenAPI is made of."""
        self._document = document
        is_3_0 = str(document.data["openapi"]).startswith("3.0")
        self._kind: type[Any] = (
            jsonschema_rs.Draft4Validator if is_3_0 else jsonschema_rs.Draft202012Validator
        )
        self._registries: dict[tuple[Side, ...], jsonschema_rs.Registry] = {}
        self._validators: dict[tuple[str, tuple[Side, ...]], Any] = {}

    def faults(self, at: str, schema: str, value: Json) -> Iterator[tuple[str, str]]:
        """Yield what the schema at a pointer has against a value: pointer within the value, message.

        The value stands at `at`, which tells who would send it. Patterns take linear time, or are given up on
        after so many steps; nothing is fetched, as a registry is all that there is.
        """
        try:
            validator = self._validator(schema, _sides(at))
            if validator is not None and not validator.is_valid(value):
                for error in validator.iter_errors(value):
                    yield pointer_of(list(error.instance_path)), error.message
        except ValueError as error:
            yield "", f"its schema can't be applied to it: {error}"

    def _validator(self, schema: str, sides: tuple[Side, ...]) -> Any:
        """Return the validator of a schema; None for one that is broken, which other rules report."""
        if (schema, sides) not in self._validators:
            try:
                self._validators[schema, sides] = self._kind(
                    {"$ref": f"{_BASE}#{quote(schema, safe='/~')}"},
                    registry=self._registry(sides),
                    validate_formats=True,
                )
            except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError):
                self._validators[schema, sides] = None
        return self._validators[schema, sides]

    def _registry(self, sides: tuple[Side, ...]) -> jsonschema_rs.Registry:
        if sides not in self._registries:
            judged = _judged(self._document.data, sides)
            self._registries[sides] = jsonschema_rs.Registry([(_BASE, judged)])
        return self._registries[sides]


def _sides(at: str) -> tuple[Side, ...]:
    """Return who may send the example at a pointer; one that stands by itself is anybody's."""
    parts = set(pointer_parts(at))
    if parts & {"requestBody", "requestBodies", "parameters"}:
        return (Side.CLIENT,)
    return (Side.SERVER,) if parts & {"responses", "headers"} else tuple(Side)


def _judged(node: Json, sides: tuple[Side, ...]) -> Json:
    """Return a copy in plain JSON Schema: `nullable` as a type.

    What is not required of whoever sends a value is not required.
    """
    if isinstance(node, list):
        return [_judged(each, sides) for each in node]
    if not isinstance(node, dict):
        return node
    copy = {key: _judged(value, sides) for key, value in node.items()}
    if isinstance(copy.get("required"), list):
        excused = set().union(*(excused_by(node, side) for side in sides))
        copy["required"] = [name for name in copy["required"] if name not in excused]
        if not copy["required"]:
            del copy["required"]  # of which draft 4 wants one at least
    return nullable(copy)
