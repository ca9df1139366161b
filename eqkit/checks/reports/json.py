"""A run as one JSON document."""

import dataclasses
from typing import Any

from eqkit.checks.findings import Finding, Run
from eqkit.checks.reports.writing import Table
from eqkit.printing import json_text


def render(run: Run) -> str:
    """Return the document; `outcome` is the exit code's name."""
    document = {
        "check": run.check,
        "outcome": run.outcome.name.lower(),
        "error": run.error,
        "tested": list(run.tested),
        "findings": [_finding(finding) for finding in run.findings],
        "details": {name: _detail(value) for name, value in run.details.items()},
    }
    return f"{json_text(document)}\n"


def _finding(finding: Finding) -> dict[str, Any]:
    view = dataclasses.asdict(finding)
    if finding.place is not None:
        view["place"] |= {"file": finding.place.file.as_posix()}
    return view


def _detail(value: object) -> object:
    if isinstance(value, Table):
        return [dict(zip(value.columns, row, strict=True)) for row in value.rows]
    return value
