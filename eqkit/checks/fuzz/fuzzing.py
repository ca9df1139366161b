"""Schemathesis against any server, set up for the contract, its failures turned into findings."""

import copy
import http.client
import importlib.util
import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.fuzz.findings import Failure, Findings
from eqkit.checks.fuzz.settings import settings
from eqkit.checks.lint.nodes import Nodes
from eqkit.checks.references import operations_of
from eqkit.checks.reports import Table
from eqkit.contract.loading.source_map import ContractFile
from eqkit.contract.operations import ADDITIONAL, member_of
from eqkit.traffic.sending import refusal

CHECK = "fuzz"
PATIENCE_S = 10
"""How long the server may take to answer the first request, in seconds."""

CRASHES = Path(".schemathesis/default/cache/crashes")

_UNAUTHENTICATED = re.compile(r"was not authenticated: the API answered (\d+)")
"""The text by which Schemathesis reports that a repeated request was refused for its key."""

_FETCHED = ("$schema", "$self", "jsonSchemaDialect")
"""Members of a document that are addresses, and change nothing in its meaning."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The target of a fuzz run, and its effort; `own_reports` maps a format of Schemathesis to a file."""

    url: str
    key: str
    seed: int | None = None
    max_examples: int = 50
    time_limit_s: int | None = None
    phases: Sequence[str] = ("examples", "coverage", "fuzzing", "stateful")
    own_reports: Mapping[str, Path] = field(default_factory=dict)
    keep: Path | None = None
    """Folder for the failures, one JSON file each, which can be replayed."""


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """A run, and the failures that its findings were made of."""

    run: Run
    failures: Sequence[Failure] = ()


def fuzz(contract: ContractFile, plan: Plan, show: Callable[[str], None]) -> Fuzzed:
    """Fuzz a server; `show` gets the lines about the progress."""
    _look_for_schemathesis()
    silent = _silence(plan.url)
    if silent:
        return Fuzzed(Run(CHECK, error=silent))
    with tempfile.TemporaryDirectory(prefix="eqkit-fuzz-") as name:
        folder = Path(name)
        (folder / "schemathesis.toml").write_text(settings(contract.document, plan.key), encoding="utf-8")
        copy = _copied(contract, folder)
        said = _run([*_command(copy, plan), *_reports(plan, folder)], folder, show)
        try:
            report: dict[str, Any] = json.loads((folder / "report.json").read_text())
            if not report["operations"]:
                raise ValueError("it has not got as far as to an operation")
        except (OSError, ValueError):
            return Fuzzed(
                Run(
                    CHECK,
                    error=f"Schemathesis gave up: {_last(each for each in said if name not in each)}",
                )
            )
        files = sorted(each for each in (folder / CRASHES).glob("*.json") if each.name != "manifest.json")
        failures = [json.loads(file.read_text()) for file in files]
        if plan.keep is not None and files:
            plan.keep.mkdir(parents=True, exist_ok=True)
            for file in files:
                shutil.copy(file, plan.keep)
    return Fuzzed(_validated(contract, plan, report, failures), failures)


def replay(contract: ContractFile, plan: Plan, stored: Path) -> Fuzzed:
    """Send a stored failure, or a folder of them, again and validate the answers; raises as `fuzz` does."""
    _look_for_schemathesis()
    silent = _silence(plan.url)
    files = sorted(stored.glob("*.json")) if stored.is_dir() else [stored]
    findings: list[Finding] = []
    refused: list[tuple[str, int]] = []
    findings_of = Findings(contract)
    for file in [] if silent else files:
        try:
            failure = json.loads(file.read_text())
            finding = findings_of.of(failure)
        except (OSError, ValueError, LookupError, TypeError):
            return Fuzzed(Run(CHECK, error=f"{file}: not a failure that `eqkit fuzz --keep` has stored"))
        command = [sys.executable, "-m", "schemathesis.cli", "--no-color", "replay", "--keep"]
        command += ["--url", plan.url, "--schema-location", f"{contract.file.stem}.json", "failure.json"]
        with tempfile.TemporaryDirectory(prefix="eqkit-fuzz-") as name:
            _copied(contract, Path(name))
            (Path(name) / "schemathesis.toml").write_text(
                settings(contract.document, plan.key), encoding="utf-8"
            )
            (Path(name) / "failure.json").write_text(json.dumps(_unrepeated(failure)))
            done = subprocess.run(command, cwd=name, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode == 0:
            continue
        message = " ".join((done.stdout + done.stderr).split())
        if unauthenticated := _UNAUTHENTICATED.search(message):
            refused.append((failure["operation"], int(unauthenticated[1])))
            continue
        if "FAILURES" not in done.stdout:
            reason = message.partition("! ERROR")[2].partition("=====")[0] or message
            return Fuzzed(Run(CHECK, error=f"{file}: {reason.strip()}"))
        findings.append(finding)
    silent = silent or (refusal(refused) if refused else None)
    run = Run(CHECK, tested=[file.name for file in files], findings=findings, error=silent)
    return Fuzzed(run)


def _unrepeated(failure: Failure) -> Failure:
    """Return a failure with idempotency keys of its own, or the server would answer as to the last run."""
    run = secrets.token_hex(4)
    fresh: dict[str, Any] = copy.deepcopy(dict(failure))
    for step in fresh["sequence"]:
        for headers in (step["headers"], step["case_headers"]):
            for name, value in headers.items():
                if is_repeatable(name, value):
                    headers[name] = f"{value}-{run}"
    return fresh


def is_repeatable(name: str, value: str) -> bool:
    """Return whether a header is an idempotency key that stays a good one when it is made longer."""
    return name.lower() == "idempotency-key" and value.isascii() and value.isprintable() and len(value) < 200


def _look_for_schemathesis() -> None:
    """Raise ModuleNotFoundError if Schemathesis is missing: as a program of its own it could not say so."""
    if importlib.util.find_spec("schemathesis") is None:
        raise ModuleNotFoundError("No module named 'schemathesis'", name="schemathesis")


def _silence(url: str) -> str | None:
    """Return why a server cannot be asked, or None when it answers."""
    try:
        parts = urlsplit(url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        if parts.scheme not in kinds or not parts.hostname:
            return f"{url} is not a URL such as http://127.0.0.1:8080"
        connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=PATIENCE_S)
        connection.request("GET", parts.path or "/")
        connection.getresponse()
        connection.close()
    except ValueError as error:
        return f"{url} is not a URL: {error}"
    except (OSError, http.client.HTTPException) as error:
        return f"{url} does not answer: {error}"
    return None


def _copied(contract: ContractFile, folder: Path) -> Path:
    """Write a copy for Schemathesis, without the addresses of dialects and the like that it would ask for."""
    data = {name: each for name, each in contract.document.data.items() if name not in _FETCHED}
    copy = folder / f"{contract.file.stem}.json"
    copy.write_text(json.dumps(data), encoding="utf-8")
    return copy


def _command(contract: Path, plan: Plan) -> list[str]:
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(contract)]
    command += ["--url", plan.url, "--checks", "all"]
    command += ["--phases", ",".join(plan.phases), "--mode", "all", "--max-examples", str(plan.max_examples)]
    command += ["--continue-on-failure", "--generation-database", "none"]
    if plan.seed is not None:
        command += ["--seed", str(plan.seed)]
    if plan.time_limit_s is not None:
        command += ["--max-time", str(plan.time_limit_s)]
    return command


