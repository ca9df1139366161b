"""A contract in several files: the rules hold in each of them, and a finding names the file."""

import json
from pathlib import Path

import pytest

from eqkit.checks.lint.linting import lint
from eqkit.checks.lint.rulesets import grades
from tests.checks.lint.small import GET, NAME, NEW, OLD, PET, changed


@pytest.mark.parametrize("version", [OLD, NEW])
def test_other_files_are_linted_at_their_own_lines(version: str, tmp_path: Path) -> None:
    """A wrong parameter, a wrong example and a key that stands twice, each in a file beside the contract."""
    contract = changed(
        {
            f"{GET}/parameters/0": {"$ref": "parts.yaml#/parameters/wrong"},
            NAME: {"$ref": "parts.yaml#/schemas/Name"},
            f"{PET}/properties/lost": {"$ref": "parts.yaml#/schemas/Nobody"},
            f"{PET}/properties/far": {"$ref": "https://far.example/a.yaml"},
        },
        version,
    )
    (tmp_path / "api.json").write_text(json.dumps(contract))
    (tmp_path / "parts.yaml").write_text(
        """\
parameters:
  wrong: {name: a, schema: {type: string}}
schemas:
  Name:
    type: string
    type: string
    example: 1
"""
    )
    found = {
        (each.rule, each.place.file.name, each.place.line if each.place.file.name == "parts.yaml" else None)
        for each in lint(tmp_path / "api.json", grades(["recommended"])).findings
        if each.place is not None
    }
    assert found == {
        ("lint-invalid", "parts.yaml", 2),
        ("lint-duplicate-key", "parts.yaml", 6),
        ("lint-example", "parts.yaml", 7),
        ("lint-reference", "api.json", None),
    }


def test_a_key_that_stands_twice_in_json_is_reported_at_its_second_line(tmp_path: Path) -> None:
    """A JSON parser takes the last of two without a word."""
    file = tmp_path / "api.json"
    file.write_text(json.dumps(changed({}), indent=1).replace('"info": {', '"info": {\n"title": "One",', 1))
    (finding,) = lint(file, grades([])).findings
    assert (finding.rule, finding.place and finding.place.line) == ("lint-duplicate-key", 5)
