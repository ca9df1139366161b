"""Every wait by the clock of a sandbox ends with it, and numbers of another life are recognized."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from eqkit.asgi import application as in_process
from eqkit.web.app import Application
from tests.clients import MESSAGES, Client, errors, message
from tests.control import Control, control_errors
from tests.mocks.sandbox_clients import SandboxClient, until

ENDS = {
    "reset": ("POST", "/sandboxes/test_key/reset"),
    "restored": ("POST", "/sandboxes/test_key/restore"),
    "deleted": ("DELETE", "/sandboxes/test_key"),
}
LATENCY = {"latency": {"kind": "fixed", "ms": 60_000}}


def together(
    waiting: Coroutine[Any, Any, httpx.Response], end: Callable[[], Coroutine[Any, Any, httpx.Response]]
) -> httpx.Response:
    """Let a request wait, do something else, and return the answer to the one that waited."""

    async def run() -> httpx.Response:
        task = asyncio.create_task(waiting)
        for _ in range(50):
            await asyncio.sleep(0)
        assert not task.done()
        assert (await end()).is_success
        async with asyncio.timeout(20):
            return await task

    return asyncio.run(run())


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("when", ["before", "after", "preferred"])
def test_a_request_that_waits_ends_with_its_sandbox(control: Control, end: str, when: str) -> None:
    """It is a 503 with the reason, and nobody hangs on a clock that nothing reaches any more."""
    control.freeze()
    control.request("PUT", "/sandboxes/test_key/snapshot")
    headers = {"prefer": "delay=60"} if when == "preferred" else {}
    if when != "preferred":
        control.post("/faults", json={"when": when, "do": LATENCY})
    asking = control.public.send("POST", MESSAGES, json={"data": message()}, headers=headers)
    answer = together(asking, lambda: control.send(*ENDS[end]))
    assert errors(answer) == [("503", "unavailable", None)]
    assert answer.headers["retry-after"] == "1"
    assert "while the request waited" in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("end", ENDS)
def test_an_advance_ends_with_its_sandbox(control: Control, end: str) -> None:
    """One that waits for another one to come to rest finds no clock to move."""
    control.freeze()
    control.request("PUT", "/sandboxes/test_key/snapshot")
    control.post("/faults", json={"when": "before", "do": LATENCY})

    async def run() -> httpx.Response:
        await control.send("GET", "/clock")  # in this loop now
        sandbox = control._application.sandboxes.named("test_key")
        with sandbox.clock.activity():
            moving = asyncio.create_task(control.send("POST", "/clock/advance", json={"by-ms": 1_000}))
            for _ in range(50):
                await asyncio.sleep(0)
            await control.send(*ENDS[end])
            async with asyncio.timeout(20):
                return await moving

    assert control_errors(asyncio.run(run())) == [("503", "unavailable", None)]


def test_an_answer_that_trickles_is_cut_off_with_its_sandbox(sandbox: SandboxClient) -> None:
    """Its head has left, so that only a close can mark the end."""
    sandbox.arm({"wire": {"kind": "trickle", "pause-ms": 60_000}})
    with sandbox.asking() as connection:
        until(sandbox.has_fired)
        sandbox.mock("POST", f"/sandboxes/{sandbox.key.decode()}/reset")
        with pytest.raises((AssertionError, EOFError, ConnectionError)):
            connection.reply()


def test_a_stream_resumed_with_a_number_of_before_a_reset_reports_the_reset(control: Control) -> None:
    """Numbers go on, so that none is taken for another one, and all that happened since is sent."""
    for _ in range(3):
        control.public.enqueue()
    sent = control.get("/events?follow=false").text
    seen = sent.rpartition("id: ")[2].partition("\n")[0]
    total = control.get("/journal").json()["total"]
    for name in ("reset", "restored"):
        control.request("PUT", "/sandboxes/test_key/snapshot")
        control.request(*ENDS[name])
        for _ in range(5):
            control.public.enqueue()
        messages = control.get("/events?follow=false", headers={"last-event-id": seen}).text
        assert messages.split("\n\n")[1].splitlines()[1] == "event: sandbox.restarted"
        assert messages.count("event: message.accepted") >= 5
        numbers = [int(line[4:]) for line in messages.splitlines() if line.startswith("id: ")]
        assert numbers == sorted(numbers)
        assert len(control.get(f"/journal?after={total}").json()["entries"]) >= 5
        last = str(numbers[-1])
        again = control.get("/events?follow=false", headers={"last-event-id": last}).text
        assert "sandbox.restarted" not in again
    assert control.get("/sandboxes/test_key").json()["requests"] == 10


def test_an_advance_lists_its_own_events(control: Control) -> None:
    """The second of two simultaneous advances lists none of the first one's events."""
    control.freeze("2016-03-27T00:00:00Z")
    control.public.enqueue("a", 1_459_036_801_000)
    control.public.enqueue("b", 1_459_036_802_000)

    async def run() -> list[httpx.Response]:
        moves = [control.send("POST", "/clock/advance", json={"by-ms": 1_000}) for _ in range(2)]
        return await asyncio.gather(*moves)

    happened = [[each["data"]["id"] for each in answer.json()["happened"]] for answer in asyncio.run(run())]
    assert happened == [["72301093732"], ["72301093733"]]


