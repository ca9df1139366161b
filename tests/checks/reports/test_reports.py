"""Each format shows the whole run: for people, JUnit, code scanning, GitHub, JSON, Markdown and HTML."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.reports import (
    FORMATS,
    Table,
    github,
    html,
    junit,
    markdown,
    report_options,
    sarif,
    writing,
)
from eqkit.checks.reports import json as json_report
from eqkit.contract.loading.places import Place
from eqkit.errors import ContractError
from eqkit.exit_codes import ExitCode

SARIF = json.loads((Path(__file__).parents[1] / "schemas" / "sarif-2.1.0.json").read_text())
FILE = Path.cwd() / "openapi" / "elasticqueue.yaml"
HOSTILE = "one: 100 %, <b>|`\x1b[31m` ]]>\nand \ud800 more"

ERROR = Finding(
    rule="lint-example",
    message="one: the example is not valid",
    place=Place(FILE, 12, 3, "/paths/~1a"),
    advice="Mend it.",
    request="curl -i 'http://mock.test/?a=1&b=2'",
)
WARNING = Finding("lint-name", "a name is odd", Severity.WARNING, Place(Path("/elsewhere/api.yaml")))
NOTE = Finding("lint-note", HOSTILE, Severity.NOTE)
TABLES: dict[str, object] = {
    "percent": 50,
    "brief": Table("Summary", ("what", "seen"), [("operations", "1|2")]),
    "long": Table("Everything", ("what",), [("a",), ("b",)], brief=False),
}
FAILED = Run("lint", ["one", "two: three"], [ERROR, WARNING, NOTE], details=TABLES)
PASSED = Run("lint", ["one", "two: three"])
EMPTY = Run("lint")
COULD_NOT_RUN = Run("lint", error="the server does not answer")
RUNS = pytest.mark.parametrize("run", [FAILED, PASSED, EMPTY, COULD_NOT_RUN])


def command(run: Run | Exception, *arguments: str) -> Result:
    """Run a command whose function returns a run, or fails."""

    @click.command("check")
    @report_options
    def check() -> Run:
        if isinstance(run, Exception):
            raise run
        return run

    return CliRunner().invoke(check, arguments)


@RUNS
def test_sarif_is_valid(run: Run) -> None:
    """The schema of OASIS decides."""
    jsonschema.Draft4Validator(SARIF).validate(json.loads(sarif.render(run)))


def test_sarif_has_the_line_in_the_document() -> None:
    """A file of the checkout is named from its root, another one by a file: URI."""
    log = json.loads(sarif.render(FAILED))["runs"][0]
    first, second, third = log["results"]
    assert (first["ruleId"], first["level"], first["ruleIndex"]) == ("lint-example", "error", 0)
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "openapi/elasticqueue.yaml"
    assert place["region"] == {"startLine": 12, "startColumn": 3}
    assert first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "/paths/~1a"
    assert first["message"]["text"].endswith("Mend it.\ncurl -i 'http://mock.test/?a=1&b=2'")
    assert second["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "file:///elsewhere/api.yaml"}
    }
    assert "locations" not in third
    assert [rule["id"] for rule in log["tool"]["driver"]["rules"]] == [
        "lint-example",
        "lint-name",
        "lint-note",
    ]


def test_sarif_knows_a_finding_again_when_its_line_has_moved() -> None:
    """Else code scanning would close and open it with each change above it."""

    def fingerprint(line: int, message: str = "m") -> str:
        run = Run("lint", ["a"], [Finding("r", message, place=Place(FILE, line, pointer="/a"))])
        found: str = json.loads(sarif.render(run))["runs"][0]["results"][0]["partialFingerprints"]["eqkit/v1"]
        return found

    assert fingerprint(1) == fingerprint(2) != fingerprint(1, "n")


def test_sarif_reports_a_run_that_could_not_validate() -> None:
    """An empty list of results alone would look like success."""
    for run in (EMPTY, COULD_NOT_RUN):
        invocation = json.loads(sarif.render(run))["runs"][0]["invocations"][0]
        assert invocation["executionSuccessful"] is False
        assert invocation["exitCode"] == 2
        assert invocation["toolExecutionNotifications"]


@pytest.mark.parametrize(
    ("run", "counts"),
    [
        (FAILED, ("3", "1", "0")),
        (PASSED, ("2", "0", "0")),
        (EMPTY, ("1", "0", "1")),
        (COULD_NOT_RUN, ("1", "0", "1")),
    ],
)
def test_junit_counts_tests_failures_and_errors(run: Run, counts: tuple[str, str, str]) -> None:
    """A run that could not be carried out is an error; warnings and notes fail nothing."""
    suites = ET.fromstring(junit.render(run))
    assert suites.tag == "testsuites"
    for element in (suites, suites[0]):
        assert tuple(element.attrib[name] for name in ("tests", "failures", "errors")) == counts
    assert len(suites[0]) == int(counts[0])
    assert len(suites.findall(".//failure")) == int(counts[1])


def test_junit_fails_the_test_that_a_finding_is_about() -> None:
    """A finding belongs to the test whose name begins its message; any other is a case of its own."""
    cases = {case.attrib["name"]: case for case in ET.fromstring(junit.render(FAILED))[0]}
    failure = cases["one"].find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "one: the example is not valid", "type": "lint-example"}
    assert "openapi/elasticqueue.yaml:12:3 (/paths/~1a)\nMend it.\ncurl" in (failure.text or "")
    assert r"\x1b[31m" in (cases["one"].findtext("system-out") or "")
    assert list(cases["two: three"]) == []
    assert "lint-name at /elsewhere/api.yaml" in cases


def test_github_annotates_the_line() -> None:
    """Annotations are workflow commands, with the characters escaped that would end one."""
    first, second, third = github.render(FAILED).splitlines()
    assert first == (
        "::error file=openapi/elasticqueue.yaml,line=12,col=3,title=lint-example::"
        "one: the example is not valid%0AMend it.%0Acurl -i 'http://mock.test/?a=1&b=2'"
    )
    assert second == "::warning file=/elsewhere/api.yaml,title=lint-name::a name is odd"
    assert third.startswith("::notice title=lint-note::one: 100 %25, ")
    odd = Run("lint", ["a"], [Finding("r", "m", place=Place(Path("a,b: c.yaml")))])
    assert github.render(odd) == "::error file=a%2Cb%3A c.yaml,title=r::m\n"
    assert '"uri": "a%2Cb%3A%20c.yaml"' in sarif.render(odd)
    assert github.render(COULD_NOT_RUN) == (
        "::error title=eqkit lint::lint: error: the server does not answer\n"
    )


def test_github_gets_annotations_on_standard_output_and_a_summary_in_the_file(tmp_path: Path) -> None:
    """The file is $GITHUB_STEP_SUMMARY, which other steps have written to."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    result = command(FAILED, "--report", f"github={summary}")
    assert github.render(FAILED).splitlines()[0] in result.stdout
    assert summary.read_text().startswith("before\n### ❌ eqkit lint\n")
    assert command(PASSED, "--report", "github=-").exit_code == 0


