"""``python -m tests.mutants``: change one line of the code at a time, and count the changes tests notice.

A change is small and certain to mean something else: `<` for `<=`, `or` for `and`, 8 for 7, a statement
left out. A sample is drawn from all of them, the same for the same seed. Each is tried in a copy of the
checkout, with the tests alone that run its line; one run with coverage finds these. The score is the share
of changes that fail a test.
"""

import argparse
import ast
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import pytest
from coverage import CoverageData

ROOT = Path(__file__).parents[1]
FOLDERS = ("eqkit/delay", "eqkit/timing", "eqkit/contract", "eqkit/sandbox")
TESTS = ("tests/delay", "tests/timing", "tests/contract", "tests/sandbox", "tests/mocks")
COPIED = ("eqkit", "handlers", "mocks", "openapi", "tests", "pyproject.toml")
MOST_TESTS = 40
"""Tests that one change is tried with; the lines that more tests run are those of every request."""

FAILED = "failed.txt"
"""The file with the names of the tests that failed in a run."""

PATIENCE_S = 120
"""Seconds that the tests of one change may take; a change that makes them hang is noticed, too."""

FORK = get_context("fork")
OURS = {"eqkit", "handlers", "mocks", "tests"}
LIBRARIES = (
    *("click", "connexion", "h11", "httptools", "httpx", "hypothesis", "jsonschema", "jsonschema_rs"),
    *(
        "markdown_it",
        "openapi_spec_validator",
        "orjson",
        "pytest_cov",
        "schemathesis",
        "starlette",
        "uvicorn",
    ),
    "yaml",
)
"""Libraries that tests import; each run forks from a process that has them."""

