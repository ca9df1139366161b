"""The contract as the tests of this folder look at it: its places, its examples, and the oracle for both."""

import copy
import re
from collections.abc import Iterator
from typing import Any

import jsonschema

from eqkit.contract.document import Document, Json, pointer_of
from eqkit.contract.operations import METHODS
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.contract.schemas.validators import SchemaValidator
from eqkit.errors import Code
from eqkit.web.app import load_contract
from eqkit.web.contracts.control_document import with_webhooks
from eqkit.web.messages.coded_schemas import CodedSchema

CONTRACT = load_contract("elasticqueue.yaml")
MOCK = load_contract("mock.yaml")
MOCK_OF_CONTRACT = with_webhooks(MOCK)
"""The control plane of a server of any contract, before that contract's own names are in it."""

DOCUMENTS = {"elasticqueue": CONTRACT, "mock": MOCK, "mock of a contract": MOCK_OF_CONTRACT}
"""All are held to the same care."""

SCHEMA_HOLDERS = ("schemas", "parameters", "headers")


_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_AUTHORITY = rf"(?:(?:(?!@){_PCHAR})*@)?(?:\[[0-9A-Fa-f:.]+\]|(?:(?![:@]){_PCHAR})*)(?::[0-9]*)?"
_URI_REFERENCE = re.compile(
    rf"(?:[A-Za-z][A-Za-z0-9+.-]*:(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/?(?:{_PCHAR}+(?:/{_PCHAR}*)*)?)"
    rf"|//{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|(?:(?!:){_PCHAR})+(?:/{_PCHAR}*)*|)"
    rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
)
"""The grammar of RFC 3986 4.1."""

FORMAT_CHECKER = copy.deepcopy(jsonschema.Draft4Validator.FORMAT_CHECKER)
FORMAT_CHECKER.checks("uri-reference")(
    lambda value: not isinstance(value, str) or _URI_REFERENCE.fullmatch(value) is not None
)

FORMAT_CHECKER.checks("json-pointer")(
    lambda value: not isinstance(value, str) or re.fullmatch("(?:/(?:[^~/]|~[01])*)*", value) is not None
)


def coded(schema: Json, *, otherwise: Code = Code.WRONG_TYPE, version: str = "3.0.3") -> CodedSchema:
    """Compile a schema as the server does, by a document of a version of OpenAPI that has no other."""
    return CodedSchema(validator(schema, Direction.REQUEST, version), otherwise=otherwise)


def validator(schema: Json, direction: Direction, version: str = "3.0.3") -> SchemaValidator:
    """Compile a schema for one direction, by a document that has no other."""
    document = Document({"openapi": version, "components": {"schemas": {"Root": schema}}})
    return Schemas(document).validator("/components/schemas/Root", direction)


class Oracle:
    """The reference implementation of JSON Schema, in the draft that OpenAPI 3.0 is made of."""

    def __init__(self, schema: Json) -> None:
        """Take a schema without references."""
        jsonschema.Draft4Validator.check_schema(schema)
        self._validator = jsonschema.Draft4Validator(
            _with_python_patterns(schema), format_checker=FORMAT_CHECKER
        )

    def accepts(self, value: Json) -> bool:
        """Whether a value is valid."""
        return self._validator.is_valid(value)

    def errors(self, value: Json) -> list[Any]:
        """Everything that is wrong with a value."""
        return list(self._validator.iter_errors(value))


def _with_python_patterns(node: Json) -> Json:
    r"""Python's `$` also matches before a newline at the end; the `$` of ECMA 262 is Python's `\Z`."""
    if isinstance(node, list):
        return [_with_python_patterns(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: re.sub(r"\$$", r"\\Z", value)
        if key == "pattern" and isinstance(value, str)
        else _with_python_patterns(value)
        for key, value in node.items()
    }


def walk(node: Json, *path: str | int) -> Iterator[tuple[tuple[str | int, ...], Json]]:
    """Yield every value of a JSON document with its path, parents before children."""
    yield path, node
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from walk(child, *path, key)


def components(document: Document, kind: str) -> dict[str, Json]:
    """The components of one kind, by name."""
    found: dict[str, Json] = document.data["components"][kind]
    return found


def operations(document: Document) -> dict[str, Json]:
    """The operations as they stand in the document, by operationId."""
    items = document.data["paths"].values()
    return {
        item[method]["operationId"]: item[method] for item in items for method in METHODS if method in item
    }


def responses(document: Document) -> Iterator[tuple[str, int, Json]]:
    """Yield operationId, status and response of each response of each operation, references resolved."""
    for name, operation in operations(document).items():
        for status, response in operation["responses"].items():
            yield name, int(status), document.inlined(response)


def media_types(document: Document) -> Iterator[tuple[str, Json]]:
    """Yield the media type objects of each request and response, with the name of their place."""
    for name, operation in operations(document).items():
        for media_type in document.inlined(operation.get("requestBody", {})).get("content", {}).values():
            yield f"{name} request", media_type
    for name, status, response in responses(document):
        for media_type in response.get("content", {}).values():
            yield f"{name} {status}", media_type


def schemas(document: Document) -> Iterator[tuple[str, Json]]:
    """Yield every schema of a document, those within schemas included, with its pointer."""
    for kind in SCHEMA_HOLDERS:
        for name, component in components(document, kind).items():
            place: tuple[str, ...] = ("components", kind, name)
            if kind == "schemas":
                yield from _subschemas(component, place)
            else:
                yield from _subschemas(component["schema"], (*place, "schema"))


def _subschemas(schema: Json, place: tuple[str, ...]) -> Iterator[tuple[str, Json]]:
    if "$ref" in schema:
        return
    yield pointer_of(place), schema
    for name, child in schema.get("properties", {}).items():
        yield from _subschemas(child, (*place, "properties", name))
    for keyword in ("items", "not"):
        if keyword in schema:
            yield from _subschemas(schema[keyword], (*place, keyword))


def wrong_examples(document: Document) -> list[str]:
    """Every example that its own schema refuses, by place and name."""
    wrong = []
    holders = list(media_types(document))
    for kind in ("parameters", "headers"):
        holders += [
            (f"{kind}/{name}", document.inlined(each)) for name, each in components(document, kind).items()
        ]
    for place, holder in holders:
        oracle = Oracle(holder["schema"])
        wrong += [
            f"{place} {name}"
            for name, example in holder.get("examples", {}).items()
            if not oracle.accepts(example["value"])
        ]
    for pointer, schema in schemas(document):
        oracle = Oracle(document.inlined(schema))
        wrong += [
            f"{pointer}/{key}"
            for key in ("example", "default")
            if key in schema and not oracle.accepts(schema[key])
        ]
    return wrong


def referred(document: Document, node: Json) -> set[str]:
    """Return every reference that a node reaches, directly or through other references."""
    reached: set[str] = set()
    waiting = [node]
    while waiting:
        for _, value in walk(waiting.pop()):
            if (
                isinstance(value, dict)
                and isinstance(value.get("$ref"), str)
                and value["$ref"] not in reached
            ):
                reached.add(value["$ref"])
                waiting.append(document.at(value["$ref"]))
    return reached
