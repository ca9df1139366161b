"""A machine with make and Python alone: its targets need no other program."""

import ast
import re
import subprocess

import pytest

from tests.project.wheels import ROOT
from tests.tools import needed

PROGRAMS = {"curl", "docker", "git", "java", "node", "npm", "npx", "podman", "wrk"}


@pytest.mark.parametrize("target", ["help", "setup", "serve", "test", "lint", "format-check", "wheel"])
def test_a_target_runs_only_programs_that_python_brings(target: str) -> None:
    """The same holds for the targets that it depends on, on a fresh clone."""
    command = [needed("make"), "--dry-run", "--always-make", target]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown
    assert PROGRAMS & set(re.findall(r"[\w-]+", shown)) == set()


def test_the_targets_that_need_more_are_found() -> None:
    """The test above can fail."""
    command = [needed("make"), "--dry-run", "lint-openapi"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert PROGRAMS & set(re.findall(r"[\w-]+", shown)) == {"npm"}


def test_a_test_that_runs_such_a_program_says_so() -> None:
    """`needed` skips it where the program is missing."""
    found = []
    for file in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.List) or not node.elts:
                continue
            first = node.elts[0]
            if isinstance(first, ast.Constant) and first.value in PROGRAMS:
                found.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert found == []
