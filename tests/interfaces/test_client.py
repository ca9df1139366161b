"""The clients of the control plane: every operation, over a socket and in this process, waiting and not."""

import asyncio
import inspect
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from eqkit.client import (
    AsyncClient,
    Client,
    ConnectError,
    FaultRule,
    LimitRule,
    Requests,
    StatusError,
    VerificationError,
)
from tests.clients import JSON_API, message
from tests.processes import ServerProcess

START = datetime(2016, 3, 27, 23, 30, tzinfo=UTC)
DUE = datetime(2016, 3, 27, 23, 36, 38, 238_000, tzinfo=UTC)
DUE_MS = 1_459_121_798_238

Ask = Callable[..., Any]


def asker(client: Client | AsyncClient) -> Ask:
    """Return a function that calls a method of a client by its dotted name, and returns its result."""

    def ask(name: str, *values: Any, **named: Any) -> Any:
        answer = operator.attrgetter(name)(client)(*values, **named)
        return asyncio.run(answer) if inspect.iscoroutine(answer) else answer

    return ask


@pytest.fixture
def key() -> str:
    """A key with a sandbox of its own."""
    return f"test_{uuid4().hex}"


@pytest.fixture
def enqueue(live: ServerProcess, key: str) -> Callable[[int | None], str]:
    """Enqueue a message with the key on the live server, and return its id."""

    def enqueue(wait_until: int | None = None) -> str:
        return put(live.url, key, wait_until)

    return enqueue


def put(url: str, key: str, wait_until: int | None = None) -> str:
    """Enqueue a message and return its id."""
    response = httpx.post(
        f"{url}/v1/queues/a-queue/messages",
        json={"data": message("hello", wait_until)},
        headers={"authorization": key, "content-type": JSON_API},
    )
    return str(response.raise_for_status().json()["data"]["id"])


@pytest.fixture(params=[Client, AsyncClient])
def ask(request: pytest.FixtureRequest, live: ServerProcess, key: str) -> Ask:
    """A client of the live server, of either kind."""
    return asker(request.param(live.url, key))


def test_the_clock_is_read_and_moved(ask: Ask, enqueue: Callable[[int | None], str]) -> None:
    """Freeze, advance by, to and to the next, resume: each answers with the clock and the events."""
    assert ask("clock.freeze", START).clock.now == START
    first = enqueue(DUE_MS)
    assert ask("clock.get").next_due == DUE
    moved = ask("clock.advance_to_next")
    assert (moved.clock.now, moved.total) == (DUE, 1)
    assert [(event.kind, event.data["id"]) for event in moved.happened] == [("message.delivered", first)]
    assert ask("clock.advance", timedelta(minutes=1)).clock.now == DUE + timedelta(minutes=1)
    assert ask("clock.advance", "1h30m").clock.now == DUE + timedelta(minutes=91)
    assert ask("clock.advance_to", "2016-03-28T12:00:00Z").clock.now == datetime(2016, 3, 28, 12, tzinfo=UTC)
    assert ask("clock.auto_advance").auto_advance
    assert not ask("clock.auto_advance", enabled=False).auto_advance
    running = ask("clock.resume", 60)
    assert (running.frozen, running.rate) == (False, 60)


def test_pending_messages_are_looked_at_run_and_cancelled(
    ask: Ask, enqueue: Callable[[int | None], str]
) -> None:
    """A message that waits can be seen, delivered at once, or forgotten."""
    ask("clock.freeze", START)
    first, second = enqueue(DUE_MS), enqueue(DUE_MS)
    pending = ask("pending.list", "a-queue")
    assert [each.id for each in pending.messages] == [first, second]
    assert (pending.messages[0].wait_until, pending.messages[0].wait_until_at) == (DUE_MS, DUE)
    assert ask("pending.run", first).lateness_ms == -398_238
    assert ask("pending.cancel", second) is None
    assert ask("pending.list").total == 0
    assert [each.id for each in ask("deliveries.list").deliveries] == [first]
    assert ask("deliveries.list", "another-queue").deliveries == ()


