"""The findings of a rule."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from eqkit.checks.findings import Severity
from eqkit.checks.lint.nodes import Nodes


class Problem(NamedTuple):
    """One thing that breaks a rule: its place and a message.

    `severity` is there where this case matters less, or more, than the rule has it; `schema` is the pointer
    to the schema that a value breaks.
    """

    pointer: str
    message: str
    severity: Severity | None = None
    schema: str | None = None


Rule = Callable[[Nodes], Iterator[Problem]]
"""A rule: it takes a document, of which nothing has to be valid, and yields its problems."""
