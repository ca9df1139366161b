"""``eqkit clock``, ``deliveries`` and ``sandboxes``: the control plane from a shell."""

from collections.abc import Callable
from typing import Any

import click

from eqkit.cli.connection import answer, on_server, span
from eqkit.cli.outcomes import show_card, show_table

DELIVERY_COLUMNS = ("delivered-at", "queue", "id", "attempt", "due-at", "lateness-ms")
EVENT_COLUMNS = ("at", "kind", "what")
SANDBOX_COLUMNS = ("name", "clock.now", "clock.frozen", "queues", "pending", "delivered", "requests")


@click.group(invoke_without_command=True)
@on_server
@click.pass_context
def clock(context: click.Context) -> None:
    """Read and move the clock of a sandbox."""
    from eqkit.client import calls

    if context.invoked_subcommand is None:
        answer(calls.get_clock(), show_card)


@clock.command()
@click.argument("at", required=False)
@on_server
def freeze(at: str | None) -> None:
    """Stop the clock where it is, or AT an instant (2016-03-27T23:30:00Z)."""
    from eqkit.client import calls

    answer(calls.freeze_clock(at), _show_moved)


@clock.command()
@click.argument("by", required=False, callback=span)
@click.option("--to", metavar="INSTANT", help="To an instant (2016-03-27T23:30:00Z).")
@click.option("--next", "to_next", is_flag=True, help="To when the next thing falls due.")
@on_server
def advance(by: str | None, to: str | None, to_next: bool) -> None:
    """Move the clock on BY a span (90s, 5m, 2h), and print what happened on the way."""
    from eqkit.client import calls

    if (by is not None) + (to is not None) + to_next != 1:
        raise click.UsageError("say one of a span, --to and --next")
    if by is not None:
        answer(calls.advance_clock(by), _show_moved)
    elif to is not None:
        answer(calls.advance_clock_to(to), _show_moved)
    else:
        answer(calls.advance_clock_to_next(), _show_moved)


@clock.command()
@click.option("--rate", type=float, help="How many of its seconds go by in one of the wall's.")
@on_server
def resume(rate: float | None) -> None:
    """Let the clock run."""
    from eqkit.client import calls

    answer(calls.resume_clock(rate), show_card)


def _show_moved(document: Any) -> None:
    show_card(document["clock"])
    events = [{**event, "what": _pairs(event["data"])} for event in document["happened"]]
    click.echo()
    if events:
        show_table(events, EVENT_COLUMNS)
    left_out = document["total"] - len(events)
    if left_out or not events:
        click.echo(f"and {left_out} more" if left_out else "Nothing happened.")


def _pairs(data: dict[str, Any]) -> str:
    return " ".join(f"{name}={value}" for name, value in data.items())


@click.command()
@click.option("--queue", metavar="NAME", help="Only those of one queue.")
@click.option("--after", type=int, metavar="COUNT", help="Leave out so many from the beginning.")
@click.option("--limit", type=int, metavar="COUNT", help="How many at most.")
@click.option("--count", type=int, metavar="COUNT", help="Wait until so many are there.")
@click.option("--wait", metavar="SPAN", callback=span, help="How long, on the sandbox's clock.")
@on_server
def deliveries(
    queue: str | None, after: int | None, limit: int | None, count: int | None, wait: str | None
) -> None:
    """List what was delivered, oldest first."""
    from eqkit.client import calls

    call = calls.list_deliveries(queue, after, limit, count, wait)
    answer(call, _listing("deliveries", DELIVERY_COLUMNS))


@click.group(invoke_without_command=True)
@on_server
@click.pass_context
def sandboxes(context: click.Context) -> None:
    """List, look at, reset, copy and delete the worlds behind the keys."""
    from eqkit.client import calls

    if context.invoked_subcommand is None:
        answer(calls.list_sandboxes(None), _listing("sandboxes", SANDBOX_COLUMNS))


@sandboxes.command()
@click.argument("name")
@on_server
def show(name: str) -> None:
    """Tell how much there is in the sandbox NAME."""
    from eqkit.client import calls

    answer(calls.get_sandbox(name), show_card)


@sandboxes.command()
@click.argument("name")
@click.option("--seed", type=int, metavar="NUMBER", help="Where the ids begin.")
@on_server
def reset(name: str, seed: int | None) -> None:
    """Empty the sandbox NAME, and let its clock follow the wall."""
    from eqkit.client import calls

    answer(calls.reset_sandbox(name, seed), show_card)


@sandboxes.command()
@click.argument("name")
@on_server
def delete(name: str) -> None:
    """Forget the sandbox NAME and its snapshot."""
    from eqkit.client import calls

    answer(calls.delete_sandbox(name), lambda _: click.echo(f"{name} is gone."))


@sandboxes.command()
@click.argument("name")
@on_server
def save(name: str) -> None:
    """Keep a snapshot of the sandbox NAME."""
    from eqkit.client import calls

    answer(calls.save_snapshot(name), show_card)


@sandboxes.command()
@click.argument("name")
@on_server
def restore(name: str) -> None:
    """Put the sandbox NAME back to its snapshot."""
    from eqkit.client import calls

    answer(calls.restore_snapshot(name), show_card)


@sandboxes.command()
@click.argument("name")
@click.argument("to")
@on_server
def fork(name: str, to: str) -> None:
    """Copy the sandbox NAME for the key TO, which has none yet."""
    from eqkit.client import calls

    answer(calls.fork_sandbox(name, to), show_card)


def _listing(member: str, columns: tuple[str, ...]) -> Callable[[Any], None]:
    def show_list(document: Any) -> None:
        show_table(document[member], columns)

    return show_list
