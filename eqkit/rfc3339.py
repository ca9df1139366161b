"""Instants as people and programs write them, RFC 3339 in UTC, read by one grammar everywhere."""

import re
from datetime import UTC, date, datetime, time, timedelta

_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]{1,9}))?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_SHOWN = 80


def read_instant(text: str) -> int:
    """Return an instant in milliseconds since 1970; raises ValueError that says in a sentence what is wanted.

    The offset is ``Z`` or ``+00:00``, `T` and `Z` may be lower case, and there may be up to 9 decimals. Those
    below a millisecond are dropped (RFC 3339 5.6).
    """
    shown = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
    parts = _INSTANT.fullmatch(text)
    if parts is None:
        raise ValueError(
            f'"{shown}" is not an instant such as 2016-03-27T23:36:38.238Z or 2016-03-27T23:36:38+00:00.'
        )
    day, clock, decimals, offset = parts.groups()
    if offset not in ("Z", "z", "+00:00", "-00:00"):
        raise ValueError(f'"{shown}" is not in UTC: an instant ends in Z or +00:00, not in {offset}.')
    moment = datetime.combine(_day(day), _time_of_day(clock), UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1) + int((decimals or "0").ljust(3, "0")[:3])


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no day.") from None


def _time_of_day(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no time of day.") from None
