"""Of any two schemas: the same meaning is no change, and no value is refused or new without a word."""

from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.checks.diff.comparison import diff
from eqkit.checks.findings import Finding
from eqkit.contract.loading.source_map import ContractFile
from tests.checks.diff.random_schemas import exclusive_schemas, mutated, rewritten, schemas, values
from tests.checks.things import contract

ROOT = Path(__file__).parents[3]
CONTRACTS = [
    ROOT / "openapi/elasticqueue.yaml",
    ROOT / "openapi/mock.yaml",
    *sorted((ROOT / "tests/checks/contracts").glob("*.yaml")),
]


def api(schema: Any, components: dict[str, Any] | None = None, version: str = "3.1.0") -> dict[str, Any]:
    """Return a contract that asks for a schema, and answers with it."""
    content = {"application/json": {"schema": schema}}
    operation = {
        "requestBody": {"content": content},
        "responses": {"200": {"description": "It.", "content": content}},
    }
    return {
        "openapi": version,
        "info": {"title": "One", "version": "1.0.0"},
        "paths": {"/one": {"post": operation}},
        "components": {"schemas": components or {}},
    }


def messages(old: dict[str, Any], new: dict[str, Any]) -> list[Finding]:
    """Return the findings on two documents, but for the version."""
    found = diff(contract(old, "old.json"), contract(new, "new.json")).findings
    return [each for each in found if each.rule != "diff-version"]


@settings(deadline=None)
@given(st.data())
def test_the_same_meaning_in_other_words_is_no_change(data: st.DataObject) -> None:
    """Neither another spelling of a schema nor a part moved into a component is a change."""
    schema = data.draw(exclusive_schemas)
    components: dict[str, Any] = {}
    other = data.draw(rewritten(schema, components))
    assert messages(api(schema), api(other, components)) == []
    assert messages(api(other, components), api(schema)) == []


@settings(deadline=None)
@given(st.data(), st.lists(values, min_size=1, max_size=20))
def test_no_value_is_refused_or_new_without_a_word(data: st.DataObject, samples: list[Any]) -> None:
    """A validator says of values which of two schemas admit them; often one is the other, changed."""
    old = data.draw(schemas)
    new = data.draw(st.one_of(mutated(old), schemas))
    before, after = (jsonschema_rs.Draft202012Validator(each) for each in (old, new))
    ways = {
        "narrower" if before.is_valid(each) else "wider"
        for each in samples
        if before.is_valid(each) is not after.is_valid(each)
    }
    found = messages(api(old), api(new))
    severities = {(each.rule.split("-")[1], each.severity.value) for each in found}
    if "narrower" in ways:
        assert severities & {("request", "error"), ("request", "warning")}, found
    if "wider" in ways:
        assert any(each.rule.startswith("diff-response") for each in found), found
        assert any(each.rule.startswith("diff-request") for each in found), found


@pytest.mark.parametrize("file", CONTRACTS, ids=lambda file: file.name)
def test_a_contract_is_no_change_of_itself(file: Path) -> None:
    """A contract with each component renamed, so that nothing is written alike, is no change either."""
    whole = ContractFile.load(file)
    assert list(diff(whole, whole).findings) == []
    data = nameless(whole.document.data)
    assert messages(data, renamed(data)) == []


def nameless(node: Any) -> Any:
    """Return a part of a document without its discriminators, to which the name of a schema is a value."""
    if isinstance(node, list):
        return [nameless(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {name: nameless(each) for name, each in node.items() if name != "discriminator"}


def renamed(node: Any) -> Any:
    """Return a part of a document with its schemas called otherwise."""
    if isinstance(node, list):
        return [renamed(each) for each in node]
    if not isinstance(node, dict):
        return node
    made = {name: renamed(each) for name, each in node.items()}
    if isinstance(made.get("$ref"), str):
        made["$ref"] = made["$ref"].replace("#/components/schemas/", "#/components/schemas/Other")
    if "openapi" in made and "schemas" in made.get("components", {}):
        schemas = made["components"]["schemas"]
        made["components"]["schemas"] = {f"Other{name}": each for name, each in schemas.items()}
    return made