def test_deliveries_are_waited_for(ask: Ask, enqueue: Callable[[int | None], str]) -> None:
    """It answers as soon as enough is there, and with fewer once the time is over."""
    identifier = enqueue(None)
    assert [each.id for each in ask("deliveries.wait").deliveries] == [identifier]
    assert len(ask("deliveries.wait", 2, within="1ms").deliveries) == 1


def test_queues_are_paused_resumed_and_emptied(ask: Ask, enqueue: Callable[[int | None], str]) -> None:
    """A queue can hold its deliveries back, and lose its messages."""
    assert ask("queues.pause", "a-queue").paused
    enqueue(None)
    (queue,) = ask("queues.list")
    assert (queue.name, queue.pending, queue.paused) == ("a-queue", 1, True)
    assert ask("queues.purge", "a-queue") == 1
    assert not ask("queues.resume", "a-queue").paused


def test_sandboxes_are_copied_reset_and_deleted(
    ask: Ask, key: str, enqueue: Callable[[int | None], str]
) -> None:
    """A sandbox is saved, emptied, restored and copied; without a name it is the client's own."""
    ask("clock.freeze", START)
    enqueue(DUE_MS)
    assert ask("sandboxes.save").pending == 1
    assert ask("sandboxes.reset", seed=7).pending == 0
    assert ask("sandboxes.restore").pending == 1
    assert ask("sandboxes.fork", f"{key}_copy").name == f"{key}_copy"
    assert ask("sandboxes.get", f"{key}_copy").clock.now == START
    assert {key, f"{key}_copy"} <= {each.name for each in ask("sandboxes.list", limit=1000)}
    assert ask("sandboxes.delete", f"{key}_copy") is None
    with pytest.raises(StatusError, match="sandbox-not-found"):
        ask("sandboxes.get", f"{key}_copy")


def test_the_journal_is_read_counted_and_verified(ask: Ask, enqueue: Callable[[int | None], str]) -> None:
    """Requests can be listed, counted by their content, and compared with expectations."""
    ask("clock.freeze", START)
    identifier = enqueue(DUE_MS)
    (entry,) = ask("journal.list", Requests(operation="enqueueMessage", since=START)).entries
    assert (entry.status, entry.stored, entry.outcome, entry.at) == (202, True, "sent", START)
    assert [(each.id, each.due_at, each.wait_until_at) for each in entry.messages] == [(identifier, DUE, DUE)]
    assert entry.request.document["data"]["attributes"]["body"] == "hello"
    greeting = Requests(body={"/data/attributes/body": re.compile("^hel")})
    assert ask("journal.count", greeting) == 1
    assert ask("journal.count", Requests(body={"/data/attributes/body": "hel"})) == 0
    expected = [greeting.exactly(1), greeting.at_least(1), greeting.at_most(1), Requests(status=503).never()]
    assert ask("journal.verify", *expected, within="1s")
    verified = ask("journal.check", greeting.exactly(2), in_order=True)
    assert not verified
    assert [(miss.rule, miss.matched) for miss in verified.misses] == [("count", (1,))]
    with pytest.raises(VerificationError, match="Expected exactly 2, and found 1") as failed:
        ask("journal.verify", greeting.exactly(2), in_order=True)
    assert failed.value.verified == verified
    assert (ask("journal.summary").requests, ask("journal.summary").stored) == (1, 1)
    assert len(ask("journal.har")["log"]["entries"]) == 1
    assert ask("journal.clear") is None
    assert ask("journal.list").entries == ()


def test_a_verification_that_nobody_asserts_fails_and_shows_near_requests(
    ask: Ask, enqueue: Callable[[int | None], str]
) -> None:
    """A test that forgets ``assert`` is not green for nothing, and its report reads like pytest's."""
    enqueue(None)
    wanted = Requests(operation="enqueueMessage", body={"/data/attributes/body": "hallo", "/data/id": 7})
    with pytest.raises(AssertionError) as failed:
        ask("journal.verify", Requests().exactly(1), wanted.at_least(1))
    assert str(failed.value).splitlines() == [
        "the journal is not as expected",
        "  expectation 2: Expected at-least 1, and found 0.",
        "    request 1 comes near:",
        "      at /request/document/data/attributes/body",
        "        - 'hallo'",
        "        + 'hello'",
        "      at /request/document/data/id",
        "        - 7",
        "        + nothing",
    ]


