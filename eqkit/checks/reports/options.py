"""The option ``--report``, and the end of every command of a check: it reports its run."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from eqkit.checks.findings import Run
from eqkit.checks.reports.writing import Report, write_reports
from eqkit.errors import EqkitError
from eqkit.exit_codes import ExitCode
from eqkit.printing import printable

FORMATS = ("junit", "sarif", "github", "markdown", "json", "html")
"""The formats of ``--report``; each is a module with a function `render`."""


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
            sys.exit(ExitCode.ERROR)
        sys.exit(run.outcome)

    option = click.option(
        "--report", multiple=True, metavar="FORMAT=FILE", callback=_reports,
        help=f"Write a report, too; FORMAT is {', '.join(FORMATS)}, FILE - is standard output. github puts "
        "annotations on standard output and adds a summary to FILE. Repeatable.",
    )  # fmt: skip
    return option(reported)


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
