"""Exit codes of the command, and its tables."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

from eqkit.printing import json_text, printable

EXIT_REFUSED = 1
"""Exit code for a refusal by the server, and for an expectation that is not met."""

EXIT_UNUSABLE = 2
"""Exit code for a command that could not begin: a wrong option, a taken port, a server that is not there."""

WIDEST = 100
"""A longer text in a table is cut off; --json shows all of it."""


def show_json(document: Any) -> None:
    """Print a document as it was answered, in lines that a person can read."""
    click.echo(json_text(document))


def show_card(record: Mapping[str, Any]) -> None:
    """Print the members of one thing, one a line."""
    _show_columns([(name, _cell(value)) for name, value in _flat(record)])


def show_table(records: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print things of one kind, one a line, below a line that names the columns."""
    rows = [tuple(_cell(dict(_flat(record)).get(column)) for column in columns) for record in records]
    _show_columns([tuple(column.upper() for column in columns), *rows])


def table_of(member: str, *columns: str) -> Callable[[Any], None]:
    """Return a function that prints the list in a member of a document as a table."""
    return lambda document: show_table(document[member], columns)


def show_line(*values: Any) -> None:
    """Print some values in one line."""
    show_text("  ".join(map(_cell, values)))


def show_text(text: str) -> None:
    """Print one line that no terminal and no CI system acts on."""
    click.echo(printable(text))


def pairs(data: Mapping[str, Any]) -> str:
    """Return the members of one thing in one line."""
    return " ".join(f"{name}={value}" for name, value in data.items())


def _flat(record: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in record.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield above + name, value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = printable(text)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _show_columns(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        show_text(line.rstrip())
