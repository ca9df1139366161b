"""A wheel of the project, and environments that have it and chosen packages alone."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAPPED = {"eqkit.handlers": "handlers", "eqkit.mocks": "mocks", "eqkit.openapi": "openapi"}


def build(folder: Path) -> Path:
    """Build a wheel from a copy of the source, into which no `build/` of the checkout leaks."""
    made_again = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("eqkit", *MAPPED.values()):
        shutil.copytree(ROOT / name, folder / name, ignore=made_again)
    for file in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in"):
        shutil.copy(ROOT / file, folder)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", "dist"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def environment(folder: Path, wheel: Path, *packages: str) -> Path:
    """Make an environment with the wheel and some of our packages; return the folder of its commands."""
    venv.create(folder, with_pip=False, symlinks=True)
    commands = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "--python", str(commands / "python"), "install",
            "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps", str(wheel),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    paths = {"base": str(folder), "platbase": str(folder)}
    into = Path(sysconfig.get_path("purelib", "venv", paths))
    for package in packages:
        source = Path(sysconfig.get_path("purelib")) / package
        (shutil.copytree if source.is_dir() else shutil.copy)(source, into / package)
    return commands
