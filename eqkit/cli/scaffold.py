"""``eqkit scaffold``: the folder for handlers of a contract, and its growth with the contract."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqkit.errors import EqkitError
from eqkit.exit_codes import ExitCode
from eqkit.printing import printable

if TYPE_CHECKING:
    from eqkit.scaffolding.scaffold import Plan


@click.command(short_help="Write stubs and tests for handlers of a contract.")
@click.argument("contract")
@click.option(
    "--into", metavar="FOLDER", type=click.Path(path_type=Path), default=Path(),
    help="The folder of the project.  [default: the working directory]",
)  # fmt: skip
@click.option(
    "--check", is_flag=True, help="Write nothing; exit with 1 if there is something to write or do."
)
def scaffold(contract: str, into: Path, check: bool) -> None:
    """Write a project for handlers of your own: a typed stub and a test for each operation of CONTRACT.

    Run it again when the contract has changed. No line of yours is changed: stubs of new operations come to
    the end of their modules, functions whose operation is gone and parameters that are new or gone are named.
    Exit codes: 0 when nothing is left to do by hand, 1 when something is, 2 when it cannot run.
    """
    try:
        plan = _plan(contract, into)
        if not check:
            plan.write()
    except EqkitError as error:
        for line in str(error).split("\n"):
            click.echo(f"eqkit scaffold: {printable(line)}", err=True)
        sys.exit(ExitCode.ERROR)
    _report(plan, check=check)
    sys.exit(ExitCode.FAILED if plan.notes or (check and not plan.is_empty) else ExitCode.PASSED)


def _plan(where: str, into: Path) -> "Plan":
    from eqkit.contract.loading.any_contract import load_any
    from eqkit.contract.operations import Contract
    from eqkit.scaffolding.scaffold import Scaffold

    loaded = load_any(where)
    is_address = where.startswith(("http://", "https://"))
    return Scaffold(Contract(loaded.document), loaded.title, where, into, is_address=is_address).plan()


def _report(plan: "Plan", *, check: bool) -> None:
    """Print a line for each file that was written, and for each thing that is left to do."""
    verb = "would write" if check else "wrote"
    for file in plan.new:
        click.echo(printable(f"{verb} {file}"))
    for line in plan.added:
        click.echo(printable(f"{'would add' if check else 'added'} {line}"))
    for line in plan.remarks:
        click.echo(printable(f"note: {line}"))
    for line in plan.notes:
        click.echo(printable(f"to do: {line}"))
    if plan.is_empty and not plan.notes:
        click.echo("nothing to do: the folder has a function for each operation")
