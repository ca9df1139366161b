"""Long work leaves the event loop to others again and again."""

import asyncio
import json
from collections.abc import Awaitable
from itertools import count
from typing import Any

import httpx
import pytest

from eqkit.sandbox.journal.entries import JournalEntry
from eqkit.timing.slices import Slices, at_once
from eqkit.web.app import Application
from eqkit.web.messages.json_bodies import LONG
from eqkit.web.turns import in_turns, turn
from tests.clients import BULK, MESSAGES, Client, errors
from tests.conftest import START_MS
from tests.control import Control


def steps(many: int) -> Slices[str]:
    """Work of that many steps, each of which takes no time."""
    for _ in range(many):
        yield
    return "done"


async def turns_during(work: Awaitable[object]) -> int:
    """Return how many turns of the event loop went by until some work was done."""
    task = asyncio.ensure_future(work)
    for turns in count():
        if task.done():
            await task
            return turns
        await asyncio.sleep(0)
    raise AssertionError


def test_short_work_is_done_at_once() -> None:
    """It takes no turn of the event loop, which every request would pay for."""

    async def short() -> int:
        return await turns_during(in_turns(steps(3)))

    assert asyncio.run(short()) == 1


def test_long_work_gives_way_to_others() -> None:
    """The event loop turns while it goes on, and the result is the same as at once."""

    async def long() -> None:
        assert await turns_during(in_turns(steps(1_000_000))) > 5
        assert await in_turns(steps(10)) == "done"

    asyncio.run(long())


def test_many_with_much_to_do_take_turns() -> None:
    """One slice of one of them in each turn of the event loop, first come first served."""

    async def many() -> list[str]:
        order: list[str] = []

        def work(name: str) -> Slices[None]:
            for number in range(600_000):
                if not number % 100_000:
                    order.append(name)
                yield

        await asyncio.gather(*(in_turns(work(name)) for name in "abc"))
        return order

    order = asyncio.run(many())
    assert order[0] == "a"
    # None of them has to wait until another one is done.
    assert max(map(order.index, "abc")) < min(len(order) - 1 - order[::-1].index(name) for name in "abc")


def test_each_event_loop_has_turns_of_its_own() -> None:
    """A loop that ended in the middle of one leaves nobody waiting in the next."""

    async def ended() -> None:
        await turn().acquire()

    asyncio.run(ended())
    assert asyncio.run(in_turns(steps(3))) == "done"


LONG_LOOKS = [
    ("GET", "/pending?queue=sparse"),
    ("GET", "/deliveries?queue=sparse"),
    ("GET", "/events?follow=false"),
    ("DELETE", "/queues/many/pending"),
]


