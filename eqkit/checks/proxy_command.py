"""The command ``eqkit proxy``."""

from pathlib import Path

import click

from eqkit.checks.findings import Finding, Run
from eqkit.checks.reports import report_options
from eqkit.checks.sources import address, contract_option


@click.command("proxy")
@click.argument("upstream", callback=address)
@contract_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8081,
    show_default=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option(
    "--on-violation",
    type=click.Choice(["report", "fail"]),
    default="report",
    show_default=True,
    help="Let an answer through that breaks the contract, or make a 502 of it.",
)
@click.option(
    "--record",
    "files",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write all traffic into a file, ….har or ….jsonl. Repeatable.",
)
@click.option("--keep-host", is_flag=True, help="Send the client's Host on, so that links lead back here.")
@report_options  # fmt: skip
def command(
    upstream: str,
    contract: Path | None,
    host: str,
    port: int,
    on_violation: str,
    files: tuple[Path, ...],
    keep_host: bool,
) -> Run:
    """Stand between clients and a service, and hold all that passes against the contract.

    UPSTREAM is where the contract's paths begin. Violations are told here and in the header
    Contract-Violation of the answer; Ctrl-C ends it and tells what has come of all.
    """
    import signal
    import socket

    import uvicorn

    from eqkit.checks.proxy import Proxy
    from eqkit.checks.recording import Recording
    from eqkit.checks.sources import load
    from eqkit.errors import StartupError

    recordings = [Recording(file) for file in files]
    fails = on_violation == "fail"
    proxy = Proxy(load(contract)[0], upstream, _show, recordings, fails=fails, keeps_host=keep_host)
    try:
        listener = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise StartupError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    with listener:
        click.echo(f"http://{host}:{listener.getsockname()[1]} leads to {proxy.upstream} (Ctrl-C ends it)")
        config = uvicorn.Config(
            proxy, log_level="error", lifespan="on", server_header=False, date_header=False,
            proxy_headers=False, timeout_graceful_shutdown=5,
        )  # fmt: skip
        # uvicorn stops in peace and then repeats the signal, which must not end us before all is told.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        except KeyboardInterrupt:
            click.echo()
        finally:
            for recording in recordings:
                recording.close()
    return proxy.run


def _show(finding: Finding) -> None:
    from eqkit.checks.reports.terminal import printable

    click.echo(printable(f"{finding.severity}: {finding.message} [{finding.rule}]"), err=True)
