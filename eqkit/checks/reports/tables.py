"""Tables that a run shows beside its findings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from eqkit.checks.findings import Finding, Run
from eqkit.contract.loading.places import Place
from eqkit.printing import printable


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts below the names of their columns; `brief` ones are printed on terminals, too."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    brief: bool = True


def tidied(run: Run) -> Run:
    """Return a run whose texts are lines that nobody acts on, for reports that people read."""
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
