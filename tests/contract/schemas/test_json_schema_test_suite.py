"""The engine has the JSON Schema Test Suite's opinion of every value, in both dialects of OpenAPI.

The cases are those of https://github.com/json-schema-org/JSON-Schema-Test-Suite (MIT).
"""

import json
from pathlib import Path
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas

SUITE = Path(__file__).parent / "json_schema_test_suite"
ROOT = "/components/schemas/Root"

REMOTE = "the schema that it refers to is on another host, and is not part of the contract"
NO_ID = "OpenAPI 3.0 knows no `id`"
META_SCHEMA = "of all meta-schemas, that of 2020-12 alone can be referred to"

EVERY = "*"
EXCEPTIONS = {
    # The reason, and the groups of a file in which some value is validated otherwise.
    "draft4/refRemote.json": (REMOTE, {EVERY}),
    "draft4/definitions.json": (META_SCHEMA, {EVERY}),
    "draft4/ref.json": (
        f"{NO_ID}; {META_SCHEMA}",
        {
            "$ref prevents a sibling id from changing the base uri",
            "remote ref, containing refs itself",
            "Recursive references between schemas",
            "Location-independent identifier",
            "Location-independent identifier with base URI change in subschema",
            "id must be resolved against nearest parent, not just immediate parent",
        },
    ),
    "draft4/optional/id.json": (NO_ID, {EVERY}),
    "draft4/optional/format/hostname.json": (
        "names of hosts are those of IDNA 2008, as in every later draft",
        {"validation of host names"},
    ),
    "draft2020-12/refRemote.json": (REMOTE, {EVERY}),
    "draft2020-12/dynamicRef.json": (
        REMOTE,
        {
            "strict-tree schema, guards against misspelled properties",
            "tests for implementation dynamic anchor and reference link",
            "$ref and $dynamicAnchor are independent of order - $defs first",
            "$ref and $dynamicAnchor are independent of order - $ref first",
            "$ref to $dynamicRef finds detached $dynamicAnchor",
        },
    ),
    "draft2020-12/format.json": ("formats are asserted; optional/format has the cases for that", {EVERY}),
    "draft2020-12/vocabulary.json": (
        "a meta-schema of one's own can't take a vocabulary away",
        {"schema that uses custom metaschema with with no validation vocabulary"},
    ),
}


def groups() -> list[Any]:
    found = []
    for file in sorted(SUITE.rglob("*.json")):
        name = file.relative_to(SUITE).as_posix()
        _, excepted = EXCEPTIONS.get(name, ("", set()))
        for group in json.loads(file.read_text(encoding="utf-8")):
            is_excepted = not excepted.isdisjoint({EVERY, group["description"]})
            draft = name.partition("/")[0]
            found.append(pytest.param(draft, group, is_excepted, id=f"{name}: {group['description']}"))
    return found


def document(draft: str, schema: Any) -> Document:
    """Return a document with a schema whose own references still mean the schema itself."""
    if draft == "draft4":
        return Document({"openapi": "3.0.3", "components": {"schemas": {"Root": within(schema)}}})
    if isinstance(schema, dict) and "$id" not in schema:
        schema = {"$id": "https://test.invalid/root", **schema}
    return Document({"openapi": "3.1.0", "components": {"schemas": {"Root": schema}}})


def within(node: Any) -> Any:
    if isinstance(node, list):
        return [within(each) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: value if key in ("enum", "const") else within(value) for key, value in node.items()}
    if isinstance(node.get("$ref"), str) and node["$ref"].startswith("#"):
        found["$ref"] = f"#{ROOT}{node['$ref'][1:]}"
    return found


@pytest.mark.parametrize(("draft", "group", "is_excepted"), groups())
def test_every_value_is_as_good_as_the_suite_says(
    draft: str, group: dict[str, Any], is_excepted: bool
) -> None:
    """A value is valid where the suite says so, and has violations exactly where it is not."""
    validator = Schemas(document(draft, group["schema"])).validator(ROOT, Direction.RESPONSE)
    found = {case["description"]: validator.violations(case["data"]) for case in group["tests"]}
    right = [case["valid"] == (not found[case["description"]]) for case in group["tests"]]
    assert all(right) is not is_excepted, "an exception has to be one, and to be listed"
    for case in group["tests"]:
        violations = found[case["description"]]
        assert validator.is_valid(case["data"]) is (not violations)
        assert all(each.message and each.pointer for each in violations)
