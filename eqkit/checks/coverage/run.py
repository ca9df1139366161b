"""Coverage as a run: findings for unmet demands, and tables of all items."""

import math
from collections.abc import Iterable, Mapping, Sequence

from eqkit.checks.coverage.faults import advice as fault_advice
from eqkit.checks.coverage.measure import Coverage, Dimension, How, Item
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.reports.writing import Table
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.source_map import ContractFile

CHECK = "coverage"

SERVER = (
    Dimension.OPERATIONS,
    Dimension.ANSWERS,
    Dimension.MEDIA_TYPES,
    Dimension.PARAMETERS,
    Dimension.CODES,
    Dimension.EXAMPLES,
    Dimension.CALLBACKS,
)
CLIENT = (
    Dimension.OPERATIONS,
    Dimension.ANSWERS,
    Dimension.CODES,
    Dimension.FAULTS,
    Dimension.CALLBACKS,
    Dimension.MEDIA_TYPES,
    Dimension.PARAMETERS,
)
"""The dimensions demanded of a client: the operations it uses, and the answers and faults it has faced."""


def coverage_run(
    file: ContractFile,
    coverage: Coverage,
    dimensions: Sequence[Dimension] = SERVER,
    demanded: Mapping[Dimension, float] | None = None,
) -> Run:
    """Return the run; of a dimension below its demanded percentage, all that was not seen is an error."""
    short = [
        dimension for dimension, percent in (demanded or {}).items() if coverage.percent(dimension) < percent
    ]
    # Only the contract of a mock names answers that come on request.
    is_mocked = any(item.on_request for item in coverage.of(Dimension.ANSWERS))
    findings = [
        Finding(
            rule=f"coverage-{dimension.value}",
            message=f"{item}: {_unseen(item)}",
            severity=Severity.ERROR,
            place=_place(item, item.file or file),
            advice=_advice(item) if is_mocked else None,
        )
        for dimension in short
        for item in coverage.of(dimension)
        if item.how is How.NOT
    ]
    # Few contracts promise callbacks.
    shown = [each for each in dimensions if each is not Dimension.CALLBACKS or coverage.of(each)]
    items = [item for dimension in shown for item in coverage.of(dimension)]
    return Run(
        check=CHECK,
        tested=_tested(items, demanded or {}),
        findings=findings,
        error=None if coverage.exchanges else "no exchange of the traffic is for the contract",
        details={
            "exchanges": coverage.exchanges,
            "percent": {each.value: _floored(coverage.percent(each)) for each in shown},
            "summary": _summary(coverage, shown),
            "matrix": _matrix(coverage),
            "unseen": _unseen_ones([item for item in items if item.how is How.NOT]),
            "items": _all(items),
        },
    )


def _tested(items: Sequence[Item], demanded: Iterable[Dimension]) -> list[str]:
    """Name the items that were seen or demanded; others were not tested, so that they have not passed."""
    wanted = set(demanded)
    return [str(item) for item in items if item.how is not How.NOT or item.dimension in wanted]


def _floored(percent: float) -> float:
    """Return a percentage with one decimal, where 100.0 means all."""
    return math.floor(percent * 10) / 10


def _place(item: Item, file: ContractFile) -> Place:
    return file.place(file.document.resolve_pointer(item.pointer))


def _unseen(item: Item) -> str:
    return "never seen; it comes by Prefer or a fault alone" if item.on_request else "never seen"


def _advice(item: Item) -> str | None:
    if item.dimension is Dimension.FAULTS:
        return fault_advice(item.name)
    if item.dimension is Dimension.CALLBACKS:
        return "It is seen once a receiver answers so."
    if item.dimension is Dimension.ANSWERS:
        return f'A mock gives this answer to a request with "Prefer: code={item.name.split()[-1]}".'
    return None


def _summary(coverage: Coverage, dimensions: Sequence[Dimension]) -> Table:
    rows = []
    for dimension in dimensions:
        items = coverage.of(dimension)
        seen = [item for item in items if item.how is not How.NOT]
        forced = sum(item.how is How.FORCED for item in seen)
        percent = f"{_floored(coverage.percent(dimension))} %"
        rows.append([dimension.value, str(len(seen)), str(len(items)), percent, str(forced)])
    return Table("Coverage", ("what", "seen", "of", "percent", "forced only"), rows)


def _matrix(coverage: Coverage) -> Table:
    """Show how often each operation gave each of its answers; a star says that Prefer or a fault made it."""
    answers = {item.name: item for item in coverage.of(Dimension.ANSWERS)}
    statuses = sorted({name.rpartition(" ")[2] for name in answers})
    rows = []
    for operation in dict.fromkeys(name.rpartition(" ")[0] for name in answers):
        found = (answers.get(f"{operation} {status}") for status in statuses)
        rows.append([operation, *("" if item is None else _cell(item) for item in found)])
    return Table("Answers (* forced)", ("operation", *statuses), rows)


def _cell(item: Item) -> str:
    return f"{item.count}{'*' if item.how is How.FORCED else ''}"


def _unseen_ones(items: Sequence[Item]) -> Table:
    """List the items that were not seen, those of one answer or operation in one row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for item in items:
        above, _, last = item.name.rpartition(" ")
        rows.setdefault((item.dimension.value, above), []).append(last + "*" * item.on_request)
    listed = [[dimension, above, ", ".join(names)] for (dimension, above), names in rows.items()]
    return Table("Not seen (* only when forced)", ("what", "of", "not seen"), listed)


def _all(items: Sequence[Item]) -> Table:
    rows = [
        [
            str(item),
            item.how.value,
            str(item.count),
            (How.FORCED if item.on_request else How.COVERED).value,
        ]
        for item in items
    ]
    return Table("All of it", ("what", "seen", "times", "comes"), rows, brief=False)
