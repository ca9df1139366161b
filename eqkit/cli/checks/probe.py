"""The command ``eqkit probe``."""

import contextlib
from pathlib import Path

import click

from eqkit.checks.findings import Run
from eqkit.checks.keys import key_option
from eqkit.checks.reports import report_options
from eqkit.checks.sources import address, contract_option


@click.command("probe")
@click.argument("url", callback=address)
@contract_option
@key_option("The key to send; no report repeats it.", default="test_probe")
@report_options
def command(url: str, contract: Path | None, key: str) -> Run:
    """Walk the rules of the contract on a server, those that no schema can state included.

    URL is where the contract's paths begin. Some hundred requests are sent, to queues named probe-…; where
    there is the control plane of a mock, the clock of a sandbox beside that of the key is moved, too.
    """
    from eqkit.checks.sources import load
    from eqkit.elasticqueue.probe.probes import ALL
    from eqkit.elasticqueue.probe.probing import OverHttp, probe

    base = url.rstrip("/")
    with contextlib.closing(OverHttp(base)) as transport:
        return probe(load(contract)[0], transport, key, base, ALL)
