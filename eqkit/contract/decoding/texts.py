"""Values without members as texts, and texts that cannot be read."""

import json

from eqkit.contract.document import Json
from eqkit.contract.loading.json_texts import NotJson


class Malformed(ValueError):
    """A text that its style does not write."""


class Repeated(Malformed):
    """A value that may be sent once."""

    def __init__(self, times: int) -> None:
        """Take how often it was sent."""
        super().__init__(f"must be sent once, and is sent {times} times")


def fault_of(error: Malformed | NotJson) -> str:
    """Return what is wrong with a value, to stand behind its name."""
    return f"is not JSON: {error}" if isinstance(error, NotJson) else str(error)


def write_text(value: Json) -> str:
    """Return a value that is neither an array nor an object as a text; null is the empty one."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)
