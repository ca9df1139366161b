"""Limits on a real server: 429 with a Retry-After that is true, by the clock of the sandbox."""

from typing import Any

import pytest

from tests.clients import BULK
from tests.mocks.sandbox_clients import LATER, SandboxClient
from tests.web.sockets import Reply

BUCKET = {"kind": "token-bucket", "limit": 2, "window-ms": 20_000}
WINDOW = {"kind": "fixed-window", "limit": 2, "window-ms": 20_000}


def limit(sandbox: SandboxClient, *limits: dict[str, Any]) -> Any:
    """Set limits."""
    return sandbox.mock("PUT", "/limits", {"limits": limits})


def ask(sandbox: SandboxClient) -> Reply:
    """Send one message."""
    with sandbox.asking() as connection:
        return connection.reply()


def retry_after(sandbox: SandboxClient) -> int | None:
    """The Retry-After of a request that is shut out; None for one that is let through."""
    reply = ask(sandbox)
    if reply.status == 202:
        return None
    assert (reply.status, reply.json()["errors"][0]["code"]) == (429, "rate-limited")
    return int(reply.headers["retry-after"])


def test_a_bucket_fills_up_evenly(sandbox: SandboxClient) -> None:
    """Each token comes back after its share of the window, and Retry-After says when, rounded up."""
    limit(sandbox, BUCKET)
    assert [retry_after(sandbox) for _ in range(4)] == [None, None, 10, 10]
    sandbox.advance(9_999)
    assert retry_after(sandbox) == 1
    sandbox.advance(1)
    assert [retry_after(sandbox) for _ in range(2)] == [None, 10]
    sandbox.advance(60_000)
    assert [retry_after(sandbox) for _ in range(3)] == [None, None, 10]


def test_a_window_opens_all_at_once(sandbox: SandboxClient) -> None:
    """A window begins with the first request that it counts, at any time of day."""
    limit(sandbox, WINDOW)
    sandbox.advance(5_000)
    assert retry_after(sandbox) is None
    sandbox.advance(15_000)
    assert [retry_after(sandbox) for _ in range(2)] == [None, 5]
    sandbox.advance(5_000)
    assert [retry_after(sandbox) for _ in range(3)] == [None, None, 20]


@pytest.mark.parametrize("kind", ["token-bucket", "fixed-window"])
def test_a_client_that_waits_for_retry_after_is_let_through(sandbox: SandboxClient, kind: str) -> None:
    """Retry-After is right while the clock stands, and the limit reopens with a move of the clock."""
    limit(sandbox, {"kind": kind, "limit": 3, "window-ms": 10_000})
    for _ in range(3):
        assert retry_after(sandbox) is None
    sandbox.advance(1_234)
    message = retry_after(sandbox)
    assert message is not None
    sandbox.advance(message * 1000)
    assert retry_after(sandbox) is None


def test_a_request_that_is_shut_out_stores_nothing_and_is_in_the_journal(sandbox: SandboxClient) -> None:
    """The limit stands before the commit, and the journal names it."""
    limit(sandbox, {**BUCKET, "name": "two-at-once"})
    for _ in range(3):
        ask(sandbox)
    assert sandbox.stored() == 2
    entry = sandbox.entry()
    assert (entry["status"], entry["fault"], entry["stored"]) == (429, "two-at-once", False)


def test_a_request_counts_for_no_limit_if_one_shuts_it_out(sandbox: SandboxClient) -> None:
    """The limit that opens last decides; the others keep their counts."""
    limit(
        sandbox, {"kind": "fixed-window", "limit": 1, "window-ms": 60_000}, {**WINDOW, "window-ms": 3_600_000}
    )
    assert [retry_after(sandbox) for _ in range(3)] == [None, 60, 60]
    shown = sandbox.mock("GET", "/limits")["limits"]
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
    sandbox: SandboxClient, about: dict[str, str], expected: list[int]
) -> None:
    """Other requests are neither counted nor shut out."""
    limit(sandbox, {"kind": "fixed-window", "limit": 1, "window-ms": 60_000, **about})
    assert [ask(sandbox).status for _ in range(2)] == expected


