"""Changes that are written in the keywords of OpenAPI 3.1, and limits and styles in either version."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st

from eqkit.checks.diff.comparison import diff
from eqkit.checks.findings import Run, Severity
from eqkit.cli.checks.diff import command
from tests.checks.things import contract, rules

INTEGER: Any = {"type": "integer"}
ONE: Any = {"type": "object", "properties": {"a": {}}, "required": ["a"]}
OTHER: Any = {"type": "object", "properties": {"b": {}}, "required": ["b"]}
ARRAY: Any = {"type": "array", "items": {"type": "string"}}


def api(asked: Any, answered: Any = None, **parameter: Any) -> dict[str, Any]:
    """Return a contract with one query parameter and one answer."""
    stated = {"name": "ids", "in": "query", "schema": asked, **parameter}
    answers = {"200": {"description": "It.", "content": {"application/json": {"schema": answered or {}}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "One", "version": "1.0.0"},
        "paths": {"/one": {"get": {"operationId": "one", "parameters": [stated], "responses": answers}}},
        "components": {"schemas": {"One": {"type": "string"}, "Other": {"type": "integer"}}},
    }


def compared(old: dict[str, Any], new: dict[str, Any]) -> Run:
    """Compare two documents."""
    return diff(contract(old, "old.json"), contract(new, "new.json"))


def messages(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """Return the rules and severities of the changes between two documents, but for the version."""
    found = compared(old, new).findings
    return {f"{each.severity} {each.rule[5:]}" for each in found if each.rule != "diff-version"}


ASKED: list[tuple[Any, Any, set[str]]] = [
    (INTEGER, INTEGER | {"exclusiveMinimum": 0}, {"error request-exclusive-minimum-narrower"}),
    (INTEGER, INTEGER | {"const": 3}, {"error request-enum-narrower"}),
    (INTEGER | {"minimum": 0}, INTEGER | {"exclusiveMinimum": 0},
     {"error request-exclusive-minimum-narrower"}),
    (INTEGER | {"exclusiveMinimum": 3}, INTEGER | {"exclusiveMinimum": 5},
     {"error request-exclusive-minimum-narrower"}),
    (INTEGER | {"exclusiveMaximum": 5}, INTEGER | {"maximum": 5}, {"note request-exclusive-maximum-wider"}),
    (INTEGER | {"exclusiveMinimum": 0}, INTEGER | {"minimum": 1}, set()),
    ({"minimum": 0}, {"exclusiveMinimum": 0}, {"error request-exclusive-minimum-narrower"}),
    ({"exclusiveMaximum": 0}, {"maximum": 0}, {"note request-exclusive-maximum-wider"}),
    ({"minimum": 3, "exclusiveMinimum": 3}, {"exclusiveMinimum": 3}, set()),
    ({"minimum": 3, "exclusiveMinimum": True}, {"exclusiveMinimum": 3}, set()),
    ({"minimum": 3}, {"minimum": 3, "exclusiveMinimum": 2}, set()),
    ({"exclusiveMinimum": False}, {}, set()),
    (ARRAY, ARRAY | {"uniqueItems": False}, set()),
    (ARRAY, ARRAY | {"uniqueItems": True}, {"error request-unique-items-narrower"}),
    (ARRAY, ARRAY | {"contains": {"const": "a"}}, {"error request-contains-narrower"}),
    ({"oneOf": [True]}, {"oneOf": [True, {"type": "string"}]}, {"error request-one-of-narrower"}),
    ({"oneOf": [ONE]}, {"oneOf": [ONE, OTHER]}, {"note request-one-of-wider"}),
    ({"anyOf": [ONE, OTHER]}, {"anyOf": [ONE]}, {"error request-any-of-narrower"}),
    ({"anyOf": [{"type": "string"}, INTEGER]}, {"anyOf": [{"type": "string"}]},
     {"error request-type-narrower"}),
]  # fmt: skip
"""Schemas of a parameter, old and new, and the changes to be reported."""

ANSWERED: list[tuple[Any, Any, set[str]]] = [
    ({"const": "a"}, {"const": "b"}, {"error response-enum-wider", "note response-enum-narrower"}),
    ({"prefixItems": [{"type": "string"}]}, {"prefixItems": [{"type": "integer"}]},
     {"error response-type-wider"}),
    ({"prefixItems": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}, {}]}, set()),
    ({"prefixItems": [{}], "items": False}, {"prefixItems": [{}, {}], "items": False},
     {"warning response-items-wider"}),
    ({"prefixItems": [{"type": "string"}]}, {"prefixItems": [{"type": "string", "title": "A"}]}, set()),
    ({"patternProperties": {"^a": {"type": "string"}}}, {"patternProperties": {"^a": {"type": "integer"}}},
     {"error response-type-wider"}),
    ({"patternProperties": {"^a": {}}}, {"patternProperties": {"^b": {}}}, set()),
    ({"patternProperties": {"^a": INTEGER}}, {"patternProperties": {"^b": INTEGER}},
     {"warning response-pattern-properties-wider", "note response-pattern-properties-narrower"}),
]  # fmt: skip
"""Schemas of an answer, old and new, and the changes to be reported."""


@pytest.mark.parametrize(("old", "new", "expected"), ASKED)
def test_a_keyword_of_a_request_is_compared(old: Any, new: Any, expected: set[str]) -> None:
    """A narrower schema is an error, a wider one a note, and an equivalent one no change."""
    assert messages(api(old), api(new)) == expected


@pytest.mark.parametrize(("old", "new", "expected"), ANSWERED)
def test_a_keyword_of_a_response_is_compared(old: Any, new: Any, expected: set[str]) -> None:
    """A response schema that may have become wider is an error: clients are unprepared for new values."""
    assert messages(api({}, old), api({}, new)) == expected


def test_the_schema_that_a_keyword_refers_to_is_compared() -> None:
    """A changed schema behind a reference is a change of each keyword that refers to it."""
    old = api({"not": {"$ref": "#/components/schemas/One"}})
    new = copy.deepcopy(old)
    new["components"]["schemas"]["One"] = {"type": "integer"}
    assert "error request-not-narrower" in messages(old, new)


STYLES: list[tuple[str, Any, dict[str, Any], dict[str, Any], bool]] = [
    ("an array", ARRAY, {"explode": False}, {}, True),
    ("an array of any type", {}, {"explode": False}, {}, True),
    ("what holds anyway", ARRAY, {"explode": True, "style": "form"}, {}, False),
    ("one value", INTEGER, {"explode": False}, {}, False),
    ("another style", ARRAY, {"style": "spaceDelimited"}, {"explode": False}, True),
    ("a header's array", ARRAY, {"in": "header"}, {"in": "header", "explode": True}, False),
    ("a header's object", {"type": "object"}, {"in": "header"}, {"in": "header", "explode": True}, True),
    ("a document", INTEGER, {}, {"content": {"application/json": {}}}, True),
]  # fmt: skip
"""Schemas of a parameter, how it was written and is, and whether that is another way."""


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(("schema", "old", "new", "breaks"), [each[1:] for each in STYLES],
                         ids=[each[0] for each in STYLES])  # fmt: skip
def test_a_parameter_that_is_written_otherwise_breaks_clients(
    version: str, schema: Any, old: dict[str, Any], new: dict[str, Any], breaks: bool
) -> None:
    """`ids=1,2` is two values to the old contract, and one to the new."""
    documents = [api(schema, **each) | {"openapi": version} for each in (old, new)]
    assert ("diff-parameter-style" in rules(compared(*documents), Severity.ERROR)) is breaks


numbers = st.sampled_from([-1.5, -1, 0, 0.5, 1])
"""Few, so that two limits are often of the same number."""


def limits(keyword: str, exclusive: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return limits in the spelling of 3.0 and in that of 3.1."""
    older = st.fixed_dictionaries({keyword: numbers}, optional={exclusive: st.booleans()})
    return older | st.fixed_dictionaries({}, optional={keyword: numbers, exclusive: numbers})


