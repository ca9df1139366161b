"""The command ``eqkit proxy``: check the traffic of a service, and keep a journal of it as the mock does."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from eqkit.checks.findings import Finding, Run
from eqkit.checks.reports import report_options
from eqkit.checks.sources import address, contract_option

UNFINISHED = "was not answered to the end"
"""The server's log line about an answer whose end the proxy withholds."""

LONGEST_DRAIN_S = 5
"""The longest time that a proxy takes to end, in seconds."""


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
@click.option(
    "--mock-missing",
    is_flag=True,
    help="Answer by the mock of the contract where the service lacks an operation (404, 405, 501).",
)
@click.option(
    "--mock-documented",
    is_flag=True,
    help="The same, also where a 404 or 405 is as the contract documents it.",
)
@click.option(
    "--control-token",
    metavar="TOKEN",
    help="Show the journal to requests with this token, from any machine.  [env: EQKIT_CONTROL_TOKEN]",
)
@click.option("--no-control", is_flag=True, help="Show no journal at /_mock.")
@report_options  # fmt: skip
def command(
    upstream: str,
    contract: Path | None,
    host: str,
    port: int,
    on_violation: str,
    files: tuple[Path, ...],
    keep_host: bool,
    mock_missing: bool,
    mock_documented: bool,
    control_token: str | None,
    no_control: bool,
) -> Run:
    """Stand between clients and a service, and hold all that passes against the contract.

    UPSTREAM is where the contract's paths begin. Violations are told here, in the header Contract-Violation
    of the answer, and in the journal that `eqkit journal --url` reads. Ctrl-C ends it and prints the summary.
    """
    from eqkit.checks.proxy.proxy import Proxy
    from eqkit.checks.sources import load
    from eqkit.cli.checks.mock_in_proxy import mock_of
    from eqkit.elasticqueue.recorded_messages import RecordedMessages
    from eqkit.elasticqueue.service import ElasticQueue
    from eqkit.sandbox.proxy_sandboxes import ProxySandboxes
    from eqkit.settings import Settings
    from eqkit.traffic.recording import Recording
    from eqkit.web.control.guard import has_control
    from eqkit.web.control.proxy import ProxyControlPlane
    from eqkit.web.logs.lines import configure_logging

    given = {"host": host, "control_token": control_token, "control": "false" if no_control else None}
    settings = Settings.read({name: text for name, text in given.items() if text is not None})
    is_shown = has_control(settings)
    # Output without a reader must change no answer and stop no traffic.
    output = configure_logging("error", "text")
    if settings.control and not is_shown:
        output.write(f"no journal: other machines may reach {host}, so it needs --control-token\n")
    recordings, sandboxes = [Recording(file) for file in files], ProxySandboxes(service=ElasticQueue())
    proxy = Proxy(
        *load(contract, [upstream]), upstream, lambda finding: output.write(_line(finding)), recordings,
        sandboxes=sandboxes if is_shown else None, stored_by=RecordedMessages(),
        fails=on_violation == "fail", keeps_host=keep_host,
        mock=mock_of(contract) if mock_missing or mock_documented else None, mocks_documented=mock_documented,
    )  # fmt: skip
    try:
        _serve(ProxyControlPlane(proxy, sandboxes, settings), host, port, f"leads to {proxy.base.url}")
    finally:
        missing = [message for recording in recordings if (message := recording.close()) is not None]
    # A reader would take an incomplete recording for all of the traffic.
    return replace(proxy.run, error="; ".join(missing)) if missing else proxy.run


def _serve(application: Any, host: str, port: int, message: str) -> None:
    """Serve an application until a signal; raises StartupError for an address that cannot be listened on."""
    import logging
    import socket

    from eqkit.errors import StartupError
    from eqkit.web.http.server import Server
    from eqkit.web.logs.log_output import LogOutput

    try:
        listener = socket.create_server((host, port), backlog=2048)
    except OSError as error:
        raise StartupError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    # An answer that breaks off does so on purpose, and why is told as a finding.
    logging.getLogger("eqkit.web.http.cycle").addFilter(lambda record: UNFINISHED not in record.getMessage())
    with listener:
        url = f"http://{host}:{listener.getsockname()[1]}"
        LogOutput(sys.stdout).write(f"{url} {message} (Ctrl-C ends it)\n")
        Server(application, listener, drain_s=LONGEST_DRAIN_S).run()


def _line(finding: Finding) -> str:
    from eqkit.printing import printable

    return printable(f"{finding.severity}: {finding.message} [{finding.rule}]") + "\n"
