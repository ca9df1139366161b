"""Idempotency-Key: a repeated request gets the stored answer, and is not carried out again."""

from collections.abc import Callable
from typing import Any

import pytest

from eqkit.timing.clock import ManualClock
from eqkit.web.app import Application
from tests.clients import BULK, MESSAGES, Client, errors, message

FIRST = "72301093732"
ONCE = {"idempotency-key": "order-1"}
DAY_MS = 24 * 60 * 60 * 1000


@pytest.mark.parametrize(("path", "data"), [(MESSAGES, message()), (BULK, [message("a"), message("b")])])
def test_the_same_request_gets_the_stored_answer(client: Client, path: str, data: Any) -> None:
    """Ruling H14: status, headers and body are the first answer's, and nothing is enqueued again."""
    first = client.post(path, json={"data": data}, headers=ONCE)
    pending = len(client.sandbox.state.queue)
    again = client.post(path, json={"data": data}, headers=ONCE)
    assert (again.status_code, again.content, again.headers) == (202, first.content, first.headers)
    assert len(client.sandbox.state.queue) == pending


def test_the_journal_lists_an_enqueueing_once(client: Client) -> None:
    """Ruling H14: a replay is journaled as a request that enqueued nothing."""
    client.enqueue("a", 30, headers=ONCE)
    client.enqueue("a", 30, headers=ONCE)
    first, again = client.journal
    assert (list(first.ids), len(first.warnings)) == ([int(FIRST)], 1)
    assert (again.status, list(again.ids), again.warnings) == (202, [], ())


def test_a_replay_works_without_content_too(set_up: Callable[..., Application]) -> None:
    """Rulings D1, H14: the stored answer of a 204 server is its 204, with the same Location."""
    client = Client(set_up(enqueue_status=204))
    first, again = client.enqueue(headers=ONCE), client.enqueue(headers=ONCE)
    assert first.status_code == again.status_code == 204
    assert first.headers == again.headers
    assert len(client.sandbox.state.queue) == 1


def test_the_same_document_may_be_spelt_otherwise(client: Client) -> None:
    """Ruling H14: requests are compared by meaning: spaces, order and escapes do not count."""
    one = b'{"data":{"type":"message","attributes":{"body":"A","wait-until":0}}}'
    other = b'{ "data" : {"attributes":{"wait-until":0,"body":"\\u0041"},"type":"message"} }'
    first = client.post(MESSAGES, content=one, headers=ONCE)
    assert client.post(MESSAGES, content=other, headers=ONCE).content == first.content


@pytest.mark.parametrize(
    ("path", "data"),
    [
        (MESSAGES, message("other")),
        (MESSAGES, message("first", 0)),
        ("/v1/queues/another/messages", message("first")),
        (BULK, [message("first")]),
    ],
)
def test_another_request_with_the_key_is_a_409(client: Client, path: str, data: Any) -> None:
    """Ruling H14: another body, queue or operation under a used key is a mistake, and is not carried out."""
    client.enqueue("first", headers=ONCE)
    response = client.post(path, json={"data": data}, headers=ONCE)
    assert errors(response) == [("409", "idempotency-key-reused", "Idempotency-Key")]
    assert len(client.sandbox.state.queue) == 1
    assert client.enqueue("first", headers=ONCE).json()["data"]["id"] == FIRST


def test_an_answer_is_kept_for_24_hours_of_the_sandbox_clock(client: Client, clock: ManualClock) -> None:
    """Ruling H14: a millisecond before the end it is replayed, and at the end the key is free."""
    client.enqueue(headers=ONCE)
    clock.advance(DAY_MS - 1)
    assert client.enqueue(headers=ONCE).json()["data"]["id"] == FIRST
    clock.advance(1)
    assert client.enqueue("something else", headers=ONCE).json()["data"]["id"] == str(int(FIRST) + 1)


