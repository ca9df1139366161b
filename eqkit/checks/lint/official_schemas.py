"""The JSON schemas of OpenAPI itself, as its initiative publishes them, made to name the place of a fault.

They come with `openapi-spec-validator`. As published, that of 3.0 asks at each place for an object *or* a
reference, so that one fault far below fails every alternative above it. Here the value says which it is.
"""

import functools
import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from eqkit.contract.document import Json
from eqkit.contract.kinds import Kind, Version

_PACKAGE = "openapi_spec_validator"
_REFERENCE = {"type": "object", "required": ["$ref"]}
_IS_BEARER = {"properties": {"scheme": {"pattern": "^[Bb][Ee][Aa][Rr][Ee][Rr]$"}}}
DIALECTS = re.compile(
    r"https://spec\.openapis\.org/oas/3\.[12]/dialect/(?:base|[-0-9]+)"
    r"|https://json-schema\.org/draft/2020-12/schema#?"
)
"""The dialects of JSON Schema whose own schema is 2020-12's."""


@functools.cache
def document_validator(version: Version) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of whole documents; since 3.1, it leaves Schema Objects out."""
    return jsonschema_rs.Draft202012Validator(_schema(version), validate_formats=True)


@functools.cache
def schema_validator() -> jsonschema_rs.Draft202012Validator:
    """Return the validator of Schema Objects since OpenAPI 3.1, which are those of JSON Schema 2020-12."""
    whole = {"$ref": "https://json-schema.org/draft/2020-12/schema"}
    # Patterns are ECMA's, and a rule of their own.
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=False)


@functools.cache
def kind_validator(version: Version, kind: Kind) -> jsonschema_rs.Draft202012Validator | None:
    """Return the validator of one object that can be referred to; None for a schema since 3.1."""
    if version == (3, 0):
        return part_validator(str(kind).replace(" ", ""))
    name = {Kind.CALLBACK: "callbacks"}.get(kind, str(kind).lower().replace(" ", "-"))
    if kind is Kind.SCHEMA or name not in (definitions := _schema(version)["$defs"]):
        return None
    schema = {"$ref": f"#/$defs/{name}", "$defs": definitions}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


@functools.cache
def part_validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """Return the validator of an object in a schema: Discriminator, XML, ExternalDocumentation."""
    definitions = _schema((3, 0))["definitions"]
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#/definitions/{name}", "definitions": definitions}, validate_formats=True
    )


@functools.cache
def _schema(version: Version) -> dict[str, Any]:
    # Found and not imported: the import takes a second, with all the readers that nothing here reads by.
    package = importlib.util.find_spec(_PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError(f"No module named '{_PACKAGE}'", name=_PACKAGE)
    folder = Path(package.submodule_search_locations[0], "resources", "schemas", "v{}.{}".format(*version))
    schema: dict[str, Any] = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    if version == (3, 0):
        _mend_3_0(schema)
    else:
        _mend_3_1(schema["$defs"])
    return schema


def _mend_3_0(schema: dict[str, Any]) -> None:
    schema.pop("id", None)
    schema.pop("$schema", None)
    definitions = schema["definitions"]
    definitions["ParameterLocation"] = _distinguished(definitions["ParameterLocation"]["oneOf"], "in")
    schemes = [
        definitions[each["$ref"].rpartition("/")[2]] for each in definitions["SecurityScheme"]["oneOf"]
    ]
    definitions["SecurityScheme"] = {"type": "object", **_distinguished(schemes, "type")}
    bearer = definitions["HTTPSecurityScheme"]
    del bearer["oneOf"]
    bearer |= {"if": _IS_BEARER, "else": {"not": {"required": ["bearerFormat"]}}}
    # Whether a reference leads anywhere is a rule of its own, which "#/paths/~1a~1{b}" keeps.
    definitions["Reference"]["patternProperties"] = {r"^\$ref$": {"type": "string"}}
    definitions["Link"]["properties"]["operationRef"] = {"type": "string"}
    # Names that are not allowed are a rule of their own; the component is looked into under any name.
    for each in definitions["Components"]["properties"].values():
        each["additionalProperties"] = each.pop("patternProperties").popitem()[1]
    for node in _objects(schema):
        if node.get("exclusiveMinimum") is True:  # as draft 4 has it
            node["exclusiveMinimum"] = node.pop("minimum")
        if node.get("format") == "regex":  # ECMA's are a rule of their own
            del node["format"]
        alternatives = node.get("oneOf")
        if isinstance(alternatives, list) and {"$ref": "#/definitions/Reference"} in alternatives:
            del node["oneOf"]
            others = [each for each in alternatives if each not in _EITHER_WAY]
            written = others[0] if {"type": "boolean"} not in alternatives else _unless_boolean(others[0])
            node |= {"if": _REFERENCE, "then": {"$ref": "#/definitions/Reference"}, "else": written}


_EITHER_WAY = ({"$ref": "#/definitions/Reference"}, {"type": "boolean"})


def _unless_boolean(schema: Json) -> Json:
    return {"if": {"type": "boolean"}, "else": schema}


def _distinguished(branches: list[Any], name: str) -> dict[str, Any]:
    """Return alternatives that a member chooses from, as one condition for each of its values."""
    values = [branch["properties"][name]["enum"][0] for branch in branches]
    return {
        "required": [name],
        "properties": {name: {"enum": values}},
        "allOf": [
            {"if": {"required": [name], "properties": {name: {"const": value}}}, "then": branch}
            for value, branch in zip(values, branches, strict=True)
        ],
    }


def _mend_3_1(definitions: dict[str, Any]) -> None:
    # The schema of 2022-10-07 has `body` for `server`, and both admit texts alone, while the text of the
    # specification (4.8.20) admits any constant.
    link = definitions["link"]["properties"]
    link["parameters"] = {"type": "object"}
    # Its own example, "#/paths/~12.0~1repositories~1{username}/get", is no URI: whether it leads to an
    # operation is a rule of its own.
    link["operationRef"] = {"type": "string"}
    link["server"] = link.pop("body", link.get("server"))
    # Members beside a `$ref` are ignored by the text of the specification, which is a rule of its own.
    definitions["reference"].pop("unevaluatedProperties", None)
    definitions["reference"]["properties"]["$ref"] = {"type": "string"}
    # "A URI that identifies the literal example" may be relative to the document (4.8.19 of 3.1.1).
    definitions["example"]["properties"]["externalValue"]["format"] = "uri-reference"
    for node in _objects(definitions):
        if node.get("propertyNames") == {"pattern": "^[a-zA-Z0-9._-]+$"}:
            del node["propertyNames"]


def _objects(node: Json) -> Iterator[dict[str, Any]]:
    """Yield every object within a schema, the innermost first, so that each can be changed."""
    if isinstance(node, list):
        for each in node:
            yield from _objects(each)
    elif isinstance(node, dict):
        for each in list(node.values()):
            yield from _objects(each)
        yield node
