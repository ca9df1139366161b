"""The life of an operation or a parameter compared: deprecation, ``x-sunset`` and ``x-stability-level``."""

from collections.abc import Iterator
from datetime import date

from eqkit.checks.diff.changes import Change
from eqkit.checks.diff.schemas.views import View

LEVELS = ("draft", "alpha", "beta", "stable")
"""The values of ``x-stability-level``, the least stable first; without one an operation is stable."""

UNSTABLE = ("draft", "alpha")
"""Levels that promise nothing: a change of such an operation breaks nobody."""


def deprecation_changes(old: View, new: View, name: str) -> Iterator[Change]:
    """Yield that something is deprecated now or no longer, and the changes of its sunset."""
    was, is_now = (view.get("deprecated") is True for view in (old, new))
    if is_now and not was:
        yield Change("deprecated", name, _after(name, "is deprecated now"), new, keyword="deprecated")
    if was and not is_now:
        yield Change("reactivated", name, _after(name, "is no longer deprecated"), new)
    before, after = old.get("x-sunset"), new.get("x-sunset")
    if before == after:
        return
    if after is None:
        if is_now:
            message = _after(name, f"no longer says until when it works: it was {before}")
            yield Change("sunset-removed", name, message, new)
        return
    first, second = _day(before), _day(after)
    if second is None:
        yield Change(
            "sunset-invalid", name, _after(name, f"x-sunset {after} is no date"), new, keyword="x-sunset"
        )
    elif first is None:
        yield Change("sunset-set", name, _after(name, f"works until {after}"), new, keyword="x-sunset")
    elif first != second:
        rule = "sunset-earlier" if second < first else "sunset-later"
        message = _after(name, f"works until {after}, and was to work until {before}")
        yield Change(rule, name, message, new, keyword="x-sunset")


def stability_changes(old: View, new: View) -> Iterator[Change]:
    """Yield the change of the stability of an operation."""
    before, after = old.get("x-stability-level"), new.get("x-stability-level")
    if before == after:
        return
    keyword = "x-stability-level"
    if after is not None and after not in LEVELS:
        yield Change("stability-invalid", "", f"x-stability-level {after} is none", new, keyword=keyword)
        return
    levels = [LEVELS.index(each) if each in LEVELS else LEVELS.index("stable") for each in (before, after)]
    message = f"x-stability-level was {before or 'stable'} and is {after or 'stable'}"
    if levels[0] != levels[1]:
        rule = "stability-lower" if levels[1] < levels[0] else "stability-higher"
        yield Change(rule, "", message, new, keyword=keyword)


def removal(operation: View, as_of: date | None) -> Change:
    """Return the change of an operation that is gone: a deprecated one may go, from its sunset on."""
    if operation.get("deprecated") is not True:
        return Change("operation-removed", "", "removed", operation, is_old=True)
    sunset = operation.get("x-sunset")
    day = _day(sunset)
    message = (
        f"removed; it was deprecated, and to work until {sunset}" if sunset else "removed; it was deprecated"
    )
    is_early = as_of is not None and day is not None and as_of < day
    rule = "operation-removed-early" if is_early else "operation-removed-deprecated"
    return Change(rule, "", message, operation, is_old=True)


def _after(name: str, message: str) -> str:
    return f" {message}" if name else message


def _day(text: object) -> date | None:
    """Return the day of a date, or of an instant that begins with one."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None
