"""The command ``eqkit lint``."""

from pathlib import Path

import click

from eqkit.checks.findings import Run
from eqkit.checks.reports import report_options
from eqkit.checks.sources import contract_option


@click.command("lint")
@contract_option
@click.option("--house/--no-house", default=True, help="Whether to hold it to the house rules, too.")
@click.option("--without", metavar="RULE", multiple=True, help="Leave a house rule out. Repeatable.")
@report_options
def command(contract: Path | None, without: tuple[str, ...], *, house: bool) -> Run:
    """Judge an OpenAPI document by itself.

    It has to be valid, each example valid by its own schema, and the house rules kept.
    """
    from eqkit.checks.house_rules import RULES
    from eqkit.checks.lint import lint

    for rule in without:
        if rule not in RULES:
            raise click.BadParameter(f'there is no rule "{rule}"; there are {", ".join(RULES)}')
    return lint(contract, without, house=house)
