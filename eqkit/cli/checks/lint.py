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
    "--generators/--no-generators",
    default=True,
    show_default=True,
    help="Whether to warn of what breaks generated clients.",
)
@click.option(
    "--without",
    metavar="RULE",
    multiple=True,
    help="Leave out a rule; one of the house asks for the others of the house. Repeatable.",
)
@report_options  # fmt: skip
def command(contract: Path | None, without: tuple[str, ...], *, house: bool | None, generators: bool) -> Run:
    """Judge an OpenAPI document by itself.

    It has to be valid, each example and default valid by its own schema, and the house rules kept where they
    apply. What breaks generated clients is a warning.
    """
    from eqkit.checks.lint.generator_rules import GENERATOR_RULES
    from eqkit.checks.lint.house_rules import RULES
    from eqkit.checks.lint.linting import lint

    for rule in without:
        if rule not in RULES and rule not in GENERATOR_RULES:
            known = ", ".join((*RULES, *GENERATOR_RULES))
            raise click.BadParameter(f'there is no rule "{rule}"; there are {known}')
    if house is None:
        # How eqkit writes its own documents is nobody else's concern, unless it is asked for.
        house = contract is None or not set(without).isdisjoint(RULES)
    return lint(contract, without, house=house, generators=generators)
