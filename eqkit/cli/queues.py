"""``eqkit queues`` and ``pending``: the queues, and the messages that wait in them."""

import click

from eqkit.cli.connection import answer, how_many, on_server, only_queue, operations
from eqkit.cli.output import show_card, table_of

QUEUE_COLUMNS = ("name", "pending", "paused")
PENDING_COLUMNS = ("due-at", "queue", "id", "wait-until", "accepted-at", "body")


@click.group(invoke_without_command=True)
@how_many
@on_server
def queues(limit: int | None) -> None:
    """List, pause, resume and purge queues."""
    answer(operations.list_queues(limit), table_of("queues", *QUEUE_COLUMNS))


@queues.command()
@click.argument("name")
@on_server
def pause(name: str) -> None:
    """Hold back the due messages of the queue NAME."""
    answer(operations.pause_queue(name), show_card)


@queues.command()
@click.argument("name")
@on_server
def resume(name: str) -> None:
    """Deliver the messages that the queue NAME has held back."""
    answer(operations.resume_queue(name), show_card)


@queues.command()
@click.argument("name")
@on_server
def purge(name: str) -> None:
    """Drop the pending messages of the queue NAME."""
    answer(operations.purge_queue(name), show_card)


@click.group(invoke_without_command=True)
@only_queue
@how_many
@on_server
def pending(queue: str | None, limit: int | None) -> None:
    """List, run and cancel messages that are not delivered yet."""
    answer(operations.list_pending(queue, limit), table_of("messages", *PENDING_COLUMNS))


@pending.command()
@click.argument("identifier", metavar="ID")
@on_server
def run(identifier: str) -> None:
    """Deliver the message ID now, before its due time."""
    answer(operations.run_message(identifier), show_card)


@pending.command()
@click.argument("identifier", metavar="ID")
@on_server
def cancel(identifier: str) -> None:
    """Forget the message ID before it is delivered."""
    answer(operations.cancel_message(identifier), lambda _: click.echo(f"{identifier} is cancelled."))
