"""``eqkit journal`` and ``faults``: what was asked, and what should go wrong."""

from typing import Any

import click

from eqkit.cli.connection import answer, on_server, span
from eqkit.cli.outcomes import show_card, show_table

ENTRY_COLUMNS = ("number", "at", "method", "path", "status", "stored", "fault", "outcome", "warnings")
FAULT_COLUMNS = ("id", "fired", "seen", "live", "rule")
PACK_COLUMNS = ("name", "description")


@click.group(invoke_without_command=True)
@click.option("--operation", metavar="ID", help="Only requests of one operation, such as enqueueMessage.")
@click.option("--queue", metavar="NAME", help="Only those of one queue.")
@click.option("--status", type=int, help="Only those that were answered so.")
@click.option("--after", type=int, metavar="NUMBER", help="Only those after this one.")
@click.option("--limit", type=int, metavar="COUNT", help="How many at most.")
@on_server
@click.pass_context
def journal(
    context: click.Context,
    operation: str | None,
    queue: str | None,
    status: int | None,
    after: int | None,
    limit: int | None,
) -> None:
    """List what was asked of the public API, answered, and stored."""
    from eqkit.client import Requests, calls

    if context.invoked_subcommand is None:
        requests = Requests(operation=operation, queue=queue, status=status)
        answer(calls.list_journal(requests, after, limit), _show_entries)


@journal.command()
@on_server
def summary() -> None:
    """Count by answer, outcome and fault, and list the warnings."""
    from eqkit.client import calls

    answer(calls.summarize_journal(), _show_summary)


@journal.command()
@on_server
def har() -> None:
    """Print the journal as an HTTP Archive (HAR 1.2)."""
    from eqkit.cli.connection import ask
    from eqkit.cli.outcomes import show_json
    from eqkit.client import calls

    show_json(ask(calls.export_har(None, None, None)))


@journal.command()
@on_server
def clear() -> None:
    """Forget what was asked so far."""
    from eqkit.client import calls

    answer(calls.clear_journal(), lambda _: click.echo("The journal is empty."))


@click.group(invoke_without_command=True)
@on_server
@click.pass_context
def faults(context: click.Context) -> None:
    """List, arm and disarm what goes wrong on purpose."""
    from eqkit.client import calls

    if context.invoked_subcommand is None:
        answer(calls.list_faults(), _show_faults)


@faults.command()
@click.option("--answer", "status", type=int, metavar="STATUS", help="Answer so, with the documented body.")
@click.option("--retry-after", type=int, metavar="SECONDS", help="What that answer says in Retry-After.")
@click.option("--wire", metavar="KIND", help="reset, close, truncate, trickle or garbage.")
@click.option("--pause", metavar="SPAN", callback=span, help="Between bytes that trickle.")
@click.option("--latency", metavar="SPAN", callback=span, help="Hold requests up, on the sandbox's clock.")
@click.option("--delivery", metavar="KIND", help="duplicate, reorder, delay or drop.")
@click.option("--delay", metavar="SPAN", callback=span, help="How much later a delayed delivery is.")
@click.option("--when", metavar="before|after", help="Before or after the message is stored.")
@click.option("--operation", metavar="ID", help="Only for one operation, such as enqueueMessage.")
@click.option("--queue", metavar="NAME", help="Only for one queue.")
@click.option("--nth", type=int, help="Only the how many-th.")
@click.option("--every", type=int, help="Each so many-th.")
@click.option("--probability", type=float, help="By lot, from the sandbox's seed.")
@click.option("--count", type=int, help="How often at most.")
@click.option("--span", callback=span, help="For how long, on the sandbox's clock.")
@click.option("--name", help="What the journal calls it.")
@on_server
def arm(status: int | None, **said: Any) -> None:
    """Arm a fault: one of --answer, --wire, --latency and --delivery."""
    from eqkit.client import FaultRule, calls

    try:
        call = calls.arm_fault(FaultRule(answer=status, **said))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    answer(call, show_card)


@faults.command()
@click.argument("identifier", metavar="ID")
@on_server
def disarm(identifier: str) -> None:
    """Disarm the fault ID."""
    from eqkit.client import calls

    answer(calls.disarm_fault(identifier), lambda _: click.echo(f"{identifier} is disarmed."))


@faults.command("clear")
@on_server
def clear_faults() -> None:
    """Disarm all faults."""
    from eqkit.client import calls

    answer(calls.disarm_faults(), lambda _: click.echo("Nothing is armed."))


@faults.command()
@click.argument("name", required=False)
@on_server
def pack(name: str | None) -> None:
    """Arm all that is in the pack NAME, or list the packs."""
    from eqkit.client import calls

    if name is None:
        answer(calls.list_packs(), lambda document: show_table(document["packs"], PACK_COLUMNS))
    else:
        answer(calls.arm_pack(name), _show_faults)


def _show_entries(document: Any) -> None:
    entries = [
        {
            **entry,
            "stored": len(entry["messages"]),
            "warnings": _kinds(entry["warnings"]),
            "violations": "; ".join(entry["violations"]),
        }
        for entry in document["entries"]
    ]
    # Only a proxy and a server that validates its answers know of any.
    are_some = any(entry["violations"] for entry in entries)
    show_table(entries, (*ENTRY_COLUMNS, "violations") if are_some else ENTRY_COLUMNS)


def _kinds(warnings: list[dict[str, Any]]) -> str:
    return ", ".join(warning["kind"] for warning in warnings)


def _show_summary(document: Any) -> None:
    show_card({name: document[name] for name in ("requests", "stored")})
    for member, columns in (
        ("answers", ("operation", "status", "count")),
        ("outcomes", ("outcome", "count")),
        ("faults", ("fault", "count")),
        ("warnings", ("kind", "count", "title")),
    ):
        if document[member]:
            click.echo()
            show_table(document[member], columns)


def _show_faults(document: Any) -> None:
    from json import dumps

    show_table([{**fault, "rule": dumps(fault["rule"])} for fault in document["faults"]], FAULT_COLUMNS)
