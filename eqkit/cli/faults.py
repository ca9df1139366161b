"""``eqkit faults`` and ``limits``: the failures to inject, and the rates to allow."""

import re
from json import dumps
from pathlib import Path
from typing import Any

import click

from eqkit.cli.connection import (
    answer,
    duration,
    on_server,
    only_body,
    only_operation,
    only_queue,
    operations,
)
from eqkit.cli.output import show_card, show_table, table_of

FAULT_COLUMNS = ("id", "fired", "seen", "live", "rule")
PACK_COLUMNS = ("name", "description")
LIMIT_COLUMNS = ("name", "kind", "limit", "window-ms", "operation", "queue", "remaining", "opens-at", "hit")


def _headers(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Read headers as HTTP writes them, as the callback of an option."""
    found = {}
    for value in values:
        name, colon, text = value.partition(":")
        if not colon:
            message = f"{value!r} is not NAME: VALUE, such as 'X-Cache: MISS'"
            raise click.BadParameter(message, context, parameter)
        found[name.strip()] = text.strip()
    return found


@click.group(invoke_without_command=True)
@on_server
def faults() -> None:
    """List, arm and disarm faults: failures on purpose."""
    answer(operations.list_faults(), _show_faults)


@faults.command()
@click.option("--answer", "status", type=int, metavar="STATUS", help="Answer so, with the documented body.")
@click.option("--retry-after", type=int, metavar="SECONDS", help="The Retry-After of that answer.")
@click.option("--example", metavar="NAME", help="That answer has the contract's example of this name.")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    callback=_headers,
    help="A header of that answer. Repeatable.",
)
@click.option("--content", metavar="TEXT", help="The content of that answer.")
@click.option(
    "--content-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file with the content of that answer.",
)
@click.option("--wire", metavar="KIND", help="reset, close, truncate, trickle or garbage.")
@click.option("--pause", metavar="DURATION", callback=duration, help="Between bytes that trickle.")
@click.option(
    "--latency", metavar="DURATION", callback=duration, help="Hold requests up, on the sandbox's clock."
)
@click.option("--delivery", metavar="KIND", help="duplicate, reorder, delay or drop.")
@click.option("--delay", metavar="DURATION", callback=duration, help="How much later a delayed delivery is.")
@click.option("--when", metavar="before|after", help="Before or after the message is stored.")
@only_operation
@only_queue
@only_body
@click.option("--nth", type=int, metavar="N", help="Only the Nth.")
@click.option("--every", type=int, metavar="N", help="Every Nth.")
@click.option("--probability", type=float, help="At random, from the sandbox's seed.")
@click.option("--count", type=int, help="How often at most.")
@click.option("--duration", callback=duration, help="For how long, on the sandbox's clock.")
@click.option("--name", help="The name in the journal.")
@on_server
def arm(status: int | None, content: str | None, content_file: Path | None, **said: Any) -> None:
    """Arm a fault: one of --answer, --wire, --latency and --delivery."""
    from eqkit.client import FaultRule

    if content is not None and content_file is not None:
        raise click.UsageError("an answer has one content: leave out --content or --content-file")
    try:
        call = operations.arm_fault(FaultRule(answer=status, content=content_file or content, **said))
    except (ValueError, OSError) as error:
        raise click.UsageError(str(error)) from None
    if sum(each is not None for each in (status, said["wire"], said["latency"], said["delivery"])) != 1:
        raise click.UsageError("say one of --answer, --wire, --latency and --delivery")
    answer(call, show_card)


@faults.command()
@click.argument("identifier", metavar="ID")
@on_server
def disarm(identifier: str) -> None:
    """Disarm the fault ID."""
    answer(operations.disarm_fault(identifier), lambda _: click.echo(f"{identifier} is disarmed."))


@faults.command("clear")
@on_server
def clear_faults() -> None:
    """Disarm all faults."""
    answer(operations.disarm_faults(), lambda _: click.echo("Nothing is armed."))


@faults.command()
@click.argument("name", required=False)
@on_server
def pack(name: str | None) -> None:
    """Arm all that is in the pack NAME, or list the packs."""
    if name is None:
        answer(operations.list_packs(), table_of("packs", *PACK_COLUMNS))
    else:
        answer(operations.arm_pack(name), _show_faults)


def _rates(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> list[tuple[int, str]]:
    """Read rates, each a number of requests in a duration, as the callback of an argument."""
    found = []
    for value in values:
        rate = re.fullmatch(r"([0-9]{1,12})/(.+)", value)
        if rate is None:
            raise click.BadParameter(f"{value!r} is not a limit such as 10/1s or 100/5m", context, parameter)
        found.append((int(rate[1]), str(duration(context, parameter, rate[2]))))
    return found


@click.group(invoke_without_command=True)
@on_server
def limits() -> None:
    """List, set and clear how much may be asked."""
    answer(operations.get_limits(), _show_limits)


@limits.command("set")
@click.argument("rates", metavar="COUNT/DURATION...", nargs=-1, required=True, callback=_rates)
@click.option(
    "--kind", default="token-bucket", help="token-bucket fills up evenly, fixed-window all at once."
)
@only_operation
@only_queue
@click.option("--name", help="The name in the journal.")
@on_server
def set_limits(rates: list[tuple[int, str]], **said: Any) -> None:
    """Replace all limits: let COUNT requests through in a DURATION (10/1s, 100/5m)."""
    from eqkit.client import LimitRule

    rules = [LimitRule(limit=count, window=window, **said) for count, window in rates]
    answer(operations.set_limits(rules), _show_limits)


@limits.command("clear")
@on_server
def clear_limits() -> None:
    """Remove all limits."""
    answer(operations.clear_limits(), lambda _: click.echo("Nothing is limited."))


def _show_faults(document: Any) -> None:
    show_table([{**fault, "rule": dumps(fault["rule"])} for fault in document["faults"]], FAULT_COLUMNS)


def _show_limits(document: Any) -> None:
    show_table([{**each, **each["limit"]} for each in document["limits"]], LIMIT_COLUMNS)
