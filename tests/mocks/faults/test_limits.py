"""Limits on a real server: 429 with a Retry-After that is true, by the clock of the sandbox."""

from typing import Any

import pytest

from tests.clients import BULK
from tests.mocks.worlds import LATER, World
from tests.web.sockets import Reply

BUCKET = {"kind": "token-bucket", "limit": 2, "window-ms": 20_000}
WINDOW = {"kind": "fixed-window", "limit": 2, "window-ms": 20_000}


def limit(world: World, *limits: dict[str, Any]) -> Any:
    """Set limits."""
    return world.mock("PUT", "/limits", {"limits": limits})


def ask(world: World) -> Reply:
    """Send one message."""
    with world.asking() as connection:
        return connection.reply()


def retry_after(world: World) -> int | None:
    """The Retry-After of a request that is shut out; None for one that is let through."""
    reply = ask(world)
    if reply.status == 202:
        return None
    assert (reply.status, reply.json()["errors"][0]["code"]) == (429, "rate-limited")
    return int(reply.headers["retry-after"])


def test_a_bucket_fills_up_evenly(world: World) -> None:
    """Each token comes back after its share of the window, and Retry-After says when, rounded up."""
    limit(world, BUCKET)
    assert [retry_after(world) for _ in range(4)] == [None, None, 10, 10]
    world.advance(9_999)
    assert retry_after(world) == 1
    world.advance(1)
    assert [retry_after(world) for _ in range(2)] == [None, 10]
    world.advance(60_000)
    assert [retry_after(world) for _ in range(3)] == [None, None, 10]


def test_a_window_opens_all_at_once(world: World) -> None:
    """A window begins with the first request that it counts, at any time of day."""
    limit(world, WINDOW)
    world.advance(5_000)
    assert retry_after(world) is None
    world.advance(15_000)
    assert [retry_after(world) for _ in range(2)] == [None, 5]
    world.advance(5_000)
    assert [retry_after(world) for _ in range(3)] == [None, None, 20]


@pytest.mark.parametrize("kind", ["token-bucket", "fixed-window"])
def test_whoever_waits_as_long_as_told_is_let_through(world: World, kind: str) -> None:
    """Retry-After is right while the clock stands, and the limit reopens with a move of the clock."""
    limit(world, {"kind": kind, "limit": 3, "window-ms": 10_000})
    for _ in range(3):
        assert retry_after(world) is None
    world.advance(1_234)
    message = retry_after(world)
    assert message is not None
    world.advance(message * 1000)
    assert retry_after(world) is None


def test_a_request_that_is_shut_out_stores_nothing_and_is_in_the_journal(world: World) -> None:
    """The limit stands before the commit, and the journal names it."""
    limit(world, {**BUCKET, "name": "two-at-once"})
    for _ in range(3):
        ask(world)
    assert world.stored() == 2
    entry = world.entry()
    assert (entry["status"], entry["fault"], entry["stored"]) == (429, "two-at-once", False)


def test_a_request_counts_for_no_limit_if_one_shuts_it_out(world: World) -> None:
    """The limit that opens last decides; the others keep their counts."""
    limit(
        world, {"kind": "fixed-window", "limit": 1, "window-ms": 60_000}, {**WINDOW, "window-ms": 3_600_000}
    )
    assert [retry_after(world) for _ in range(3)] == [None, 60, 60]
    shown = world.mock("GET", "/limits")["limits"]
    assert [(each["remaining"], each["hit"]) for each in shown] == [(0, 2), (1, 0)]


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"operation": "enqueueMessage"}, [202, 429]),
        ({"operation": "bulkEnqueueMessages"}, [202, 202]),
        ({"queue": "a-queue"}, [202, 429]),
        ({"queue": "another"}, [202, 202]),
    ],
)
def test_a_limit_is_for_its_operation_and_queue_alone(
    world: World, about: dict[str, str], expected: list[int]
) -> None:
    """Other requests are neither counted nor shut out."""
    limit(world, {"kind": "fixed-window", "limit": 1, "window-ms": 60_000, **about})
    assert [ask(world).status for _ in range(2)] == expected