def test_a_request_that_the_contract_refuses_is_not_counted(sandbox: SandboxClient) -> None:
    """A broken client gets its 400, and leaves the limit as it is."""
    limit(sandbox, BUCKET)
    wrong = sandbox.client.post(BULK, content=LATER, headers={"content-type": "application/vnd.api+json"})
    assert wrong.status_code == 400
    assert sandbox.mock("GET", "/limits")["limits"][0]["remaining"] == 2


def test_limits_show_their_remainder_and_when_they_open(sandbox: SandboxClient) -> None:
    """Looking changes nothing, and begins no window."""
    limit(sandbox, BUCKET, {**WINDOW, "limit": 1})
    sandbox.mock("POST", "/clock/freeze", {})
    now = sandbox.mock("GET", "/clock")["now"]
    shown = sandbox.mock("GET", "/limits")["limits"]
    assert [(each["remaining"], each["opens-at"]) for each in shown] == [(2, now), (1, now)]
    ask(sandbox)
    shown = sandbox.mock("GET", "/limits")["limits"]
    assert [(each["remaining"], each["opens-at"] == now) for each in shown] == [(1, True), (0, False)]
    assert shown[1]["limit"] == {**WINDOW, "limit": 1}


def test_limits_are_replaced_and_taken_away(sandbox: SandboxClient) -> None:
    """Setting them begins anew, and without any every request is let through."""
    limit(sandbox, {**WINDOW, "limit": 1})
    assert [retry_after(sandbox) for _ in range(2)] == [None, 20]
    limit(sandbox, {**WINDOW, "limit": 1})
    assert retry_after(sandbox) is None
    assert sandbox.client.delete("/_mock/limits").status_code == 204
    assert (retry_after(sandbox), sandbox.mock("GET", "/limits")) == (None, {"limits": []})


def test_a_limit_that_is_hit_is_an_event(sandbox: SandboxClient) -> None:
    """The stream of events names the limit."""
    limit(sandbox, {**WINDOW, "limit": 1, "name": "once"})
    with sandbox.client.stream("GET", "/_mock/events") as events:
        lines = events.iter_lines()
        assert next(lines) == ": watching"
        for _ in range(2):
            ask(sandbox)
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
    sandbox: SandboxClient, wrong: dict[str, Any], pointer: str
) -> None:
    """Nothing is set then."""
    refused = sandbox.client.put("/_mock/limits", json={"limits": [wrong]})
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["source"] == {"pointer": pointer}
    assert sandbox.mock("GET", "/limits") == {"limits": []}


def test_limits_are_part_of_a_snapshot(sandbox: SandboxClient) -> None:
    """A restored sandbox has as much left as the first one had."""
    limit(sandbox, WINDOW)
    ask(sandbox)
    sandbox.mock("PUT", f"/sandboxes/{sandbox.key.decode()}/snapshot")
    assert [retry_after(sandbox) for _ in range(2)] == [None, 20]
    sandbox.mock("POST", f"/sandboxes/{sandbox.key.decode()}/restore")
    assert [retry_after(sandbox) for _ in range(2)] == [None, 20]


@pytest.mark.parametrize("kind", ["token-bucket", "fixed-window"])
def test_a_limit_opens_at_the_very_millisecond_that_it_announces(sandbox: SandboxClient, kind: str) -> None:
    """A third of ten seconds is rounded up: at `opens-at` a request is let through, and none is before."""
    limit(sandbox, {"kind": kind, "limit": 3, "window-ms": 10_000})
    for _ in range(3):
        assert retry_after(sandbox) is None
    opens_at = sandbox.mock("GET", "/limits")["limits"][0]["opens-at"]
    sandbox.advance(3_333 if kind == "token-bucket" else 9_999)
    assert retry_after(sandbox) == 1
    sandbox.advance(1)
    assert sandbox.mock("GET", "/clock")["now"] == opens_at
    assert retry_after(sandbox) is None