PLAIN = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
SWAPPED: dict[type[ast.AST], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "//",
    ast.FloorDiv: "*",
    ast.Mod: "*",
    ast.LShift: ">>",
    ast.RShift: "<<",
    ast.And: "or",
    ast.Or: "and",
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Mutant(NamedTuple):
    """One change: the text between two places of a line is another."""

    file: str
    line: int
    begin: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        """Return the source with the change; columns count bytes, as those of `ast` do."""
        lines = source.encode().split(b"\n")
        before = lines[self.line - 1]
        lines[self.line - 1] = before[: self.begin] + self.text.encode() + before[self.end :]
        return b"\n".join(lines).decode()

    def description(self, source: str) -> str:
        """Return the place of the change, and the line as it is then."""
        return f"{self.file}:{self.line}: {self.applied(source).splitlines()[self.line - 1].strip()}"


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Yield every change of a source that stands on one line; annotations and texts keep their form."""
    tree = ast.parse(source)
    left_out = {id(each) for node in ast.walk(tree) for each in _annotations(node)}
    lines = source.encode().split(b"\n")
    for node in ast.walk(tree):
        if id(node) not in left_out:
            for line, begin, end, text in _changes(node, lines):
                yield Mutant(file, line, begin, end, text)


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    for name in ("annotation", "returns"):
        part = getattr(node, name, None)
        if part is not None:
            yield from ast.walk(part)


def _changes(node: ast.AST, lines: list[bytes]) -> Iterator[tuple[int, int, int, str]]:
    """Yield line, columns and new text of each change of one node."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for one, operator, other in zip([left, *comparators], ops, comparators, strict=False):
                yield from _between(one, operator, other, lines)
        case ast.BinOp(left=left, op=operator, right=right):
            yield from _between(left, operator, right, lines)
        case ast.BoolOp(op=operator, values=[first, second, *_]):
            yield from _between(first, operator, second, lines)
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            yield _place(node, str(value + 1))
        case ast.Constant(value=bool() as value):
            yield _place(node, str(not value))
        case ast.Name(id=name) if name in NAMES:
            yield _place(node, NAMES[name])
        case ast.UnaryOp(op=ast.Not()):
            yield node.lineno, node.col_offset, node.col_offset + len("not "), ""
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Delete() | ast.AugAssign():
            if node.lineno == node.end_lineno:
                yield _place(node, "pass")
        case ast.Break():
            yield _place(node, "continue")
        case ast.Continue():
            yield _place(node, "break")


def _place(node: ast.expr | ast.stmt, text: str) -> tuple[int, int, int, str]:
    return node.lineno, node.col_offset, node.end_col_offset or 0, text


def _between(
    one: ast.expr, operator: ast.AST, other: ast.expr, lines: list[bytes]
) -> Iterator[tuple[int, int, int, str]]:
    """Yield the change of an operator that stands on one line between its operands."""
    swapped = SWAPPED.get(type(operator))
    if swapped is None or one.end_lineno != other.lineno:
        return
    begin, end = one.end_col_offset or 0, other.col_offset
    gap = lines[other.lineno - 1][begin:end].decode()
    sign = gap.strip("() ")
    if sign:
        yield other.lineno, begin, end, gap.replace(sign, swapped, 1)


def sample(count: int, seed: int, folders: tuple[str, ...] = FOLDERS) -> list[Mutant]:
    """Return changes of the files in some folders, drawn at random from all of them."""
    found = [
        mutant
        for folder in folders
        for file in sorted((ROOT / folder).rglob("*.py"))
        for mutant in mutants(file.relative_to(ROOT).as_posix(), file.read_text())
    ]
    return random.Random(seed).sample(found, min(count, len(found)))


def _run(folder: Path, arguments: list[str]) -> None:
    """Run pytest in a folder, as in a new process: nothing of this project is imported yet."""
    for name in [each for each in sys.modules if each.partition(".")[0] in OURS]:
        del sys.modules[name]
    os.chdir(folder)
    os.environ |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.path[:] = [str(folder), *(each for each in sys.path if each not in ("", str(ROOT)))]
    sys.dont_write_bytecode = True
    with open(os.devnull, "r+") as nothing:  # noqa: PTH123 - a name, and no path of ours
        for number in range(3):
            os.dup2(nothing.fileno(), number)
    # A test may leave threads behind that would keep the process alive.
    os._exit(pytest.main(arguments, [Failures(folder / FAILED)]))


class Failures:
    """A plugin of pytest that writes the names of failed tests into a file, one a line."""

    def __init__(self, file: Path) -> None:
        """Begin with none."""
        self._file = file
        file.write_text("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that has failed in any of its parts."""
        if report.failed:
            with self._file.open("a") as names:
                names.write(f"{report.nodeid}\n")


class Trial:
    """A copy of the checkout in which changes are tried."""

    def __init__(self, folder: Path) -> None:
        """Copy the code and its tests into a folder."""
        self.folder = folder
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, folder / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__")
                )
            else:
                shutil.copy(source, folder / name)
        self._data = CoverageData(str(folder / ".coverage"))
        self._failed: set[str] = set()

    def pytest(self, *arguments: str, patience_s: float | None = None) -> int | None:
        """Run pytest in the copy, and return its exit code; None for a run that takes too long.

        The run is a fork of this process, which has imported the libraries already: that is most of the time
        that the few tests of a change would take.
        """
        process = FORK.Process(target=_run, args=(self.folder, [*PLAIN, *arguments]))
        process.start()
        process.join(patience_s)
        if process.exitcode is None:
            process.kill()
            process.join()
            return None
        return process.exitcode

    def measure(self, tests: Sequence[str]) -> None:
        """Find out which tests run each line; one that fails without a change tells nothing of changes."""
        measured = [f"--cov={folder.replace('/', '.')}" for folder in FOLDERS]
        options = ("--cov-branch", "--cov-context=test", "--cov-report=", "--cov-fail-under=0")
        code = self.pytest(*tests, "--maxfail=20", *measured, *options)
        if code not in (0, 1):
            raise SystemExit(f"mutants: pytest has ended with {code} without any change")
        self._failed = set((self.folder / FAILED).read_text().splitlines())
        self._data.read()

    def tests(self, mutant: Mutant) -> list[str]:
        """Return the tests that run the line of a change, those that run least of its file first."""
        by_line = self._data.contexts_by_lineno(str(self.folder / mutant.file))
        names = {context.partition("|")[0] for context in by_line.get(mutant.line, ())}
        names -= {"", *self._failed}
        lines = {name: sum(f"{name}|run" in each for each in by_line.values()) for name in names}
        return sorted(names, key=lambda name: (lines[name], name))[:MOST_TESTS]

    def is_noticed(self, mutant: Mutant) -> bool:
        """Return whether a test fails, or hangs, with a change."""
        names = self.tests(mutant)
        if not names:
            # The line runs when its module is imported, or never: the folder's own tests decide.
            names = [f"tests/{Path(mutant.file).parts[1]}"]
        file = self.folder / mutant.file
        source = file.read_text()
        file.write_text(mutant.applied(source))
        try:
            return self.pytest("-x", *names, patience_s=PATIENCE_S) != 0
        finally:
            file.write_text(source)


def preload() -> None:
    """Import the libraries once for all runs."""
    for name in LIBRARIES:
        with suppress(ImportError):
            import_module(name)


def main() -> int:
    """Try a sample of changes, and print the unnoticed ones; fail below the score demanded."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="changes to try")
    parser.add_argument("--seed", type=int, default=1, help="the same seed draws the same changes")
    parser.add_argument(
        "--minutes", type=float, default=45, help="time for all of them; the rest is left out"
    )
    parser.add_argument("--tests", nargs="+", default=TESTS, help="folders of the tests that may notice")
    parser.add_argument("--fail-under", type=float, default=50, help="the least score, in percent")
    options = parser.parse_args()
    drawn = sample(options.count, options.seed)
    preload()
    until = time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(Path(folder))
        trial.measure(options.tests)
        tried, noticed = 0, 0
        for mutant in drawn:
            if time.monotonic() > until:
                print(f"mutants: the time is up; {len(drawn) - tried} are left out")
                break
            tried += 1
            if trial.is_noticed(mutant):
                noticed += 1
            else:
                print(mutant.description((ROOT / mutant.file).read_text()), flush=True)
    score = 100 * noticed / tried
    print(f"mutants: {noticed} of {tried} noticed, {score:.0f} % (seed {options.seed})")
    return 1 if score < options.fail_under else 0


if __name__ == "__main__":
    sys.exit(main())
