"""Media types that are sequences of items (OpenAPI 3.2, "Sequential Media Types"), item by item."""

import csv
import io
import re
from collections.abc import Callable, Sequence

from eqkit.answers.encoding.texts import json_of, plain
from eqkit.contract.document import Json
from eqkit.contract.messages.contents import EVENTS, JSON_LINES, JSON_SEQUENCES

CSV = ("text/csv", "application/csv")

_FIELDS = ("event", "id", "retry")
_LINE_END = re.compile(r"\r\n|\r|\n")
_EVENT = re.compile(r"(?:^|[\r\n])(?:data|event|id|retry)?:")


def writer_of(kind: str) -> Callable[[Json], bytes] | None:
    """Return the function that writes one item of a sequence; None for a media type that is none."""
    if kind in JSON_LINES:
        return lambda item: json_of(item) + b"\n"
    if kind in JSON_SEQUENCES or kind.endswith("+json-seq"):
        return lambda item: b"\x1e" + json_of(item) + b"\n"  # RFC 7464 2.2
    return event_of if kind == EVENTS else None


def event_of(item: Json) -> bytes:
    """Return an event (HTML, "Server-sent events"): an object of its fields, else anything as its data."""
    if not isinstance(item, dict) or not item.keys() & {"data", *_FIELDS}:
        item = {"data": item}
    fields = [(name, plain(item[name])) for name in _FIELDS if item.get(name) is not None]
    lines = [f"{name}: {_LINE_END.sub(' ', text)}" for name, text in fields]
    if item.get("data") is not None:
        lines += [f"data: {line}" for line in _LINE_END.split(plain(item["data"]))]
    return "".join(f"{line}\n" for line in [*lines, ""]).encode("utf-8", "replace")


def is_events(text: str) -> bool:
    """Return whether a text is a stream of events, and not the data of one."""
    return _EVENT.search(text) is not None


def csv_of(rows: Sequence[Json]) -> str:
    """Return rows as CSV (RFC 4180): of objects, with a header of the names of their members."""
    written = io.StringIO()
    writer = csv.writer(written)
    if rows and all(isinstance(row, dict) for row in rows):
        names = list(dict.fromkeys(name for row in rows for name in row))
        writer.writerows([names, *([plain(row.get(name)) for name in names] for row in rows)])
    else:
        cells = [row if isinstance(row, list) else [row] for row in rows]
        writer.writerows([plain(cell) for cell in row] for row in cells)
    return written.getvalue()
