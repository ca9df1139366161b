"""Trials of changes: whether a test fails, or hangs, with each.

Most changes stand in a function. These are made in a fork of a process that has collected all tests: the
function gets the code of the changed source, and its tests run at once. A change outside of a function is
tried in a new process; so is one that no test notices though its line runs on import, too.
"""

import ast
import gc
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.changes import Mutant
from tests.mutants.measuring import Chosen
from tests.mutants.runs import run_pytest

PATIENCE_S = 90
"""Seconds that the tests of one change may take on a busy machine; one that makes them hang is noticed."""

UNTRIED = 77
"""The exit code of a fork in which the change could not be made."""

SLOWER, SPARE_S = 5, 3
"""A test may take SLOWER times its CPU time without the change and SPARE_S seconds, or it hangs."""

START_S = 10
"""CPU time that a new process needs for its imports."""


def is_in_function(mutant: Mutant, source: str) -> bool:
    """Tell whether a change stands in the body of a function, and so in code that is run by calls alone."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body[0].lineno <= mutant.line <= (node.end_lineno or 0)
        and node.lineno < mutant.line
        for node in ast.walk(ast.parse(source))
    )


def swap(path: Path, mutant: Mutant) -> bool:
    """Give the functions of an imported file the code of the changed source; False if that can't be done."""
    source = path.read_text()
    if not is_in_function(mutant, source):
        return False
    before = [*_codes(compile(source, str(path), "exec", dont_inherit=True))]
    after = [*_codes(compile(mutant.applied(source), str(path), "exec", dont_inherit=True))]
    if len(before) != len(after):
        return False
    changed = {old: new for old, new in zip(before, after, strict=True) if old != new}
    functions = [
        each
        for each in gc.get_objects()
        if isinstance(each, FunctionType)
        and each.__code__.co_filename == str(path)
        and each.__code__ in changed
    ]
    try:
        for function in functions:
            function.__code__ = changed[function.__code__]
    except ValueError:  # another number of free variables
        return False
    return bool(functions)


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _codes(each)


class Swapping:
    """A plugin of pytest that tries changes in place of running the tests once."""

    def __init__(
        self, folder: Path, chosen: Mapping[Mutant, Chosen], until: float, say: Callable[[Mutant, bool], None]
    ) -> None:
        """Take the changes with their tests, and `say` of each that could be made whether it is noticed."""
        self._folder = folder
        self._chosen = chosen
        self._until = until
        self._say = say

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the changes one by one."""
        items = {item.nodeid: item for item in session.items}
        gc.freeze()
        for mutant, chosen in self._chosen.items():
            wanted = [items[name] for name in chosen.costs_s if name in items]
            if time.monotonic() < self._until and wanted:
                status = self._status(mutant, wanted, chosen.costs_s)
                if not (os.WIFEXITED(status) and os.WEXITSTATUS(status) == UNTRIED):
                    self._say(mutant, status != 0)
        return True

    def _status(self, mutant: Mutant, items: Sequence[pytest.Item], costs_s: Mapping[str, float]) -> int:
        """Return the exit status of a fork that tries a change."""
        child = os.fork()
        if not child:
            code = 1
            try:
                os.setsid()
                code = self._try(mutant, items, costs_s)
            finally:
                os._exit(code)
        return _ended(child, PATIENCE_S)

    def _try(self, mutant: Mutant, items: Sequence[pytest.Item], costs_s: Mapping[str, float]) -> int:
        gc.unfreeze()
        if not swap(self._folder / mutant.file, mutant):
            return UNTRIED
        failed = False
        for item, following in zip(items, [*items[1:], None], strict=True):
            # The signal ends this process.
            signal.setitimer(signal.ITIMER_VIRTUAL, SLOWER * costs_s[item.nodeid] + SPARE_S)
            reports = runtestprotocol(item, log=False, nextitem=following)
            failed = failed or any(each.failed for each in reports)
            if failed:
                item.session._setupstate.teardown_exact(None)
                break
        return int(failed)


def _ended(child: int, patience_s: float) -> int:
    """Return the exit status of a child; kill it, and all that it has started, once it takes too long."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status
        time.sleep(0.005)
    os.killpg(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def try_all(
    folder: Path, chosen: Mapping[Mutant, Chosen], until: float, say: Callable[[Mutant, bool], None]
) -> None:
    """Try changes in a copy of the checkout, and `say` of each whether it is noticed."""
    found = folder / "found"
    found.write_text("")

    def keep(mutant: Mutant, is_noticed: bool) -> None:
        with found.open("a") as lines:
            lines.write(f"{mutant!r} {is_noticed}\n")

    files = sorted({name.partition("::")[0] for each in chosen.values() for name in each.costs_s})
    run_pytest(folder, files, [Swapping(folder, chosen, until, keep)])
    verdicts = set(found.read_text().splitlines())
    for mutant, tests in chosen.items():
        if time.monotonic() > until:
            return
        is_noticed = f"{mutant!r} True" in verdicts
        if f"{mutant!r} False" not in verdicts or tests.runs_on_import:
            is_noticed = is_noticed or is_noticed_afresh(folder, mutant, tests)
        say(mutant, is_noticed)


def is_noticed_afresh(folder: Path, mutant: Mutant, tests: Chosen) -> bool:
    """Return whether a test fails, or hangs, in a process that imports the changed file."""
    if not tests.costs_s:
        return False
    file = folder / mutant.file
    source = file.read_text()
    file.write_text(mutant.applied(source))
    cpu_s = START_S + SLOWER * sum(tests.costs_s.values())
    try:
        return run_pytest(folder, ["-x", *tests.costs_s], cpu_s=cpu_s, patience_s=PATIENCE_S) != 0
    finally:
        file.write_text(source)
