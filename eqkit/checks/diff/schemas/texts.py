"""Values of contracts as the sentences of a report show them."""

import json
from collections.abc import Iterable

from eqkit.contract.document import Json

MAX_LENGTH, MAX_LISTED = 80, 5
"""How long a value may be in a sentence, and how many of them it lists."""


def format_value(value: Json) -> str:
    """Return a value as a report shows it, with an ellipsis where it is long."""
    text = "none" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1]}…"


def enumerated(values: Iterable[Json]) -> str:
    """Return some values in a row, and how many more there are."""
    texts = ["null" if value is None else format_value(value) for value in values]
    more = f" and {len(texts) - MAX_LISTED} more" if len(texts) > MAX_LISTED else ""
    return ", ".join(texts[:MAX_LISTED]) + more
