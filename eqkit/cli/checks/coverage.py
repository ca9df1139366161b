"""The command ``eqkit coverage``."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eqkit.checks.findings import Run
from eqkit.checks.keys import key_option, token_option
from eqkit.checks.reports import report_options
from eqkit.checks.sources import addresses, contract_option, routes_option

if TYPE_CHECKING:
    from eqkit.checks.coverage.measure import Dimension


def _demands(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> "dict[Dimension, float]":
    from eqkit.checks.coverage.measure import Dimension

    demands = {}
    for value in values:
        name, _, percent = value.rpartition("=")
        try:
            demands[Dimension(name or Dimension.ANSWERS)] = share = float(percent)
            if not 0 <= share <= 100:  # which NaN is not, either
                raise ValueError
        except ValueError:
            message = f'"{value}" is no percentage of one of {", ".join(Dimension)}'
            raise click.BadParameter(message, context, parameter) from None
    return demands


@click.command("coverage")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@contract_option
@routes_option
@click.option(
    "--for",
    "party",
    type=click.Choice(["server", "client"]),
    default="server",
    show_default=True,
    help="Cover a server by its answers, or a client by the answers and faults that it has met.",
)
@click.option(
    "--fail-under",
    "demands",
    metavar="[WHAT=]PERCENT",
    multiple=True,
    callback=_demands,
    help="Demand so much of the answers, or of operations, media-types, parameters, codes, examples, "
    "faults or callbacks. Repeatable.",
)
@click.option(
    "--receiver",
    "receivers",
    metavar="URL",
    multiple=True,
    callback=addresses,
    help="Take every request below this address for a callback, too. Repeatable.",
)
@key_option("Whose journal to read, where SOURCE is a server.")
@token_option("The token that the server SOURCE was started with.")
@report_options
def command(
    sources: tuple[str, ...],
    contract: Path | None,
    base: tuple[str, ...],
    party: str,
    demands: "dict[Dimension, float]",
    receivers: tuple[str, ...],
    key: str | None,
    control_token: str | None,
) -> Run:
    """Tell which parts of the contract some traffic has exercised.

    SOURCE is a recording (HAR, or JSONL with an entry of a HAR on each line) or the address of a mock. A mock
    gives its journal, and for a client also its webhooks with the receivers' answers. Exit codes: 0 for
    enough, 1 for less than was demanded, 2 for no traffic.
    """
    from eqkit.checks.conformance import all_refused, unreadable
    from eqkit.checks.coverage.callbacks import Callbacks
    from eqkit.checks.coverage.faults import KnownFaults
    from eqkit.checks.coverage.measure import cover
    from eqkit.checks.coverage.run import CLIENT, SERVER, coverage_run
    from eqkit.checks.sources import armed, asking, load, traffic, webhooks
    from eqkit.contract.loading.source_map import installed
    from eqkit.sandbox.faults.packs import packs

    is_client = party == "client"
    dimensions = CLIENT if is_client else SERVER
    for demanded in demands:
        if demanded not in dimensions:
            raise click.UsageError(f"{demanded} are not covered for a {party}")
    file, routes = load(contract, base)
    headers = asking(key, control_token)
    recorded = [exchange for source in sources for exchange in traffic(source, headers)]
    contracts = [(file, routes)]
    if is_client and contract is None:
        # The mock makes the callbacks of an ElasticQueue client, just as it has the faults.
        contracts.append(load(installed("mock.yaml")))
        recorded += [exchange for source in sources for exchange in webhooks(source, headers)]
    faults = None
    if is_client:
        rules = [rule for source in sources for rule in armed(source, headers)]
        faults = KnownFaults(packs().values(), rules)
    coverage = cover(routes.contract, routes, recorded, faults, Callbacks(contracts, receivers))
    for demanded in demands:
        if not coverage.of(demanded):
            raise click.UsageError(f"the contract has no {demanded} that could be covered")
    run = coverage_run(file, coverage, dimensions, demands)
    silent = run.error or all_refused(routes.ours(recorded), routes)
    return replace(run, findings=[*unreadable(recorded), *run.findings], error=silent)
