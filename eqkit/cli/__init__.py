"""The command ``eqkit``."""

import sys
from typing import Any

import click

from eqkit import __version__, extras
from eqkit.cli import checks, control, faults, journal, queues, webhooks
from eqkit.cli.border import Bordered
from eqkit.cli.connection import QUEUES
from eqkit.cli.export import export
from eqkit.cli.scaffold import scaffold
from eqkit.cli.serve import serve
from eqkit.cli.suggestions import refuse
from eqkit.exit_codes import ExitCode

CONTROL = (
    control.clock,
    control.deliveries,
    control.events,
    faults.faults,
    journal.journal,
    faults.limits,
    queues.pending,
    queues.queues,
    control.sandboxes,
    webhooks.webhooks,
)
"""The commands that ask the control plane of a server."""

SECTIONS: dict[str, tuple[click.Command, ...]] = {
    "Serve": (serve, scaffold),
    "Control a server that runs": tuple(each for each in CONTROL if each.name not in QUEUES),
    "Control a mock of ElasticQueue": tuple(each for each in CONTROL if each.name in QUEUES),
    "Check": checks.COMMANDS,
    "Export": (export,),
}


class Sections(Bordered):
    """A group whose help shows its commands by purpose, and whose commands name the extra they lack."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; `help COMMAND` is `COMMAND --help`, and another tool's word is explained."""
        if args[0] == "help":
            if len(args) == 1:
                click.echo(ctx.get_help())
                ctx.exit()
            args = [*args[1:], "--help"]
        if self.get_command(ctx, args[0]) is None:
            refuse(args[0], ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit with 2 and one line where packages of its extra are missing."""
        try:
            return super().invoke(ctx)
        except ImportError as error:
            if not extras.is_of_extra(error):
                raise
            needs_checks = ctx.invoked_subcommand in (*checks.CHECKS, "export")
            extra = "check" if needs_checks else "server"
            subject = f"{ctx.command_path} {ctx.invoked_subcommand}"
            click.echo(extras.missing(subject, extra, error), err=True)
            sys.exit(ExitCode.ERROR)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each section below its title, all of them with the same columns."""
        width = max(map(len, self.commands))
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (str(each.name).ljust(width), each.get_short_help_str(formatter.width - width - 6))
                        for each in commands
                    ]
                )


@click.group(cls=Sections, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="eqkit")
def main() -> None:
    """Serve any OpenAPI document as a mock, and check servers and clients against it.

    Begin with `eqkit serve openapi.yaml`. Without a document of yours, the contract is ElasticQueue's.
    """


for section in SECTIONS.values():
    for command in section:
        main.add_command(command)
