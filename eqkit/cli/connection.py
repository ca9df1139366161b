"""The common part of the commands for the control plane: options, and messages for failures."""

import contextlib
import importlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from eqkit.checks.keys import key_option, token_option
from eqkit.cli.output import show_json
from eqkit.exit_codes import ExitCode
from eqkit.printing import printable

Command = TypeVar("Command", bound=Callable[..., Any])
Option = Callable[[Any], Any]

DEFAULT_URL = "http://127.0.0.1:8080"

QUEUES = ("deliveries", "pending", "queues")
"""The commands for the state of ElasticQueue, which a mock of another contract has not."""


class _Late:
    """Stands for a module until one of its names is used, so that ``eqkit --help`` stays quick."""

    def __init__(self, name: str) -> None:
        """Take the name of the module."""
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Load the module, and return its members."""
        return getattr(importlib.import_module(self._name), name)


if TYPE_CHECKING:
    from eqkit.client import Client
    from eqkit.client import operations as operations  # noqa: PLC0414 - the commands import it from here
else:
    operations = _Late("eqkit.client.operations")


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Keep an option for the command it is for; said nearer to the command's name, it wins."""
    name = str(parameter.name)
    source = context.get_parameter_source(name)
    if source is click.core.ParameterSource.COMMANDLINE or name not in context.meta:
        context.meta[name] = value


def together(*options: Option) -> Callable[[Command], Command]:
    """Return a decorator that gives a command several options, in their order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


on_server = together(
    click.option("--url", envvar="EQKIT_URL", default=DEFAULT_URL, show_default=True, show_envvar=True,
                 metavar="URL", help="The server.", expose_value=False, callback=_keep),
    key_option("Whose sandbox; the default one without it.", expose_value=False, callback=_keep),
    token_option("The token of a server that was started with one.", expose_value=False, callback=_keep),
    click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.",
                 expose_value=False, callback=_keep),
)  # fmt: skip
"""Gives a command, or a group of them, the options that say which server and whose sandbox."""

only_operation = click.option(
    "--operation", metavar="ID", help="Only of one operation, such as enqueueMessage."
)
only_queue = click.option("--queue", metavar="NAME", help="Only of one queue.")


def _places(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """Read the values that have to stand in a document, by pointer, as the callback of an option."""
    wanted = {}
    for value in values:
        pointer, equals, text = value.partition("=")
        if not equals:
            raise click.BadParameter(f"{value!r} is not POINTER=VALUE, such as /data/attributes/body=hello")
        try:
            wanted[pointer] = json.loads(text)
        except (ValueError, RecursionError):
            wanted[pointer] = text
    return wanted


only_body = click.option(
    "--body",
    multiple=True,
    metavar="POINTER=VALUE",
    callback=_places,
    help="Only with this in the document: JSON if it can be read so, else a text. Repeatable.",
)
how_many = click.option("--limit", type=int, metavar="COUNT", help="How many at most.")


@contextlib.contextmanager
def connected() -> "Iterator[Client]":
    """Give a client of the server that the options name.

    Ends the command with one line on standard error for each thing that goes wrong in the block.
    """
    from eqkit.client import Client, ClientError, ConnectError, StatusError

    given = click.get_current_context().meta
    try:
        yield Client(given["url"], given["key"], token=given["control_token"])
    except StatusError as error:
        lines = [f"{each.detail} ({each.code})" for each in error.errors] or [str(error)]
        if error.code == "path-not-found" and click.get_current_context().command_path.split()[1] in QUEUES:
            lines = [f"{given['url']}: only a mock of ElasticQueue has {', '.join(QUEUES)}"]
        _fail("\n".join(lines), ExitCode.FAILED)
    except ConnectError as error:
        refused = isinstance(error.__cause__, ConnectionRefusedError)
        advice = ": start a server with `eqkit serve`, or name another with --url" if refused else ""
        _fail(f"{error}{advice}", ExitCode.ERROR)
    except (ValueError, ClientError) as error:
        _fail(str(error), ExitCode.ERROR)


def ask(call: "operations.Operation[Any]") -> Any:
    """Send a call to the server that the options name, and return its document."""
    with connected() as client:
        return client.request(call.method, call.path, query=call.query, body=call.body)


def answer(call: "operations.Operation[Any]", show: Callable[[Any], None]) -> Any:
    """Send a call, print its answer with `show`, or as JSON with ``--json``, and return it.

    A group's own call is sent only if no command of the group is named.
    """
    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        _require_no_own_options(context)
        return None
    document = ask(call)
    if context.meta["as_json"]:
        show_json(document)
        return document
    try:
        show(document)
    except (AttributeError, LookupError, TypeError, ValueError):
        _fail(f"{context.meta['url']} has answered what is no answer of eqkit", ExitCode.ERROR)
    return document


def _require_no_own_options(context: click.Context) -> None:
    """Refuse options of the group itself when one of its commands is named: they would do nothing."""
    for parameter in context.command.params:
        source = context.get_parameter_source(str(parameter.name))
        if parameter.expose_value and source is click.core.ParameterSource.COMMANDLINE:
            name, command = parameter.opts[0], context.invoked_subcommand
            raise click.UsageError(f"{name} stands before {command!r}, where it does nothing: say it behind")


def _fail(messages: str, code: int) -> NoReturn:
    """End the command with its error on standard error, each line below its name."""
    for line in messages.splitlines():
        click.echo(printable(f"{click.get_current_context().command_path}: {line}"), err=True)
    sys.exit(code)


def instant(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse the value of an option or argument that is no instant, as its callback."""
    from eqkit.rfc3339 import read_instant

    if value is not None:
        try:
            read_instant(value)
        except ValueError as error:
            raise click.BadParameter(str(error), context, parameter) from None
    return value


def duration(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Check the value of an option against the grammar of durations, as its callback."""
    from eqkit.client.durations import duration_ms

    try:
        return value if value is None else f"{duration_ms(value)}ms"
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from None