def test_a_list_heeds_each_filter_or_refuses_it(ask: Ask, enqueue: Callable[[int | None], str]) -> None:
    """`list` takes the filters of `count`, and refuses those that a query cannot express."""
    enqueue(None)
    for requests in (Requests(stored=False), Requests(outcome="lost"), Requests(fault="flaky")):
        assert ask("journal.list", requests).entries == ()
    assert len(ask("journal.list", Requests(stored=True, outcome="sent")).entries) == 1
    with pytest.raises(ValueError, match="count and verify look there"):
        ask("journal.list", Requests(body={"/data/attributes/body": "hello"}))


def test_an_answer_is_lost_and_the_journal_shows_it(ask: Ask, live: ServerProcess, key: str) -> None:
    """The client hears nothing, and the message is stored all the same."""
    armed = ask("faults.lose_answers", operation="enqueueMessage")
    with pytest.raises(httpx.RemoteProtocolError):
        put(live.url, key)
    (entry,) = ask("journal.list").entries
    assert (entry.fault, entry.stored, entry.outcome == "sent") == ("answer-lost", True, False)
    (fault,) = ask("faults.list")
    assert (fault.id, fault.fired, fault.live) == (armed.id, 1, False)
    assert put(live.url, key)


def test_faults_are_armed_and_disarmed(ask: Ask) -> None:
    """A rule of the client can state every member of the control plane's, and packs arm several."""
    rules = [
        FaultRule(name="busy", answer=429, retry_after=7, nth=2),
        FaultRule(wire="trickle", pause="5ms", operation="enqueueMessage", when="after"),
        FaultRule(latency="200ms", probability=0.5, duration="1h"),
        FaultRule(latency={"kind": "uniform", "ms": 1, "max-ms": 5}, every=3),
        FaultRule(delivery="delay", delay="30s", queue="a-queue", count=1),
        FaultRule(answer=502, content="<h1>no</h1>", headers={"X-Cache": "MISS"}, body={"/data/type": "x"}),
        FaultRule(answer=503, content={"error": "upstream"}, body={"/data/id": re.compile("^a")}),
        FaultRule(answer=503, content=b"\xff"),
        FaultRule(answer=503, example="unavailable"),
    ]
    armed = [ask("faults.arm", rule) for rule in rules]
    assert [dict(each.rule) for each in armed] == [rule.document() for rule in rules]
    assert armed[2].until is not None
    assert ask("faults.disarm", armed[0].id) is None
    assert [each.id for each in ask("faults.list")] == [each.id for each in armed[1:]]
    assert ask("faults.clear") is None
    names = {pack.name for pack in ask("faults.packs")}
    assert {"flaky-network", "at-least-once"} <= names
    assert ask("faults.arm_pack", "at-least-once")


def test_the_content_of_an_answer_may_be_a_file(tmp_path: Path) -> None:
    """A text is sent as text, anything else as bytes."""
    page, picture = tmp_path / "page.html", tmp_path / "picture"
    page.write_text("<p>ü</p>", encoding="utf-8")
    picture.write_bytes(b"\xff")
    sent = [FaultRule(answer=502, content=file).document()["do"]["answer"] for file in (page, picture)]
    assert sent == [{"status": 502, "body": "<p>ü</p>"}, {"status": 502, "base64": "/w=="}]


def test_limits_are_set_and_taken_away(ask: Ask, live: ServerProcess, key: str) -> None:
    """A limit refuses with 429, and shows how many requests are left."""
    (limit,) = ask("limits.set", LimitRule(limit=1, window="1m", kind="fixed-window"))
    assert limit.remaining == 1
    put(live.url, key)
    with pytest.raises(httpx.HTTPStatusError, match="429"):
        put(live.url, key)
    assert [(each.remaining, each.hit) for each in ask("limits.list")] == [(0, 1)]
    assert ask("limits.clear") is None
    assert put(live.url, key)


