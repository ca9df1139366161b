"""The command ``eqkit lint``."""

from pathlib import Path

import click

from eqkit.checks.findings import Run
from eqkit.checks.reports import report_options
from eqkit.checks.sources import contract_option


@click.command("lint")
@contract_option
@click.option(
    "--house/--no-house",
    default=None,
    help="Whether to hold it to the house rules of eqkit; by default only our own contract is.",
)
@click.option(
    "--without", metavar="RULE", multiple=True, help="Hold it to the house rules but this one. Repeatable."
)
@report_options  # fmt: skip
def command(contract: Path | None, without: tuple[str, ...], *, house: bool | None) -> Run:
    """Judge an OpenAPI document by itself.

    It has to be valid, each example and default valid by its own schema, and the house rules kept where they
    apply.
    """
    from eqkit.checks.house_rules import RULES
    from eqkit.checks.lint import lint

    for rule in without:
        if rule not in RULES:
            raise click.BadParameter(f'there is no rule "{rule}"; there are {", ".join(RULES)}')
    if house is None:
        # How eqkit writes its own documents is nobody else's concern, unless it is asked for.
        house = contract is None or bool(without)
    return lint(contract, without, house=house)
