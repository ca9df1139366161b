"""The command ``eqkit diff-servers``."""

from dataclasses import replace
from pathlib import Path

import click

from eqkit.checks.findings import Run
from eqkit.checks.keys import key_option
from eqkit.checks.reports import report_options
from eqkit.checks.sources import address, contract_option


@click.command("diff-servers")
@click.argument("first", callback=address)
@click.argument("second", callback=address)
@click.argument("recordings", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@contract_option
@key_option("The key to send to both.", default="test_diff-servers")
@report_options
def command(first: str, second: str, recordings: tuple[Path, ...], contract: Path | None, key: str) -> Run:
    """Send the same traffic to two servers, and tell where they differ from each other and the contract.

    FILE is a recording, HAR or JSONL, whose requests for the contract are sent; without any, the requests of
    eqkit probe, which are for ElasticQueue. Ids, instants, origins and texts for people may differ.
    """
    from eqkit.checks.compare.differences import diff_servers
    from eqkit.checks.findings import Run
    from eqkit.checks.probe.probing import PROBED
    from eqkit.checks.sources import left_out, load
    from eqkit.traffic.exchanges import read

    file, routes = load(contract)
    found = [exchange for recording in recordings for exchange in read(recording)]
    recorded = routes.ours(found)
    if recordings and not recorded:
        return Run("diff-servers", unjudged="nothing in the recordings is for the contract")
    if not recordings and PROBED not in file.document.data.get("paths", {}):
        told = f"the probes are for ElasticQueue, and {file.file} is not: name a recording to send"
        return Run("diff-servers", unjudged=told)
    run = diff_servers(file, (first.rstrip("/"), second.rstrip("/")), key, recorded)
    return replace(run, findings=[*left_out(found), *run.findings])
