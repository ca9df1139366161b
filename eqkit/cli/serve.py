"""``eqkit serve``: the server, with one option for each setting."""

import dataclasses
import gc
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from eqkit import environment
from eqkit.checks.sources import mention_contract
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.errors import ContractError, SettingsError, StartupError
from eqkit.exit_codes import ExitCode
from eqkit.printing import printable
from eqkit.settings import Settings, switch
from eqkit.web.contracts.settings import ContractSettings

if TYPE_CHECKING:
    from eqkit.web.app import Application
    from eqkit.web.logs.request_log import RequestLog


SHARED = {each.name for each in dataclasses.fields(Settings)}
"""The names of the settings that every server has."""

OF_CONTRACTS = [each for each in dataclasses.fields(ContractSettings) if each.name not in SHARED]
"""The settings of a server of any contract alone."""

OF_ELASTICQUEUE = [each for each in dataclasses.fields(ElasticQueueSettings) if each.name not in SHARED]
"""The settings of ElasticQueue alone."""


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


SWITCHES = {
    _option(field.name)
    for field in (*dataclasses.fields(ElasticQueueSettings), *OF_CONTRACTS)
    if field.metadata["read"] is switch
}
"""The options that are true or false; one without a value is true."""

_VALUE = re.compile(r"true|false|yes|no|on|off|[01]", re.IGNORECASE)
"""A value behind a switch; the setting refuses all but the first two, and says so."""


class Serve(click.Command):
    """The command, whose help has its options in sections, and whose switches need no value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; a switch with no value behind it is given true."""
        whole: list[str] = []
        for number, each in enumerate(args):
            whole.append(each)
            if each in SWITCHES and not _VALUE.fullmatch("".join(args[number + 1 : number + 2])):
                whole.append("true")
        return super().parse_args(ctx, whole)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each kind of server below a title of their own."""
        sections = {
            "Options for a contract": {each.name for each in OF_CONTRACTS},
            "Options for any server": None,
            "Options for ElasticQueue (without a contract)": {each.name for each in OF_ELASTICQUEUE},
        }
        special = {each.name for each in (*OF_CONTRACTS, *OF_ELASTICQUEUE)}
        for title, names in sections.items():
            with formatter.section(title):
                formatter.write_dl(
                    [
                        record
                        for each in self.get_params(ctx)
                        if isinstance(each, click.Option)
                        and (each.name in names if names is not None else each.name not in special)
                        and (record := each.get_help_record(ctx)) is not None
                    ]
                )


def _settings_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for each setting, of ElasticQueue's and of any contract's."""
    for field in reversed((*OF_CONTRACTS, *dataclasses.fields(ElasticQueueSettings))):
        many = field.metadata["many"]
        default = "" if many or field.default is None else f"  [default: {str(field.default).lower()}]"
        variable = environment.PREFIX + field.name.upper()
        metavar = field.metadata["metavar"]
        command = click.option(
            _option(field.name),
            field.name,
            metavar=f"[{metavar}]" if field.metadata["read"] is switch else metavar,
            multiple=many,
            help=f"{field.metadata['help']}{' Repeatable.' if many else ''}{default}  [env: {variable}]",
        )(command)
    return command


@click.command(cls=Serve)
@click.argument("served", metavar="[CONTRACT]", required=False)
@_settings_options
@click.option("--no-control", is_flag=True, help="The same as --control false.")
@click.option("-q", "--quiet", is_flag=True, help="The same as --log-level error: no line for each request.")
def serve(served: str | None, no_control: bool, quiet: bool, **given: Any) -> None:
    """Run the mock server until SIGTERM or Ctrl-C.

    CONTRACT is any OpenAPI document: a file, a folder with an openapi.yaml, or a URL. Without one, it is
    ElasticQueue's.
    """
    if no_control:
        given["control"] = "false"
    if quiet:
        given["log_level"] = "error"
    if served is not None:
        given["contract"] = served
    try:
        if given["contract"] or environment.VARIABLES.get("EQKIT_CONTRACT"):
            _refuse_others(given, ContractSettings, "a contract of your own has no such setting")
            _serve(ContractSettings.read(given))
        else:
            _refuse_others(given, ElasticQueueSettings, "name the CONTRACT that is to be served")
            mention_contract("eqkit serve")
            _serve(ElasticQueueSettings.read(given))
    except (SettingsError, StartupError, ContractError) as error:
        click.echo(f"eqkit serve: {error}", err=True)
        sys.exit(ExitCode.ERROR)


def _refuse_others(given: dict[str, Any], settings: type[Settings], why: str) -> None:
    """Refuse options that are for the other kind of server; raises SettingsError."""
    known = {each.name for each in dataclasses.fields(settings)}
    for name, value in given.items():
        if name not in known and value:
            raise SettingsError(f"{_option(name)}: {why}")


def _serve(settings: ElasticQueueSettings | ContractSettings) -> None:
    # Nothing that is loaded now is garbage; the server turns the collector on again once it has started.
    gc.disable()
    # Imported here, since Connexion takes its time and a wrong option should not.
    from eqkit.web.unopened import put_in_place

    put_in_place()
    from eqkit.cli.ready_file import ReadyFile
    from eqkit.web.logs.lines import configure_logging
    from eqkit.web.logs.log_output import LogOutput
    from eqkit.web.logs.request_log import RequestLog
    from eqkit.web.pages import sample_key
    from eqkit.web.server import base_url, bind, serve

    output = configure_logging(settings.log_level, settings.log_format)
    ready_file = None if settings.ready_file is None else ReadyFile(settings.ready_file)
    request_log = None
    if settings.log_level != "error":
        shows_requests = settings.log_level != "warning"
        request_log = RequestLog(output, settings.log_format, requests=shows_requests)
    application = _application(settings, request_log)
    listener = bind(settings)
    url = base_url(listener)

    def on_started() -> None:
        if ready_file is not None:
            ready_file.write(url)
        service = application.service
        # Title and path may be of a contract from anywhere.
        title = printable(service.title)
        line = printable(service.example_request(url, sample_key(settings.key, service)))
        LogOutput(sys.stdout).write(
            f"{title} is at {url}, which lists its operations (Ctrl-C stops it). "
            f"{service.invitation}:\n\n  {line}\n\n"
        )

    serve(application, listener, on_started)


def _application(
    settings: ElasticQueueSettings | ContractSettings, request_log: "RequestLog | None"
) -> "Application":
    if isinstance(settings, ContractSettings):
        from eqkit.web.contracts.application import contract_application

        return contract_application(settings, request_log=request_log)
    from eqkit.elasticqueue.service import elasticqueue

    return elasticqueue(settings, request_log=request_log)
