"""Values as findings quote them."""

import json

from eqkit.contract.document import Json


def format_value(value: Json, max_length: int = 80) -> str:
    """Return a value as JSON, cut at `limit` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"


def same(one: Json, other: Json) -> bool:
    """Whether two values are one JSON value: 1, 1.0, true and "1" are four."""
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True, default=str)
