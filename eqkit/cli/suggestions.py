"""The command that a wrong word stands for: the name of another tool's, or a contract without ``serve``."""

from collections.abc import Mapping
from types import MappingProxyType

import click

OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "mock": "serve",
        "run": "serve",
        "server": "serve",
        "start": "serve",
        "validate": "lint",
        "verify": "journal verify",
        "version": "--version",
        "requests": "journal",
        "time": "clock",
        "generate": "scaffold",
        "init": "scaffold",
        "compare": "diff",
        "record": "proxy",
    }
)
"""The words of other tools, each with what it is here."""

_CONTRACTS = (".yaml", ".yml", ".json")


def suggestion(word: str) -> str | None:
    """Return the command line that a word stands for, without ``eqkit``; None where none is known."""
    if word.endswith(_CONTRACTS) or word.startswith(("http://", "https://")):
        return f"serve {word}"
    return OTHER_NAMES.get(word)


def refuse(word: str, context: click.Context) -> None:
    """Raise UsageError with the command that a word stands for; return where none is known."""
    meant = suggestion(word)
    if meant is not None:
        raise click.UsageError(f"No such command {word!r}. Did you mean 'eqkit {meant}'?", context)