def test_a_replay_does_not_prolong_the_life_of_a_stored_response(client: Client, clock: ManualClock) -> None:
    """Ruling H14: the 24 hours count from the first request, for each key its own."""
    client.enqueue(headers=ONCE)
    clock.advance(DAY_MS // 2)
    client.enqueue(headers=ONCE)
    client.enqueue(headers={"idempotency-key": "order-2"})
    clock.advance(DAY_MS // 2)
    assert client.enqueue(headers=ONCE).json()["data"]["id"] == str(int(FIRST) + 2)
    assert client.enqueue(headers={"idempotency-key": "order-2"}).json()["data"]["id"] == str(int(FIRST) + 1)


@pytest.mark.parametrize(
    "refused",
    [
        {"json": {"data": message(1)}},
        {"content": b"{"},
        {"json": {"data": message()}, "headers": {"accept": "text/html"}},
        {"json": {"data": message()}, "headers": {"content-type": "text/plain"}},
    ],
)
def test_a_refused_request_stores_nothing(client: Client, refused: dict[str, Any]) -> None:
    """Ruling H14: a refused request may be mended and sent again under the same key."""
    options = {**refused, "headers": ONCE | refused.get("headers", {})}
    assert client.post(MESSAGES, **options).status_code >= 400
    assert client.enqueue("mended", headers=ONCE).json()["data"]["id"] == FIRST


def test_a_request_that_the_sandbox_refuses_stores_nothing_either(set_up: Callable[..., Application]) -> None:
    """Rulings H13, H14: a 404 for a queue that is not declared leaves the key unused."""
    client = Client(set_up(declared_queues=("a-queue",)))
    path = "/v1/queues/another/messages"
    assert client.post(path, json={"data": message()}, headers=ONCE).status_code == 404
    assert client.enqueue(headers=ONCE).status_code == 202


def test_without_the_key_every_request_is_carried_out(client: Client) -> None:
    """Ruling H14: the header is optional, and two requests alike are two messages."""
    assert client.enqueue().json()["data"]["id"] != client.enqueue().json()["data"]["id"]


@pytest.mark.parametrize("key", ["", "é", "a" * 256, "a\x7f"])
def test_a_key_that_makes_no_sense_is_a_400(client: Client, key: str) -> None:
    """Ruling H14: 1 to 255 printable ASCII characters, as the contract says."""
    response = client.enqueue(headers={"idempotency-key": key.encode("latin-1")})
    assert errors(response) == [("400", "invalid-header", "Idempotency-Key")]


def test_the_deepest_document_can_be_repeated(client: Client) -> None:
    """Rulings B2, H14: every readable document can be compared, down to the last level."""
    deep = b'{"data":{"type":"message","attributes":{"body":"a"}},"meta":' + b"[" * 253 + b"]" * 253 + b"}"
    answers = [client.post(MESSAGES, content=deep, headers=ONCE) for _ in range(2)]
    assert [response.status_code for response in answers] == [202, 202]
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("length", [10, 500_000])
def test_the_record_of_a_key_does_not_grow_with_the_request(client: Client, length: int) -> None:
    """A digest distinguishes a repetition from another request as well as the whole document would."""
    client.enqueue("x" * length, headers=ONCE)
    [stored] = client.sandbox.stored_responses._by_key.values()
    assert len(stored.fingerprint) == 32
    assert client.sandbox.stored_responses.weight < 1_500
    assert errors(client.enqueue("x" * length + "y", headers=ONCE))[0][1] == "idempotency-key-reused"


def test_a_replay_of_a_bulk_is_kept_as_bytes(client: Client) -> None:
    """It counts with its bytes: a bulk of a thousand answers with 100 kB."""
    first = client.post(BULK, json={"data": [message("a")] * 1_000}, headers=ONCE)
    assert len(first.content) < client.sandbox.stored_responses.weight < len(first.content) + 2_000
    again = client.post(BULK, json={"data": [message("a")] * 1_000}, headers=ONCE)
    assert again.content == first.content
