"""Faults on requests, armed at the control plane: the turn of each, its effect, and the stored messages."""

import asyncio
from typing import Any

import httpx
import pytest

from eqkit.web.app import Application
from tests.clients import BULK, MESSAGES, Client, errors, message
from tests.control import Control
from tests.mocks.faults.arming import LOST, UNAVAILABLE, arm, statuses

FAR_S = 4_102_444_800
"""2100-01-01, after everything that these tests wait for."""


def pending(control: Control) -> list[str]:
    """The bodies of the pending messages."""
    return [each["body"] for each in control.get("/pending").json()["messages"]]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, [503, 503, 503, 503, 503, 503]),
        ({"nth": 2}, [202, 503, 202, 202, 202, 202]),
        ({"every": 3}, [202, 202, 503, 202, 202, 503]),
        ({"every": 2, "count": 2}, [202, 503, 202, 503, 202, 202]),
        ({"count": 3}, [503, 503, 503, 202, 202, 202]),
        ({"probability": 0}, [202, 202, 202, 202, 202, 202]),
        ({"probability": 1}, [503, 503, 503, 503, 503, 503]),
        ({"operation": "getMessage"}, [202, 202, 202, 202, 202, 202]),
        ({"queue": "a-queue", "nth": 1}, [503, 202, 202, 202, 202, 202]),
        ({"queue": "another"}, [202, 202, 202, 202, 202, 202]),
    ],
)
def test_a_rule_fires_on_its_turns_alone(
    client: Client, control: Control, rule: dict[str, Any], expected: list[int]
) -> None:
    """All members of a rule have to agree; the n-th and every k-th are counted from when it was armed."""
    arm(control, UNAVAILABLE, **rule)
    assert statuses(client, 6) == expected


def test_the_draws_of_a_probability_depend_on_the_seed_alone(application: Application) -> None:
    """The same seed gives the same failures, another seed others."""
    drawn = []
    for seed in (7, 7, 8):
        control = Control(application)
        control.get("/clock")
        control.post("/sandboxes/test_key/reset", json={"seed": seed})
        arm(control, UNAVAILABLE, probability=0.5)
        drawn.append(statuses(Client(application), 20))
    assert set(drawn[0]) == {202, 503}
    assert drawn[0] == drawn[1] != drawn[2]


def test_an_outage_ends_with_its_duration_and_says_when(client: Client, control: Control) -> None:
    """Retry-After counts down by the sandbox's clock, and a client that waits that long is served."""
    control.freeze()
    arm(control, UNAVAILABLE, duration_ms=60_000)
    refused = client.enqueue()
    assert (errors(refused), refused.headers["retry-after"]) == ([("503", "unavailable", None)], "60")
    control.advance(by_ms=45_500)
    assert client.enqueue().headers["retry-after"] == "15"
    control.advance(by_ms=14_500)
    assert client.enqueue().status_code == 202


@pytest.mark.parametrize(
    ("duration_ms", "message"),
    [
        (86_400_000, "86400"),
        (86_401_000, "86401"),
        (31_536_000_000, "31536000"),
    ],
)
def test_an_outage_of_more_than_a_day_says_when_it_is_over(
    client: Client, control: Control, duration_ms: int, message: str
) -> None:
    """Retry-After is as long as the outage."""
    control.freeze()
    arm(control, UNAVAILABLE, duration_ms=duration_ms)
    assert client.enqueue().headers["retry-after"] == message


def test_retry_after_is_at_most_the_greatest_of_the_contract(client: Client, control: Control) -> None:
    """By a clock that takes a hundred seconds for one, a year of outage is a century for the client."""
    control.freeze()
    assert control.post("/clock/resume", json={"rate": 0.01}).status_code == 200
    arm(control, UNAVAILABLE, duration_ms=31_536_000_000)
    assert client.enqueue().headers["retry-after"] == "2147483647"


def test_a_status_comes_with_its_documented_body_and_the_retry_after_asked_for(
    client: Client, control: Control
) -> None:
    """A fault sends the contract's example for the status, and nothing else."""
    arm(control, {"answer": {"status": 429, "retry-after": 7}})
    refused = client.enqueue()
    assert errors(refused) == [("429", "rate-limited", None)]
    assert refused.headers["retry-after"] == "7"
    assert client.journal[-1].error_codes == ("rate-limited",)


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["hello"])])
def test_a_refusal_comes_before_the_message_is_stored_or_after_it(
    client: Client, control: Control, when: str, stored: list[str]
) -> None:
    """Relative to the commit: the journal and the queue show whether the message is there."""
    control.freeze()
    control.post("/queues/a-queue/pause")
    arm(control, UNAVAILABLE, when=when, name="outage")
    assert client.enqueue().status_code == 503
    assert pending(control) == stored
    entry = client.journal[-1]
    assert (len(entry.ids), entry.fault, entry.outcome, entry.status) == (len(stored), "outage", "sent", 503)


