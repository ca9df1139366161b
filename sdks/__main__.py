"""Generate clients of ElasticQueue, compile them, and run their examples: ``python -m sdks``.

It needs Java and Node, and the pinned packages under ``build/sdks``, which ``make sdks`` installs.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

import click

from eqkit.process import running
from sdks.generators import load
from sdks.results import RECORDED, record, tables
from sdks.trial import BUILD, attempt, environment

AT_ONCE = 2
"""How many clients are made at a time: generators and compilers keep one core busy each."""


FOLDERS = [generator.folder for generator in load()]


@click.command()
@click.option("--only", multiple=True, type=click.Choice(FOLDERS), help="Try this one alone. Repeatable.")
@click.option(
    "--record", "recording", is_flag=True, help="Write the results beside the generators, for the docs."
)
def main(*, only: tuple[str, ...], recording: bool) -> None:
    """Try every generator, print the tables of results, and end with 1 where one of them failed."""
    generators = [generator for generator in load() if not only or generator.folder in only]
    try:
        variables = environment()
    except FileNotFoundError as missing:
        raise click.ClickException(str(missing)) from missing
    with running("--validate-responses", "true") as server, ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda generator: attempt(generator, server.url, variables), generators))
    results = [result for result, _ in outcomes]
    failures = [failure for _, failure in outcomes if failure is not None]
    record(results, RECORDED if recording and not only else BUILD / "results.json")
    click.echo(tables(results))
    for failure in failures:
        click.echo(f"\n{failure}", err=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main(prog_name="python -m sdks")
