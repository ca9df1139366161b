"""The command ``eqkit diff``."""

from pathlib import Path

import click

from eqkit.checks.findings import Run
from eqkit.checks.reports import report_options


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
    help="Which file, where OLD or NEW is a revision alone.",
)
@report_options  # fmt: skip
def command(old: str, new: str, file: Path) -> Run:
    """Compare two versions of a contract: what breaks clients, and which version number follows.

    OLD and NEW are files, or a git revision (main, v1.2.0), or REVISION:PATH as git writes it. A change that
    breaks clients is an error, unless the version of NEW announces it.
    """
    from eqkit.checks.diff.comparison import diff
    from eqkit.checks.diff.revisions import load
    from eqkit.checks.references import judged, operations_of

    versions = load(old, file), load(new, file)
    for version in versions:
        operations_of(version)  # a comparison with what cannot be judged by would say nothing
    with judged(*versions):
        return diff(*versions)
