"""Instants as whole milliseconds since the epoch, and how a wait-until is read as one."""

import functools
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MAX_MS = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z, the last instant (ruling T10)."""

MILLISECONDS_FROM = 100_000_000_000
"""From here on a value is read as milliseconds: as seconds it is the year 5138 (ruling D2)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WaitUntilUnit(StrEnum):
    """What a wait-until counts (ruling D2)."""

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


def rfc3339(instant_ms: int) -> str:
    """Return an instant as ``2016-03-27T23:36:38.238Z``."""
    seconds, milliseconds = divmod(instant_ms, 1000)
    return f"{_second(seconds)}.{milliseconds:03d}Z"


@functools.lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    """Return a second as RFC 3339 writes it; the instants of one answer often share theirs."""
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"
