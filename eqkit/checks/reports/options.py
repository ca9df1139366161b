"""The option ``--report``, and the end of every command of a check: it reports its run."""

import functools
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from eqkit.checks.findings import Outcome, Run
from eqkit.errors import EqkitError, StartupError
from eqkit.printing import printable

FORMATS = ("junit", "sarif", "github", "markdown", "json", "html")
"""The formats of ``--report``; each is a module with a function `render`."""

STANDARD_OUTPUT = Path("-")

Report = tuple[str, Path]


def report_options(command: Callable[..., Run]) -> Callable[..., None]:
    """Give a command that returns its run the option ``--report``, and tell the run in every way asked for.

    The outcome is the exit code; an EqkitError ends in one line on standard error, as an error.
    """

    @functools.wraps(command)
    def reported(*arguments: Any, report: tuple[Report, ...], **options: Any) -> None:
        try:
            run = command(*arguments, **options)
            write_reports(run, report)
        except EqkitError as error:
            message = printable(" ".join(str(error).split()))
            click.echo(f"{click.get_current_context().command_path}: {message}", err=True)
            sys.exit(Outcome.ERROR)
        sys.exit(run.outcome)

    option = click.option(
        "--report", multiple=True, metavar="FORMAT=FILE", callback=_reports,
        help=f"Write a report, too; FORMAT is {', '.join(FORMATS)}, FILE - is standard output. github puts "
        "annotations on standard output and adds a summary to FILE. Repeatable.",
    )  # fmt: skip
    return option(reported)


def write_reports(run: Run, reports: tuple[Report, ...]) -> None:
    """Print a run for people, and write its reports; raises StartupError for a file that cannot be written.

    Where a report goes to standard output, people are told on standard error.
    """
    from eqkit.checks.reports import terminal

    taken = any(file == STANDARD_OUTPUT and form != "github" for form, file in reports)
    click.echo(_encodable(terminal.render(run)), err=taken, nl=False)
    for form, file in reports:
        text = _encodable(importlib.import_module(f"eqkit.checks.reports.{form}").render(run))
        if form == "github":
            click.echo(text, nl=False)
            if file == STANDARD_OUTPUT:
                continue
            from eqkit.checks.reports import markdown

            _write(file, _encodable(markdown.render(run)), mode="a")
        elif file == STANDARD_OUTPUT:
            click.echo(text, nl=False)
        else:
            _write(file, text)


def _reports(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[Report, ...]:
    reports = []
    for value in values:
        form, _, file = value.partition("=")
        if form not in FORMATS:
            raise click.BadParameter(f'"{form}" is none of {", ".join(FORMATS)}', context, parameter)
        if not file:
            raise click.BadParameter(f'say into which file: "{form}=FILE"', context, parameter)
        reports.append((form, Path(file)))
    return tuple(reports)


def _encodable(text: str) -> str:
    """Return a text with lone surrogates as escapes, which is how JSON writes them, too."""
    return text.encode("utf-8", "backslashreplace").decode()


def _write(file: Path, text: str, mode: str = "w") -> None:
    try:
        with file.open(mode, encoding="utf-8") as opened:
            opened.write(text)
    except OSError as error:
        raise StartupError(f"{file}: {error.strerror}") from error
