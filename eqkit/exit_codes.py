"""The exit codes of the command ``eqkit``, whichever of its commands ends with one."""

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ended; docs/reference/reports.md lists the same."""

    PASSED = 0
    """It succeeded; of a check, something was tested, and nothing is wrong."""

    FAILED = 1
    """A check found an error, the server refused a request, or an expectation is not met."""

    ERROR = 2
    """The command could not run, or nobody can read what it says; of a check, nothing was tested."""

    INTERRUPTED = 130
    """Ctrl-C ended it; the number is that of shells."""