def test_a_request_that_the_contract_refuses_is_not_counted(world: World) -> None:
    """A broken client gets its 400, and leaves the limit as it is."""
    limit(world, BUCKET)
    wrong = world.client.post(BULK, content=LATER, headers={"content-type": "application/vnd.api+json"})
    assert wrong.status_code == 400
    assert world.mock("GET", "/limits")["limits"][0]["remaining"] == 2


def test_limits_show_what_is_left_and_when_they_open(world: World) -> None:
    """Looking changes nothing, and begins no window."""
    limit(world, BUCKET, {**WINDOW, "limit": 1})
    world.mock("POST", "/clock/freeze", {})
    now = world.mock("GET", "/clock")["now"]
    shown = world.mock("GET", "/limits")["limits"]
    assert [(each["remaining"], each["opens-at"]) for each in shown] == [(2, now), (1, now)]
    ask(world)
    shown = world.mock("GET", "/limits")["limits"]
    assert [(each["remaining"], each["opens-at"] == now) for each in shown] == [(1, True), (0, False)]
    assert shown[1]["limit"] == {**WINDOW, "limit": 1}


def test_limits_are_replaced_and_taken_away(world: World) -> None:
    """Setting them begins anew, and without any every request is let through."""
    limit(world, {**WINDOW, "limit": 1})
    assert [retry_after(world) for _ in range(2)] == [None, 20]
    limit(world, {**WINDOW, "limit": 1})
    assert retry_after(world) is None
    assert world.client.delete("/_mock/limits").status_code == 204
    assert (retry_after(world), world.mock("GET", "/limits")) == (None, {"limits": []})


def test_a_limit_that_is_hit_is_told_as_an_event(world: World) -> None:
    """The stream of events names the limit."""
    limit(world, {**WINDOW, "limit": 1, "name": "once"})
    with world.client.stream("GET", "/_mock/events") as events:
        lines = events.iter_lines()
        assert next(lines) == ": watching"
        for _ in range(2):
            ask(world)
        kinds = [line for line in (next(lines) for _ in range(9)) if line.startswith("event:")]
    assert kinds == ["event: message.accepted", "event: limit.hit"]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({**WINDOW, "limit": 0}, "/limits/0/limit"),
        ({**WINDOW, "kind": "leaky-bucket"}, "/limits/0/kind"),
        ({**WINDOW, "windw-ms": 1}, "/limits/0/windw-ms"),
    ],
)
def test_a_limit_that_cannot_be_meant_so_is_refused(
    world: World, wrong: dict[str, Any], pointer: str
) -> None:
    """Nothing is set then."""
    refused = world.client.put("/_mock/limits", json={"limits": [wrong]})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["source"] == {"pointer": pointer}
    assert world.mock("GET", "/limits") == {"limits": []}


def test_limits_are_part_of_a_snapshot(world: World) -> None:
    """A restored world has as much left as the first one had."""
    limit(world, WINDOW)
    ask(world)
    world.mock("PUT", f"/sandboxes/{world.key.decode()}/snapshot")
    assert [retry_after(world) for _ in range(2)] == [None, 20]
    world.mock("POST", f"/sandboxes/{world.key.decode()}/restore")
    assert [retry_after(world) for _ in range(2)] == [None, 20]


@pytest.mark.parametrize("kind", ["token-bucket", "fixed-window"])
def test_a_limit_opens_at_the_very_millisecond_that_it_tells(world: World, kind: str) -> None:
    """A third of ten seconds is rounded up: at `opens-at` a request is let through, and none is before."""
    limit(world, {"kind": kind, "limit": 3, "window-ms": 10_000})
    for _ in range(3):
        assert retry_after(world) is None
    opens_at = world.mock("GET", "/limits")["limits"][0]["opens-at"]
    world.advance(3_333 if kind == "token-bucket" else 9_999)
    assert retry_after(world) == 1
    world.advance(1)
    assert world.mock("GET", "/clock")["now"] == opens_at
    assert retry_after(world) is None
