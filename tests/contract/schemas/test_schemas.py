"""Values are held against the schemas of a document where these stand, their references followed."""

import json
from pathlib import Path
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.contract.schemas.violations import Violation

ROOT = "/components/schemas/Root"


def schemas(root: Any, version: str = "3.1.0", others: Any = None) -> Schemas:
    components = {"schemas": {"Root": root, **(others or {})}}
    return Schemas(Document({"openapi": version, "paths": {}, "components": components}))


def violations(value: Any, root: Any, version: str = "3.1.0", **others: Any) -> list[Violation]:
    validator = schemas(root, version, others).validator(ROOT, Direction.RESPONSE)
    found = validator.violations(value)
    assert validator.is_valid(value) is (found == [])
    return found


def kinds(found: list[Violation]) -> list[tuple[str, str]]:
    return [(each.instance_pointer, each.kind) for each in found]


def test_recursion_is_followed_at_every_depth() -> None:
    """A schema that stands within itself holds for the values within a value, at any depth."""
    comment = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer"},
            "replies": {"type": "array", "items": {"$ref": "#/components/schemas/Root"}},
        },
    }
    value = {"id": 1, "replies": [{"id": "not a number"}, {"nope": True}, {"id": 2, "replies": [{}]}]}
    assert kinds(violations(value, comment)) == [
        ("/replies/0/id", "type"),
        ("/replies/1", "required"),
        ("/replies/2/replies/0", "required"),
    ]


def test_schemas_that_all_refer_to_each_other_are_no_matter_of_size() -> None:
    """Written out, forty schemas that each refer to all the others would be more than all memory holds."""
    names = [f"S{index}" for index in range(40)]
    mutual = {
        name: {
            "type": "object",
            "properties": {other: {"$ref": f"#/components/schemas/{other}"} for other in names},
        }
        for name in names
    }
    found = violations({"S3": {"S39": {"S0": 1}}}, {"$ref": "#/components/schemas/S7"}, "3.1.0", **mutual)
    assert kinds(found) == [("/S3/S39/S0", "type")]


@pytest.mark.parametrize(
    ("beside", "value", "kind"),
    [
        ({"required": ["a"]}, {}, "required"),
        ({"unevaluatedProperties": False}, {"a": "x", "b": 1}, "unevaluatedProperties"),
        ({"maxProperties": 0}, {"a": "x"}, "maxProperties"),
        ({"not": {"required": ["a"]}}, {"a": "x"}, "not"),
    ],
)
def test_siblings_of_a_reference_count_from_3_1_on(beside: Any, value: Any, kind: str) -> None:
    """JSON Schema 2020-12, 8.2.3.1; OpenAPI 3.0.3 has siblings of `$ref` ignored (Reference Object)."""
    target = {"type": "object", "properties": {"a": {"type": "string"}}}
    root = {"$ref": "#/components/schemas/Target", **beside}
    assert [each.kind for each in violations(value, root, Target=target)] == [kind]
    assert violations(value, root, "3.0.3", Target=target) == []


