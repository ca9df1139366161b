"""Delayed messages: listed without touching them, run at once, cancelled."""

import pytest

from tests.clients import BULK, MESSAGES, message
from tests.control import Control, control_errors

START_MS = 1_459_036_800_000


def ids(control: Control, query: str = "") -> list[str]:
    """Return the ids of pending messages."""
    return [each["id"] for each in control.get(f"/pending{query}").json()["messages"]]


def enqueued(control: Control, *waits_ms: int) -> list[str]:
    """Enqueue messages that wait for so long on a clock that stands, and return their ids."""
    control.freeze()
    messages = [message("x", START_MS + each) for each in waits_ms]
    return [each["id"] for each in control.public.post(BULK, json={"data": messages}).json()["data"]]


def test_a_pending_message_is_listed_with_all_that_was_sent(control: Control) -> None:
    """The body, `wait-until` as it was sent and as it was read, acceptance and due time."""
    control.freeze()
    identifier = control.public.enqueue("hello", 1_459_121_798).json()["data"]["id"]
    assert control.get("/pending").json() == {
        "messages": [
            {
                "queue": "a-queue",
                "id": identifier,
                "body": "hello",
                "wait-until": 1_459_121_798,
                "wait-until-at": "2016-03-27T23:36:38.000Z",
                "accepted-at": "2016-03-27T00:00:00.000Z",
                "due-at": "2016-03-27T23:36:38.000Z",
            }
        ],
        "total": 1,
    }


def test_peeking_touches_nothing(control: Control) -> None:
    """Listing delivers nothing, in the order of delivery and any number of times, by queue and limit."""
    first, second, third = enqueued(control, 3_000, 1_000, 2_000)
    assert ids(control) == ids(control) == [second, third, first]
    assert ids(control, "?limit=1") == [second]
    assert ids(control, "?queue=other-queue") == []
    assert control.get("/deliveries").json()["total"] == 0


def test_running_one_leaves_the_others_their_time(control: Control) -> None:
    """It is delivered now and not again at its time."""
    first, second = enqueued(control, 1_000, 2_000)
    assert control.post(f"/pending/{second}/run").json()["lateness-ms"] == -2_000
    assert ids(control) == [first]
    happened = control.advance(by_ms=10_000).json()["happened"]
    assert [each["data"]["id"] for each in happened] == [first]
    assert control.get("/deliveries").json()["total"] == 2


def test_a_cancelled_message_is_gone(control: Control) -> None:
    """Never delivered, and a 404 on reading, like one that never was."""
    first, second = enqueued(control, 1_000, 2_000)
    assert control.request("DELETE", f"/pending/{first}").status_code == 204
    assert ids(control) == [second]
    assert control.public.get(f"{MESSAGES}/{first}").status_code == 404
    assert control.advance(by_ms=10_000).json()["total"] == 1
    assert control.get("/events?follow=false").text.count("message.cancelled") == 1


@pytest.mark.parametrize("method", ["run", "cancel"])
def test_a_message_that_is_not_pending_can_be_neither_run_nor_cancelled(
    control: Control, method: str
) -> None:
    """One that was delivered is a conflict; one that never was is not found."""

    def ask(identifier: str) -> list[tuple[str, str, str | None]]:
        path = f"/pending/{identifier}"
        return control_errors(
            control.post(f"{path}/run") if method == "run" else control.request("DELETE", path)
        )

    (delivered,) = enqueued(control, 0)
    control.advance(by_ms=0)
    assert ask(delivered) == [("409", "message-not-pending", "id")]
    for unknown in ("72301999999", "0", "-1", "9" * 99, "seven"):
        assert ask(unknown) == [("404", "message-not-found", "id")]
    assert ask("9" * 101) == [("400", "invalid-parameter", "id")]


def test_a_message_of_another_key_is_not_there(control: Control, application: object) -> None:
    """The same id in two sandboxes is two messages."""
    other = Control(control._application, "test_other")
    (mine,) = enqueued(control, 1_000)
    (theirs,) = enqueued(other, 1_000)
    assert mine == theirs
    other.request("DELETE", f"/pending/{theirs}")
    assert ids(control) == [mine]
