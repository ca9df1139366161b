"""The generators of ``generators.toml``, and their pinned versions."""

import json
import re
import tomllib
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
STEPS = ("enqueue", "bulk", "read", "400", "401", "409", "Idempotency-Key", "tolerance")
"""The steps of every example, which prints ``ok: STEP`` after each."""


class Generator(NamedTuple):
    """A generator: the commands that make, compile and run a client; without `run` it is compiled alone."""

    name: str
    folder: str
    version_of: str
    generate: str
    compile: str
    strict: str
    run: str | None = None

    @property
    def commands(self) -> dict[str, str]:
        """The commands in the order in which they are run, by the names of their steps."""
        named = {"generate": self.generate, "compile": self.compile, "run": self.run}
        return {stage: command for stage, command in named.items() if command is not None}


def load(file: Path = HERE / "generators.toml") -> list[Generator]:
    """Return the generators of a file, in its order."""
    return [Generator(**entry) for entry in tomllib.loads(file.read_text())["generator"]]


def versions() -> dict[str, str]:
    """Return the pinned version of each package of PyPI and npm that a client is made with."""
    pinned = re.findall(r"^([a-z0-9-]+)==([^ ]+)", (HERE / "requirements.txt").read_text(), re.MULTILINE)
    packages: dict[str, str] = json.loads((HERE / "package.json").read_text())["devDependencies"]
    return dict(pinned) | packages
