"""The command ``eqkit trace``."""

from pathlib import Path

import click

from eqkit.checks.findings import Run
from eqkit.checks.reports import report_options
from eqkit.checks.sources import address, contract_option

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("trace")
@click.argument("docs", type=_FILE, required=False)
@contract_option
@click.option(
    "--requirements", type=_FILE, help="The requirements on the docs; by default those on ElasticQueue's."
)
@click.option(
    "--server",
    metavar="URL",
    callback=address,
    help="Send the documented requests there, too, and check the answers.",
)
@click.option(
    "--table", is_flag=True, help="Print the requirements as a page in Markdown, and check nothing."
)
@report_options
def command(
    docs: Path | None, contract: Path | None, requirements: Path | None, server: str | None, *, table: bool
) -> Run:
    """Prove that docs and contract say the same.

    DOCS is the Slate file. Each statement in it has to be traced once, each requirement has to hold in
    the contract, and every leaf of the contract has to come from somewhere. Without DOCS only the last two
    are checked.
    """
    from eqkit.contract.loading.source_map import installed
    from eqkit.elasticqueue.trace.requirements import Traceability
    from eqkit.elasticqueue.trace.table import render
    from eqkit.elasticqueue.trace.tracing import trace

    if table:
        click.echo(render(Traceability.load(requirements or installed("traceability.yaml"))), nl=False)
        click.get_current_context().exit()
    if server is not None and docs is None:
        raise click.UsageError("--server sends the requests of DOCS: name the Slate file, too")
    return trace(contract, requirements, docs, server)
