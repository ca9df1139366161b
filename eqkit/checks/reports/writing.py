"""A run written: as text for people, and into the reports that were asked for."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from eqkit.checks.findings import Finding, Run
from eqkit.contract.loading.places import Place
from eqkit.errors import StartupError
from eqkit.printing import printable, table_lines

STANDARD_OUTPUT = Path("-")

Report = tuple[str, Path]
"""A format and its file."""

MAX_PLACES = 4
"""How many places of one finding are printed; the reports in JSON and HTML have all of them."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts below the names of their columns; `brief` ones are printed on terminals, too."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    brief: bool = True


def write_reports(run: Run, reports: tuple[Report, ...]) -> None:
    """Print a run for people, and write its reports; raises StartupError for a file that cannot be written.

    Where a report goes to standard output, people are told on standard error.
    """
    taken = any(file == STANDARD_OUTPUT and form != "github" for form, file in reports)
    click.echo(_encodable(render(run)), err=taken, nl=False)
    for form, file in reports:
        text = _encodable(importlib.import_module(f"eqkit.checks.reports.{form}").render(run))
        if form == "github":
            click.echo(text, nl=False)
            if file == STANDARD_OUTPUT:
                continue
            from eqkit.checks.reports import markdown

            _write(file, _encodable(markdown.render(run)), mode="a")
        elif file == STANDARD_OUTPUT:
            click.echo(text, nl=False)
        else:
            _write(file, text)


def render(run: Run) -> str:
    """Return the lines of a run."""
    lines = [printable(line) for finding in run.findings for line in _finding(finding)]
    for table in tables_of(run):
        if table.brief and table.rows:
            rows = [[column.upper() for column in table.columns], *table.rows]
            lines += ["", printable(table.title), *table_lines(rows)]
    return "".join(f"{line}\n" for line in [*lines, printable(verdict(run))])


def _finding(finding: Finding) -> list[str]:
    place, message = "", finding.message
    if finding.place is not None:
        place = f"{where(finding.place)}: "
        # The place is in front already, where a report has it in a field of its own.
        message = message.removeprefix(f"{finding.place.pointer}: ")
    lines = [f"{place}{finding.severity}: {message} [{finding.rule}]"]
    if len(finding.places) > 1:
        more = f"; and {len(finding.places) - MAX_PLACES} more" if len(finding.places) > MAX_PLACES else ""
        lines.append(f"    In {'; '.join(finding.places[:MAX_PLACES])}{more}.")
    if finding.advice is not None:
        lines.append(f"    {finding.advice}")
    if finding.request is not None:
        lines += [f"    {request}" for request in finding.request.split("\n")]
    return lines


def tidied(run: Run) -> Run:
    """Return a run whose texts are safe lines, without characters that a terminal acts on."""
    details = {
        name: _tidied(value) if isinstance(value, Table) else value for name, value in run.details.items()
    }
    return replace(
        run,
        tested=[printable(name) for name in run.tested],
        findings=[_tidied_finding(finding) for finding in run.findings],
        error=None if run.error is None else printable(run.error),
        details=details,
    )


def tables_of(run: Run) -> list[Table]:
    """Return the tables among the details of a run, in their order."""
    return [value for value in run.details.values() if isinstance(value, Table)]


def verdict(run: Run) -> str:
    """Return the outcome of a run in one line."""
    if run.error is not None:
        return f"{run.check}: error: {run.error}"
    if not run.tested:
        return f"{run.check}: nothing was tested"
    counts = ", ".join(f"{count} {name}" for name, count in _counts(run).items()) or "nothing found"
    tested = len(run.tested) + run.more_tested
    more = sum(run.more_findings.values())
    message = f" ({more} findings more than are listed)" if more else ""
    return f"{run.check}: {run.outcome.name.lower()}; {tested} tested, {counts}{message}"


def where(place: Place) -> str:
    """Name a place with its line and its JSON pointer, as seen from the working directory."""
    place = replace(place, file=local(place.file))
    return str(place) if place.pointer is None else f"{place} ({place.pointer})"


def local(file: Path) -> Path:
    """Return a file as seen from the working directory, or with its whole path where it is not below it."""
    whole = file.absolute()
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole


def subject(finding: Finding, tested: set[str]) -> str | None:
    """Return the thing tested that a finding is about: the beginning of its message, up to a colon."""
    head, colon, tail = "", "", finding.message
    while ": " in tail:
        part, _, tail = tail.partition(": ")
        head, colon = f"{head}{colon}{part}", ": "
        if head in tested:
            return head
    return None


def _tidied(table: Table) -> Table:
    return replace(table, rows=[[printable(cell) for cell in row] for row in table.rows])


def _tidied_finding(finding: Finding) -> Finding:
    place, request = finding.place, finding.request
    if place is not None and place.pointer is not None:
        place = replace(place, pointer=printable(place.pointer))
    if request is not None:
        # Each is a line, as the requests of a failure are that follow each other.
        request = "\n".join(map(printable, request.split("\n")))
    advice = None if finding.advice is None else printable(finding.advice)
    return replace(finding, message=printable(finding.message), place=place, advice=advice, request=request)


def _counts(run: Run) -> dict[str, int]:
    counts = run.counts().items()
    return {name.value if count == 1 else f"{name.value}s": count for name, count in counts}


def _encodable(text: str) -> str:
    """Return a text with lone surrogates as escapes, which is how JSON writes them, too."""
    return text.encode("utf-8", "backslashreplace").decode()


def _write(file: Path, text: str, mode: str = "w") -> None:
    try:
        with file.open(mode, encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise StartupError(f"{file}: {error.strerror}") from error
