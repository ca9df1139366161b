"""How a wait-until is read as an instant."""

from enum import StrEnum

from eqkit.timing.instants import MAX_MS

MILLISECONDS_FROM = 100_000_000_000
"""From here on a value is read as milliseconds: as seconds it is the year 5138 (ruling D2)."""


class WaitUntilUnit(StrEnum):
    """The unit of a wait-until (ruling D2)."""

    AUTO = "auto"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"


def read_wait_until(value: int, unit: WaitUntilUnit) -> int:
    """Return the instant in milliseconds that a wait-until is read as."""
    if unit is WaitUntilUnit.AUTO:
        return value * 1000 if value < MILLISECONDS_FROM else value
    return value * 1000 if unit is WaitUntilUnit.SECONDS else value


def max_wait_until(unit: WaitUntilUnit) -> int:
    """Return the greatest wait-until that is still an instant."""
    return MAX_MS // 1000 if unit is WaitUntilUnit.SECONDS else MAX_MS