def test_an_anchor_an_address_and_a_dynamic_reference_are_followed() -> None:
    """JSON Schema 2020-12, 8.2: `$anchor`, `$id` and `$dynamicRef` name schemas, too."""
    tree = {
        "$id": "https://example.com/tree",
        "$dynamicAnchor": "node",
        "properties": {"children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
    }
    strict = {
        "$id": "https://example.com/strict",
        "$dynamicAnchor": "node",
        "$ref": "tree",
        "unevaluatedProperties": False,
    }
    named = {"$anchor": "named", "type": "integer"}
    value = {"children": [{"children": 3}]}
    assert kinds(violations(value, {"$ref": "https://example.com/tree"}, Tree=tree)) == [
        ("/children/0/children", "type")
    ]
    wrong = {"children": [{"child": 3}]}
    assert violations(wrong, {"$ref": "https://example.com/tree"}, Tree=tree) == []
    assert kinds(violations(wrong, {"$ref": "https://example.com/strict"}, Tree=tree, Strict=strict)) == [
        ("/children/0/child", "unevaluatedProperties")
    ]
    assert kinds(violations("x", {"$ref": "#named"}, Named=named)) == [("", "type")]


def test_a_discriminator_names_the_alternative_that_was_meant() -> None:
    """OpenAPI 3.0.3, Discriminator Object: by its mapping, or by the name of the schema."""
    kinds_of_pet = {
        name: {"type": "object", "required": ["type", member], "properties": {member: {"type": of}}}
        for name, member, of in (("Cat", "meow", "string"), ("Dog", "bark", "integer"))
    }
    for keyword in ("oneOf", "anyOf"):
        root = {
            keyword: [{"$ref": f"#/components/schemas/{name}"} for name in kinds_of_pet],
            "discriminator": {"propertyName": "type", "mapping": {"d": "#/components/schemas/Dog"}},
        }
        for name in ("d", "Dog"):
            (found,) = violations({"type": name, "bark": "x"}, root, "3.0.3", **kinds_of_pet)
            assert (found.instance_pointer, found.message) == (
                "/bark",
                '"bark" must be an integer, not a string.',
            )
        (found,) = violations({"type": "cow"}, root, "3.0.3", **kinds_of_pet)
        assert found.kind == keyword


def test_null_is_admitted_where_nullable_says_so() -> None:
    """OpenAPI 3.0.3, Schema Object; beside `allOf` alone it is written to mean the same."""
    text = {"type": "string", "nullable": True, "enum": ["a"]}
    assert violations(None, text, "3.0.3") == []
    assert kinds(violations(1, text, "3.0.3")) == [("", "type")]
    assert kinds(violations(None, text, "3.1.0")) == [("", "type")]
    wrapped = {"nullable": True, "allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}]}
    assert violations(None, wrapped, "3.0.3") == []
    (found,) = violations({"a": 1}, wrapped, "3.0.3")
    assert (found.instance_pointer, found.pointer) == ("/a", f"{ROOT}/allOf/0/properties/a/type")
    within = schemas(wrapped, "3.0.3").validator(f"{ROOT}/allOf/0/properties/a", Direction.REQUEST)
    assert [each.kind for each in within.violations(1)] == ["type"]


@pytest.mark.parametrize(
    ("name", "bad"),
    [("int32", 3_000_000_000), ("int32", 1.5), ("int64", 2**63), ("float", 1e39), ("byte", "***")],
)
def test_the_formats_of_openapi_are_reported_as_formats(name: str, bad: Any) -> None:
    """OpenAPI 3.0.3, "Data Types"; OpenAPI format registry."""
    for version in ("3.0.3", "3.1.0"):
        (found,) = violations(bad, {"format": name, "allOf": [{}]}, version)
        assert (found.kind, found.allowed, found.pointer) == ("format", name, f"{ROOT}/format")


def test_a_violation_names_the_value_the_rule_and_both_places(tmp_path: Path) -> None:
    """All that a report wants is in fields of its own."""
    file = tmp_path / "contract.json"
    document = {
        "openapi": "3.0.3",
        "paths": {},
        "components": {"schemas": {"Root": {"properties": {"42": {"$ref": "#/components/schemas/N"}}}}},
    }
    document["components"]["schemas"]["N"] = {"minimum": 3, "exclusiveMinimum": True}  # type: ignore[index]
    file.write_text(json.dumps(document, indent=1))
    contract = ContractFile.load(file)
    (found,) = (
        Schemas(contract.document, contract.place).validator(ROOT, Direction.EITHER).violations({"42": 3})
    )
    assert (found.kind, found.instance_pointer, found.sent, found.allowed) == (
        "exclusiveMinimum",
        "/42",
        "3",
        3,
    )
    assert found.message == '"42" must be more than 3, not 3.'
    assert found.pointer == "/components/schemas/N/minimum"
    assert found.place is not None
    assert file.read_text().splitlines()[(found.place.line or 0) - 1].strip().startswith('"minimum"')


BROKEN = [
    ({"pattern": r"^[\w-.]+$"}, "/pattern", "no pattern"),
    ({"required": ["a", "a"]}, "/required", "non-unique"),
    ({"type": "text"}, "/type", "text"),
    ({"minimum": "3"}, "/minimum", "number"),
    ({"properties": ["a"]}, "/properties", "object"),
    ({"$ref": "#/components/schemas/Lost"}, "/$ref", "leads nowhere"),
    ({"$ref": "other.yaml#/Pet"}, "/$ref", "leads nowhere"),
    ({"patternProperties": {"[": {}}}, "/patternProperties/[", "no pattern"),
    ({"allOf": [{"items": {"enum": 3}}]}, "/allOf/0/items/enum", "array"),
    ("text", "", "no schema"),
]


@pytest.mark.parametrize(("broken", "below", "message"), BROKEN, ids=[below for _, below, _ in BROKEN])
def test_a_broken_schema_is_left_out_and_named_and_the_rest_counts(
    broken: Any, below: str, message: str
) -> None:
    """One schema that is none is no reason not to validate by all the others, nor by the rest of its own."""
    root = {
        "type": "object",
        "properties": {"a": {"$ref": "#/components/schemas/Broken"}, "b": {"type": "integer"}},
    }
    found = schemas(root, "3.1.0", {"Broken": broken})
    assert kinds(found.validator(ROOT, Direction.RESPONSE).violations({"a": [{"c": "d"}], "b": "x"})) == [
        ("/b", "type")
    ]
    (named,) = found.broken(Direction.RESPONSE)
    assert named.pointer == f"/components/schemas/Broken{below}"
    assert message in named.message


@pytest.mark.parametrize(
    "root",
    [
        {"oneOf": [{"$ref": "#/components/schemas/Broken"}, {"type": "string"}]},
        {"not": {"$ref": "#/components/schemas/Broken"}},
        {"if": {"$ref": "#/components/schemas/Broken"}, "then": False},
        {"properties": {"a": {}}, "unevaluatedProperties": False, "$ref": "#/components/schemas/Lost"},
    ],
    ids=["oneOf", "not", "if", "unevaluated"],
)
def test_a_value_that_depends_on_a_broken_schema_is_no_violation(root: Any) -> None:
    """Where a schema that is left out could have made a value good, nobody can call it bad."""
    validator = schemas(root, "3.1.0", {"Broken": {"pattern": "("}}).validator(ROOT, Direction.RESPONSE)
    assert validator.violations("x") == []
    assert validator.is_valid("x")
    assert validator.is_valid({"b": 1})


@pytest.mark.parametrize("direction", Direction)
def test_a_member_of_the_other_direction_alone_is_not_required(direction: Direction) -> None:
    """OpenAPI 3.0.3, `readOnly` and `writeOnly`: `required` takes effect in one direction alone."""
    flag = {"readOnly": True, "type": "integer"}
    secret = {"writeOnly": True}
    ways = {
        "by itself": {"required": ["id", "secret"], "properties": {"id": flag, "secret": secret}},
        "by a reference": {
            "required": ["id", "secret"],
            "properties": {"id": {"$ref": "#/components/schemas/Flag"}, "secret": secret},
        },
        "by a part": {
            "required": ["id", "secret"],
            "allOf": [{"$ref": "#/components/schemas/Properties"}],
        },
        "of a part": {
            "properties": {"id": flag, "secret": secret},
            "allOf": [{"$ref": "#/components/schemas/Required"}],
        },
    }
    others = {
        "Flag": flag,
        "Properties": {"allOf": [{"properties": {"id": flag, "secret": secret}}]},
        "Required": {"allOf": [{"required": ["id", "secret"]}]},
    }
    missing = {
        Direction.REQUEST: ["secret"],
        Direction.RESPONSE: ["id"],
        Direction.EITHER: [],
    }[direction]
    for way, root in ways.items():
        for version in ("3.0.3", "3.1.0"):
            found = schemas(root, version, others)
            wrong = found.validator(ROOT, direction).violations({})
            assert [each.missing for each in wrong] == missing, way
            assert found.validator(ROOT, direction).is_valid({"id": 1, "secret": 2})
            wanted = found.validator("/components/schemas/Required", direction).violations({})
            assert [each.missing for each in wanted] == ["id", "secret"]
            assert {each.pointer for each in wanted} == {"/components/schemas/Required/allOf/0/required"}
    (message,) = schemas(ways["of a part"], "3.0.3", others).validator(ROOT, Direction.REQUEST).violations({})
    assert message.pointer == "/components/schemas/Required/allOf/0/required"