def test_events_that_an_advance_does_not_list_are_counted(control: Control) -> None:
    """Beyond the first thousand events the answer counts them by kind, and says where to go on."""
    control.freeze("2016-03-27T00:00:00Z")
    many = [message("x", 1_459_036_801_000) for _ in range(600)]
    for _ in range(2):
        control.public.post(f"{MESSAGES}/_bulk", json={"data": many})
    moved = control.advance(by_ms=1_000).json()
    assert (moved["total"], moved["complete"], moved["lost"]) == (1_200, False, 0)
    assert moved["missing"] == [{"kind": "message.delivered", "count": 200}]
    rest = control.get("/events?follow=false", headers={"last-event-id": str(moved["shown-until"])}).text
    assert rest.count("event: message.delivered") == 200


@pytest.mark.parametrize(
    ("resume", "window_ms", "seconds"),
    [
        ({"rate": 0.5}, 1_000, 2),
        ({"rate": 60}, 60_000, 1),
        ({"rate": 60}, 1_000, 1),
        ({"rate": 0.3}, 1_000, 4),
        ({"rate": 0.01}, 86_400_000, 8_640_000),
        (None, 60_000, 60),
    ],
)
def test_retry_after_is_in_the_seconds_of_the_client(
    control: Control, resume: dict[str, float] | None, window_ms: int, seconds: int
) -> None:
    """Ruling H11: sandbox time divided by the pace, rounded up, at least 1; of a frozen clock its own."""
    if resume is None:
        control.freeze()
    else:
        control.post("/clock/resume", json=resume)
    limit = {"kind": "fixed-window", "limit": 1, "window-ms": window_ms}
    control.request("PUT", "/limits", json={"limits": [limit]})
    control.public.enqueue("x")
    assert int(control.public.enqueue("y").headers["retry-after"]) == seconds
    control.request("DELETE", "/limits")
    control.post("/faults", json={"duration-ms": window_ms, "do": {"answer": {"status": 503}}})
    assert int(control.public.enqueue("y").headers["retry-after"]) == seconds


def test_at_the_end_of_time_a_limit_stays_shut_and_says_for_how_long(control: Control) -> None:
    """No client is asked to come at once to a limit that never opens."""
    control.freeze("9999-12-31T23:59:59.999Z")
    limits = [{"kind": "fixed-window", "limit": 1, "window-ms": 60_000}]
    control.request("PUT", "/limits", json={"limits": limits})
    control.public.enqueue("x")
    assert control.public.enqueue("y").headers["retry-after"] == "60"


def test_a_time_ahead_of_an_old_clock_is_no_delay(control: Control) -> None:
    """Ruling T9 is about times that are past."""
    control.freeze("1970-01-01T00:00:00Z")
    control.public.enqueue("ahead", 3_600)
    assert control.get("/journal/summary").json()["warnings"] == []
    control.advance(by_ms=7_200_000)
    control.public.enqueue("past", 3_601)
    kinds = [each["kind"] for each in control.get("/journal/summary").json()["warnings"]]
    assert kinds == ["relative-delay"]


KEY = "test_loops"


async def _state_of_a_new_message(application: Application) -> str:
    client = Client(application, KEY)
    identifier = (await client.send("POST", MESSAGES, json={"data": message()})).json()["data"]["id"]
    state = ""
    for _ in range(1_000):
        answer = (await client.send("GET", f"{MESSAGES}/{identifier}")).json()
        state = answer["data"]["meta"]["state"]
        if state == "delivered":
            break
        await asyncio.sleep(0)
    return state


def test_each_event_loop_goes_on_where_the_one_before_ended() -> None:
    """A loop for each test, as pytest-asyncio has it: timers, latencies and waits of the next one work."""
    application = in_process()
    later = {"data": message("later", int(time.time() * 1000) + 200)}
    asyncio.run(Client(application, KEY).send("POST", MESSAGES, json=later))
    assert asyncio.run(_state_of_a_new_message(application)) == "delivered"

    async def held_up() -> float:
        began = time.monotonic()
        headers = {"prefer": "delay=0.2"}
        client = Client(application, KEY)
        answer = await client.send("POST", MESSAGES, json={"data": message()}, headers=headers)
        assert answer.status_code == 202
        return time.monotonic() - began

    assert asyncio.run(held_up()) >= 0.2
    assert asyncio.run(held_up()) >= 0.2


def test_a_wait_that_was_left_in_a_dead_loop_holds_nothing_up() -> None:
    """A loop that is closed with a request in it takes nobody else along: the clock can be moved."""
    application = in_process()
    control = Control(application, KEY)
    control.freeze()
    control.post("/faults", json={"do": LATENCY, "count": 1})
    loop = asyncio.new_event_loop()
    left = loop.create_task(control.public.send("POST", MESSAGES, json={"data": message()}))
    for _ in range(50):
        loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    assert control.advance(by_ms=120_000).json()["clock"]["frozen"]
    assert asyncio.run(_state_of_a_new_message(application)) == "delivered"
    left.get_coro().close()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", httpx.ReadError),
        ("close", httpx.RemoteProtocolError),
        ("truncate", httpx.RemoteProtocolError),
        ("garbage", httpx.RemoteProtocolError),
    ],
)
def test_a_fault_on_the_wire_is_an_error_of_httpx_in_process_too(
    control: Control, kind: str, error: type[Exception]
) -> None:
    """A client's retries are tested by the answers on a socket."""
    control.post("/faults", json={"do": {"wire": {"kind": kind}}})
    with pytest.raises(error) as raised:
        control.public.enqueue()
    assert isinstance(raised.value, ConnectionError)
