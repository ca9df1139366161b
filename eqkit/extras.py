"""The extras of the distribution: the message for a command or module whose packages are not installed.

The base distribution depends on nothing, so that it goes into any environment; pyproject.toml lists the
extras.
"""

import contextlib
import json
from pathlib import Path
from typing import Any


def is_of_extra(error: ImportError) -> bool:
    """Whether an import failed for a package that an extra brings, and not for a module of eqkit itself."""
    return error.name is not None and _package(error) != "eqkit"


def missing(subject: str, extra: str, error: ImportError) -> str:
    """Return one line: the extra that `subject` needs, the reason, and the command that installs it."""
    state = (
        "is not installed" if isinstance(error, ModuleNotFoundError) else "is of a version that does not fit"
    )
    return f"{subject} needs the {extra} extra ({_package(error)} {state}): {install_command(extra)}"


def install_command(extra: str) -> str:
    """Return the pip command that installs an extra from the same place as this installation.

    The place is an editable checkout, or the one that the installer recorded (PEP 610); only an installation
    from an index has no record.
    """
    # Imported here, since every command imports this module and few ever have an extra to miss.
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    checkout = Path(__file__).parents[1]
    if (checkout / "pyproject.toml").exists():
        return f'pip install --editable "{checkout}[{extra}]"'
    recorded = _record()
    if recorded is None:
        return f'pip install "eqkit[{extra}]"'
    origin: dict[str, Any] = json.loads(recorded)
    url = str(origin["url"])
    if "vcs_info" in origin:
        revision = origin["vcs_info"]
        return f'pip install "eqkit[{extra}] @ {revision["vcs"]}+{url}@{revision["commit_id"]}"'
    if not url.startswith("file:"):
        return f'pip install "eqkit[{extra}] @ {url}"'
    return f'pip install "{url2pathname(urlsplit(url).path)}[{extra}]"'


def _record() -> str | None:
    from importlib import metadata

    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.distribution("eqkit").read_text("direct_url.json")
    return None


def _package(error: ImportError) -> str:
    return str(error.name).partition(".")[0]
