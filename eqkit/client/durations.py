"""Spans and instants as people write them: ``90s``, ``1h30m``, ``2016-03-27T23:36:38Z``."""

import re
from datetime import UTC, datetime, timedelta

Duration = timedelta | str
"""How long: a timedelta, or a text such as ``250ms``, ``90s``, ``5m``, ``2h``, ``1d`` or ``1h30m``."""

Instant = datetime | str
"""When: a datetime with a time zone, or RFC 3339 in UTC (``2016-03-27T23:36:38.238Z``)."""

_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)")


def duration_ms(duration: Duration) -> int:
    """Return a duration in whole milliseconds; raises ValueError if it is below 0 or cannot be read.

    A number without a unit is refused: it is milliseconds to one and seconds to the other.
    """
    if isinstance(duration, timedelta):
        milliseconds = duration // timedelta(milliseconds=1)
        if milliseconds < 0:
            raise ValueError(f"a duration is not below 0, as {duration} is")
        return milliseconds
    # A number is held against the grammar as the text that it would be, and has no unit.
    text = str(duration)
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f"{duration!r} is not a duration such as 250ms, 90s, 5m, 2h, 1d or 1h30m")
    return round(sum(float(number) * _UNITS_MS[unit] for number, unit in parts))


def instant_text(instant: Instant) -> str:
    """Return an instant as the control plane takes it; raises ValueError for a datetime without a zone."""
    if isinstance(instant, str):
        return instant
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone, and may be any of two dozen instants")
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