@pytest.mark.parametrize(("method", "path"), LONG_LOOKS)
def test_no_look_at_a_large_sandbox_holds_others_up(
    application: Application, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    """Other tasks get turn after turn of the event loop meanwhile."""
    monkeypatch.setattr("eqkit.web.turns.SLICE_S", 0.0005)
    control = Control(application)
    sandbox = control.sandbox
    for due in (None, 4_102_444_800_000):
        for _ in range(40):
            sandbox.state.enqueue_all("many", [("x", due)] * 1_000)
    for due in (None, 4_102_444_800_001):
        sandbox.state.enqueue("sparse", "x", due)

    async def look() -> int:
        await sandbox.clock.advance(sandbox.clock.now())
        return await turns_during(control.send(method, path))

    async def small() -> int:
        return await turns_during(control.send(method, path))

    turns = asyncio.run(look())
    control.request("DELETE", "/sandboxes/test_key")
    assert turns > asyncio.run(small()) + 3


NEVER = {"expectations": [{"request": {"body": [{"pointer": "/data", "value": 1}]}, "at-least": 1}] * 5}
LONG_READINGS: list[tuple[str, str, Any]] = [
    ("GET", "/journal?limit=1000", None),
    ("GET", "/journal/summary", None),
    ("GET", "/journal/har", None),
    ("POST", "/journal/count", NEVER["expectations"][0]["request"]),
    ("POST", "/journal/verify", NEVER),
]


@pytest.mark.parametrize(("method", "path", "body"), LONG_READINGS)
def test_no_look_at_a_long_journal_holds_others_up(
    application: Application, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: Any
) -> None:
    """Reading, validating and comparing any number of entries gives turns to others."""
    monkeypatch.setattr("eqkit.web.turns.SLICE_S", 0.0005)
    control = Control(application)
    request = b'{"data": {"type": "message", "attributes": {"body": "x", "wait-until": 5}}}'
    for _ in range(3_000):
        entry = JournalEntry(
            START_MS, "POST", "/", "enqueueMessage", 202, ids=(72_301_093_732,), wait_until_at_ms=(None,)
        )
        control.sandbox.journal.record(entry._replace(request=request))
    more = {} if body is None else {"json": body}
    assert asyncio.run(turns_during(control.send(method, path, **more))) > 10


def test_a_verification_takes_turns_for_each_of_its_expectations(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five expectations compare each entry five times, and hold nobody up for longer than one does."""
    monkeypatch.setattr("eqkit.web.turns.SLICE_S", 0.0005)
    control = Control(application)
    request = b'{"data": {"type": "message", "attributes": {"body": "x"}}}'
    for _ in range(2_000):
        entry = JournalEntry(START_MS, "POST", "/", "enqueueMessage", 202, ids=(72_301_093_732,))
        control.sandbox.journal.record(entry._replace(request=request))
    counting, verifying = (
        asyncio.run(turns_during(control.send("POST", f"/journal/{path}", json=body)))
        for path, body in (("count", NEVER["expectations"][0]["request"]), ("verify", NEVER))
    )
    assert verifying > 2 * counting


def test_a_journal_that_is_cleared_while_it_is_read_is_read_to_its_end(application: Application) -> None:
    """The entries from the beginning of the reading are read to the end, and nobody waits for more."""
    control = Control(application)
    for _ in range(300):
        control.sandbox.journal.record(JournalEntry(START_MS, "GET", "/", None, 404))
    watch = control.sandbox.linter.following(control.sandbox.journal)
    next(watch)
    control.sandbox.journal.clear()
    assert at_once(watch) == {}


JUNK = [
    b'{"data":{"type":"message","attributes":{"body":"x","a":[%b]}}}' % b",".join([b"1e999"] * 600_000),
    b"[" * 600_000,
    b"[%b]" % b",".join([b"[]"] * 300_000),
    b"{%b}" % b",".join(b'"%d":1' % number for number in range(510_000)),
    b'"\\' + b'\\"' * 300_000 + b"[" * 500_001,
]


@pytest.mark.parametrize("content", JUNK, ids=["numbers", "depth", "lists", "names", "quotes"])
def test_a_document_of_too_many_values_is_not_read(application: Application, content: bytes) -> None:
    """Reading it would hold everybody up; to count takes turns, and ends with the first too many."""
    client = Client(application)

    async def send() -> int:
        response = await client.send("POST", MESSAGES, content=content)
        if content.startswith(b'"'):
            # All of it is one string that never ends.
            assert response.status_code == 400
        else:
            assert errors(response) == [("413", "request-too-large", "")]
        return 0

    asyncio.run(send())


@pytest.mark.parametrize("body", [",[{" * 200_000, '"' * 300_000, "\\" * 100_000 + ","])
def test_a_text_within_a_string_is_no_value(application: Application, body: str) -> None:
    """A message may carry a document, or a table, as its text."""
    assert Client(application).enqueue(body).status_code == 202


def test_the_faults_of_a_long_body_are_found_beside_the_event_loop(application: Application) -> None:
    """All of its faults, as with a short one; and others are answered meanwhile."""
    client = Client(application)
    wrong = [{"type": "message", "id": "1", "attributes": {"body": 5, "filler": "x" * 100}}] * 1_000

    async def send(data: Any) -> tuple[httpx.Response, int]:
        asking = asyncio.ensure_future(client.send("POST", BULK, json={"data": data}))
        return await asking, await turns_during(client.send("POST", BULK, json={"data": data}))

    few, _ = asyncio.run(send(wrong[:17]))
    many, turns = asyncio.run(send(wrong))
    assert [each[1:] for each in errors(many)][:40] == [each[1:] for each in errors(few)][:40]
    assert len(errors(many)) == 50
    assert turns > 20
    short = [{"type": "task", "attributes": {"body": 5, "wait-until": -1}}] * 1_000
    assert len(json.dumps({"data": short}, separators=(",", ":"))) < LONG
    packed, turns = asyncio.run(send(short))
    assert len(errors(packed)) == 50
    assert turns > 20
    twice = b'{"data": {"type": "message", "filler": "%b", "attributes": {"body": "a", "body": "b"}}}'
    answer = client.post(MESSAGES, content=twice % (b"x" * LONG))
    assert errors(answer) == [("400", "duplicate-key", "/data/attributes/body")]


def test_a_long_body_that_needs_a_second_look_gets_it_beside_the_event_loop(application: Application) -> None:
    """A number that is too large makes JSON of any length doubtful, which is then read in steps of Python."""
    numbers = b",".join([b"1e999"] * 100_000)
    content = b'{"data": {"type": "message", "attributes": {"body": "x", "a": [%b]}}}' % numbers
    client = Client(application)
    assert asyncio.run(turns_during(client.send("POST", MESSAGES, content=content))) > 20
