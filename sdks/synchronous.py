"""Makes the resources of the client that waits from those of the client of coroutines.

Run as `python -m sdks.synchronous`, or as `make client`. A test compares the files with its result.
"""

import re
import subprocess
import sysconfig
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "eqkit/client/resources"
PREFIX = "async_"
RUFF = Path(sysconfig.get_path("scripts")) / "ruff"

_REWRITES = (
    (r"the client of coroutines", "the client that waits"),
    (r"\(await (.+)\)\.", r"\1."),
    (r"\bawait ", ""),
    (r"\basync (?=def |with )", ""),
    (r"\bAbstractAsync(?=[A-Z])", "Abstract"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"(?<=resources\.)async_", ""),
)


def sources() -> list[Path]:
    """Return the modules for coroutines."""
    return sorted(FOLDER.glob(f"{PREFIX}*.py"))


def target(source: Path) -> Path:
    """Return the module that is made from one for coroutines."""
    return source.with_name(source.name.removeprefix(PREFIX))


def synchronous(source: Path) -> str:
    """Return the text of the module that is made from one for coroutines."""
    text = source.read_text()
    for pattern, replacement in _REWRITES:
        text = re.sub(pattern, replacement, text)
    head, _, rest = text.partition("\n")
    made = f"{head}\n\n# Made from {source.name} by `make client`: edit that file.\n{rest}"
    return _ruff(_ruff(made, "check", "--quiet", "--select", "I", "--fix"), "format")


def _ruff(text: str, *arguments: str) -> str:
    command = [str(RUFF), *arguments, "--stdin-filename", str(FOLDER / "made.py"), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)  # noqa: S603
    return str(done.stdout)


if __name__ == "__main__":
    for each in sources():
        target(each).write_text(synchronous(each))
