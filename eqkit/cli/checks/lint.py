"""The command ``eqkit lint``."""

from collections.abc import Callable
from pathlib import Path

import click

from eqkit.checks.findings import Run
from eqkit.checks.reports import report_options
from eqkit.checks.sources import contract_file, contract_option, mention_contract


def _known(kind: str) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], tuple[str, ...]]:
    """Return a callback that holds names against the rules or rulesets that there are."""

    def check(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
        from eqkit.checks.lint.rulesets import ALL_RULES, RULESETS
        from eqkit.checks.lint.settings import known

        try:
            return tuple(known(each, ALL_RULES if kind == "rule" else RULESETS, kind) for each in names)
        except ValueError as error:
            raise click.BadParameter(str(error), context, parameter) from None

    return check


@click.command("lint")
@click.argument(
    "document", metavar="[CONTRACT]", required=False, type=click.Path(path_type=Path), callback=contract_file
)
@contract_option
@click.option(
    "--ruleset",
    metavar="NAME",
    multiple=True,
    callback=_known("ruleset"),
    help="Rules to hold the document against, beside core: recommended, generators or eqkit. Repeatable. "
    "[default: recommended and generators; for the contract of ElasticQueue all]",
)
@click.option(
    "--without", metavar="RULE", multiple=True, callback=_known("rule"),
    help="Leave out a rule. Repeatable.",
)  # fmt: skip
@click.option(
    "--config", metavar="FILE", type=click.Path(path_type=Path),
    help="A file of settings. [default: eqkit-lint.yaml in the working directory, if it is there]",
)  # fmt: skip
@report_options  # fmt: skip
def command(
    document: Path | None,
    contract: Path | None,
    ruleset: tuple[str, ...],
    without: tuple[str, ...],
    config: Path | None,
) -> Run:
    """Find the faults of an OpenAPI document, by default of ElasticQueue's.

    It reports as an error all that the specification forbids. Things that it advises against, or that break
    generated clients, are warnings.
    """
    from eqkit.checks.lint.linting import lint
    from eqkit.checks.lint.rulesets import DEFAULT, OWN
    from eqkit.checks.lint.settings import Settings, read

    contract = document or contract
    if contract is None:
        mention_contract("eqkit lint")
    # The settings of a project are for its own documents, and not for the contract that comes with eqkit.
    settings = Settings() if contract is None and config is None else read(config)
    chosen = ruleset or settings.rulesets or (OWN if contract is None else DEFAULT)
    return lint(contract, settings.grades(chosen, without), settings.ignored)
