"""The border of the command ``eqkit``: every failure ends in an exit code and at most one line."""

import contextlib
import errno
import io
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

import click

from eqkit.checks.reports.failures import explained
from eqkit.exit_codes import ExitCode
from eqkit.printing import printable

UNWRITTEN = "what it tells cannot be written: {}"


class Bordered(click.Group):
    """A group of commands that break with exit code 2 and one line, and never with a traceback.

    Exit code 1 says that a contract is broken, or that a server refuses. A command that breaks, or whose
    output nobody can have read, says neither.
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run the command that the arguments name, and exit."""
        arguments = list(sys.argv[1:] if args is None else args)
        words = [prog_name or "eqkit", *(each for each in arguments[:1] if each in self.commands)]
        _prepare_streams()
        with _border(" ".join(words)):
            code = super().main(arguments, prog_name, complete_var, standalone_mode=False, **extra)
            # The result of a command means nothing to the shell; the exit code of --help does.
            sys.exit(code if type(code) is int else 0)
        raise AssertionError("the border exits")


@contextlib.contextmanager
def _border(name: str) -> Iterator[None]:
    code: int = ExitCode.ERROR
    message = ""
    output = sys.stdout
    try:
        yield
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if sys.stdout is not output:  # click silences it where nobody reads it any more, and exits with 1
            code, message = ExitCode.ERROR, UNWRITTEN.format(os.strerror(errno.EPIPE))
    except click.ClickException as error:
        with contextlib.suppress(OSError, ValueError):
            error.show()
    except (click.Abort, KeyboardInterrupt):
        code, message = ExitCode.INTERRUPTED, "interrupted"
    except BaseException as error:  # a panic of a library in Rust is no Exception
        message = _description(error)
    lost = _unwritten(sys.stdout)
    if lost is not None and not message:
        code, message = ExitCode.ERROR, _description(lost)
    if message:
        with contextlib.suppress(OSError, ValueError):
            click.echo(printable(f"{name}: {message}"), err=True)
    _unwritten(sys.stderr)
    sys.exit(code)


def _prepare_streams() -> None:
    """Make the streams escape characters outside of their encoding, and fail once they are closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # the shell has closed it: `>&-`
            unwritable = os.open(os.devnull, os.O_RDONLY)
            setattr(sys, name, os.fdopen(unwritable, "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _description(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, OSError) and frames and frames[-1].name in ("echo", "_unwritten"):
        return UNWRITTEN.format(error.strerror)
    return explained(error)


def _unwritten(stream: Any) -> OSError | None:
    """Flush a stream; if that fails, return the error, and drop the rest of the output."""
    try:
        stream.flush()
    except OSError as error:
        with contextlib.suppress(OSError):
            # Else Python would fail on it once more at its end.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
        return error
    return None
