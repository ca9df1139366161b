"""Instants as whole milliseconds since the epoch, and how they are written."""

import functools
from datetime import UTC, datetime, timedelta

MAX_MS = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z, the last instant (ruling T10)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(instant_ms: int) -> str:
    """Return an instant as ``2016-03-27T23:36:38.238Z``."""
    seconds, milliseconds = divmod(instant_ms, 1000)
    return f"{_second(seconds)}.{milliseconds:03d}Z"


@functools.lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    """Return a second as RFC 3339 writes it; the instants of one answer often share theirs."""
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"
