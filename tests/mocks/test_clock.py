"""The clock of a sandbox, read and moved from outside: the events of a move, their order and times."""

from typing import Any

import pytest

from tests.clients import BULK, MESSAGES, message
from tests.control import Control, control_errors

START = "2016-03-27T00:00:00.000Z"
DOCUMENTED_MS = 1_459_121_798_238
DOCUMENTED = "2016-03-27T23:36:38.238Z"


def happened(answer: Any) -> list[tuple[str, str, str]]:
    """Return the time, kind and message of each event."""
    return [(each["at"], each["kind"], each["data"].get("id")) for each in answer.json()["happened"]]


def test_a_clock_follows_the_wall_until_it_is_told_otherwise(control: Control) -> None:
    """Nothing is due, so there is no `next-due`."""
    assert control.get("/clock").json() == {"now": START, "frozen": False, "rate": 1.0}


def test_a_clock_is_frozen_where_it_is(control: Control, clock: Any) -> None:
    """The wall goes on, and nothing falls due."""
    control.public.enqueue("a", DOCUMENTED_MS)
    assert control.freeze().json()["clock"] == {
        "now": START,
        "frozen": True,
        "rate": 1.0,
        "next-due": DOCUMENTED,
    }
    clock.advance(1_000_000_000)
    assert control.get("/clock").json()["now"] == START
    assert control.get("/deliveries").json()["total"] == 0


def test_a_clock_is_frozen_without_a_body(control: Control) -> None:
    """`curl -X POST` is enough."""
    assert control.post("/clock/freeze").json()["clock"]["frozen"] is True


def test_an_untouched_sandbox_is_set_to_any_instant(control: Control) -> None:
    """A test begins in the year that it is about, and its messages are accepted then."""
    answer = control.freeze("2016-03-01T12:00:00Z")
    assert answer.json() == {
        "clock": {"now": "2016-03-01T12:00:00.000Z", "frozen": True, "rate": 1.0},
        "happened": [],
        "total": 0,
        "complete": True,
    }
    identifier = control.public.enqueue().json()["data"]["id"]
    meta = control.public.get(f"{MESSAGES}/{identifier}").json()["data"]["meta"]
    assert meta["accepted-at"] == "2016-03-01T12:00:00.000Z"


def test_a_sandbox_in_which_something_happened_is_set_to_no_earlier_instant(control: Control) -> None:
    """Ruling T6: time does not go back in a sandbox that has a past."""
    control.public.enqueue()
    answer = control.freeze("2016-03-26T00:00:00Z")
    assert control_errors(answer) == [("409", "clock-backwards", "/at")]
    assert control.get("/clock").json()["frozen"] is False


def test_freezing_at_a_later_instant_delivers_the_messages_due_before(control: Control) -> None:
    """The clock is moved on to where it is to stand."""
    identifier = control.public.enqueue("a", DOCUMENTED_MS).json()["data"]["id"]
    answer = control.freeze("2016-03-28T00:00:00Z")
    assert happened(answer) == [(DOCUMENTED, "message.delivered", identifier)]
    assert answer.json()["clock"]["now"] == "2016-03-28T00:00:00.000Z"


def test_advancing_makes_all_that_falls_due_happen_in_order_and_each_at_its_own_time(
    control: Control,
) -> None:
    """Rulings T4 and T7: by due time, then acceptance, each stamped with its own due time as now."""
    control.freeze()
    waits = [3_000, 1_000, 2_000, 1_000]
    messages = [message("x", 1_459_036_800_000 + wait_ms) for wait_ms in waits]
    first, second, third, fourth = [
        each["id"] for each in control.public.post(BULK, json={"data": messages}).json()["data"]
    ]
    answer = control.advance(by_ms=2_500)
    assert happened(answer) == [
        ("2016-03-27T00:00:01.000Z", "message.delivered", second),
        ("2016-03-27T00:00:01.000Z", "message.delivered", fourth),
        ("2016-03-27T00:00:02.000Z", "message.delivered", third),
    ]
    assert answer.json()["total"] == 3
    assert [each["number"] for each in answer.json()["happened"]] == [5, 6, 7]
    deliveries = control.get("/deliveries").json()["deliveries"]
    assert [(each["delivered-at"], each["lateness-ms"]) for each in deliveries] == [
        ("2016-03-27T00:00:01.000Z", 0),
        ("2016-03-27T00:00:01.000Z", 0),
        ("2016-03-27T00:00:02.000Z", 0),
    ]
    assert [each["id"] for each in control.get("/pending").json()["messages"]] == [first]


def test_a_delay_ends_with_advance_on_a_frozen_clock(control: Control) -> None:
    """The message is delayed before, and delivered after: nothing else has to pass."""
    control.freeze()
    identifier = control.public.enqueue("a", DOCUMENTED_MS).json()["data"]["id"]

    def state() -> str:
        found: str = control.public.get(f"{MESSAGES}/{identifier}").json()["data"]["meta"]["state"]
        return found

    assert state() == "delayed"
    control.advance(to="2016-03-27T23:36:38.237Z")
    assert state() == "delayed"
    control.advance(by_ms=1)
    assert state() == "delivered"


