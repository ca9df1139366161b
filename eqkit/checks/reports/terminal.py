"""A run as text for a terminal: findings as compilers print them, tables, and the verdict."""

import unicodedata

from eqkit.checks.findings import Finding, Run
from eqkit.checks.reports.tables import Table, tables_of, verdict, where


def render(run: Run) -> str:
    """Return the lines of a run."""
    blocks = [_finding(finding) for finding in run.findings]
    blocks += [_table(table) for table in tables_of(run) if table.brief and table.rows]
    return "".join(f"{printable(block)}\n" for block in [*blocks, verdict(run)])


def printable(text: str) -> str:
    """Return a text with what a terminal would act on, such as an escape sequence, made visible."""
    return "".join(
        ascii(char)[1:-1] if unicodedata.category(char) in ("Cc", "Cf", "Cs") and char != "\n" else char
        for char in text
    )


def _finding(finding: Finding) -> str:
    place = "" if finding.place is None else f"{where(finding.place)}: "
    lines = [f"{place}{finding.severity}: {finding.message} [{finding.rule}]"]
    if finding.advice is not None:
        lines.append(f"    {finding.advice}")
    if finding.request is not None:
        lines.append(f"    {finding.request}")
    return "\n".join(lines)


def _table(table: Table) -> str:
    rows = [[column.upper() for column in table.columns], *table.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
    return "\n".join([f"\n{table.title}", *lines])
