"""Every example and default of a document, and whether its own schema accepts it."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from eqkit.checks.findings import Severity
from eqkit.checks.lint.nodes import Node, Nodes
from eqkit.checks.lint.problems import Problem
from eqkit.checks.lint.rules.shapes import types_of
from eqkit.contract.document import Json, pointer_parts
from eqkit.contract.kinds import OLDEST, Kind
from eqkit.contract.media_types import is_json
from eqkit.contract.schemas.directions import Direction
from eqkit.errors import ContractError


class Sample(NamedTuple):
    """An example or default: its pointer, that of its schema, and the value."""

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
    """Return True for the text of a form, of XML or the like, which no schema describes as it is."""
    if not isinstance(value, str) or holder.kind is not Kind.MEDIA_TYPE or is_json(holder.path[-1]):
        return False
    schema = nodes.one(holder, "schema")
    return schema is None or "string" not in types_of(nodes, schema)


def _wrong(nodes: Nodes, found: Iterable[Sample], severity: Severity | None) -> Iterator[Problem]:
    for sample in found:
        try:
            validator = nodes.engine.validator(sample.schema, _direction(sample.pointer))
        except ContractError:
            continue  # the schema is broken, which other rules report
        for violation in validator.violations(sample.value):
            at = sample.pointer + violation.instance_pointer
            # The engine calls a value as a whole a document, which here is another thing.
            message = violation.message.replace('"document"', "it", 1)
            yield Problem(at, message, severity, violation.pointer)


def _direction(pointer: str) -> Direction:
    """Return the direction of the example at a pointer; one that stands by itself may be of either."""
    parts = set(pointer_parts(pointer))
    if parts & {"requestBody", "requestBodies", "parameters"}:
        return Direction.REQUEST
    return Direction.RESPONSE if parts & {"responses", "headers"} else Direction.EITHER
