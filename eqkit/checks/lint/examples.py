"""Every example and default of a document, and whether its own schema accepts it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from eqkit.contract.document import Document, Json, pointer_of, pointer_parts, reference_parts
from eqkit.contract.plain_schemas import Side, excused_by, nullable
from eqkit.contract.promises import MANY, ONE

_BASE = "urn:contract"


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

    def faults(self, at: str, schema: str, value: Json) -> Iterator[tuple[str, str]]:
        """Yield what the schema at a pointer has against a value: pointer within the value, message.

        The value stands at `at`, which tells who would send it. Patterns take linear time, or are given up on
        after so many steps; nothing is fetched, as a registry is all that there is.
        """
        try:
            validator = self._kind(
                {"$ref": f"{_BASE}#{quote(schema, safe='/~')}"},
                registry=self._registry(_sides(at)),
                validate_formats=True,
            )
            for error in validator.iter_errors(value):
                yield pointer_of(list(error.instance_path)), error.message
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            yield "", f"its schema cannot be judged by: {getattr(error, 'message', error)}"

    def _registry(self, sides: tuple[Side, ...]) -> jsonschema_rs.Registry:
        if sides not in self._registries:
            judged = _judged(self._document.data, sides)
            self._registries[sides] = jsonschema_rs.Registry([(_BASE, judged)])
        return self._registries[sides]

    def all(self) -> Iterator[tuple[str, str, Json]]:
        """Yield every example and default: its pointer, that of its schema, and the value."""
        for path, node in walk(self._document.data):
            if isinstance(node.get("schema"), dict):
                yield from self._of_holder(path, node)
            if _is_schema(path) and "$ref" not in node:
                for key in ("example", "default"):
                    if key in node:
                        yield pointer_of([*path, key]), pointer_of(path), node[key]

    def _of_holder(self, path: tuple[str, ...], holder: dict[str, Json]) -> Iterator[tuple[str, str, Json]]:
        schema = pointer_of([*path, "schema"])
        if "example" in holder:
            yield pointer_of([*path, "example"]), schema, holder["example"]
        named = holder.get("examples")
        for name, example in named.items() if isinstance(named, dict) else ():
            at = pointer_of([*path, "examples", name])
            there = example
            if isinstance(example, dict) and isinstance(example.get("$ref"), str):
                there = found(self._document, example["$ref"])
                at = pointer_of(reference_parts(example["$ref"])) if there is not None else at
            if isinstance(there, dict) and "value" in there:
                yield f"{at}/value", schema, there["value"]


def walk(node: Json, *path: str) -> Iterator[tuple[tuple[str, ...], dict[str, Json]]]:
    """Yield every object of a document that means something, parents first: nothing within example values."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from walk(child, *path, str(index))
    elif isinstance(node, dict):
        yield path, node
        for key, child in node.items():
            if not _is_value(path, str(key)):
                yield from walk(child, *path, str(key))


def _is_value(path: tuple[str, ...], key: str) -> bool:
    """Whether a member holds data, and not a part of the document."""
    if path[-1:] in (("properties",), ("responses",)) or (len(path) == 2 and path[0] == "components"):
        return False
    return key in ("example", "default", "enum", "value", "const") or key.startswith("x-")


def _is_schema(path: tuple[str, ...]) -> bool:
    """Whether a path leads to a schema, by the keywords that it ends with."""
    match path:
        case ("components", "schemas", _) | (*_, "schema"):
            return path[-2:-1] != ("properties",) or path[-1] != "schema" or _is_schema(path[:-2])
        case (*above, "properties", _):
            return _is_schema(tuple(above))
        case (*above, keyword) if keyword in ONE:
            return _is_schema(tuple(above))
        case (*above, keyword, _) if keyword in MANY:
            return _is_schema(tuple(above))
    return False


def schemas(document: Document) -> Iterator[tuple[tuple[str, ...], dict[str, Json]]]:
    """Yield every schema that is written down, those within schemas included, and no mere reference."""
    for path, node in walk(document.data):
        if _is_schema(path) and "$ref" not in node:
            yield path, node


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


def referred(document: Document, node: Json) -> set[str]:
    """Return every reference that is reached from a node, by whatever way, those that lead nowhere, too."""
    reached: set[str] = set()
    waiting = [node]
    while waiting:
        for _, each in walk(waiting.pop()):
            reference = each.get("$ref")
            if isinstance(reference, str) and reference not in reached:
                reached.add(reference)
                if (target := found(document, reference)) is not None:
                    waiting.append(target)
    return reached


def found(document: Document, reference: str) -> Json:
    """Return what a reference within the document leads to, or None."""
    try:
        return document.at(reference) if reference.startswith("#") else None
    except KeyError:
        return None
