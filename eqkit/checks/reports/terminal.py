"""A run as text for a terminal: findings as compilers print them, tables, and the verdict."""

from eqkit.checks.findings import Finding, Run
from eqkit.checks.reports.tables import Table, tables_of, tidied, verdict, where
from eqkit.printing import printable

MAX_PLACES = 4
"""How many places of one finding are printed; the reports in JSON and HTML have all of them."""


def render(run: Run) -> str:
    """Return the lines of a run."""
    run = tidied(run)
    lines = [line for finding in run.findings for line in _finding(finding)]
    lines += [line for table in tables_of(run) if table.brief and table.rows for line in _table(table)]
    return "".join(f"{printable(line)}\n" for line in [*lines, verdict(run)])


def _finding(finding: Finding) -> list[str]:
    place = "" if finding.place is None else f"{where(finding.place)}: "
    lines = [f"{place}{finding.severity}: {finding.message} [{finding.rule}]"]
    if len(finding.places) > 1:
        more = f"; and {len(finding.places) - MAX_PLACES} more" if len(finding.places) > MAX_PLACES else ""
        lines.append(f"    In {'; '.join(finding.places[:MAX_PLACES])}{more}.")
    if finding.advice is not None:
        lines.append(f"    {finding.advice}")
    if finding.request is not None:
        lines += [f"    {request}" for request in finding.request.split("\n")]
    return lines


def _table(table: Table) -> list[str]:
    rows = [[column.upper() for column in table.columns], *table.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
    return ["", table.title, *lines]
