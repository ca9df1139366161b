"""Queues that hold their deliveries back, go on, and are emptied."""

import pytest

from tests.clients import MESSAGES, message
from tests.control import Control, control_errors

START_MS = 1_459_036_800_000


def enqueue(control: Control, queue: str, wait_ms: int) -> str:
    """Enqueue to a queue, and return the id."""
    answer = control.public.post(
        f"/v1/queues/{queue}/messages", json={"data": message("x", START_MS + wait_ms)}
    )
    identifier: str = answer.json()["data"]["id"]
    return identifier


def delivered(control: Control) -> list[str]:
    """The ids of delivered messages, in order."""
    return [each["id"] for each in control.get("/deliveries").json()["deliveries"]]


def test_queues_are_listed_in_the_order_in_which_they_were_made(control: Control) -> None:
    """The list has the number of pending messages, and a queue that was paused before its first message."""
    control.freeze()
    enqueue(control, "b", 1_000)
    enqueue(control, "a", 1_000)
    enqueue(control, "b", 1_000)
    control.post("/queues/c/pause")
    assert control.get("/queues").json()["queues"] == [
        {"name": "b", "pending": 2, "paused": False},
        {"name": "a", "pending": 1, "paused": False},
        {"name": "c", "pending": 0, "paused": True},
    ]
    assert [each["name"] for each in control.get("/queues?limit=1").json()["queues"]] == ["b"]


def test_a_paused_queue_holds_back_due_messages_and_keeps_their_order(control: Control) -> None:
    """Other queues go on; once resumed, the held messages are delivered late, by due time and acceptance."""
    control.freeze()
    second, first, third = (enqueue(control, "a", wait_ms) for wait_ms in (2_000, 1_000, 2_000))
    other = enqueue(control, "b", 1_500)
    assert control.post("/queues/a/pause").json() == {"name": "a", "pending": 3, "paused": True}
    control.advance(by_ms=5_000)
    assert delivered(control) == [other]
    assert control.get("/pending").json()["total"] == 3
    assert control.post("/queues/a/resume").json()["paused"] is False
    control.advance(by_ms=0)
    assert delivered(control) == [other, first, second, third]
    assert control.get("/deliveries?queue=a").json()["deliveries"][0]["lateness-ms"] == 4_000


def test_held_messages_can_be_run_cancelled_and_purged(control: Control) -> None:
    """Held messages are pending like any other."""
    control.freeze()
    control.post("/queues/a/pause")
    run, cancelled, purged = (enqueue(control, "a", 1_000) for _ in range(3))
    control.advance(by_ms=1_000)
    assert control.post(f"/pending/{run}/run").status_code == 200
    assert control.request("DELETE", f"/pending/{cancelled}").status_code == 204
    assert control.request("DELETE", "/queues/a/pending").json() == {"purged": 1}
    control.post("/queues/a/resume")
    control.advance(by_ms=1_000)
    assert delivered(control) == [run]
    assert control.public.get(f"/v1/queues/a/messages/{purged}").status_code == 404


def test_purging_forgets_the_pending_messages_of_one_queue(control: Control) -> None:
    """Delivered messages stay readable, and so do those of another queue."""
    control.freeze()
    done = control.public.enqueue("done").json()["data"]["id"]
    control.advance(by_ms=0)
    enqueue(control, "a-queue", 1_000)
    other = enqueue(control, "b", 1_000)
    assert control.request("DELETE", "/queues/a-queue/pending").json() == {"purged": 1}
    assert control.request("DELETE", "/queues/a-queue/pending").json() == {"purged": 0}
    assert [each["id"] for each in control.get("/pending").json()["messages"]] == [other]
    assert control.public.get(f"{MESSAGES}/{done}").status_code == 200


@pytest.mark.parametrize("name", ["_queue", "a%20b", "x" * 81])
def test_a_name_that_no_queue_can_have_is_refused(control: Control, name: str) -> None:
    """Ruling H13: the grammar of the public API."""
    for method, path in (("POST", "pause"), ("POST", "resume"), ("DELETE", "pending")):
        answer = control.request(method, f"/queues/{name}/{path}")
        assert control_errors(answer) == [("400", "invalid-queue-name", "queue")]
