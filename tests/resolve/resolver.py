"""The resolver, over the ranges of pyproject.toml and the other packages of a project."""

import functools
import re
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
UV = str(Path(sysconfig.get_path("scripts"), "uv"))
OLDEST = "3.11"
"""The oldest Python that eqkit runs on."""

QUIETLY = ("--quiet", "--no-config", "--no-python-downloads")
"""Options of uv that every call has: no settings of this machine, and no download of another Python."""


def resolve(
    requirements: Sequence[str],
    *,
    extra: str | None = None,
    python: str | None = None,
    resolution: str = "highest",
) -> dict[str, set[str]] | str:
    """Return the versions of each package, with eqkit and one of its extras among the requirements.

    `extra` is empty for the base distribution, and None for an environment without eqkit. With no `python` it
    is one solution for every Python and platform at once, which may have several versions of a package. Where
    there is no solution, return the words of the resolver.
    """
    command = [UV, "pip", "compile", *QUIETLY, "--no-header", "--no-annotate", "--resolution", resolution]
    command += ["--python-version", python] if python else ["--universal", "--python-version", OLDEST]
    command += ["--extra", extra] if extra else []
    command += ["-"] if extra is None else [str(ROOT / "pyproject.toml"), "-"]
    done = subprocess.run(
        command, input="\n".join(requirements), capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode:
        return done.stderr
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", done.stdout, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


@functools.cache
def alone(requirement: str) -> set[str]:
    """Return the versions that a requirement gets in an environment without eqkit."""
    found = resolve([requirement])
    assert isinstance(found, dict), found
    return found[name_of(requirement)]


def name_of(requirement: str) -> str:
    """The package of a requirement."""
    return re.split(r"[<=>]", requirement)[0]
