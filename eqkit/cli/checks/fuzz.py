"""The command ``eqkit fuzz``."""

from pathlib import Path

import click

from eqkit.checks.findings import Run
from eqkit.checks.keys import key_option
from eqkit.checks.reports import report_options

OWN_FORMATS = ("junit", "vcr", "har", "ndjson", "allure", "html")
"""Reports of Schemathesis that are passed through."""


@click.command("fuzz")
@click.argument("url")
@click.option(
    "--contract",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The OpenAPI document; by default the one that is installed.",
)
@key_option("Sent where the contract wants it; no report and no test repeats it.", default="test_fuzz")
@click.option("--seed", type=click.IntRange(0), metavar="NUMBER", help="Make the same requests again.")
@click.option(
    "--max-examples",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    metavar="COUNT",
    help="Most requests of a kind to each operation.",
)
@click.option(
    "--time-limit", type=click.IntRange(1), metavar="SECONDS", help="Go on for so long, and no longer."
)
@click.option(
    "--phases",
    default="examples,coverage,fuzzing,stateful",
    show_default=True,
    metavar="NAMES",
    help="Phases of Schemathesis.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Store each failure as a JSON file that --replay takes.",
)
@click.option(
    "--replay",
    "stored",
    type=click.Path(exists=True, path_type=Path),
    metavar="FILE",
    help="Send nothing but a stored failure, or a folder of them.",
)
@click.option(
    "--write-tests",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the failures as a pytest file that needs no eqkit.",
)
@click.option(
    "--schemathesis-report",
    "own",
    multiple=True,
    metavar="FORMAT=FILE",
    help=f"A report of Schemathesis itself: {', '.join(OWN_FORMATS)}. Repeatable.",
)
@report_options  # fmt: skip
def command(
    url: str,
    file: Path | None,
    key: str,
    seed: int | None,
    max_examples: int,
    time_limit: int | None,
    phases: str,
    keep: Path | None,
    stored: Path | None,
    write_tests: Path | None,
    own: tuple[str, ...],
) -> Run:
    """Look for requests that a server answers against its contract.

    URL is the base that the paths of the contract are appended to. Schemathesis makes the requests: the
    contract's examples, the edges of each schema, random ones, and chains along the contract's links.
    """
    from eqkit.checks.fuzz.fuzzing import Plan, fuzz, replay
    from eqkit.checks.fuzz.written_tests import pytest_file
    from eqkit.checks.references import operations_of
    from eqkit.contract.loading.source_map import ContractFile
    from eqkit.errors import StartupError
    from eqkit.printing import printable

    contract = ContractFile.load(file)
    plan = Plan(
        url=url,
        key=key,
        seed=seed,
        max_examples=max_examples,
        time_limit_s=time_limit,
        phases=phases.split(","),
        own_reports=dict(_own_report(text) for text in own),
        keep=keep,
    )
    operations_of(contract)  # raises at once for a contract that cannot be validated against
    if stored is not None:
        return replay(contract, plan, stored).run
    fuzzed = fuzz(contract, plan, lambda line: click.echo(printable(line), err=True))
    if write_tests is not None and fuzzed.failures:
        try:
            write_tests.write_text(pytest_file(contract.document, url, fuzzed.failures), encoding="utf-8")
        except OSError as error:
            raise StartupError(f"--write-tests {write_tests}: {error.strerror}") from error
    return fuzzed.run


def _own_report(text: str) -> tuple[str, Path]:
    name, _, file = text.partition("=")
    if name not in OWN_FORMATS or not file:
        raise click.UsageError(
            f'--schemathesis-report: "{text}" is not FORMAT=FILE, with one of {", ".join(OWN_FORMATS)}'
        )
    return name, Path(file)