def _reports(plan: Plan, folder: Path) -> list[str]:
    formats = {name: str(path.resolve()) for name, path in plan.own_reports.items()}
    formats |= {"json": str(folder / "report.json")}
    arguments = ["--report", ",".join(formats)]
    for name, path in formats.items():
        arguments += [f"--report-{name}-path", path]
    return arguments


def _run(command: Sequence[str], folder: Path, show: Callable[[str], None]) -> list[str]:
    """Run Schemathesis and return its lines.

    It never has the terminal itself, since it prints texts of contracts and servers.
    """
    said, is_progress = [], True
    with subprocess.Popen(  # noqa: S603 - arguments of our own making
        [*command, "--no-color"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        for line in map(str.rstrip, process.stdout):
            said.append(line)
            # From its first rule on it lists the failures, which are told as findings.
            is_progress = is_progress and not line.startswith("=====")
            if is_progress and line:
                show(line)
    return said


def _validated(
    contract: ContractFile, plan: Plan, report: Mapping[str, Any], failures: Sequence[Failure]
) -> Run:
    names = operation_names(contract) if report["operations"]["tested"] else []
    counts = (str(report["seed"]), str(report["test_cases"]["generated"]))
    details: dict[str, object] = {"fuzzing": Table("Fuzzing", ("seed", "requests"), [counts])}
    findings = [*map(Findings(contract).of, failures)]
    refused = report.get("warnings", {}).get("missing_auth", ())
    run_error = refusal([(name, 401) for name in refused]) if refused else None if findings else _gap(report)
    findings += _left_out(contract)
    return Run(CHECK, tested=names, findings=findings, error=run_error, details=details)


def _gap(report: Mapping[str, Any]) -> str | None:
    """Return the reason why a run without failures has shown nothing."""
    operations = report["operations"]
    if report["errors"]:
        message = ", ".join(f"{error['title']} ({error['count']})" for error in report["errors"])
        return f"not all could be tested: {message}"
    if operations["tested"] < operations["selected"]:
        return f"only {operations['tested']} of {operations['selected']} operations were tested"
    if report["failures"]:
        return "Schemathesis tells of failures and has stored none of them"
    return None


def operation_names(contract: ContractFile) -> list[str]:
    """Return the operations of a document as Schemathesis names them."""
    operations = Nodes(contract.document).own_operations
    return [f"{each.path[2].upper()} {each.path[1]}" for each in operations]


def _left_out(contract: ContractFile) -> Iterator[Finding]:
    """Yield a warning for each operation that Schemathesis knows nothing of."""
    for operation in operations_of(contract).operations.values():
        if ADDITIONAL in member_of(operation.method):
            message = (
                f"{operation.method} {operation.path}: is not fuzzed: Schemathesis reads no {ADDITIONAL}"
            )
            place = contract.place(operation.pointer)
            yield Finding("fuzz-left-out", message, Severity.WARNING, place=place)


def _last(said: Iterable[str]) -> str:
    lines = [line.strip() for line in said if line.strip() not in ("", "Reports:")]
    return lines[-1] if lines else "it said nothing"
