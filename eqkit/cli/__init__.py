"""The command ``eqkit``."""

import click

from eqkit import __version__
from eqkit.cli import checks, control, trouble
from eqkit.cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="eqkit")
def main() -> None:
    """A contract and mock-server toolkit for ElasticQueue."""


for command in (
    serve,
    control.clock,
    control.deliveries,
    control.sandboxes,
    trouble.journal,
    trouble.faults,
    *checks.COMMANDS,
):
    main.add_command(command)
