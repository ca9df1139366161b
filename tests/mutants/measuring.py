"""Which tests run each line, and how long they take: one run of all tests, with coverage."""

import json
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from coverage import CoverageData

from tests.mutants.changes import FOLDERS, Mutant
from tests.mutants.runs import COSTS, FORK, Costs, run_pytest

BUDGET_S = 8.0
"""CPU time for the tests of one change: those that cost least are tried first, and the rest is left out."""


class Chosen(NamedTuple):
    """The tests for one change, with the CPU time that each takes without it."""

    costs_s: dict[str, float]
    runs_on_import: bool
    """Whether the line runs when its module, or a test, is imported."""


class Measured:
    """The tests that run each line of each file."""

    def __init__(self) -> None:
        """Begin with none."""
        self.costs: dict[str, float | None] = {}
        self.lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))

    def add(self, folder: Path) -> None:
        """Read the two files that a run in a copy of the checkout has left."""
        self.costs |= json.loads((folder / COSTS).read_text())
        data = CoverageData(str(folder / ".coverage"))
        data.read()
        for path in data.measured_files():
            found = self.lines[Path(path).relative_to(folder).as_posix()]
            for line, contexts in data.contexts_by_lineno(path).items():
                # The empty context is the import of the module.
                found[line] |= {context.partition("|")[0] for context in contexts}

    def choose(self, mutant: Mutant) -> Chosen | None:
        """Return the tests that a change is tried with; None if its line never runs.

        They are those that run its line, or, for a line that runs on import, any line of its file.
        """
        lines = self.lines[mutant.file]
        ran = lines.get(mutant.line, set())
        if not ran:
            return None
        names = ran - {""} or set().union(*lines.values()) - {""}
        costs = [(cost_s, name) for name in names if (cost_s := self.costs.get(name)) is not None]
        chosen: dict[str, float] = {}
        sum_s = 0.0
        # Those of the same room know most of it.
        room = f"tests/{Path(mutant.file).parts[1]}/"
        for cost_s, name in sorted(costs, key=lambda each: (not each[1].startswith(room), each)):
            sum_s += cost_s
            if chosen and sum_s > BUDGET_S:
                break
            chosen[name] = cost_s
        return Chosen(chosen, "" in ran)


def measure(folders: Sequence[Path], tests: Sequence[str]) -> Measured:
    """Run the tests, shared out among copies of the checkout that work side by side."""
    files = sorted(
        path.relative_to(folders[0]).as_posix()
        for each in tests
        for path in sorted((folders[0] / each).rglob("test_*.py"))
    )
    processes = [
        FORK.Process(target=_measure, args=(folder, files[number :: len(folders)]))
        for number, folder in enumerate(folders)
    ]
    for process in processes:
        process.start()
    measured = Measured()
    for process, folder in zip(processes, folders, strict=True):
        process.join()
        if process.exitcode:
            raise SystemExit("mutants: the tests do not run without any change")
        measured.add(folder)
    return measured


def _measure(folder: Path, files: list[str]) -> None:
    os.environ["COVERAGE_FILE"] = str(folder / ".coverage")
    measured = [f"--cov={each.replace('/', '.')}" for each in FOLDERS]
    options = ("--cov-context=test", "--cov-report=", "--cov-fail-under=0")
    if run_pytest(folder, [*files, *measured, *options], [Costs(folder / COSTS)]) not in (0, 1):
        raise SystemExit(1)