@pytest.mark.parametrize(("when", "stored"), [("before", []), ("after", ["hello"])])
def test_a_lost_answer_is_an_error_to_an_in_process_client(
    client: Client, control: Control, when: str, stored: list[str]
) -> None:
    """Without a socket the connection ends as an exception; the journal knows the stored message even so."""
    control.post("/queues/a-queue/pause")
    arm(control, LOST, when=when)
    with pytest.raises(ConnectionResetError, match="a fault ended the connection: close"):
        client.enqueue()
    assert pending(control) == stored
    entry = client.journal[-1]
    assert (len(entry.ids), entry.fault, entry.outcome) == (len(stored), "fault-1", "lost")
    assert entry.status == (202 if stored else 0)


def test_a_lost_answer_is_replayed_to_a_client_that_sends_its_key_again(
    client: Client, control: Control
) -> None:
    """With Idempotency-Key nothing is stored twice (ruling H14), and the replay stores nothing."""
    control.post("/queues/a-queue/pause")
    arm(control, LOST, when="after", nth=1)
    key = {"idempotency-key": "once"}
    with pytest.raises(ConnectionResetError):
        client.enqueue(headers=key)
    assert client.enqueue(headers=key).status_code == 202
    assert pending(control) == ["hello"]
    assert [len(entry.ids) for entry in client.journal] == [1, 0]


def test_a_refusal_before_the_commit_leaves_the_idempotency_key_unused(
    client: Client, control: Control
) -> None:
    """The retry is carried out: a fault before the commit is no answer to keep."""
    arm(control, UNAVAILABLE, nth=1)
    key = {"idempotency-key": "once"}
    assert [client.enqueue(headers=key).status_code for _ in range(2)] == [503, 202]
    assert [len(entry.ids) for entry in client.journal] == [0, 1]


def test_an_invalid_request_is_refused_under_faults_and_counts_for_none(
    client: Client, control: Control
) -> None:
    """A broken client does not get its 503: a request that the contract refuses never comes to a fault."""
    arm(control, UNAVAILABLE, nth=1)
    assert client.post(MESSAGES, json={"data": {}}).status_code == 400
    assert client.post(MESSAGES, json={"data": message()}, headers={"accept": "text/html"}).status_code == 406
    assert statuses(client, 2) == [503, 202]


def test_a_bulk_is_stored_whole_when_its_answer_is_lost(client: Client, control: Control) -> None:
    """All or nothing holds under faults too (ruling B13)."""
    arm(control, LOST, when="after", operation="bulkEnqueueMessages")
    with pytest.raises(ConnectionResetError):
        client.post(BULK, json={"data": [message("a"), message("b")]})
    assert len(client.journal[-1].ids) == 2


@pytest.mark.parametrize(
    ("latency", "min_ms", "max_ms"),
    [
        ({"kind": "fixed", "ms": 500}, 500, 500),
        ({"kind": "uniform", "ms": 100, "max-ms": 300}, 100, 300),
        ({"kind": "lognormal", "ms": 200, "sigma": 0.5}, 20, 2000),
    ],
)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_latency_waits_by_the_sandboxs_clock_before_the_commit_or_after_it(
    application: Application, latency: dict[str, Any], min_ms: int, max_ms: int, when: str
) -> None:
    """A frozen clock holds the request until it moves; `when` decides whether it is stored meanwhile."""
    control, client = Control(application), Client(application)
    control.freeze()
    arm(control, {"latency": latency}, when=when)
    began_ms = client.sandbox.clock.now()

    async def slow() -> tuple[httpx.Response, int]:
        later = message(wait_until=FAR_S)
        request = asyncio.create_task(client.send("POST", MESSAGES, json={"data": later}))
        while (client.sandbox.clock.next_alarm_ms() or FAR_S * 1000) == FAR_S * 1000:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert not request.done()
        assert len(client.sandbox.state.queue) == (when == "after")
        await control.send("POST", "/clock/advance", json={"next": True})
        return await request, client.sandbox.clock.now() - began_ms

    answer, took_ms = asyncio.run(slow())
    assert answer.status_code == 202
    assert min_ms <= took_ms <= max_ms
    assert len(client.sandbox.state.queue) == 1


def test_a_fault_is_an_event(client: Client, control: Control) -> None:
    """The stream of events shows which rule fired, on which request."""
    arm(control, UNAVAILABLE, name="outage")
    client.enqueue()
    (event,) = client.sandbox.events.since(0, 10)
    assert (event.kind, event.data) == (
        "fault.fired",
        {"fault": "outage", "do": "answer", "operation": "enqueueMessage", "queue": "a-queue"},
    )
