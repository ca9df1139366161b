"""``eqkit webhooks``: the URLs that delivered messages, or the webhooks of a contract, are posted to."""

import json
from typing import Any

import click

from eqkit.cli.connection import answer, duration, how_many, on_server, operations
from eqkit.cli.output import show_card, table_of

WEBHOOK_COLUMNS = (
    "id", "url", "queue", "webhooks", "disabled", "on-the-way", "attempts", "succeeded", "dead-lettered",
)  # fmt: skip
ATTEMPT_COLUMNS = ("number", "at", "queue", "id", "attempt", "outcome", "status", "error", "next-retry-at")


@click.group(invoke_without_command=True)
@how_many
@on_server
def webhooks(limit: int | None) -> None:
    """List, add and remove receivers, and send webhooks."""
    answer(operations.list_webhooks(limit), table_of("webhooks", *WEBHOOK_COLUMNS))


@webhooks.command()
@click.argument("target")
@click.option("--queue", metavar="NAME", help="The messages of one queue; of every queue without it.")
@click.option(
    "--webhook",
    "names",
    multiple=True,
    metavar="NAME",
    help="A webhook of the contract; every one without it. Repeatable.",
)
@click.option(
    "--secret",
    metavar="SECRET",
    help="The secret that signs the posts (whsec_…); without it, the server makes one.",
)
@click.option("--max-attempts", type=int, metavar="COUNT", help="How often to try at most.")
@click.option("--first-retry", metavar="DURATION", callback=duration, help="Pause after the first attempt.")
@on_server
def add(
    target: str,
    queue: str | None,
    names: tuple[str, ...],
    secret: str | None,
    max_attempts: int | None,
    first_retry: str | None,
) -> None:
    """Post each message to the URL TARGET when it is delivered; or each webhook of a contract."""
    answer(operations.create_webhook(target, queue, names, secret, max_attempts, first_retry), show_card)


def _json(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
    """Read the value of an option as JSON, else as a text, as its callback."""
    try:
        return value if value is None else json.loads(value)
    except (ValueError, RecursionError):
        return value


@webhooks.command()
@click.argument("name")
@click.option(
    "--body",
    metavar="VALUE",
    callback=_json,
    help="JSON, or a text; without it, an example of the contract or a generated value.",
)
@click.option(
    "--media-type", metavar="TYPE", help="The media type of the body; the contract's first without it."
)
@click.option("--delay", metavar="DURATION", callback=duration, help="How long to wait before.")
@click.option("--method", metavar="METHOD", help="The method; without it POST, or else the contract's first.")
@on_server
def send(name: str, body: Any, media_type: str | None, delay: str | None, method: str | None) -> None:
    """Send the webhook NAME of the contract to its subscribers."""
    answer(operations.send_webhook(name, body, media_type, delay, method), show_card)


@webhooks.command()
@click.argument("identifier", metavar="ID")
@on_server
def show(identifier: str) -> None:
    """Show the webhook ID, its secret, and its counts."""
    answer(operations.get_webhook(identifier), show_card)


@webhooks.command()
@click.argument("identifier", metavar="ID")
@on_server
def remove(identifier: str) -> None:
    """Remove the webhook ID and its open attempts."""
    answer(operations.delete_webhook(identifier), lambda _: click.echo(f"{identifier} is removed."))


@webhooks.command()
@click.argument("identifier", metavar="ID")
@click.option("--after", type=int, metavar="COUNT", help="Leave out the first COUNT.")
@how_many
@on_server
def attempts(identifier: str, after: int | None, limit: int | None) -> None:
    """List the attempts to post to the webhook ID, with their results."""
    answer(operations.list_webhook_attempts(identifier, after, limit), table_of("attempts", *ATTEMPT_COLUMNS))
