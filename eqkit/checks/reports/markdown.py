"""A run as Markdown, for job summaries and for comments on pull requests."""

import re
from collections.abc import Sequence

from eqkit.checks.findings import Finding, Run
from eqkit.checks.reports.writing import tables_of, tidied, verdict, where
from eqkit.exit_codes import ExitCode

MOST = 200
"""How many findings are written out: a job summary may have 1 MiB."""

_SIGNS = {ExitCode.PASSED: "✅", ExitCode.FAILED: "❌", ExitCode.ERROR: "❔"}
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~&@!$])")
"""Characters that Markdown acts on."""

_LINKED = re.compile(r"[@#:](?=[\w/])|(?i:www)(?=\.)|(?<=\b[gG][hH])-(?=\d)")
"""Characters that GitHub makes a mention, a reference or a link of, with those that follow."""


_NOT_PLAIN = re.compile(r"[^\w /=,;-]|_|(?i:(?<=ww)w)")


def render(run: Run) -> str:
    """Return a heading, the findings and the tables."""
    run = tidied(run)
    blocks = [f"### {_SIGNS[run.outcome]} eqkit {run.check}", _escaped(verdict(run))]
    if run.findings:
        blocks.append(_table(("", "Where", "What"), [_row(finding) for finding in run.findings[:MOST]]))
    if len(run.findings) > MOST:
        blocks.append(f"… and {len(run.findings) - MOST} more.")
    for table in tables_of(run):
        rows = [[_escaped(cell) for cell in row] for row in table.rows]
        shown = _table([_escaped(column) for column in table.columns], rows)
        summary = _escaped(table.title)
        blocks.append(
            f"#### {summary}\n\n{shown}"
            if table.brief
            else f"<details><summary>{summary}</summary>\n\n{shown}\n\n</details>"
        )
    return "\n\n".join(blocks) + "\n\n"


def _row(finding: Finding) -> list[str]:
    place = "" if finding.place is None else _code(where(finding.place))
    lines = [f"{_escaped(finding.message)} ({_code(finding.rule)})"]
    if finding.advice is not None:
        lines.append(_escaped(finding.advice))
    if finding.request is not None:
        lines.append(_code(finding.request))
    return [finding.severity.value, place, "<br>".join(lines)]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _escaped(text: str) -> str:
    words = " ".join(text.split())
    # A comment of HTML keeps characters apart that would be read together.
    return "<!-- -->".join(_ACTIVE.sub(r"\\\1", part) for part in _LINKED.sub("\\g<0>\0", words).split("\0"))


def _code(text: str) -> str:
    """Return a text as code of HTML, which can hold backticks and pipes where Markdown's cannot.

    Markdown goes on within it, so that nothing is left which it might act on.
    """
    shown = _NOT_PLAIN.sub(lambda found: f"&#{ord(found[0])};", " ".join(text.split()))
    return f"<code>{shown}</code>"
