"""Deliveries, and waiting for them on the sandbox's clock."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import httpx
import pytest

from eqkit.web.app import Application
from tests.clients import message
from tests.control import Control, control_errors

START_MS = 1_459_036_800_000
OTHER = "/v1/queues/other-queue/messages"


def at_once(*work: Coroutine[Any, Any, httpx.Response]) -> list[httpx.Response]:
    """Send requests over several connections at the same time."""

    async def run() -> list[httpx.Response]:
        tasks = []
        for each in work:
            tasks.append(asyncio.create_task(each))
            # Whoever comes first gets as far as it can before the next one comes.
            for _ in range(20):
                await asyncio.sleep(0)
        return await asyncio.gather(*tasks)

    return asyncio.run(run())


def waiting(control: Control, query: str) -> Coroutine[Any, Any, httpx.Response]:
    """Ask for deliveries, and wait for them."""
    return control.send("GET", f"/deliveries?{query}")


def advancing(control: Control, by_ms: int) -> Coroutine[Any, Any, httpx.Response]:
    """Move the clock on."""
    return control.send("POST", "/clock/advance", json={"by-ms": by_ms})


def test_a_delivery_has_its_message_time_and_lateness(control: Control) -> None:
    """A message that is late says by how much; one that was run by hand was early."""
    control.freeze()
    identifier = control.public.enqueue("a", START_MS + 1_000).json()["data"]["id"]
    control.post(f"/pending/{identifier}/run")
    assert control.get("/deliveries").json() == {
        "deliveries": [
            {
                "queue": "a-queue",
                "id": identifier,
                "due-at": "2016-03-27T00:00:01.000Z",
                "delivered-at": "2016-03-27T00:00:00.000Z",
                "attempt": 1,
                "lateness-ms": -1_000,
            }
        ],
        "total": 1,
    }


def test_deliveries_are_listed_by_queue_by_number_and_so_many(control: Control) -> None:
    """`after` is the total of an earlier answer; the total counts every queue."""
    control.freeze()
    for number in range(3):
        control.public.enqueue(str(number))
        control.public.post(OTHER, json={"data": message("x")})
    control.advance(by_ms=0)

    def queues(query: str) -> list[str]:
        answer = control.get(f"/deliveries?{query}").json()
        assert answer["total"] == 6
        return [each["queue"] for each in answer["deliveries"]]

    assert queues("") == ["a-queue", "other-queue"] * 3
    assert queues("queue=other-queue") == ["other-queue"] * 3
    assert queues("after=4") == ["a-queue", "other-queue"]
    assert queues("after=6") == queues("after=100") == []
    assert queues("after=1&limit=2&queue=a-queue") == ["a-queue", "a-queue"]


def test_a_wait_on_a_frozen_clock_ends_when_somebody_moves_it(control: Control) -> None:
    """The wait is over as soon as enough is delivered, from any connection that moves the clock."""
    control.freeze()
    control.public.enqueue("a", START_MS + 60_000)
    found, _ = at_once(waiting(control, "count=1&wait-ms=3600000"), advancing(control, 60_000))
    assert len(found.json()["deliveries"]) == 1


def test_a_wait_ends_when_its_time_has_passed_in_the_sandbox(control: Control) -> None:
    """Virtual time counts: an hour on a clock that is moved on by an hour."""
    control.freeze()
    control.public.enqueue("a", START_MS + 7_200_000)
    found, _ = at_once(waiting(control, "count=1&wait-ms=3600000"), advancing(control, 3_600_000))
    assert found.json() == {"deliveries": [], "total": 0}


@pytest.mark.parametrize("query", ["count=2&wait-ms=0", "wait-ms=5000", "count=1&wait-ms=5000"])
def test_a_query_without_need_to_wait_is_answered_at_once(control: Control, query: str) -> None:
    """Enough is there, or no time is given, or no number: the frozen clock holds nothing up."""
    control.freeze()
    control.public.enqueue()
    control.advance(by_ms=0)
    assert len(control.get(f"/deliveries?{query}").json()["deliveries"]) == 1


@pytest.mark.parametrize("end", ["reset", "drain"])
def test_a_wait_ends_with_its_sandbox(control: Control, application: Application, end: str) -> None:
    """A sandbox that is begun anew, or a server that shuts down, lets nobody wait for nothing."""
    control.freeze()

    async def drain() -> httpx.Response:
        application.sandboxes.end_waits()
        return httpx.Response(200)

    ending = drain() if end == "drain" else control.send("POST", "/sandboxes/test_key/reset")
    found, _ = at_once(waiting(control, "count=1&wait-ms=86400000"), ending)
    if end == "drain":
        assert found.json() == {"deliveries": [], "total": 0}
    else:
        assert control_errors(found) == [("503", "unavailable", None)]
        assert "was reset while the request waited" in found.text
        assert found.headers["retry-after"] == "1"


def test_a_wait_without_a_number_is_for_one_delivery(control: Control) -> None:
    """A time alone is a wait for the next delivery."""
    control.freeze()
    control.public.enqueue("a", START_MS + 1_000)
    found, _ = at_once(waiting(control, "wait-ms=5000"), advancing(control, 1_000))
    assert found.json()["total"] == 1


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("limit=0", ("400", "invalid-parameter", "limit")),
        ("limit=1001", ("400", "invalid-parameter", "limit")),
        ("count=2", ("400", "invalid-parameter", "count")),
        ("wait-ms=86400001", ("400", "invalid-parameter", "wait-ms")),
        ("count=1001", ("400", "invalid-parameter", "count")),
        ("after=-1", ("400", "invalid-parameter", "after")),
        ("limit=ten", ("400", "wrong-type", "limit")),
        ("queue=_queue", ("400", "invalid-queue-name", "queue")),
        ("wait=1", ("400", "unknown-query-parameter", "wait")),
    ],
)
def test_lists_and_waits_are_bounded(control: Control, query: str, error: tuple[str, str, str]) -> None:
    """A thousand at most, a day at most."""
    assert control_errors(control.get(f"/deliveries?{query}")) == [error]
