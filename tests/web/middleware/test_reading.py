"""Reading a message back: its content, its state, and the links that lead to it."""

import asyncio

import httpx
import pytest

from eqkit.elasticqueue.service import elasticqueue
from eqkit.timing.clock import ManualClock
from tests.clients import BULK, JSON_API, KEY, MESSAGES, Client, errors, message
from tests.conftest import START_MS

FIRST = 72301093732
PATH = f"/v1/queues/a-queue/messages/{FIRST}"


def test_a_message_is_delayed_then_delivered_each_with_its_times(client: Client, clock: ManualClock) -> None:
    """Ruling H1: attributes hold the message as it was sent, and `meta` its state."""
    client.enqueue("hello", START_MS + 1500)
    clock.advance(1499)
    delayed = client.get(PATH)
    assert delayed.status_code == 200
    assert delayed.headers["content-type"] == JSON_API
    meta = {
        "state": "delayed",
        "accepted-at": "2016-03-27T00:00:00.000Z",
        "due-at": "2016-03-27T00:00:01.500Z",
        "wait-until-at": "2016-03-27T00:00:01.500Z",
    }
    resource = {
        "type": "message",
        "id": str(FIRST),
        "attributes": {"body": "hello", "wait-until": START_MS + 1500},
        "links": {"self": f"http://mock.test{PATH}"},
    }
    assert delayed.json() == {"jsonapi": {"version": "1.1"}, "data": {**resource, "meta": meta}}
    clock.advance(1)
    meta |= {"state": "delivered", "delivered-at": "2016-03-27T00:00:01.500Z"}
    assert client.get(PATH).json()["data"] == {**resource, "meta": meta}


def test_a_message_is_due_until_it_is_handed_over(client: Client, clock: ManualClock) -> None:
    """Ruling H1: due is the state between its time and its delivery, which has a time of its own."""
    client.enqueue("now")
    due = client.get(PATH).json()["data"]
    assert due["meta"] == {
        "state": "due",
        "accepted-at": "2016-03-27T00:00:00.000Z",
        "due-at": "2016-03-27T00:00:00.000Z",
    }
    assert due["attributes"] == {"body": "now"}
    clock.advance(7)
    meta = client.get(PATH).json()["data"]["meta"]
    assert (meta["state"], meta["delivered-at"]) == ("delivered", "2016-03-27T00:00:00.000Z")


def test_head_says_the_same_without_a_body(client: Client) -> None:
    """Rulings H1, H9: status and headers of HEAD are those of GET, its length included."""
    client.enqueue()
    for path in (PATH, f"{PATH}0", PATH.replace("/v1/", "/v1/api/")):
        got, head = client.get(path), client.request("HEAD", path)
        assert head.status_code == got.status_code
        assert head.content == b""
        assert int(head.headers["content-length"]) > 0
        if got.status_code == 200:
            assert head.headers == got.headers


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/queues/a-queue/messages/{FIRST + 1}",
        f"/v1/queues/another-queue/messages/{FIRST}",
        f"/v1/queues/a-queue/messages/0{FIRST}",
        f"/v1/queues/a-queue/messages/{FIRST}.0",
        "/v1/queues/a-queue/messages/-1",
        "/v1/queues/a-queue/messages/0",
        "/v1/queues/a-queue/messages/hello",
        "/v1/queues/a-queue/messages/%D9%A7",
        "/v1/queues/a-queue/messages/%00",
        "/v1/queues/a-queue/messages/" + "9" * 19,
        "/v1/queues/a-queue/messages/" + "9" * 100,
    ],
)
def test_an_id_that_the_queue_does_not_know_is_a_404(client: Client, path: str) -> None:
    """Ruling H1: another id, another queue's message, and a text that is no id are all unknown."""
    client.enqueue()
    assert errors(client.get(path)) == [("404", "message-not-found", "id")]


def test_reading_makes_no_queue(client: Client) -> None:
    """Ruling H13: a queue is made by the first message it accepts, and not by asking for one."""
    client.get("/v1/queues/never/messages/1")
    assert list(client.sandbox.state.queue.queues) == []


def test_every_self_link_can_be_fetched(client: Client) -> None:
    """Ruling D3: the link of each answer leads to the message, as JSON:API demands."""
    links = [client.enqueue("single").json()["data"]["links"]["self"]]
    bulk = client.post(BULK, json={"data": [message("first"), message("second")]}).json()["data"]
    links += [each["links"]["self"] for each in bulk]
    read = [client.get(link).json()["data"] for link in links]
    assert [each["attributes"]["body"] for each in read] == ["single", "first", "second"]
    assert [each["links"]["self"] for each in read] == links


def test_the_docs_spelling_of_the_link_is_answered_on_reading_only(client: Client) -> None:
    """Ruling D3: /v1/api/… is read with the canonical self link, and nothing is enqueued there."""
    client.enqueue("hello")
    alias = PATH.replace("/v1/", "/v1/api/")
    read = client.get(alias).json()["data"]
    assert read["attributes"]["body"] == "hello"
    assert read["links"]["self"] == f"http://mock.test{PATH}"
    for path in ("/v1/api/queues/a-queue/messages", "/v1/api/queues/a-queue/messages/_bulk"):
        for method in ("GET", "POST", "OPTIONS"):
            response = client.request(method, path, content=b"{}" if method == "POST" else None)
            assert errors(response) == [("404", "path-not-found", None)]
    assert errors(client.post(alias, json={})) == [("405", "method-not-allowed", None)]


def test_the_docs_spelling_of_the_link_is_not_advertised(client: Client) -> None:
    """Ruling D3: neither the contract nor the front page names /v1/api as a path."""
    paths = client.get("/openapi.json").json()["paths"]
    assert paths
    assert not [path for path in paths if path.startswith("/v1/api")]
    assert "/v1/api" not in client.get("/").text


def test_a_message_for_now_is_delivered_before_the_next_request_looks() -> None:
    """Ruling T1: however quick a client is, it does not overtake the delivery."""
    application = elasticqueue()

    async def states() -> list[str]:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock.test") as client:
            headers = {"authorization": KEY, "content-type": JSON_API}
            found = []
            for number in range(3):
                await client.post(MESSAGES, headers=headers, json={"data": message()})
                # Nothing has given the event loop a turn.
                got = await client.get(f"{MESSAGES}/{FIRST + number}", headers=headers)
                found.append(got.json()["data"]["meta"]["state"])
        return found

    assert asyncio.run(states()) == ["delivered"] * 3
