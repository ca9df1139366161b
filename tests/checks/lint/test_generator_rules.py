"""Shapes that break client generators are warnings, in any contract, at their lines."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from eqkit.checks.findings import Severity
from eqkit.checks.lint.linting import lint
from eqkit.checks.lint.rules.generators import GENERATORS
from eqkit.checks.lint.rulesets import grades
from eqkit.cli.checks.lint import command
from eqkit.exit_codes import ExitCode

OBJECT = {"type": "object", "properties": {"name": {"type": "string"}}}
TEXT = {"type": "string"}


def document(**schemas: Any) -> dict[str, Any]:
    """A contract of one operation, with these schemas."""
    ref = {"$ref": "#/components/schemas/Pet"}
    sent, answered = {"application/json": {"schema": ref}}, {"application/json": {"schema": ref}}
    contract = {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/pets": {
                "post": {
                    "operationId": "addPet",
                    "requestBody": {"content": sent},
                    "responses": {"200": {"description": "Added.", "content": answered}},
                }
            }
        },
        "components": {"schemas": {"Pet": OBJECT, **schemas}},
    }
    made: dict[str, Any] = copy.deepcopy(contract)
    return made


def changed(pointer: str, value: Any, *more: tuple[str, Any]) -> dict[str, Any]:
    """The contract with other values at some places."""
    made = document()
    for at, new in ((pointer, value), *more):
        *above, last = at.split(".")
        node = made
        for part in above:
            node = node.setdefault(part, {})
        node[last] = new
    return made


def found(tmp_path: Path, contract: dict[str, Any]) -> list[tuple[str, str]]:
    """Rule and pointer of each warning about a contract that is valid otherwise."""
    file = tmp_path / "api.yaml"
    file.write_text(yaml.safe_dump(contract, sort_keys=False))
    run = lint(file, grades(["generators"]))
    assert run.outcome is ExitCode.PASSED
    assert {each.severity for each in run.findings} <= {Severity.WARNING}
    assert all(each.place is not None and each.place.line for each in run.findings)
    return [(each.rule, str(each.place and each.place.pointer)) for each in run.findings]


POST = "paths./pets.post"
BODY = f"{POST}.requestBody.content"
SCHEMAS = "/components/schemas"
GET = {"operationId": "add-pet", "responses": {"200": {"description": "Found."}}}
BREAKS: dict[str, tuple[dict[str, Any], str, str]] = {
    "properties within not": (
        document(Toy={"type": "object", "title": "Toy", "not": {"properties": {"id": {}}}}),
        "generators-inline-part", f"{SCHEMAS}/Toy/not",
    ),
    "an alternative without a name": (
        document(Toy={"oneOf": [{"$ref": "#/components/schemas/Pet"}, OBJECT]}),
        "generators-inline-part", f"{SCHEMAS}/Toy/oneOf/1",
    ),
    "another alternative without a name": (
        document(Toy={"anyOf": [OBJECT]}),
        "generators-inline-part", f"{SCHEMAS}/Toy/anyOf/0",
    ),
    "properties beside alternatives": (
        document(Toy={**OBJECT, "oneOf": [{"$ref": "#/components/schemas/Pet"}]}),
        "generators-beside-one-of", f"{SCHEMAS}/Toy/properties",
    ),
    "a pattern that begins with a slash": (
        document(Link={"type": "string", "pattern": "/v1/[a-z]+$"}),
        "generators-pattern", f"{SCHEMAS}/Link/pattern",
    ),
    "a pattern between slashes": (
        document(Link={"type": "string", "pattern": "/^a$/i"}),
        "generators-pattern", f"{SCHEMAS}/Link/pattern",
    ),
    "schemas that differ in case": (
        document(pET=TEXT), "generators-name", f"{SCHEMAS}/pET",
    ),
    "schemas that differ in a dash": (
        document(**{"Pet-Toy": OBJECT, "PetToy": TEXT}), "generators-name", f"{SCHEMAS}/PetToy",
    ),
    "a title that another schema has for a name": (
        document(Owner={"properties": {"pet": {**OBJECT, "title": "pet", "minProperties": 1}}}),
        "generators-name", f"{SCHEMAS}/Owner/properties/pet",
    ),
    "a title that is another name": (
        document(Toy={**OBJECT, "title": "What pets play with"}),
        "generators-title", f"{SCHEMAS}/Toy/title",
    ),
    "a constructor of Go": (
        document(NewPet={"type": "object"}), "generators-constructor", f"{SCHEMAS}/NewPet",
    ),
    "a constructor of Go in another case": (
        document(**{"new-pet": {"type": "object"}}), "generators-constructor", f"{SCHEMAS}/new-pet",
    ),
    "a nullable type of Go": (
        document(NullablePet={"type": "object"}), "generators-constructor", f"{SCHEMAS}/NullablePet",
    ),
    "a type that is made of an operation": (
        document(AddPetRequest={"type": "object"}),
        "generators-operation-type", f"{SCHEMAS}/AddPetRequest",
    ),
    "another type that is made of an operation": (
        document(add_pet_responses={"type": "object"}),
        "generators-operation-type", f"{SCHEMAS}/add_pet_responses",
    ),
    "a built-in type": (document(Error=OBJECT), "generators-reserved", f"{SCHEMAS}/Error"),
    "a keyword": (document(Import=OBJECT), "generators-reserved", f"{SCHEMAS}/Import"),
    "operations that differ in a dash": (
        changed("paths./pets.get", GET), "generators-operation-id", "/paths/~1pets/get/operationId",
    ),
    "properties that differ in a dash": (
        document(Toy={"type": "object", "properties": {"wait-until": TEXT, "waitUntil": TEXT}}),
        "generators-property", f"{SCHEMAS}/Toy/properties/waitUntil",
    ),
    "values that differ in case": (
        document(Kind={"type": "string", "enum": ["cat", "dog", "CAT"]}),
        "generators-enum", f"{SCHEMAS}/Kind/enum",
    ),
    "an enum of one value": (
        document(Kind={"type": "string", "enum": ["cat"]}), "generators-constant", f"{SCHEMAS}/Kind/enum",
    ),
    "an enum of one value and null": (
        document(Kind={"type": "string", "nullable": True, "enum": ["cat", None]}),
        "generators-constant", f"{SCHEMAS}/Kind/enum",
    ),
    "a default of an optional member": (
        changed("components.schemas.Pet.properties.name.default", "Tom"),
        "generators-default", f"{SCHEMAS}/Pet/properties/name/default",
    ),
    "a default of an optional member far below": (
        changed(
            "components.schemas.Pet.properties.toys",
            {"type": "array", "items": {"properties": {"size": {"type": "integer", "default": 0}}}},
        ),
        "generators-default", f"{SCHEMAS}/Pet/properties/toys/items/properties/size/default",
    ),
    "a request body by reference": (
        changed(
            f"{POST}.requestBody", {"$ref": "#/components/requestBodies/Pet"},
            ("components.requestBodies.Pet", {"content": {"application/json": {"schema": TEXT}}}),
        ),
        "generators-request-body", "/paths/~1pets/post/requestBody",
    ),
    "a request without a name": (
        changed(f"{BODY}.application/json.schema", OBJECT),
        "generators-body-name", "/paths/~1pets/post/requestBody/content/application~1json/schema",
    ),
    "an answer of items without a name": (
        changed(
            f"{POST}.responses.200.content",
            {"application/vnd.api+json": {"schema": {"type": "array", "items": OBJECT}}},
        ),
        "generators-body-name",
        "/paths/~1pets/post/responses/200/content/application~1vnd.api+json/schema/items",
    ),
}  # fmt: skip
"""A contract, the rule that it breaks, and where."""

KEPT: dict[str, dict[str, Any]] = {
    "nothing": document(),
    "not without properties": document(Toy={**OBJECT, "not": {"required": ["id"]}}),
    "parts that are merged": document(Toy={"allOf": [{"$ref": "#/components/schemas/Pet"}, OBJECT]}),
    "alternatives with names": document(Toy={"oneOf": [{"$ref": "#/components/schemas/Pet"}, TEXT]}),
    "a slash within a pattern": document(Link={"type": "string", "pattern": "^https?://[^/]+$"}),
    "a title that is the name in words": document(PetToy={**OBJECT, "title": "Pet toy"}),
    "the same inline schema twice": document(
        Toy={
            "type": "object",
            "properties": {"a": {**OBJECT, "title": "Part"}, "b": {**OBJECT, "title": "Part"}},
        }
    ),
    "a new thing that has no old one": document(NewToy=OBJECT),
    "what tells alternatives apart": document(
        Toy={
            "oneOf": [{"$ref": "#/components/schemas/Ball"}],
            "discriminator": {"propertyName": "kind"},
        },
        Ball={
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string", "enum": ["ball"]}},
        },
    ),
    "a default of a required member": changed(
        "components.schemas.Pet",
        {"type": "object", "required": ["name"], "properties": {"name": {**TEXT, "default": "Tom"}}},
    ),
    "a default in an answer": document(
        Toy={"type": "object", "properties": {"size": {"type": "integer", "default": 1}}}
    ),
    "a form": changed(BODY, {"multipart/form-data": {"schema": OBJECT}}),
    "values that no letter is in": document(Order={"type": "string", "enum": ["+", "-", "<", ">"]}),
    "names in other letters": document(Toy={"type": "object", "properties": {"用户": TEXT, "订单": TEXT}}),
}


@pytest.mark.parametrize(("contract", "rule", "pointer"), BREAKS.values(), ids=BREAKS)
def test_a_contract_that_breaks_generators_is_reported(
    tmp_path: Path, contract: dict[str, Any], rule: str, pointer: str
) -> None:
    """Each is valid OpenAPI, which is why only a rule of its own can find it."""
    assert found(tmp_path, contract) == [(rule, pointer)]


@pytest.mark.parametrize("contract", KEPT.values(), ids=KEPT)
def test_a_contract_that_generators_take_is_not_reported(tmp_path: Path, contract: dict[str, Any]) -> None:
    """Beside each rule stands a contract that seems to break it, and does no harm."""
    assert found(tmp_path, contract) == []


def test_every_rule_is_broken_by_one_of_these() -> None:
    """A rule that nothing breaks may as well not be there."""
    assert {rule for _, rule, _ in BREAKS.values()} == set(GENERATORS)


def test_the_group_is_chosen_and_left_out(tmp_path: Path) -> None:
    """They are warnings, which fail nobody; one by one, or all, they can be left out."""
    file = tmp_path / "api.yaml"
    file.write_text(yaml.safe_dump(document(Error=OBJECT, NewPet={"type": "object"}), sort_keys=False))
    messages = CliRunner().invoke(command, ["--contract", str(file)])
    assert messages.exit_code == 0
    assert "[generators-reserved]" in messages.output
    assert "[generators-constructor]" in messages.output
    assert "[eqkit-" not in messages.output
    one = CliRunner().invoke(command, ["--contract", str(file), "--without", "generators-reserved"])
    assert "[generators-reserved]" not in one.output
    assert "[generators-constructor]" in one.output
    assert "[eqkit-" not in one.output
    none = CliRunner().invoke(command, ["--contract", str(file), "--ruleset", "core"])
    assert none.output.endswith("nothing found\n")
