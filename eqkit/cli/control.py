"""``eqkit clock``, ``deliveries``, ``events`` and ``sandboxes``: the time of a sandbox, and its events."""

from typing import Any

import click

from eqkit.cli.connection import (
    answer,
    connected,
    duration,
    how_many,
    instant,
    on_server,
    only_queue,
    operations,
)
from eqkit.cli.output import pairs, show_card, show_line, show_table, table_of
from eqkit.printing import json_text

DELIVERY_COLUMNS = ("delivered-at", "queue", "id", "attempt", "due-at", "lateness-ms")
EVENT_COLUMNS = ("at", "kind", "what")
SANDBOX_COLUMNS = ("name", "clock.now", "clock.frozen", "queues", "pending", "delivered", "requests")


@click.group(invoke_without_command=True)
@on_server
def clock() -> None:
    """Read and move the clock of a sandbox."""
    answer(operations.get_clock(), show_card)


@clock.command()
@click.argument("at", required=False, callback=instant)
@on_server
def freeze(at: str | None) -> None:
    """Stop the clock where it is, or AT an instant (2016-03-27T23:30:00Z)."""
    answer(operations.freeze_clock(at), _show_moved)


@clock.command()
@click.argument("by", required=False, callback=duration)
@click.option("--to", metavar="INSTANT", callback=instant, help="To an instant (2016-03-27T23:30:00Z).")
@click.option("--next", "to_next", is_flag=True, help="To when the next thing falls due.")
@on_server
def advance(by: str | None, to: str | None, to_next: bool) -> None:
    """Move the clock on BY a duration (90s, 5m, 2h), and print the events on the way."""
    if (by is not None) + (to is not None) + to_next != 1:
        raise click.UsageError("say one of a duration, --to and --next")
    if by is not None:
        answer(operations.advance_clock(by), _show_moved)
    elif to is not None:
        answer(operations.advance_clock_to(to), _show_moved)
    else:
        answer(operations.advance_clock_to_next(), _show_moved)


@clock.command()
@click.option("--rate", type=float, help="How many of its seconds go by in one of the wall's.")
@on_server
def resume(rate: float | None) -> None:
    """Let the clock run."""
    answer(operations.resume_clock(rate), show_card)


@clock.command("auto-advance")
@click.argument("which", type=click.Choice(["on", "off"]))
@on_server
def auto_advance(which: str) -> None:
    """Advance by itself while nothing happens, or no more."""
    answer(operations.set_auto_advance(which == "on"), show_card)


def _show_moved(document: Any) -> None:
    show_card(document["clock"])
    events = [{**event, "what": pairs(event["data"])} for event in document["happened"]]
    click.echo()
    if events:
        show_table(events, EVENT_COLUMNS)
    if not events:
        click.echo("Nothing happened.")
    for each in document.get("missing", ()):
        click.echo(f"and {each['count']} more of {each['kind']}")
    if document.get("lost"):
        click.echo(f"and {document['lost']} before those, which are not kept any more")


@click.command()
@only_queue
@click.option("--after", type=int, metavar="COUNT", help="Leave out the first COUNT.")
@how_many
@click.option("--count", type=int, metavar="COUNT", help="Wait until COUNT are there.")
@click.option("--wait", metavar="DURATION", callback=duration, help="How long, on the sandbox's clock.")
@on_server
def deliveries(
    queue: str | None, after: int | None, limit: int | None, count: int | None, wait: str | None
) -> None:
    """List the delivered messages, oldest first."""
    call = operations.list_deliveries(queue, after, limit, count, wait)
    answer(call, table_of("deliveries", *DELIVERY_COLUMNS))


@click.command()
@click.option("--after", type=int, metavar="NUMBER", help="Only those after this one.")
@click.option("--follow", is_flag=True, help="Go on with new events as they happen.")
@on_server
def events(after: int | None, follow: bool) -> None:
    """List events, one a line.

    With --follow new events are printed as they happen; with --after NUMBER, those after NUMBER come first.
    """
    from eqkit.client.durations import instant_text

    as_json = click.get_current_context().meta["as_json"]
    with connected() as client, client.events.watch(after=after, follow=follow) as happened:
        for event in happened:
            at = instant_text(event.at)
            if as_json:
                document = {"number": event.number, "at": at, "kind": event.kind, "data": event.data}
                click.echo(json_text(document, indent=None))
            else:
                show_line(event.number, at, event.kind, pairs(event.data))


@click.group(invoke_without_command=True)
@how_many
@on_server
def sandboxes(limit: int | None) -> None:
    """List, reset, copy and delete the sandboxes behind the keys."""
    answer(operations.list_sandboxes(limit), _show_sandboxes)


def _show_sandboxes(document: Any) -> None:
    """Print a table without the columns that only another service than this server's has."""
    listed = document["sandboxes"]
    columns = [
        each for each in SANDBOX_COLUMNS if not listed or any(each.split(".")[0] in one for one in listed)
    ]
    show_table(listed, columns)


@sandboxes.command()
@click.argument("name")
@on_server
def show(name: str) -> None:
    """Show the sandbox NAME: its clock, and how much it holds."""
    answer(operations.get_sandbox(name), show_card)


@sandboxes.command()
@click.argument("name")
@click.option("--seed", type=int, metavar="NUMBER", help="Where the ids begin.")
@on_server
def reset(name: str, seed: int | None) -> None:
    """Empty the sandbox NAME, and let its clock follow the wall."""
    answer(operations.reset_sandbox(name, seed), show_card)


@sandboxes.command()
@click.argument("name")
@on_server
def delete(name: str) -> None:
    """Forget the sandbox NAME and its snapshot."""
    answer(operations.delete_sandbox(name), lambda _: click.echo(f"{name} is gone."))


@sandboxes.command()
@click.argument("name")
@on_server
def save(name: str) -> None:
    """Keep a snapshot of the sandbox NAME."""
    answer(operations.save_snapshot(name), show_card)


@sandboxes.command()
@click.argument("name")
@on_server
def restore(name: str) -> None:
    """Put the sandbox NAME back to its snapshot."""
    answer(operations.restore_snapshot(name), show_card)


@sandboxes.command()
@click.argument("name")
@click.argument("to")
@on_server
def fork(name: str, to: str) -> None:
    """Copy the sandbox NAME for the key TO, which has none yet."""
    answer(operations.fork_sandbox(name, to), show_card)
