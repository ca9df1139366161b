"""``eqkit queues`` and ``pending``: what waits, and in which queues."""

import click

from eqkit.cli.connection import answer, calls, how_many, on_server, only_queue
from eqkit.cli.outcomes import show_card, table_of

QUEUE_COLUMNS = ("name", "pending", "paused")
PENDING_COLUMNS = ("due-at", "queue", "id", "wait-until", "accepted-at", "body")


@click.group(invoke_without_command=True)
@how_many
@on_server
def queues(limit: int | None) -> None:
    """List, pause, resume and purge queues."""
    answer(calls.list_queues(limit), table_of("queues", *QUEUE_COLUMNS))


@queues.command()
@click.argument("name")
@on_server
def pause(name: str) -> None:
    """Hold back the deliveries of the queue NAME."""
    answer(calls.pause_queue(name), show_card)


@queues.command()
@click.argument("name")
@on_server
def resume(name: str) -> None:
    """Let the deliveries of the queue NAME go on."""
    answer(calls.resume_queue(name), show_card)


@queues.command()
@click.argument("name")
@on_server
def purge(name: str) -> None:
    """Forget the pending messages of the queue NAME."""
    answer(calls.purge_queue(name), show_card)


@click.group(invoke_without_command=True)
@only_queue
@how_many
@on_server
def pending(queue: str | None, limit: int | None) -> None:
    """List, run and cancel messages that are not delivered yet."""
    answer(calls.list_pending(queue, limit), table_of("messages", *PENDING_COLUMNS))


@pending.command()
@click.argument("identifier", metavar="ID")
@on_server
def run(identifier: str) -> None:
    """Deliver the message ID now, before its time."""
    answer(calls.run_message(identifier), show_card)


@pending.command()
@click.argument("identifier", metavar="ID")
@on_server
def cancel(identifier: str) -> None:
    """Forget the message ID before it is delivered."""
    answer(calls.cancel_message(identifier), lambda _: click.echo(f"{identifier} is cancelled."))
