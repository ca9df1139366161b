"""The command ``eqkit diff``."""

from datetime import datetime
from pathlib import Path

import click

from eqkit.checks.findings import Run, Severity
from eqkit.checks.reports import report_options

FAIL_ON = {"breaking": Severity.ERROR, "warning": Severity.WARNING, "any": Severity.NOTE}


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--contract",
    "file",
    type=click.Path(path_type=Path),
    default=Path("openapi/elasticqueue.yaml"),
    show_default=True,
    metavar="FILE",
    help="The file, where OLD or NEW is a revision alone.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*FAIL_ON]),
    default="breaking",
    show_default=True,
    help="Exit with 1 on changes that break clients, on warnings too, or on any change.",
)
@click.option(
    "--severity",
    "severities",
    multiple=True,
    metavar="RULE=LEVEL",
    help="Make a rule an error, a warning or a note, or turn it off; * stands for any part of the name. "
    "Repeatable; the last one that fits counts.",
)
@click.option(
    "--ignore",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A YAML list of changes that are accepted: rule, reason, and place or operation.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The day, such as 2030-12-31, that the x-sunset of removed operations is compared with.",
)
@report_options  # fmt: skip
def command(
    old: str, new: str, file: Path, fail_on: str, severities: tuple[str, ...], ignore: Path | None,
    as_of: datetime | None,
) -> Run:  # fmt: skip
    """Compare two versions of a contract: list the changes that break clients, and the next version number.

    OLD and NEW are files, or a git revision (main, v1.2.0), or REVISION:PATH as git writes it. A change that
    breaks clients is an error, unless the version of NEW announces it.
    """
    from eqkit.checks.diff.comparison import diff
    from eqkit.checks.diff.ignoring import Choices, read_entries, read_severities
    from eqkit.checks.diff.revisions import load
    from eqkit.checks.references import refuse_other_versions, usable

    choices = Choices(read_entries(ignore) if ignore else [], read_severities(severities))
    versions = load(old, file), load(new, file)
    for version in versions:
        refuse_other_versions(version)
    with usable(*versions):
        return diff(*versions, choices, as_of=as_of.date() if as_of else None, fails_on=FAIL_ON[fail_on])
