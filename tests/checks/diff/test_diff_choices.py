"""The choices of the user: the severity that fails a run, severities of one's own, and the ignore file."""

import copy
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from eqkit.checks.diff.comparison import diff
from eqkit.checks.findings import Severity
from eqkit.cli.checks.diff import command
from tests.checks.things import BASE, GET, OUT, PUT, Change, at, contract, drop, put, rules

LOST = drop(OUT, "state")
"""A property of a response that two media types of one operation lose."""

SUNSET = {"deprecated": True, "x-sunset": "2030-01-31"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory, with the old contract in it."""
    monkeypatch.chdir(tmp_path)
    Path("old.yaml").write_text(yaml.safe_dump(BASE))
    return tmp_path


def compared(change: Change, *arguments: str) -> Result:
    """Compare the contract with a changed one, as the command does it."""
    data = copy.deepcopy(BASE)
    change(data)
    Path("new.yaml").write_text(yaml.safe_dump(data))
    return CliRunner().invoke(command, ["old.yaml", "new.yaml", *arguments])


@pytest.mark.parametrize(
    ("change", "fails"),
    [
        (LOST, {"breaking", "warning", "any"}),
        (drop(at("paths>/things/{id}>put>responses"), "404"), {"warning", "any"}),
        (put(OUT, colour={}), {"any"}),
        (lambda data: None, set[str]()),
    ],
    ids=["an error", "a warning", "a note", "nothing"],
)
def test_the_user_says_which_findings_fail_a_run(folder: Path, change: Change, fails: set[str]) -> None:
    """The warning of the version, which three of the cases have, is switched off."""
    for limit in ("breaking", "warning", "any"):
        result = compared(change, "--fail-on", limit, "--severity", "diff-version=off")
        assert result.exit_code == (limit in fails), result.output


def test_a_rule_has_the_severity_that_the_user_gives_it(folder: Path) -> None:
    """An option names a rule or a pattern; the last that fits counts, and the version follows."""
    assert compared(LOST, "--severity", "diff-response-property-lost=note").exit_code == 0
    result = compared(LOST, "--severity", "diff-*=off", "--severity", "diff-response-*=warning")
    assert (
        "warning: PUT /things/{id}: response 200 (application/json) lost the property state" in result.output
    )
    assert result.exit_code == 0
    raised = compared(put(OUT, colour={}), "--severity", "diff-response-property-added=error")
    assert raised.exit_code == 1
    assert "1.4.2  1.4.2  2.0.0" in raised.output


@pytest.mark.parametrize(
    ("entry", "exit_code", "message"),
    [
        ({"rule": "diff-response-property-lost"}, 0, "passed"),
        ({"rule": "diff-response-*", "place": "/components/schemas/Stored"}, 0, "passed"),
        ({"rule": "diff-response-*", "operation": "PUT *"}, 0, "passed"),
        ({"rule": "diff-response-property-lost", "place": "/components/schemas/Sto"}, 1, "ignore-unused"),
        ({"rule": "diff-response-property-lost", "operation": "GET *"}, 1, "ignore-unused"),
        ({"rule": "diff-security-changed"}, 1, "ignore-unused"),
    ],
)
def test_an_accepted_change_is_not_reported(
    folder: Path, entry: dict[str, str], exit_code: int, message: str
) -> None:
    """An entry fits by rule, place and operation; one that fits no change is reported at its line."""
    Path("known.yaml").write_text(yaml.safe_dump([{**entry, "reason": "Nobody reads it."}]))
    result = compared(LOST, "--ignore", "known.yaml")
    assert result.exit_code == exit_code, result.output
    assert message in result.output
    assert ("known.yaml:1:3" in result.output) is (message == "ignore-unused")


def test_a_change_accepted_for_one_operation_is_reported_for_the_others(folder: Path) -> None:
    """A shared component may be known to break one operation, and break another."""
    data = copy.deepcopy(BASE)
    GET(data)["responses"]["200"] = copy.deepcopy(PUT(data)["responses"]["200"])
    Path("old.yaml").write_text(yaml.safe_dump(data))
    LOST(data)
    Path("new.yaml").write_text(yaml.safe_dump(data))
    Path("known.yaml").write_text(
        "- {rule: diff-response-property-lost, operation: PUT *, reason: It is ours.}"
    )
    result = CliRunner().invoke(command, ["old.yaml", "new.yaml", "--ignore", "known.yaml"])
    assert result.exit_code == 1
    assert "GET /things/{id}: response 200 (application/json) lost the property state" in result.output
    assert "PUT" not in result.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {rule: diff-version}", "known.yaml:1: say why diff-version is ignored"),
        ("- {rule: diff-versoin, reason: x}", "known.yaml:1: there is no rule diff-versoin"),
        ("- {reason: x}", "known.yaml:1: say which rule is ignored"),
        ("- {rule: diff-version, reason: x, plac: /a}", "known.yaml:1: there is no member plac"),
        ("- {rule: diff-version, reason: x, place: a}", "known.yaml:1: a place is a JSON pointer"),
        ("- diff-version", "known.yaml:1: an entry has the members rule, place, operation, reason"),
        ("{rule: diff-version}", "known.yaml: it has to be a list"),
        ("- {rule: [", "known.yaml:2:1: not YAML"),
    ],
)
def test_an_ignore_file_that_is_wrong_ends_in_one_line(folder: Path, text: str, message: str) -> None:
    """The line gives the place of the error and the form that is allowed."""
    Path("known.yaml").write_text(text)
    result = compared(LOST, "--ignore", "known.yaml")
    assert (result.exit_code, result.output.count("\n")) == (2, 1), result.output
    assert message in result.output


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--severity", "diff-version"], "write RULE=error, =warning, =note or =off"),
        (["--severity", "diff-version=fatal"], "write RULE=error, =warning, =note or =off"),
        (["--severity", "diff-versoin=off"], "there is no rule diff-versoin"),
        (["--ignore", "nowhere.yaml"], "nowhere.yaml: No such file or directory"),
    ],
)
def test_an_option_that_is_wrong_ends_in_one_line(folder: Path, option: list[str], message: str) -> None:
    """The run ends with exit code 2, and the line gives the allowed form."""
    result = compared(LOST, *option)
    assert (result.exit_code, result.output.count("\n")) == (2, 1), result.output
    assert message in result.output


@pytest.mark.parametrize(
    ("members", "as_of", "rule", "severity"),
    [
        ({}, None, "operation-removed", Severity.ERROR),
        ({"deprecated": True}, None, "operation-removed-deprecated", Severity.WARNING),
        (SUNSET, None, "operation-removed-deprecated", Severity.WARNING),
        (SUNSET, "2030-01-30", "operation-removed-early", Severity.ERROR),
        (SUNSET, "2030-01-31", "operation-removed-deprecated", Severity.WARNING),
    ],
)  # fmt: skip
def test_a_deprecated_operation_may_go_from_its_sunset_on(
    members: dict[str, object], as_of: str | None, rule: str, severity: Severity
) -> None:
    """Without a day to compare it with, it is a warning."""
    old, new = copy.deepcopy(BASE), copy.deepcopy(BASE)
    GET(old).update(members)
    del new["paths"]["/things/{id}"]["get"]
    day = None if as_of is None else date.fromisoformat(as_of)
    run = diff(contract(old, "old.json"), contract(new, "new.json"), as_of=day)
    assert rules(run, severity) >= {f"diff-{rule}"}
