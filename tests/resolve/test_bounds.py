"""The server with the lowest and with the newest releases that its extra allows."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.wheels import build
from tests.resolve.resolver import QUIETLY, ROOT, UV, resolve

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
FOR_TESTS = ("aiohttp", "hypothesis", "pytest-xdist", "jsonschema", "httpx", "uvicorn==0.54.*")
TESTS = ("tests/web", "tests/doors/test_serve.py", "tests/doors/test_in_process.py")


@pytest.mark.parametrize("resolution", ["lowest-direct", "highest"])
def test_the_server_works_at_both_ends_of_its_bounds(resolution: str, tmp_path: Path) -> None:
    """The tests of HTTP pass in an environment of these very releases."""
    found = resolve([], extra="server", python=PYTHON, resolution=resolution)
    assert isinstance(found, dict), found
    source = tmp_path / "source"
    source.mkdir()
    packages = [f"{name}=={version}" for name, versions in found.items() for version in versions]
    folder, suite = tmp_path / "venv", tmp_path / "suite"
    subprocess.run([UV, "venv", *QUIETLY, "--python", sys.executable, folder], check=True)
    commands = folder / ("Scripts" if sys.platform == "win32" else "bin")
    install = [UV, "pip", "install", *QUIETLY, "--python", str(commands / "python")]
    subprocess.run([*install, *packages, *FOR_TESTS, str(build(source))], check=True)
    suite.mkdir()
    shutil.copy(ROOT / "pyproject.toml", suite)
    shutil.copytree(ROOT / "tests", suite / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    command = [str(commands / "python"), "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *TESTS]
    done = subprocess.run(command, cwd=suite, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
