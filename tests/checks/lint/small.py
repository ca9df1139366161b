"""A small contract that breaks no rule, and copies of it in which some places have other values."""

import copy
import json
from pathlib import Path
from typing import Any, NamedTuple

from eqkit.checks.findings import Finding
from eqkit.checks.lint.linting import lint
from eqkit.checks.lint.rulesets import grades
from eqkit.contract.document import pointer_parts

REF = {"$ref": "#/components/schemas/Pet"}
TEXT = {"type": "string"}
OK = {"204": {"description": "Done."}}
OLD, NEW, NEWEST = "3.0.3", "3.1.0", "3.2.0"
CONTRACT: dict[str, Any] = {
    "openapi": OLD,
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example"}],
    "tags": [{"name": "pets"}],
    "paths": {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
            "get": {
                "operationId": "getPet",
                "tags": ["pets"],
                "security": [{"key": []}, {"login": ["read"]}],
                "parameters": [{"name": "page", "in": "query", "schema": {"type": "array", "items": TEXT}}],
                "responses": {
                    "200": {
                        "description": "Found.",
                        "headers": {"X-Rate": {"schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": REF}},
                        "links": {
                            "again": {"operationId": "getPet", "parameters": {"id": "$response.body#/id"}}
                        },
                    }
                },
            },
            "post": {
                "operationId": "setPet",
                "requestBody": {
                    "content": {"multipart/form-data": {"schema": REF, "encoding": {"name": {}}}}
                },
                "responses": OK,
                "callbacks": {"done": {"{$request.body#/url}": {"post": {"responses": OK}}}},
            },
        }
    },
    "components": {
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": TEXT, "name": TEXT, "kind": {"type": "string", "enum": ["cat", "dog"]}},
            }
        },
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "login": {
                "type": "oauth2",
                "flows": {"implicit": {"authorizationUrl": "https://a.example", "scopes": {"read": "Read."}}},
            },
        },
    },
}

GET, POST = "/paths/~1pets~1{id}/get", "/paths/~1pets~1{id}/post"
PET = "/components/schemas/Pet"
NAME = f"{PET}/properties/name"
SCHEMAS = "/components/schemas"
RESPONSE = f"{GET}/responses/200"
JSON, LINK = f"{RESPONSE}/content/application~1json", f"{RESPONSE}/links/again"
FORM = f"{POST}/requestBody/content/multipart~1form-data"
IN_QUERY = {"name": "q", "in": "query", "schema": TEXT}
CAT = {"allOf": [REF], "type": "object"}
KIND = {"propertyName": "kind"}

Changes = dict[str, Any]
"""Values by the pointers that they are put at; None removes."""


def changed(changes: Changes, version: str = OLD) -> dict[str, Any]:
    """The contract with other values at some places, in a version of OpenAPI."""
    # Through JSON, so that no object stands in two places.
    contract: dict[str, Any] = json.loads(json.dumps({**CONTRACT, "openapi": version}))
    for pointer, value in changes.items():
        *above, last = pointer_parts(pointer)
        node: Any = contract
        for part in above:
            node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
        if isinstance(node, list):
            node.insert(int(last), value)
        elif value is None:
            del node[last]
        else:
            node[last] = copy.deepcopy(value)
    return contract


def findings(folder: Path, contract: Any, *rulesets: str) -> list[Finding]:
    """The findings of lint in a contract, by core and some other rulesets."""
    file = folder / "api.json"
    file.write_text(json.dumps(contract, indent=1))
    return [*lint(file, grades(rulesets)).findings]


def found(folder: Path, contract: Any, *rulesets: str) -> list[tuple[str, str]]:
    """Rule and pointer of each finding."""
    every = findings(folder, contract, *rulesets)
    assert all(each.place is not None and each.place.line for each in every)
    return [(each.rule, str(each.place and each.place.pointer)) for each in every]


class Case(NamedTuple):
    """Changes that break a rule, the place, and changes that nearly do; `version` is that of the document."""

    rule: str
    bad: Changes
    at: str
    good: Changes
    version: str = OLD


def path(template: str, *names: str) -> Changes:
    """One more path with its parameters."""
    parameters = [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]
    item = {"get": {"responses": OK}, "parameters": parameters}
    return {f"/paths/{template.replace('~', '~0').replace('/', '~1')}": item}
