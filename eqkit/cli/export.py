"""``eqkit export``: a contract's examples, or recorded traffic, written for other tools."""

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eqkit.checks.keys import key_option, token_option
from eqkit.checks.sources import address, asking
from eqkit.errors import EqkitError, StartupError
from eqkit.exit_codes import ExitCode
from eqkit.printing import json_text, printable

if TYPE_CHECKING:
    from eqkit.exports.sources import Export

Command = Callable[..., str]


OPTIONS = (
    click.argument("contract", metavar="[CONTRACT]", required=False),
    click.option(
        "--contract", "option", metavar="CONTRACT",
        help="The same as CONTRACT; by default the contract of ElasticQueue.",
    ),
    click.option(
        "--overlay", "overlays", metavar="FILE", multiple=True, type=click.Path(path_type=Path),
        help="Change the contract by an OpenAPI Overlay, without touching it. Repeatable.",
    ),
    click.option(
        "--from", "sources", metavar="SOURCE", multiple=True,
        help="Export the traffic of a recording (HAR or JSONL), or the journal of a mock by its address, "
        "in place of the examples. Repeatable.",
    ),
    click.option(
        "--server", metavar="URL", callback=address,
        help="Where the requests of examples go; by default to the first server of the contract.",
    ),
    key_option("Whose journal to read, where SOURCE is a server."),
    token_option("The token that the server SOURCE was started with."),
    click.option(
        "-o", "--output", metavar="FILE", type=click.Path(path_type=Path),
        help="Write into a file; by default to standard output.",
    ),
)  # fmt: skip


def _export(command: Command) -> Callable[..., None]:
    """Give a command that returns the text of a file its options and its end."""

    @functools.wraps(command)
    def exported(
        contract: str | None,
        option: str | None,
        overlays: tuple[Path, ...],
        sources: tuple[str, ...],
        server: str | None,
        key: str | None,
        control_token: str | None,
        output: Path | None,
        **own: Any,
    ) -> None:
        path = click.get_current_context().command_path
        if contract is not None and option is not None:
            raise click.UsageError("the contract is named twice: leave out --contract")
        try:
            export = _read(contract or option, overlays, sources, server, asking(key, control_token))
            text = command(export, **own)
            lines = [printable(str(each)) for each in export.left_out]
            _say(path, lines)
            if not export.exchanges:
                raise StartupError("there is nothing to export")
            _write(text, output)
        except EqkitError as error:
            click.echo(f"{path}: {printable(' '.join(str(error).split()))}", err=True)
            sys.exit(ExitCode.ERROR)

    made: Callable[..., None] = exported
    for option in reversed(OPTIONS):
        made = option(made)
    return made


@click.group(short_help="Write a contract's examples, or traffic, for other tools.")
def export() -> None:
    """Write a contract's examples, or recorded traffic, for other tools.

    CONTRACT is any OpenAPI document: a file, a folder with an openapi.yaml, or a URL. Each request that it
    describes with its examples is written with its answer; a schema without an example gets a generated
    value. Parts that cannot be exported are named on standard error. Exit codes: 0 for a file, 2 for none.
    """


@export.command()
@_export
def har(found: "Export") -> str:
    """Write an HTTP Archive (HAR 1.2), as browsers and Playwright read it."""
    from eqkit.exports.formats.har import har

    return json_text(har(found.exchanges)) + "\n"


@export.command()
@_export
def msw(found: "Export") -> str:
    """Write a TypeScript module of handlers for Mock Service Worker 2.

    A request picks one of an operation's answers by ``Prefer: code=404, example=NAME``, and else gets the
    first.
    """
    from eqkit.exports.formats.msw import msw

    return msw(found)


@export.command()
@_export
def postman(found: "Export") -> str:
    """Write a Postman Collection 2.1.

    It has a folder for each tag, variables for the address and the keys of the service, and each answer as an
    example of its request.
    """
    from eqkit.exports.formats.postman import postman

    return json_text(postman(found)) + "\n"


@export.command()
@_export
@click.option(
    "--consumer", metavar="NAME", default="consumer", show_default=True, help="The name of the consumer."
)
@click.option("--provider", metavar="NAME", help="The name of the provider; by default the contract's title.")
def pact(found: "Export", consumer: str, provider: str | None) -> str:
    """Write a pact (Pact specification 3).

    Values are matched by their types, as the schemas have them; the first item of an array stands for any
    number. Errors of a good request that no state of a provider brings about are left out.
    """
    from eqkit.exports.formats.pact import pact

    return json_text(pact(found, consumer, provider or found.title)) + "\n"


def _read(
    contract: str | None,
    overlays: Sequence[Path],
    sources: Sequence[str],
    server: str | None,
    headers: Mapping[str, str],
) -> "Export":
    from eqkit.checks.sources import traffic
    from eqkit.contract.loading.any_contract import load_any
    from eqkit.contract.loading.source_map import installed
    from eqkit.contract.operations import Contract
    from eqkit.exports.sources import of_contract, of_recordings
    from eqkit.traffic.routes import Routes

    where = contract or str(installed("elasticqueue.yaml"))
    loaded = Contract(load_any(where, overlays=overlays).document)
    recorded = [exchange for source in sources for exchange in traffic(source, headers)]
    return of_recordings(Routes(loaded), recorded) if sources else of_contract(loaded, server)


def _say(path: str, lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(f"{path}: left out {line}", err=True)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StartupError(f"{output}: {error.strerror}") from error
