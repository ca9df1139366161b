"""The command ``eqkit replay``."""

from pathlib import Path

import click

from eqkit.checks.findings import Run
from eqkit.checks.keys import key_option
from eqkit.checks.reports import report_options
from eqkit.checks.sources import address, addresses, contract_option, routes_option


@click.command("replay")
@click.argument("recordings", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@contract_option
@routes_option
@click.option(
    "--strict", is_flag=True, help="Make violations of a request errors, even if the server refused it."
)
@click.option("--send", "server", metavar="URL", callback=address,
              help="Send the requests to a server, and validate its answers.")  # fmt: skip
@click.option("--receiver", "receivers", metavar="URL", multiple=True, callback=addresses,
              help="Take all below an address for webhooks and callbacks. Repeatable.")  # fmt: skip
@key_option("The key to send; by default one for tests.")
@report_options
def command(
    recordings: tuple[Path, ...],
    contract: Path | None,
    base: tuple[str, ...],
    strict: bool,
    server: str | None,
    receivers: tuple[str, ...],
    key: str | None,
) -> Run:
    """Validate recorded traffic against the contract.

    FILE is a HAR (of a browser, Playwright, mitmproxy, the journal; zipped ones, too) or JSONL with an entry
    of a HAR on each line. Traffic of other hosts is left out. Exit codes: 0 passed, 1 failed, 2 error.
    """
    from eqkit.checks.replay.replaying import replay
    from eqkit.checks.replay.sending_again import replay_at
    from eqkit.checks.sources import load
    from eqkit.traffic.exchanges import read
    from eqkit.traffic.sending import DEFAULT_KEY

    file, routes = load(contract, base)
    recorded = [exchange for recording in recordings for exchange in read(recording)]
    if server is not None:
        return replay_at(file, routes, recorded, server, key or DEFAULT_KEY, strict=strict)
    return replay(file, routes, recorded, strict=strict, receivers=receivers)
