"""Runs of pytest in a copy of the checkout, each in a fork of a process that has the libraries already."""

import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.mutants.changes import ROOT

COPIED = ("docs", "eqkit", "handlers", "mocks", "openapi", "tests", "pyproject.toml")

COSTS = "costs.json"
"""The file with the seconds of CPU time that each test of a run took, None for one that failed."""

MAX_BYTES = 6 << 30
"""Address space of a run: a change that makes a list grow without end must not take the whole machine."""

FORK = get_context("fork")
OURS = {"eqkit", "handlers", "mocks", "tests"}
LIBRARIES = (
    *("click", "connexion", "h11", "httptools", "httpx", "hypothesis", "jsonschema", "jsonschema_rs"),
    *("markdown_it", "openapi_spec_validator", "orjson", "pytest_cov", "schemathesis", "starlette"),
    *("uvicorn", "yaml"),
)
"""Libraries that tests import."""

PLAIN = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)


def preload() -> None:
    """Import the libraries once for all runs."""
    for name in LIBRARIES:
        with suppress(ImportError):
            import_module(name)


def copy_checkout(folder: Path) -> None:
    """Copy the code and its tests into a folder."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            ignore = shutil.ignore_patterns("node_modules", "__pycache__")
            shutil.copytree(source, folder / name, ignore=ignore)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, folder / name)


def run_pytest(
    folder: Path,
    arguments: Sequence[str],
    plugins: Sequence[object] = (),
    *,
    cpu_s: float | None = None,
    patience_s: float | None = None,
) -> int | None:
    """Run pytest in a copy of the checkout and return its exit code; None for a run that takes too long.

    `cpu_s` bounds its CPU time, `patience_s` its duration.
    """
    process = FORK.Process(target=_run, args=(folder, [*PLAIN, *arguments], plugins, cpu_s))
    process.start()
    process.join(patience_s)
    if process.exitcode is None:
        process.kill()
        process.join()
        return None
    return process.exitcode


def _run(folder: Path, arguments: list[str], plugins: Sequence[object], cpu_s: float | None) -> None:
    """Run pytest in a folder, as in a new process: nothing of this project is imported yet."""
    for name in [each for each in sys.modules if each.partition(".")[0] in OURS]:
        del sys.modules[name]
    os.chdir(folder)
    os.environ |= {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    sys.path[:] = [str(folder), *(each for each in sys.path if each not in ("", str(ROOT)))]
    sys.dont_write_bytecode = True
    limit_memory()
    if cpu_s is not None:
        limit_cpu(cpu_s)
    with open(os.devnull, "r+") as nothing:  # noqa: PTH123 - a name, and no path of ours
        for number in range(3):
            os.dup2(nothing.fileno(), number)
    # A test may leave threads behind that would keep the process alive.
    os._exit(pytest.main([*arguments, f"--basetemp={folder / 'temporary'}"], list(plugins)))


def limit_cpu(seconds: float) -> None:
    """End this process once it has used some more seconds of CPU time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def limit_memory() -> None:
    """Bound the address space of this process."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES if hard < 0 else min(MAX_BYTES, hard), hard))


class Costs:
    """A plugin of pytest that writes down the CPU time of each test, and which tests have failed."""

    def __init__(self, file: Path) -> None:
        """Write into a file at the end."""
        self._file = file
        self._costs: dict[str, float | None] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Take the time of one test with its fixtures."""
        begin = time.process_time()
        self._costs[item.nodeid] = 0.0
        result = yield
        if self._costs[item.nodeid] is not None:
            self._costs[item.nodeid] = time.process_time() - begin
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that has failed in any of its parts."""
        if report.failed:
            self._costs[report.nodeid] = None

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        self._file.write_text(json.dumps(self._costs))
