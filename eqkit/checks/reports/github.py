"""A run as the annotations of GitHub Actions: workflow commands, one a line."""

from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.reports.writing import local, verdict
from eqkit.exit_codes import ExitCode

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(run: Run) -> str:
    """Return the commands; a run that could not be carried out is an error, too."""
    lines = [_annotation(finding) for finding in run.findings]
    if run.outcome is ExitCode.ERROR:
        lines.append(f"::error title={_property(f'eqkit {run.check}')}::{_data(verdict(run))}")
    return "".join(f"{line}\n" for line in lines)


def _annotation(finding: Finding) -> str:
    properties: dict[str, object] = {}
    if finding.place is not None:
        properties = {
            "file": local(finding.place.file).as_posix(),
            "line": finding.place.line,
            "col": finding.place.column,
        }
    properties["title"] = finding.rule
    said = ",".join(
        f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None
    )
    messages = (finding.message, finding.advice, finding.request)
    text = "\n".join(line for line in messages if line is not None)
    return f"::{_COMMANDS[finding.severity]} {said}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
