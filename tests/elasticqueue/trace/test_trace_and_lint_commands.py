"""`eqkit trace` and `eqkit lint` on the command line: their output, reports and exit codes."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from eqkit.cli.checks.lint import command as lint
from eqkit.cli.checks.trace import command as trace
from tests.elasticqueue.trace.parcels import project


def call(command: click.Command, *arguments: object) -> Result:
    """Run a command as `eqkit` would."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", [trace, lint])
def test_our_contract_is_kept(command: click.Command) -> None:
    """Without options, each check validates the installed contract, and ends with 0."""
    result = call(command)
    assert result.exit_code == 0, result.output
    assert f"{command.name}: passed; " in result.output


def test_a_project_is_traced_and_its_decisions_are_shown(tmp_path: Path) -> None:
    """The contradictions of the docs are printed with lines and decisions, and the count of traced facts."""
    files = project(tmp_path)
    result = call(trace, files.docs, "--contract", files.contract, "--requirements", files.requirements)
    assert result.exit_code == 0, result.output
    assert f"{files.docs}:31: note: " in result.output
    assert "204 is No Content, not Created [docs-status-reason]" in result.output
    assert "settled: docs/adr/0001-parcels.md#p2" in result.output
    assert "38 of 38 facts are traced" in result.output


def test_docs_that_are_not_traced_fail(tmp_path: Path) -> None:
    """Docs that have nothing to do with the requirements end with 1."""
    result = call(trace, project(tmp_path).docs)
    assert result.exit_code == 1, result.output
    assert "[trace-untraced]" in result.output
    assert "[trace-no-such-fact]" in result.output


def test_a_report_names_the_line_of_the_document(tmp_path: Path) -> None:
    """SARIF has the place of a finding in the OpenAPI document."""
    files = project(tmp_path)
    files.contract.write_text(files.contract.read_text().replace("type: integer", "type: number"))
    report = tmp_path / "trace.sarif"
    result = call(
        trace,
        files.docs,
        "--contract",
        files.contract,
        "--requirements",
        files.requirements,
        "--report",
        f"sarif={report}",
    )
    assert result.exit_code == 1, result.output
    found = [
        (each["ruleId"], each["locations"][0]["physicalLocation"]["region"]["startLine"])
        for each in json.loads(report.read_text())["runs"][0]["results"]
    ]
    assert (
        "trace-contract",
        files.contract.read_text().splitlines().index("          type: number") + 1,
    ) in found


def test_lint_prints_place_rule_and_advice(tmp_path: Path) -> None:
    """A finding is printed as compilers do it, with the demand of its rule."""
    files = project(tmp_path)
    result = call(lint, "--contract", files.contract, "--ruleset", "eqkit")
    assert result.exit_code == 1, result.output
    assert f"{files.contract}:12:5 (/paths/~1v1~1depots~1{{depot}}~1parcels/post): error: " in result.output
    assert "the operation has no tags [eqkit-operation]\n    An operation has an operationId" in result.output


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        (trace, ["no-such-file.md"], "no-such-file.md"),
        (trace, ["--server", "http://127.0.0.1:1"], "name the Slate file"),
        (trace, ["--requirements", __file__], "not YAML"),
        (trace, [__file__], "not a Slate file"),
        (trace, ["--contract", __file__], "not YAML"),
        (lint, ["--contract", "no-such-file.yaml"], "no-such-file.yaml"),
        (lint, ["--without", "eqkit-of-cards"], 'there is no rule "eqkit-of-cards"; did you mean'),
        (lint, ["--ruleset", "recomended"], 'there is no ruleset "recomended"; did you mean recommended?'),
        (lint, ["--config", "no-such-file.yaml"], "no-such-file.yaml"),
    ],
)
def test_bad_input_ends_with_2_and_one_clear_line(
    command: click.Command, arguments: list[str], message: str
) -> None:
    """Bad input ends in a message, and never in a traceback."""
    result = call(command, *arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert message in result.output.splitlines()[-1]


def test_the_table_is_printed(tmp_path: Path) -> None:
    """`--table` prints the requirements, independent of the docs."""
    files = project(tmp_path)
    result = call(trace, "--requirements", files.requirements, "--table")
    assert result.exit_code == 0, result.output
    row = (
        "| 31 | `parcels/send-a-parcel#response/status`: `204` |"
        " `/components/responses/Sent/description`: `It is sent.`<br>nothing at"
        " `/paths/~1v1~1depots~1{depot}~1parcels/post/responses/204` |  |"
        " corrected, [P2](../adr/0001-parcels.md#p2) |"
    )
    assert row in result.output.splitlines()
