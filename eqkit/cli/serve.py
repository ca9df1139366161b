"""``eqkit serve``: the server, with one option for each setting."""

import dataclasses
import gc
import sys
from collections.abc import Callable
from typing import Any

import click

from eqkit.cli.outcomes import EXIT_UNUSABLE
from eqkit.errors import ContractError, SettingsError, StartupError
from eqkit.settings import ENVIRONMENT_PREFIX, Settings


def _settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each setting."""
    for field in reversed(dataclasses.fields(Settings)):
        many = field.metadata["many"]
        default = "" if many or field.default is None else f"  [default: {str(field.default).lower()}]"
        variable = ENVIRONMENT_PREFIX + field.name.upper()
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
        _serve(Settings.read(given))
    except (SettingsError, StartupError, ContractError) as error:
        click.echo(f"eqkit serve: {error}", err=True)
        sys.exit(EXIT_UNUSABLE)


def _serve(settings: Settings) -> None:
    # Nothing of what is loaded now is garbage; the server turns the collector on again once it has started.
    gc.disable()
    # Imported here, since Connexion takes its time and a wrong option should not.
    from eqkit.sandbox.sandboxes import SAMPLE_KEY
    from eqkit.web.app import Application
    from eqkit.web.logs import configure_logging
    from eqkit.web.pages import curl_line
    from eqkit.web.request_log import RequestLog
    from eqkit.web.server import base_url, bind, serve

    output = configure_logging(settings.log_level, settings.log_format)
    _require_writable(settings)
    listener = bind(settings)
    url = base_url(listener)

    def on_started() -> None:
        if settings.ready_file is not None:
            settings.ready_file.write_text(url + "\n")
        key = settings.key[0] if settings.key else SAMPLE_KEY
        click.echo(
            f"ElasticQueue is at {url} (Ctrl-C stops it). Enqueue a message:\n\n  {curl_line(url, key)}\n"
        )

    request_log = None
    if settings.log_level != "error":
        shows_requests = settings.log_level != "warning"
        request_log = RequestLog(output, settings.log_format, requests=shows_requests)
    serve(Application(settings, request_log=request_log), listener, on_started)


def _require_writable(settings: Settings) -> None:
    """Find out now, and not once the server runs, that the ready file cannot be written."""
    path = settings.ready_file
    if path is None:
        return
    try:
        # A stale file of an earlier run would tell of a server that is not there.
        path.unlink(missing_ok=True)
        path.touch()
        path.unlink()
    except OSError as error:
        raise StartupError(f"--ready-file {path}: {error.strerror}") from error