def test_advancing_to_next_stops_at_the_first_thing_that_is_due(control: Control) -> None:
    """One step at a time, however long the pauses are; when nothing is left it says so."""
    control.freeze()
    control.public.enqueue("a", DOCUMENTED_MS)
    control.public.enqueue("b", DOCUMENTED_MS + 1)
    assert control.advance(next=True).json()["clock"]["now"] == DOCUMENTED
    assert control.advance(next=True).json()["clock"]["now"] == "2016-03-27T23:36:38.239Z"
    assert control_errors(control.advance(next=True)) == [("409", "nothing-due", None)]


def test_a_cancelled_message_is_not_next(control: Control) -> None:
    """A message that was taken out leaves no alarm behind."""
    control.freeze()
    gone = control.public.enqueue("a", DOCUMENTED_MS).json()["data"]["id"]
    control.public.enqueue("b", DOCUMENTED_MS + 60_000)
    control.request("DELETE", f"/pending/{gone}")
    assert control.get("/clock").json()["next-due"] == "2016-03-27T23:37:38.238Z"
    control.request("DELETE", "/queues/a-queue/pending")
    assert "next-due" not in control.get("/clock").json()


def test_advancing_backwards_is_refused_and_changes_nothing(control: Control) -> None:
    """Ruling T6: backwards is a conflict, and the answer gives the time of the clock."""
    control.freeze()
    answer = control.advance(to="2016-03-26T23:59:59.999Z")
    assert control_errors(answer) == [("409", "clock-backwards", "/to")]
    assert START in answer.json()["errors"][0]["detail"]
    assert control.get("/clock").json()["now"] == START


def test_a_running_clock_runs_on_after_it_was_moved(control: Control, clock: Any) -> None:
    """It is ahead of the wall from then on, and goes at the wall's pace."""
    assert control.advance(by_ms=60_000).json()["clock"]["frozen"] is False
    clock.advance(500)
    assert control.get("/clock").json()["now"] == "2016-03-27T00:01:00.500Z"


def test_a_clock_runs_on_from_where_it_stands_at_any_rate(control: Control, clock: Any) -> None:
    """An hour in a minute: sixty times as fast as the wall."""
    control.freeze()
    clock.advance(10_000)
    assert control.post("/clock/resume", json={"rate": 60}).json() == {
        "now": START,
        "frozen": False,
        "rate": 60.0,
    }
    clock.advance(1_000)
    assert control.get("/clock").json()["now"] == "2016-03-27T00:01:00.000Z"
    control.freeze()
    assert control.post("/clock/resume").json()["rate"] == 60.0


@pytest.mark.parametrize("frozen", [True, False])
def test_a_clock_goes_no_further_than_there_is_time(control: Control, clock: Any, frozen: bool) -> None:
    """The last instant that can be written is the end of the year 9999, also where the wall goes on."""
    if frozen:
        control.freeze()
    end = {"now": "9999-12-31T23:59:59.999Z", "frozen": frozen, "rate": 1.0}
    assert control.advance(by_ms=253_402_300_799_999).json()["clock"] == end
    clock.advance(1_000)
    assert control.advance(by_ms=1).json()["clock"] == end
    assert control.public.enqueue().headers["date"] == "Fri, 31 Dec 9999 23:59:59 GMT"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("400", "invalid-value", "")]),
        ({"by-ms": 1, "next": True}, [("400", "invalid-value", "")]),
        ({"by-ms": -1}, [("400", "invalid-value", "/by-ms")]),
        ({"by-ms": 1.5}, [("400", "wrong-type", "/by-ms")]),
        ({"next": False}, [("400", "invalid-value", "/next")]),
        ({"to": "2016-02-30T00:00:00Z"}, [("400", "invalid-value", "/to")]),
        ({"to": "2016-03-27T00:00:00"}, [("400", "invalid-value", "/to")]),
        ({"by_ms": 1}, [("400", "unknown-member", "/by_ms")]),
    ],
)
def test_a_move_that_cannot_be_meant_is_refused(
    control: Control, body: Any, errors: list[tuple[str, str, str]]
) -> None:
    """Exactly one of three ways, spelt right, and a day that there is."""
    assert control_errors(control.post("/clock/advance", json=body)) == errors


