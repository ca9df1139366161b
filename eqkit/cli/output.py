"""The output of the commands that ask a server: documents, tables and lines."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

from eqkit.printing import json_text, printable, table_lines

WIDEST = 100
"""A longer text in a table is cut off; --json shows all of it."""


def show_json(document: Any) -> None:
    """Print a document as it was answered, in lines that a person can read."""
    click.echo(json_text(document))


def show_card(record: Mapping[str, Any]) -> None:
    """Print the members of one thing, one a line."""
    _show_rows([(name, _cell(value)) for name, value in _flat(record)])


def show_table(records: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print things of one kind, one a line, below a line that names the columns."""
    rows = [tuple(_cell(dict(_flat(record)).get(column)) for column in columns) for record in records]
    _show_rows([tuple(column.upper() for column in columns), *rows])


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


def _show_rows(rows: Sequence[Sequence[str]]) -> None:
    for line in table_lines(rows):
        click.echo(line)
