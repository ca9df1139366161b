"""Values as findings quote them."""

import json

from eqkit.contract.document import Json


def shown(value: Json, most: int = 80) -> str:
    """Return a value as JSON, cut at `most` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def same(one: Json, other: Json) -> bool:
    """Whether two values are one JSON value: 1, 1.0, true and "1" are four."""
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True, default=str)