@pytest.mark.parametrize(
    "text",
    [
        "2016-03-27T23:36:38Z",
        "2016-03-27t23:36:38z",
        "2016-03-27T23:36:38+00:00",
        "2016-03-27T23:36:38.0-00:00",
        "2016-03-27T23:36:38.000000999Z",
        "2016-03-28T01:36:38+02:00",
        "2016-03-27T18:06:38.0-05:30",
    ],
)
def test_an_instant_is_taken_in_each_form_of_rfc_3339(control: Control, text: str) -> None:
    """The spellings of Python, JavaScript and Go are one instant, for the clock and for the journal."""
    assert control.freeze(text).json()["clock"]["now"] == "2016-03-27T23:36:38.000Z"
    assert control.advance(to=text).json()["clock"]["now"] == "2016-03-27T23:36:38.000Z"
    control.public.enqueue()
    counted = control.post("/journal/count", json={"since": text, "until": text})
    assert counted.json()["count"] == 1
    assert control.get("/journal", params={"since": text, "until": text}).json()["total"] == 1


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("2016-02-30T00:00:00Z", "2016-02-30 is no day."),
        ("2016-13-01T00:00:00Z", "2016-13-01 is no day."),
        ("2016-03-27T24:00:00Z", "24:00:00 is no time of day."),
        ("2016-03-27T23:59:60Z", "23:59:60 is no time of day."),
        (
            "2016-03-27T00:00:00",
            '"2016-03-27T00:00:00" has no zone: an instant ends in Z, or in an offset such as +02:00.',
        ),
        (
            "9999-12-31T23:59:59-00:01",
            '"9999-12-31T23:59:59-00:01" is not within the years 1 to 9999 of UTC.',
        ),
        (
            "2016-03-27T00:00:00+24:00",
            (
                '"2016-03-27T00:00:00+24:00" is not an instant such as 2016-03-27T23:36:38.238Z or '
                "2016-03-27T23:36:38+00:00."
            ),
        ),
        (
            "tomorrow",
            '"tomorrow" is not an instant such as 2016-03-27T23:36:38.238Z or 2016-03-27T23:36:38+00:00.',
        ),
        (
            "16-3-27",
            '"16-3-27" is not an instant such as 2016-03-27T23:36:38.238Z or 2016-03-27T23:36:38+00:00.',
        ),
    ],
)
def test_an_invalid_instant_is_refused_with_the_allowed_form(
    control: Control, text: str, detail: str
) -> None:
    """The detail speaks of dates and not of a pattern, in each place that takes an instant."""
    answers = [
        control.freeze(text),
        control.advance(to=text),
        control.post("/journal/count", json={"since": text}),
        control.get("/journal", params={"until": text}),
    ]
    assert [answer.status_code for answer in answers] == [400] * 4
    assert [answer.json()["errors"][0]["detail"] for answer in answers] == [detail] * 4


@pytest.mark.parametrize("at", ["1969-12-31T23:59:59.999Z", "0132-02-02T08:02:41Z"])
def test_there_is_no_time_before_1970(control: Control, at: str) -> None:
    """`wait-until` knows none, so a sandbox in which messages are accepted then is none, either."""
    assert control_errors(control.freeze(at)) == [("400", "invalid-value", "/at")]
    assert control_errors(control.advance(to=at)) == [("400", "invalid-value", "/to")]
    assert control.freeze("1970-01-01T00:00:00Z").json()["clock"]["now"] == "1970-01-01T00:00:00.000Z"
    assert control.public.enqueue().status_code == 202
    assert control.advance(by_ms=0).json()["total"] == 1


def test_a_misspelt_member_gets_the_right_one_as_a_suggestion(control: Control) -> None:
    """An alias that people often write is not guessed by its letters."""
    (error,) = control.post("/clock/advance", json={"delta": 1}).json()["errors"]
    assert error["detail"] == 'There is no member "delta"; did you mean "by-ms"?'


@pytest.mark.parametrize("rate", [0, -1, 0.0001, 1e7])
def test_a_rate_that_is_none_is_refused(control: Control, rate: float) -> None:
    """Time goes forward; to stop it is to freeze it."""
    answer = control.post("/clock/resume", json={"rate": rate})
    assert control_errors(answer) == [("400", "invalid-value", "/rate")]


def test_date_is_that_of_the_sandbox_once_its_clock_is_not_the_walls(control: Control) -> None:
    """`Date` shows the time of the sandbox, as every other time in the response does."""
    assert "date" not in control.public.enqueue().headers
    control.freeze()
    control.advance(to=DOCUMENTED)
    answers = [control.public.enqueue(), control.public.request("OPTIONS", MESSAGES)]
    assert [answer.headers.get("date") for answer in answers] == ["Sun, 27 Mar 2016 23:36:38 GMT", None]


@pytest.mark.parametrize("headers", [{"idempotency-key": "once"}, {"prefer": "code=429"}])
def test_an_answer_that_is_given_again_has_the_date_of_its_own_time(
    control: Control, headers: dict[str, str]
) -> None:
    """The part of an answer that is kept for the next time has no `Date` in it."""
    control.freeze()
    for second in range(3):
        answer = control.public.enqueue(headers=headers)
        assert answer.headers.get_list("date") == [f"Sun, 27 Mar 2016 00:00:0{second} GMT"]
        control.advance(by_ms=1_000)


def test_a_sandbox_per_key_has_a_clock_per_key(control: Control, application: Any) -> None:
    """Moving one leaves all others where they are."""
    other = Control(application, "test_other")
    control.freeze()
    control.advance(by_ms=86_400_000)
    assert other.get("/clock").json() == {"now": START, "frozen": False, "rate": 1.0}
