"""A shell beside the live server: commands for a key of its own, and their output."""

import re
from collections.abc import Callable

from click.testing import Result

DUE_MS = 1_459_121_798_238

Run = Callable[..., Result]


def output_of(result: Result) -> str:
    """Return the output of a command that succeeds."""
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def has(text: str, line: str) -> bool:
    """Whether a line of a text is as a pattern says."""
    return re.search(line, text, re.MULTILINE) is not None
