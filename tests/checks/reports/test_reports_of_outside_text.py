"""Reports quote a contract, a server or a recording, and no reader acts on the quoted text."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.reports import FORMATS, Table, html, junit, markdown, sarif, writing
from eqkit.checks.reports import json as json_report
from eqkit.cli import main
from eqkit.contract.loading.places import Place
from eqkit.printing import json_text, printable

HOSTILE = (
    "a\n::stop-commands::x\n::error::y",
    "::error::y",
    "  ::add-mask::y",
    "a\r::error::y\x0b::error::y\u2028::error::y\x85::error::y",
    "a ##[error]y ##vso[task.setvariable variable=x]y ##teamcity[message text='y']",
    "\x1b]0;owned\x07 \x1b[2J \x9b31m \x7f \u202e \u200b \ud800 \x00",
    "![p](https://evil.test/p.png) [l](https://evil.test) <https://evil.test> **b** `c` ~~s~~ #1 @all",
    "https://evil.test www.evil.test a@evil.test GH-12 | a | b",
    "</code><img src=x onerror=alert(1)><script>alert(1)</script>&lt;",
    "]]><failure/>%0A::error::y%25",
)
COMMAND = re.compile(r"(?m)^\s*::|##\w*\[")
UNSAFE = re.compile(r"[^\n\x20-\x7e\xa0-\xac\xae-\u05ff\u2010-\u2027\u2705\u274c\u2754]")


def run(text: str) -> Run:
    """Return a run with a text in each place that can have one."""
    place = Place(Path("a.yaml"), 1, 1, f"/{text}")
    findings = [Finding("rule", text, severity, place, text, f"curl {text!r}") for severity in Severity]
    details: dict[str, object] = {
        "t": Table("T", ("a", "b"), [(text, text)]),
        "u": Table("U", ("a",), [(text,)]),
    }
    return Run("lint", [text, "one"], [*findings, Finding("rule", f"one: {text}")], details=details)


def runs(text: str) -> list[Run]:
    """Return runs that validate, and one that does not."""
    return [run(text), Run("lint", error=text)]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("form", [writing, html, json_report, junit, markdown, sarif])
def test_no_line_is_a_command_of_a_ci_system_or_a_terminal(text: str, form: Any) -> None:
    """Any report may go to standard output, which GitHub, Azure and TeamCity read, and terminals act on."""
    for each in runs(text):
        message = form.render(each)
        assert COMMAND.search(message) is None
        assert UNSAFE.search(message) is None


@pytest.mark.parametrize("text", HOSTILE)
def test_reports_for_programs_have_the_very_text(text: str) -> None:
    """It is escaped as JSON has it, and nothing is lost."""
    assert json.loads(json_report.render(run(text)))["tested"][0] == text
    message = json.loads(sarif.render(run(text)))["runs"][0]["results"][0]["message"]["text"]
    assert message.startswith(text.replace("](", "] ("))
    assert "](" not in message


@pytest.mark.parametrize("text", HOSTILE)
def test_junit_is_whole_xml(text: str) -> None:
    """The XML can be parsed, and has one failure for each test that failed."""
    assert len(ET.fromstring(junit.render(run(text))).findall(".//failure")) == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_text_and_nothing_else(text: str) -> None:
    """Neither as text nor within code is it a picture, a link, HTML or a mention."""
    for each in runs(text):
        message = markdown.render(each)
        tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(message)
        inline = [child for token in tokens for child in token.children or ()]
        assert {child.type for child in inline} <= {"text", "html_inline"}
        tags = {child.content for child in inline if child.type == "html_inline"}
        assert tags <= {"<code>", "</code>", "<br>", "<!-- -->"}
        shown = "\0".join(child.content for child in inline if child.type == "text")
        assert re.search(r"@\w|(?<!&)#\d|://|www\.", message) is None
        # References are made nowhere in code.
        assert re.search(r"GH-\d", re.sub("<code>.*?</code>", "", message)) is None
        assert "evil" not in text or "evil" in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_printed_text_is_one_line_and_stays_as_it_is_when_it_is_printed_again(text: str) -> None:
    """The same function is for tables, errors and logs."""
    message = printable(text)
    assert message.isprintable()
    assert COMMAND.search(message) is None
    assert printable(message) == message
    assert json.loads(json_text({text: text})) == {text: text}


@pytest.mark.parametrize("form", FORMATS)
def test_the_formats_are_all_of_them(form: str) -> None:
    """Each format is tested on this page: github escapes all characters that would end its commands."""
    names = {each.__name__.rpartition(".")[2] for each in (html, json_report, junit, markdown, sarif)}
    assert form in names | {"github"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_check_quotes_a_contract_without_acting_on_it(text: str, tmp_path: Path) -> None:
    """Findings at hostile names, and a hostile file that is no contract, go through the command unharmed."""
    schema = {"type": "object", "properties": {text: {"type": "integer", "default": text, "description": 5}}}
    answers = {"200": {"description": "d", "content": {"application/json": {"schema": schema}}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": text, "version": "1"},
        "paths": {f"/{text}": {"get": {"responses": answers}}},
    }
    file = tmp_path / "api.json"
    for version in ("3.0.3", text):
        file.write_text(json.dumps(document | {"openapi": version}))
        for arguments in (
            ["lint", "--contract", file],
            ["replay", file, "--contract", file],
            ["diff", file, file],
        ):
            result = CliRunner().invoke(main, [str(each) for each in arguments])
            assert result.exit_code in (0, 1, 2)
            assert COMMAND.search(result.output) is None
            assert UNSAFE.search(result.output) is None