bounded = st.builds(
    lambda kind, minimum, limit: {"type": kind, **minimum, **limit},
    st.sampled_from(["integer", "number"]),
    limits("minimum", "exclusiveMinimum"),
    limits("maximum", "exclusiveMaximum"),
)


def admits(schema: dict[str, Any], keyword: str, number: float) -> bool:
    """Tell whether the least or the most of a schema admits a number."""
    sign = 1 if keyword == "minimum" else -1
    exclusive = schema.get(f"exclusive{keyword.capitalize()}", False)
    below = [sign * (number - schema[keyword])] if keyword in schema else []
    if exclusive is True:
        below, beyond = [], below
    else:
        beyond = [] if exclusive is False else [sign * (number - exclusive)]
    return all(each >= 0 for each in below) and all(each > 0 for each in beyond)


def admits_number(schema: dict[str, Any], number: float) -> bool:
    """Tell whether the type and both limits of a schema admit a number."""
    is_of_type = schema["type"] == "number" or float(number).is_integer()
    return is_of_type and admits(schema, "minimum", number) and admits(schema, "maximum", number)


@given(bounded, bounded)
def test_a_changed_limit_is_reported_as_sample_numbers_prove_it(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    """A limit is narrower if it newly refuses a number, and wider if it newly admits one."""
    whole = old["type"] == new["type"] == "integer"
    samples = range(-9, 10) if whole else [each / 4 for each in range(-36, 37)]
    assume(all(any(admits_number(each, number) for number in samples) for each in (old, new)))
    found = messages(api(old), api(new))
    for keyword in ("minimum", "maximum"):
        before, after = ({each for each in samples if admits(schema, keyword, each)} for schema in (old, new))
        ways = {"narrower" for _ in before - after} | {"wider" for _ in after - before}
        spelt = (f"request-{keyword}-", f"request-exclusive-{keyword}-")
        rules_of_it = [each.split()[1] for each in found if each.split()[1].startswith(spelt)]
        assert {each.rpartition("-")[2] for each in rules_of_it} == ways
        assert len(rules_of_it) <= 1


@pytest.mark.parametrize("turned", [False, True])
def test_a_schema_that_is_not_valid_ends_in_one_line(
    turned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, and where to look."""
    monkeypatch.chdir(tmp_path)
    files = ["good.yaml", "bad.yaml"]
    Path("good.yaml").write_text(yaml.safe_dump(api(INTEGER | {"minimum": 1})))
    Path("bad.yaml").write_text(yaml.safe_dump(api({"type": "integr", "minimum": "x"})))
    result = CliRunner().invoke(command, files[::-1] if turned else files)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    (line,) = result.stderr.splitlines()
    assert "bad.yaml" in line
    assert "not valid OpenAPI, as `eqkit lint --contract` tells" in line
