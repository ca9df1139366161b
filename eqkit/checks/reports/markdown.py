"""A run as Markdown, for job summaries and for comments on pull requests."""

import re
from collections.abc import Sequence

from eqkit.checks.findings import Finding, Outcome, Run
from eqkit.checks.reports.tables import tables_of, verdict, where

MOST = 200
"""How many findings are written out: a job summary may have 1 MiB."""

_SIGNS = {Outcome.KEPT: "✅", Outcome.BROKEN: "❌", Outcome.NOT_JUDGED: "❔"}
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>#|~&@])")


def render(run: Run) -> str:
    """Return a heading, the findings and the tables."""
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
    return _ACTIVE.sub(r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Return a text as code of HTML, which can hold backticks and pipes where Markdown's cannot."""
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("`", "&#96;")):
        text = text.replace(char, entity)
    return f"<code>{' '.join(text.split())}</code>"
