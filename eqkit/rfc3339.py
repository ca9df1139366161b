"""Instants as people and programs write them, RFC 3339, read by one grammar everywhere."""

import re
from datetime import UTC, date, datetime, time, timedelta

_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]{1,9}))?([Zz]|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))?"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_MS, _LAST_MS = -62_135_596_800_000, 253_402_300_799_999
_MAX_SHOWN = 80


def read_instant(text: str) -> int:
    """Return an instant in milliseconds since 1970; raises ValueError with a sentence on the expected form.

    `T` and `Z` may be lower case, the offset is any, and of up to 9 decimals those below a millisecond are
    dropped (RFC 3339 5.6). A leap second is no instant here: no clock of a sandbox has one.
    """
    shown = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
    parts = _INSTANT.fullmatch(text)
    if parts is None:
        raise ValueError(
            f'"{shown}" is not an instant such as 2016-03-27T23:36:38.238Z or 2016-03-27T23:36:38+00:00.'
        )
    day, clock, decimals, zone, sign, hours, minutes = parts.groups()
    if zone is None:
        raise ValueError(f'"{shown}" has no zone: an instant ends in Z, or in an offset such as +02:00.')
    moment = datetime.combine(_day(day), _time_of_day(clock), UTC)
    local_ms = (moment - _EPOCH) // timedelta(milliseconds=1) + int((decimals or "0").ljust(3, "0")[:3])
    offset_ms = 0 if sign is None else int(f"{sign}1") * (int(hours) * 60 + int(minutes)) * 60_000
    if not _FIRST_MS <= local_ms - offset_ms <= _LAST_MS:
        raise ValueError(f'"{shown}" is not within the years 1 to 9999 of UTC.')
    return local_ms - offset_ms


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is no day.") from None


def _time_of_day(text: str) -> time:
    try:
        hours, minutes, seconds = map(int, text.split(":"))
        return time(hours, minutes, seconds)  # time.fromisoformat takes 24:00:00 since Python 3.14
    except ValueError:
        raise ValueError(f"{text} is no time of day.") from None