def test_markdown_shows_findings_and_tables_and_nothing_of_theirs_is_active() -> None:
    """Text from a server can neither make HTML nor leave its cell."""
    text = markdown.render(FAILED)
    assert text.startswith("### ❌ eqkit lint\n")
    assert r"one: 100 %, \<b\>\|\`" in text
    assert "| operations | 1\\|2 |" in text
    assert "<details><summary>Everything</summary>" in text
    assert all(line.count(" | ") == 2 for line in text.splitlines() if line.startswith("| error"))


class Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@RUNS
def test_html_loads_nothing(run: Run) -> None:
    """One file that can be kept as an artifact: no script, no link, and a policy that forbids them."""
    tags = Tags(html.render(run)).tags
    assert not {name for name, _ in tags} & {"script", "link", "img", "iframe", "object", "b"}
    assert not {attribute for _, attributes in tags for attribute in attributes} & {"src", "href", "onclick"}
    assert any("default-src 'none'" in (attributes.get("content") or "") for _, attributes in tags)
    assert not re.search(r"url\(|@import", html.render(run))


def test_html_shows_findings_tables_and_tests() -> None:
    """All that the other formats have."""
    page = html.render(FAILED)
    for shown in (
        "openapi/elasticqueue.yaml:12:3",
        "Mend it.",
        "a=1&amp;b=2",
        "1|2",
        "Everything",
        "two: three",
    ):
        assert shown in page


def test_json_has_the_whole_run() -> None:
    """Tables are lists of objects."""
    document: Any = json.loads(json_report.render(FAILED))
    assert document["outcome"] == "failed"
    assert document["tested"] == ["one", "two: three"]
    assert document["findings"][0]["place"]["line"] == 12
    assert document["details"]["brief"] == [{"what": "operations", "seen": "1|2"}]
    assert json.loads(json_report.render(COULD_NOT_RUN))["outcome"] == "error"


def test_a_terminal_gets_nothing_that_it_would_act_on() -> None:
    """An escape sequence of a server is shown and not sent."""
    text = writing.render(FAILED)
    assert "\x1b" not in text
    assert r"\x1b[31m" in text
    assert text.encode()
    assert text.splitlines()[0] == (
        "openapi/elasticqueue.yaml:12:3 (/paths/~1a): error: one: the example is not valid [lint-example]"
    )
    assert "WHAT        SEEN\noperations  1|2" in text
    assert "Everything" not in text
    assert text.splitlines()[-1] == "lint: failed; 2 tested, 1 error, 1 warning, 1 note"


@pytest.mark.parametrize(
    ("run", "code", "message"),
    [
        (FAILED, ExitCode.FAILED, "lint: failed"),
        (PASSED, ExitCode.PASSED, "lint: passed; 2 tested, nothing found"),
        (EMPTY, ExitCode.ERROR, "lint: nothing was tested"),
        (COULD_NOT_RUN, ExitCode.ERROR, "lint: error: the server does not answer"),
        (ContractError("no\nsuch file"), ExitCode.ERROR, "check: no such file"),
    ],
)
def test_the_outcome_is_the_exit_code(run: Run | Exception, code: ExitCode, message: str) -> None:
    """0 passed, 1 failed, 2 error, and never 0 for nothing tested."""
    result = command(run)
    assert result.exit_code == code
    assert message in result.output


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_is_written_into_its_file(form: str, tmp_path: Path) -> None:
    """A run is written completely, even with a lone surrogate in it."""
    result = command(FAILED, "--report", f"{form}={tmp_path / 'report'}")
    assert result.exit_code == ExitCode.FAILED, result.output
    assert "one" in (tmp_path / "report").read_text(encoding="utf-8")


def test_a_report_on_standard_output_stands_there_alone() -> None:
    """The text for people goes to standard error then, so that the output can be piped."""
    result = command(FAILED, "--report", "json=-")
    assert json.loads(result.stdout)["check"] == "lint"
    assert "lint: failed" in result.stderr
