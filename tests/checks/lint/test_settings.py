"""The file of settings, `--ruleset`, `--without` and entries that let findings pass."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eqkit.cli.checks.lint import command
from tests.checks.lint.small import GET, NAME, PET, changed, found

WRONG = changed(
    {f"{NAME}/example": 1, f"{PET}/properties/id/example": 2, f"{GET}/requestBody": {"content": {}}}
)
"""Two wrong examples, and a GET with a body."""


def run(folder: Path, contract: Any, *arguments: str, settings: str | None = None) -> Result:
    """Lint a contract in a folder, where `eqkit-lint.yaml` has the settings."""
    (folder / "api.json").write_text(json.dumps(contract))
    if settings is not None:
        (folder / "eqkit-lint.yaml").write_text(settings)
    return CliRunner().invoke(command, ["--contract", "api.json", *arguments])


@pytest.fixture(autouse=True)
def _within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def counted(result: Result) -> tuple[int, int, int]:
    """Exit code, and how often lint-example and lint-request-body are reported."""
    return result.exit_code, result.output.count("[lint-example]"), result.output.count("[lint-request-body]")


@pytest.mark.parametrize(
    ("settings", "arguments", "expected"),
    [
        (None, [], (1, 2, 1)),
        (None, ["--ruleset", "core"], (0, 0, 0)),
        (None, ["--ruleset", "generators"], (0, 0, 0)),
        (None, ["--without", "lint-example"], (0, 0, 1)),
        ("rules: {lint-example: off}", [], (0, 0, 1)),
        ("rules: {lint-example: 'off', lint-request-body: error}", [], (1, 0, 1)),
        ("rules: {lint-example: note}", [], (0, 2, 1)),
        ("rulesets: [core]", [], (0, 0, 0)),
        ("rulesets: [core]", ["--ruleset", "recommended"], (1, 2, 1)),
        ("rulesets: [core]\nrules: {lint-request-body: error}", [], (1, 0, 1)),
        (f"ignore: [{{rule: lint-example, at: {PET}, reason: They are old.}}]", [], (0, 0, 1)),
        (f"ignore: [{{rule: lint-example, at: {NAME}, reason: It is old.}}]", [], (1, 1, 1)),
        ("", [], (1, 2, 1)),
    ],
)
def test_settings_and_options_choose_the_rules(
    settings: str | None, arguments: list[str], expected: tuple[int, int, int], tmp_path: Path
) -> None:
    """An option takes the place of the file's rulesets; a rule has the severity that the file gives it."""
    assert counted(run(tmp_path, WRONG, *arguments, settings=settings)) == expected


def test_another_file_is_named(tmp_path: Path) -> None:
    """With `--config`, that of the working directory is not read."""
    (tmp_path / "other.yaml").write_text("rules: {lint-example: off}")
    result = run(tmp_path, WRONG, "--config", "other.yaml", settings="rulesets: [none]")
    assert counted(result) == (0, 0, 1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("rules: {lint-exmple: off}", 'there is no rule "lint-exmple"; did you mean lint-example?'),
        ("rulesets: [recomended]", 'there is no ruleset "recomended"; did you mean recommended?'),
        ("rulesets: core", "rulesets must be a list"),
        ("rule: {}", 'there is no member "rule"; did you mean rules?'),
        ("rules: {lint-example: fatal}", "must be error, warning, note or off, and is fatal"),
        ("rules: [lint-example]", "rules must be an object"),
        ("ignore: [{rule: lint-example, at: /paths}]", "reason is missing"),
        ("ignore: [{rule: lint-example, at: /paths, reason: ' '}]", "reason is missing"),
        ("ignore: [{rule: lint-example, at: paths, reason: a}]", "must be a JSON pointer"),
        ("ignore: [{rule: a, at: /paths, reason: a}]", 'there is no rule "a"'),
        ("ignore: [1]", "an entry of ignore must be an object"),
        ("- 1", "the file must be an object"),
        ("a: [", "not YAML"),
    ],
)
def test_settings_that_cannot_be_read_end_with_one_line(settings: str, message: str, tmp_path: Path) -> None:
    """The file and the fault are named, and nothing is linted by half of the settings."""
    result = run(tmp_path, WRONG, settings=settings)
    assert isinstance(result.exception, Exception | SystemExit)
    text = f"{result.output}{result.exception}"
    assert result.exit_code != 0
    assert "eqkit-lint.yaml" in text
    assert message in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ({"lint-example": "It was sold by number."}, []),
        ({"lint-example": " "}, ["lint-example", "lint-ignore"]),
        ({"lint-exmple": "It was sold."}, ["lint-example", "lint-ignore"]),
        ({"lint-example": "It was.", "lint-pattern": "It is."}, ["lint-ignore"]),
    ],
)
def test_an_entry_in_the_document_lets_pass_with_a_reason(
    member: dict[str, str], expected: list[str], tmp_path: Path
) -> None:
    """Without a reason, with an unknown rule or without need, it is reported itself."""
    contract = changed({f"{NAME}/example": 1, f"{NAME}/x-eqkit-ignore": member})
    assert sorted(rule for rule, _ in found(tmp_path, contract, "recommended")) == expected
