"""What every command that asks the control plane has in common: options, and how a failure is told."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eqkit.cli.outcomes import EXIT_REFUSED, EXIT_UNUSABLE, show_json

if TYPE_CHECKING:
    from eqkit.client.calls import Call

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_URL = "http://127.0.0.1:8080"


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep an option for the command it is for; said nearer to the command's name, it wins."""
    name = str(parameter.name)
    source = context.get_parameter_source(name)
    if source is click.core.ParameterSource.COMMANDLINE or name not in context.meta:
        context.meta[name] = value


def on_server(command: Command) -> Command:
    """Give a command, or a group of them, the options that say which server and whose sandbox."""
    options = [
        click.option("--url", envvar="EQKIT_URL", default=DEFAULT_URL, show_default=True, show_envvar=True,
                     metavar="URL", help="The server.", expose_value=False, callback=_keep),
        click.option("--key", metavar="KEY", help="Whose sandbox; the default one without it.",
                     expose_value=False, callback=_keep),
        click.option("--control-token", envvar="EQKIT_CONTROL_TOKEN", show_envvar=True, metavar="TOKEN",
                     help="The token of a server that was started with one.",
                     expose_value=False, callback=_keep),
        click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.",
                     expose_value=False, callback=_keep),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def ask(call: "Call[Any]") -> Any:
    """Send a call to the server that the options name, and return its document.

    Ends the command with one line on standard error where that fails.
    """
    from eqkit.client import Client, ClientError, Refused

    context = click.get_current_context()
    given = context.meta
    try:
        client = Client(given["url"], given["key"], token=given["control_token"])
        return client.request(call.method, call.path, query=call.query, body=call.body)
    except Refused as error:
        lines = [f"{each.detail} ({each.code})" for each in error.errors] or [str(error)]
        _fail(context, "\n".join(lines), EXIT_REFUSED)
    except (ValueError, ClientError) as error:
        _fail(context, str(error), EXIT_UNUSABLE)


def answer(call: "Call[Any]", show: Callable[[Any], None]) -> None:
    """Send a call and print what it answers: with `show`, or as JSON where that is asked for."""
    document = ask(call)
    if click.get_current_context().meta["as_json"]:
        show_json(document)
    else:
        show(document)


def _fail(context: click.Context, told: str, code: int) -> None:
    for line in told.splitlines():
        click.echo(f"{context.command_path}: {line}", err=True)
    sys.exit(code)


def span(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Hold the value of an option against the grammar of spans, as its callback."""
    from eqkit.client.spans import span_ms

    try:
        return value if value is None else f"{span_ms(value)}ms"
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None
