"""The readings of `wait-until`, its refusals, and the due time of a message."""

from collections.abc import Callable
from typing import Any

import pytest

from eqkit.timing.clock import ManualClock
from eqkit.web.app import Application
from tests.clients import BULK, MESSAGES, Client, errors, message
from tests.conftest import START_MS

POINTER = "/data/attributes/wait-until"
NOW = "2016-03-27T00:00:00.000Z"


def meta(client: Client, wait_until: Any) -> dict[str, Any]:
    """Enqueue with a wait-until and return the meta of the message."""
    response = client.enqueue("timed", wait_until)
    assert response.status_code == 202, response.text
    found: dict[str, Any] = client.get(response.headers["location"]).json()["data"]["meta"]
    return found


@pytest.mark.parametrize(
    ("unit", "sent", "read_as"),
    [
        ("auto", 1459121798238, "2016-03-27T23:36:38.238Z"),
        ("auto", 1459121798, "2016-03-27T23:36:38.000Z"),
        ("auto", 1, "1970-01-01T00:00:01.000Z"),
        ("auto", 99_999_999_999, "5138-11-16T09:46:39.000Z"),
        ("auto", 100_000_000_000, "1973-03-03T09:46:40.000Z"),
        ("auto", 253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ("seconds", 1459121798, "2016-03-27T23:36:38.000Z"),
        ("seconds", 100_000_000_000, "5138-11-16T09:46:40.000Z"),
        ("seconds", 253_402_300_799, "9999-12-31T23:59:59.000Z"),
        ("milliseconds", 1459121798238, "2016-03-27T23:36:38.238Z"),
        ("milliseconds", 99_999_999_999, "1973-03-03T09:46:39.999Z"),
        ("milliseconds", 1, "1970-01-01T00:00:00.001Z"),
        ("milliseconds", 253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ],
)
def test_the_unit_follows_from_the_magnitude_or_the_setting(
    set_up: Callable[..., Application], unit: str, sent: int, read_as: str
) -> None:
    """Ruling D2: below 10^11 seconds, from there milliseconds, or strictly one; `meta` shows the reading."""
    client = Client(set_up(wait_until_unit=unit))
    shown = meta(client, sent)
    assert shown["wait-until-at"] == read_as
    assert shown["due-at"] == max(NOW, read_as)
    entry = client.journal[0]
    (due_ms,), (read_ms,) = entry.due_at_ms, entry.wait_until_at_ms
    assert due_ms == max(START_MS, read_ms or 0)


@pytest.mark.parametrize(
    ("unit", "too_large"),
    [
        ("auto", 253_402_300_800_000),
        ("seconds", 253_402_300_800),
        ("seconds", 1459121798238),
        ("milliseconds", 253_402_300_800_000),
    ],
)
def test_beyond_the_year_9999_there_is_no_instant(
    set_up: Callable[..., Application], unit: str, too_large: int
) -> None:
    """Rulings D2, T10: a number that is no instant in its unit is refused, and not made smaller."""
    response = Client(set_up(wait_until_unit=unit)).enqueue("never", too_large)
    assert errors(response) == [("400", "invalid-wait-until", POINTER)]


def test_without_a_time_and_with_zero_a_message_is_due_at_once(client: Client) -> None:
    """Ruling T2: absent and 0 are the same: due at acceptance."""
    absent, zero = meta(client, None), meta(client, 0)
    assert absent["due-at"] == zero["due-at"] == absent["accepted-at"] == NOW
    assert "wait-until-at" not in absent
    assert zero["wait-until-at"] == "1970-01-01T00:00:00.000Z"


def test_a_time_in_the_past_is_due_at_acceptance(client: Client, clock: ManualClock) -> None:
    """Ruling T3: nothing overtakes an earlier message by a time in the past, which is shown as sent."""
    response = client.enqueue("late", START_MS - 1)
    clock.advance(0)
    read = client.get(response.headers["location"]).json()["data"]
    assert read["attributes"]["wait-until"] == START_MS - 1
    assert read["meta"]["due-at"] == read["meta"]["accepted-at"] == NOW
    assert read["meta"]["wait-until-at"] == "2016-03-26T23:59:59.999Z"


@pytest.mark.parametrize(
    "spelt",
    [
        "-1",
        "-1459121798238",
        "1.5",
        "1.0",
        "-0.0",
        "1e3",
        "true",
        "false",
        '"1459121798238"',
        '""',
        "null",
        "[]",
        "[0]",
        "{}",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1" * 20,
        "1" * 5000,
        "-" + "1" * 5000,
        "1" * 5000 + ".5",
        "1e400",
        "-1e400",
        "1e18",
        "NaN",
        "Infinity",
        "-Infinity",
    ],
)
def test_an_invalid_time_is_refused_at_its_place(client: Client, spelt: str) -> None:
    """Ruling T8: anything but a whole number from 0 to the year 9999 is a 400, and never "now"."""
    content = f'{{"data":{{"type":"message","attributes":{{"body":"a","wait-until":{spelt}}}}}}}'
    response = client.post(MESSAGES, content=content)
    ((status, code, pointer),) = errors(response)
    assert (status, pointer) == ("400", POINTER)
    assert code in ("invalid-wait-until", "number-out-of-range")
    assert len(response.content) < 500
    assert client.sandbox.state.queue.queues == []


def test_minus_zero_is_zero(client: Client) -> None:
    """Ruling T8: -0 is the integer 0, which JSON may spell so."""
    content = b'{"data":{"type":"message","attributes":{"body":"a","wait-until":-0}}}'
    response = client.post(MESSAGES, content=content)
    assert client.get(response.headers["location"]).json()["data"]["attributes"]["wait-until"] == 0


@pytest.mark.parametrize("seconds", [1, 30, 86_400, 1_000_000_000])
def test_a_relative_looking_time_is_accepted_with_a_warning(client: Client, seconds: int) -> None:
    """Ruling T9: 1 to 10^9 is a time in the past by the letter, and surely meant as a delay."""
    assert client.enqueue("soon?", seconds).status_code == 202
    (warning,) = client.journal[-1].warnings
    assert "relative delay" in warning
    assert str(seconds) in warning


@pytest.mark.parametrize("plausible", [None, 0, 1_000_000_001, 1459121798238])
def test_a_plausible_time_gets_no_warning(client: Client, plausible: int | None) -> None:
    """Ruling T9: no warning without a time, for "now", and for a time after 2001."""
    client.enqueue("fine", plausible)
    assert client.journal[-1].warnings == ()


def test_a_warning_names_its_message_of_a_bulk(client: Client) -> None:
    """Ruling T9: in a bulk the warning names the position."""
    client.post(BULK, json={"data": [message("a", 0), message("b", 60)]})
    (warning,) = client.journal[-1].warnings
    assert "of message 1 " in warning


def test_the_longest_delay_can_be_lowered(set_up: Callable[..., Application]) -> None:
    """Ruling T10: `--max-delay` refuses a later due time, to the millisecond, and names the limit."""
    client = Client(set_up(max_delay=60))
    assert client.enqueue("in time", START_MS + 60_000).status_code == 202
    response = client.enqueue("too late", START_MS + 60_001)
    assert errors(response) == [("400", "invalid-wait-until", POINTER)]
    assert "60 seconds" in response.json()["errors"][0]["detail"]
    bulk = client.post(BULK, json={"data": [message("a"), message("b", START_MS + 60_001)]})
    assert errors(bulk) == [("400", "invalid-wait-until", "/data/1/attributes/wait-until")]
    assert client.enqueue().json()["data"]["id"] == "72301093733"
