"""Instants: how a wait-until is read as one, and how one is written."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.elasticqueue.wait_until import WaitUntilUnit, max_wait_until, read_wait_until
from eqkit.timing.instants import MAX_MS, rfc3339

AUTO, SECONDS, MILLISECONDS = WaitUntilUnit
DOCUMENTED = 1_459_121_798_238
LAST = "9999-12-31T23:59:59.999Z"


@pytest.mark.parametrize(
    ("value", "unit", "instant_ms"),
    [
        (0, AUTO, 0),
        (1, AUTO, 1000),
        (DOCUMENTED // 1000, AUTO, 1_459_121_798_000),
        (10**11 - 1, AUTO, 99_999_999_999_000),
        (10**11, AUTO, 10**11),
        (DOCUMENTED, AUTO, DOCUMENTED),
        (253_402_300_799_999, AUTO, MAX_MS),
        (0, SECONDS, 0),
        (10**11, SECONDS, 10**14),
        (253_402_300_799, SECONDS, MAX_MS - 999),
        (0, MILLISECONDS, 0),
        (10**11 - 1, MILLISECONDS, 10**11 - 1),
        (253_402_300_799_999, MILLISECONDS, MAX_MS),
    ],
)
def test_the_magnitude_or_the_setting_gives_the_unit(
    value: int, unit: WaitUntilUnit, instant_ms: int
) -> None:
    """Ruling D2: seconds below 10^11 and milliseconds from there, unless a strict reading is set."""
    assert read_wait_until(value, unit) == instant_ms


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (DOCUMENTED, "2016-03-27T23:36:38.238Z"),
        (10**11 - 1, "5138-11-16T09:46:39.000Z"),
        (10**11, "1973-03-03T09:46:40.000Z"),
    ],
)
def test_no_real_time_is_ambiguous(value: int, written: str) -> None:
    """Ruling D2: the docs' example is a day of the year they are from, and the boundary is far off."""
    assert rfc3339(read_wait_until(value, AUTO)) == written


@pytest.mark.parametrize("unit", WaitUntilUnit)
def test_the_greatest_wait_until_is_the_last_that_can_be_written(unit: WaitUntilUnit) -> None:
    """Ruling T10: the last is 9999-12-31T23:59:59.999Z, in either unit."""
    greatest = max_wait_until(unit)
    assert read_wait_until(greatest, unit) <= MAX_MS < read_wait_until(greatest + 1, unit)


@pytest.mark.parametrize(
    ("instant_ms", "written"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (999, "1970-01-01T00:00:00.999Z"),
        (1_456_704_000_050, "2016-02-29T00:00:00.050Z"),
        (MAX_MS, LAST),
    ],
)
def test_an_instant_is_written_with_its_milliseconds(instant_ms: int, written: str) -> None:
    """RFC 3339: always three digits, always UTC."""
    assert rfc3339(instant_ms) == written


@settings(derandomize=True, database=None, deadline=None, max_examples=300)
@given(st.integers(0, MAX_MS))
def test_an_instant_is_written_as_the_standard_library_writes_it(instant_ms: int) -> None:
    """RFC 3339: every instant up to the last."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant_ms)
    assert rfc3339(instant_ms) == moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
