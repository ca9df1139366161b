"""The workflow of hosted CI: its calls exist, and it covers each system and Python that we promise."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import Any

import yaml

from tests.project.wheels import ROOT

WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())
JOBS: dict[str, Any] = WORKFLOW["jobs"]
TARGETS = set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE))
KNOWN = {"python", "curl", ".venv/Scripts/python", ".venv/Scripts/eqkit"}


def commands(job: dict[str, Any]) -> Iterator[list[str]]:
    """The commands of a job, each split into words."""
    for step in job["steps"]:
        yield from map(shlex.split, step.get("run", "").splitlines())


def wrong(command: list[str]) -> list[str]:
    """Return the names in a command that the checkout does not have."""
    name, *arguments = command
    if name == "make":
        return [target for target in arguments if target not in TARGETS]
    if name.startswith(".ci/"):
        script = ROOT / name
        return [] if script.is_file() and script.stat().st_mode & 0o111 else [name]
    paths = [each for each in arguments if each.startswith("tests/") or each.endswith((".lock", ".txt"))]
    return [path for path in paths if not (ROOT / path).exists()] + ([] if name in KNOWN else [name])


def test_everything_that_a_job_calls_is_there() -> None:
    """A renamed target, script or test would show on the hosted machines alone."""
    called = [command for job in JOBS.values() for command in commands(job)]
    assert ["make", "test"] in called
    assert ["make", "audit"] in called
    assert [".ci/run"] in called
    assert {" ".join(command): missing for command in called if (missing := wrong(command))} == {}


def test_a_call_of_a_missing_name_is_found() -> None:
    """Each kind: a target, a script, a test, a file, a command."""
    assert wrong(["make", "tests"]) == ["tests"]
    assert wrong([".ci/walk"]) == [".ci/walk"]
    assert wrong(["python", "-m", "pytest", "tests/none"]) == ["tests/none"]
    assert wrong(["python", "-m", "pip", "install", "-r", "other.lock"]) == ["other.lock"]
    assert wrong(["tox"]) == ["tox"]


def test_each_system_has_each_python() -> None:
    """The releases are those of the classifiers, and those are the range that an installer goes by."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    releases = [
        each for text in project["classifiers"] if re.fullmatch(r"3\.\d+", each := text.rpartition(" :: ")[2])
    ]
    first, beyond = (int(minor) for minor in re.findall(r"3\.(\d+)", project["requires-python"]))
    assert releases == [f"3.{minor}" for minor in range(first, beyond)]
    matrices = [job["strategy"]["matrix"] for job in JOBS.values() if "strategy" in job]
    systems = {"ubuntu-latest", "macos-latest", "windows-latest"}
    assert all(matrix["python"] == releases for matrix in matrices)
    assert {*matrices[0]["os"], JOBS["windows"]["runs-on"]} == systems


def test_a_job_may_read_and_ends() -> None:
    """A pull request of a stranger runs here."""
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [name for name, job in JOBS.items() if "timeout-minutes" not in job] == []
