"""``eqkit serve``: the server, with one option for each setting."""

import dataclasses
import gc
import sys
from collections.abc import Callable
from typing import Any

import click

from eqkit import environment
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.errors import ContractError, SettingsError, StartupError
from eqkit.exit_codes import ExitCode


def _settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each setting."""
    for field in reversed(dataclasses.fields(ElasticQueueSettings)):
        many = field.metadata["many"]
        default = "" if many or field.default is None else f"  [default: {str(field.default).lower()}]"
        variable = environment.PREFIX + field.name.upper()
        command = click.option(
            "--" + field.name.replace("_", "-"),
            field.name,
            metavar=field.metadata["metavar"],
            multiple=many,
            help=f"{field.metadata['help']}{' Repeatable.' if many else ''}{default}  [env: {variable}]",
        )(command)
    return command


@click.command()
@_settings_options
@click.option("--no-control", is_flag=True, help="The same as --control false.")
@click.option("-q", "--quiet", is_flag=True, help="The same as --log-level error: no line for each request.")
def serve(no_control: bool, quiet: bool, **given: Any) -> None:
    """Run the mock server until SIGTERM or Ctrl-C."""
    if no_control:
        given["control"] = "false"
    if quiet:
        given["log_level"] = "error"
    try:
        _serve(ElasticQueueSettings.read(given))
    except (SettingsError, StartupError, ContractError) as error:
        click.echo(f"eqkit serve: {error}", err=True)
        sys.exit(ExitCode.ERROR)


def _serve(settings: ElasticQueueSettings) -> None:
    # Nothing that is loaded now is garbage; the server turns the collector on again once it has started.
    gc.disable()
    # Imported here, since Connexion takes its time and a wrong option should not.
    from eqkit.web.unopened import put_in_place

    put_in_place()
    from eqkit.cli.ready_file import ReadyFile
    from eqkit.elasticqueue.service import ElasticQueue
    from eqkit.web.app import Application
    from eqkit.web.logs.lines import configure_logging
    from eqkit.web.logs.log_output import LogOutput
    from eqkit.web.logs.request_log import RequestLog
    from eqkit.web.pages import sample_key
    from eqkit.web.server import base_url, bind, serve

    output = configure_logging(settings.log_level, settings.log_format)
    ready_file = None if settings.ready_file is None else ReadyFile(settings.ready_file)
    service = ElasticQueue(settings)
    listener = bind(settings)
    url = base_url(listener)

    def on_started() -> None:
        if ready_file is not None:
            ready_file.write(url)
        line = service.example_request(url, sample_key(settings.key))
        LogOutput(sys.stdout).write(
            f"{service.title} is at {url} (Ctrl-C stops it). Enqueue a message:\n\n  {line}\n\n"
        )

    request_log = None
    if settings.log_level != "error":
        shows_requests = settings.log_level != "warning"
        request_log = RequestLog(output, settings.log_format, requests=shows_requests)
    serve(Application(service, settings, request_log=request_log), listener, on_started)
