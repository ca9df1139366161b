"""A run as one HTML page that needs nothing beside it and loads nothing."""

from html import escape

from eqkit.checks.findings import Finding, Run
from eqkit.checks.reports.writing import Table, tables_of, tidied, verdict, where

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
table { border-collapse: collapse; margin: 0 0 1.5rem; width: 100% }
th, td { border: 1px solid #8886; padding: .3rem .55rem; text-align: left; vertical-align: top }
th { background: #8882 }
code, pre { font: 13px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap }
.verdict { border-left: .5rem solid; padding: .5rem 1rem }
.error { color: #c0392b } .warning { color: #b58900 } .note { color: #2b6cb0 }
.verdict.passed { border-color: #2a8a4a } .verdict.failed { border-color: #c0392b }
.verdict.error { border-color: #b58900; color: inherit }
"""


def render(run: Run) -> str:
    """Return the page: verdict, findings, tables, and the things tested."""
    run = tidied(run)
    outcome = run.outcome.name.lower()
    title = escape(f"eqkit {run.check}")
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        '<meta name="viewport" content="width=device-width">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<style>{_STYLE}</style></head><body>",
        f'<h1>{title}</h1><p class="verdict {outcome}">{escape(verdict(run))}</p>',
    ]
    if run.findings:
        rows = "\n".join(_finding(finding) for finding in run.findings)
        parts.append(f"<h2>Findings</h2><table><tr><th></th><th>Where</th><th>What</th></tr>\n{rows}</table>")
    parts += [_table(table) for table in tables_of(run)]
    if run.tested:
        items = "\n".join(f"<li><code>{escape(name)}</code></li>" for name in run.tested)
        parts.append(f"<details><summary>{len(run.tested)} tested</summary><ol>\n{items}</ol></details>")
    return "\n".join([*parts, "</body></html>", ""])


def _finding(finding: Finding) -> str:
    place = "" if finding.place is None else f"<code>{escape(where(finding.place))}</code>"
    detail = f"{escape(finding.message)} <code>{escape(finding.rule)}</code>"
    if finding.advice is not None:
        detail += f"<br>{escape(finding.advice)}"
    if finding.request is not None:
        detail += f"<pre>{escape(finding.request)}</pre>"
    severity = finding.severity.value
    return f'<tr><td class="{severity}">{severity}</td><td>{place}</td><td>{detail}</td></tr>'


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f"<h2>{escape(table.title)}</h2><table><tr>{head}</tr>\n{rows}</table>"
