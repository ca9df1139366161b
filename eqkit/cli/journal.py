"""``eqkit journal``: the recorded requests, and whether they are as expected."""

import json
import sys
from typing import IO, TYPE_CHECKING, Any

import click

from eqkit.cli.connection import (
    answer,
    ask,
    duration,
    how_many,
    instant,
    on_server,
    only_body,
    only_operation,
    only_queue,
    operations,
    together,
)
from eqkit.cli.output import show_card, show_json, show_table, show_text
from eqkit.exit_codes import ExitCode

if TYPE_CHECKING:
    from eqkit.client.journal import Requests

ENTRY_COLUMNS = ("number", "at", "method", "path", "status", "stored", "fault", "outcome", "warnings")
DIFFERENCE_COLUMNS = ("request", "pointer", "expected", "found")


after_entry = click.option("--after", type=int, metavar="NUMBER", help="Only those after this one.")

which_entries = together(
    only_operation,
    only_queue,
    click.option("--status", type=int, help="Only those that were answered so; 0 for no answer."),
    click.option(
        "--since", metavar="INSTANT", callback=instant, help="Only from then on (2016-03-27T23:30:00Z)."
    ),
    click.option("--until", metavar="INSTANT", callback=instant, help="Only up to then."),
    click.option("--stored/--not-stored", default=None, help="Only those that did, or did not, enqueue."),
    click.option("--outcome", metavar="KIND", help="Only those whose answer became this, such as sent."),
    click.option("--fault", metavar="NAME", help="Only those that this fault or limit acted on."),
)
"""Gives a command the options by which the journal is searched."""

which_requests = together(
    which_entries,
    only_body,
)  # fmt: skip
"""Gives a command the options that say which requests are meant."""


@click.group(invoke_without_command=True)
@which_entries
@after_entry
@how_many
@on_server
def journal(after: int | None, limit: int | None, **which: Any) -> None:
    """List the requests of the public API, with their answers."""
    answer(operations.list_journal(_requests(which), after, limit), _show_entries)


@journal.command()
@on_server
def summary() -> None:
    """Count by answer, outcome and fault, and list the warnings."""
    answer(operations.summarize_journal(), _show_summary)


@journal.command()
@which_requests
@on_server
def count(**which: Any) -> None:
    """Count the requests that match."""
    answer(operations.count_requests(_requests(which)), _show_count)


@journal.command()
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
@which_requests
@click.option("--exactly", type=int, metavar="COUNT", help="Expect COUNT.")
@click.option("--at-least", type=int, metavar="COUNT", help="Expect COUNT or more; 1 by default.")
@click.option("--at-most", type=int, metavar="COUNT", help="Expect COUNT or fewer.")
@click.option("--within", metavar="DURATION", callback=duration, help="All of them in such a duration.")
@on_server
def verify(file: IO[str] | None, **expected: Any) -> None:
    """Compare the requests with expectations, and end with 1 if they differ.

    One expectation is told by options. Several stand in a FILE, as the JSON that the control plane takes;
    - is standard input.
    """
    is_told = any(value not in (None, {}) for value in expected.values())
    if is_told == (file is not None):
        raise click.UsageError("say what is expected, either by options or in a FILE")
    call = _expectation(**expected) if file is None else _expectations(file)
    if not answer(call, _show_verified)["verified"]:
        sys.exit(ExitCode.FAILED)


@journal.command()
@only_operation
@only_queue
@after_entry
@on_server
def har(operation: str | None, queue: str | None, after: int | None) -> None:
    """Print the journal as an HTTP Archive (HAR 1.2)."""
    show_json(ask(operations.export_har(operation, queue, after)))


@journal.command()
@on_server
def clear() -> None:
    """Empty the journal."""
    answer(operations.clear_journal(), lambda _: click.echo("The journal is empty."))


def _requests(which: dict[str, Any]) -> "Requests":
    from eqkit.client import Requests

    return Requests(**which)


def _expectation(
    exactly: int | None, at_least: int | None, at_most: int | None, within: str | None, **which: Any
) -> "operations.Operation[Any]":
    from eqkit.client import Expectation

    expectation = Expectation(_requests(which), exactly, at_least, at_most)
    return operations.verify_requests([expectation], False, within)


def _expectations(file: IO[str]) -> "operations.Operation[Any]":
    from dataclasses import replace

    try:
        document = json.load(file)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"{file.name} is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise click.UsageError(f'{file.name} is no JSON object such as {{"expectations": […]}}')
    return replace(operations.verify_requests([], False, None), body=document)


def _show_entries(document: Any) -> None:
    entries = [
        {
            **entry,
            "stored": len(entry["messages"]),
            "warnings": _kinds(entry["warnings"]),
            "errors": ", ".join(entry["error-codes"]),
            "violations": "; ".join(entry["violations"]),
        }
        for entry in document["entries"]
    ]
    # A proxy, and a server that validates its answers, know of violations, which say more than error codes.
    more = next((name for name in ("violations", "errors") if any(entry[name] for entry in entries)), None)
    show_table(entries, ENTRY_COLUMNS if more is None else (*ENTRY_COLUMNS, more))
    if not entries:
        click.echo("No request is listed for this sandbox; `eqkit sandboxes` lists all of them.", err=True)
    _show_unknown(document)


def _show_count(document: Any) -> None:
    click.echo(document["count"])
    _show_unknown(document)


def _show_unknown(document: Any) -> None:
    """Report on standard error the requests that the printed document does not include."""
    if document["lost"]:
        click.echo(f"{document['lost']} earlier requests are lost: the journal keeps the newest.", err=True)
    if document["under-way"]:
        click.echo(f"{document['under-way']} requests still wait for their answers.", err=True)


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
    _show_unknown(document)


def _show_verified(document: Any) -> None:
    if document["verified"]:
        click.echo("All is as expected.")
    for miss in document["misses"]:
        place = f"Expectation {miss['expectation']}: " if "expectation" in miss else ""
        show_text(f"{place}{miss['detail']}")
        differences = [
            {"request": near["number"], **difference}
            for near in miss["nearest"]
            for difference in near["differences"]
        ]
        if differences:
            show_table(differences, DIFFERENCE_COLUMNS)
