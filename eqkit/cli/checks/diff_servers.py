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
    from eqkit.checks.compare.differences import CHECK, diff_servers
    from eqkit.checks.conformance import unreadable
    from eqkit.checks.sources import load
    from eqkit.elasticqueue.probe.probing import PROBED
    from eqkit.elasticqueue.probe.walking import walk
    from eqkit.traffic.exchanges import read

    file, routes = load(contract)
    servers = first.rstrip("/"), second.rstrip("/")
    if recordings:
        found = [exchange for recording in recordings for exchange in read(recording)]
        recorded = routes.ours(found)
        if not recorded:
            return Run(CHECK, error="nothing in the recordings is for the contract")
        run = diff_servers(file, servers, key, recorded)
        return replace(run, findings=[*unreadable(found), *run.findings])
    if PROBED not in file.document.data.get("paths", {}):
        message = f"the probes are for ElasticQueue, and {file.file} is not: name a recording to send"
        return Run(CHECK, error=message)
    asked = walk(file, servers[0], key)
    if not asked:
        message = f"{servers[0]} does not answer, or refuses the key: nothing to compare with"
        return Run(CHECK, error=message)
    return diff_servers(file, servers, key, asked, of_first=True)