def test_webhooks_are_made_and_forgotten(ask: Ask) -> None:
    """A subscription shows its secret, lists do not, and it has a log of attempts."""
    made = ask("webhooks.create", "http://127.0.0.1:9/hook", queue="a-queue", first_retry="5s")
    assert (made.queue, made.first_retry_ms) == ("a-queue", 5_000)
    assert made.secret is not None
    assert made.secret not in repr(made)
    assert [each.id for each in ask("webhooks.list")] == [made.id]
    assert ask("webhooks.get", made.id).secret == made.secret
    assert ask("webhooks.attempts", made.id).total == 0
    assert ask("webhooks.delete", made.id) is None
    assert ask("webhooks.list") == ()


def test_a_refusal_carries_the_error_objects(ask: Ask) -> None:
    """Code, text and place of every fault are there for a program."""
    ask("clock.freeze", DUE)
    with pytest.raises(StatusError, match="clock-backwards: The clock stands at") as caught:
        ask("clock.advance_to", START)
    assert (caught.value.status, caught.value.code) == (409, "clock-backwards")
    assert [each.pointer for each in caught.value.errors] == ["/to"]


def test_any_operation_can_be_asked_for_by_its_path(ask: Ask) -> None:
    """An operation without a method of its own takes a document, and answers with one."""
    assert ask("request", "POST", "/clock/freeze", body={"at": "2016-03-27T23:30:00Z"})["total"] == 0
    assert ask("request", "GET", "/deliveries", query={"limit": 1, "queue": None})["deliveries"] == []


def test_events_are_watched(live: ServerProcess, key: str) -> None:
    """Inside the block nothing is missed, and a number resumes where somebody left off."""
    client = Client(live.url, key)
    client.clock.freeze(START)
    with client.events.watch() as events:
        identifier = put(live.url, key, DUE_MS)
        accepted = next(events)
        client.clock.advance("10m")
        assert (accepted.kind, next(events).at) == ("message.accepted", DUE)
    assert accepted.data["id"] == identifier
    with client.events.watch(after=accepted.number) as events:
        assert next(events).kind == "message.delivered"
    with client.events.watch(follow=False) as events:
        assert [event.kind for event in events] == ["message.accepted", "message.delivered"]


def test_events_are_watched_by_a_coroutine(live: ServerProcess, key: str) -> None:
    """The same, with ``async with`` and ``anext``."""

    async def watch() -> list[str]:
        client = AsyncClient(live.url, key)
        async with client.events.watch() as events:
            await client.queues.pause("a-queue")
            await client.queues.resume("a-queue")
            seen = [(await anext(events)).kind, (await anext(events)).kind]
        async with client.events.watch(follow=False) as events:
            assert [event.kind async for event in events] == seen
        return seen

    assert asyncio.run(watch()) == ["queue.paused", "queue.resumed"]


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_refused_stream_raises_at_once(kind: type[Client] | type[AsyncClient], live: ServerProcess) -> None:
    """A key that is none fails where the block is entered."""
    client = kind(live.url, "no key")

    async def enter() -> None:
        if isinstance(client, AsyncClient):
            async with client.events.watch():
                raise AssertionError("entered")
        with client.events.watch():
            raise AssertionError("entered")

    with pytest.raises(StatusError, match="unauthorized"):
        asyncio.run(enter())


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_an_answer_that_takes_too_long_is_reported_as_such(
    kind: type[Client] | type[AsyncClient], live: ServerProcess, key: str
) -> None:
    """A clock that stands never gets to the end of a wait; `timeout_s` ends it on the wall."""
    ask = asker(kind(live.url, key, timeout_s=0.05))
    Client(live.url, key).clock.freeze()
    with pytest.raises(ConnectError, match=r"(?i)timed? ?out"):
        ask("deliveries.wait")
