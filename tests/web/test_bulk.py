"""Enqueueing many messages: one answer for each of them, and all or nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from eqkit.timing.clock import ManualClock
from eqkit.web.app import Application
from tests.clients import BULK, Client, errors, message
from tests.conftest import START_MS

FIRST = 72301093732
GOOD = message("good")


def test_the_answer_is_an_array_in_the_order_of_the_request(client: Client) -> None:
    """Rulings D5, B12: one resource object for each message, instead of one object with repeated keys."""
    response = client.post(BULK, json={"data": [message("a", 1459121798238), message("b")]})
    assert response.status_code == 202
    link = "http://mock.test/v1/queues/a-queue/messages/"
    assert response.json() == {
        "jsonapi": {"version": "1.1"},
        "data": [
            {"type": "message", "id": "72301093732", "links": {"self": f"{link}72301093732"}},
            {"type": "message", "id": "72301093733", "links": {"self": f"{link}72301093733"}},
        ],
    }


def test_ids_are_contiguous_and_belong_to_their_messages_by_position(client: Client) -> None:
    """Ruling T5: the array's order is the order of acceptance, for any due times."""
    bodies = [f"message {index}" for index in range(50)]
    content = {"data": [message(body, START_MS + 50 - index) for index, body in enumerate(bodies)]}
    data = client.post(BULK, json=content).json()["data"]
    assert [int(each["id"]) for each in data] == list(range(FIRST, FIRST + 50))
    read = [client.get(each["links"]["self"]).json()["data"]["attributes"]["body"] for each in data]
    assert read == bodies


def test_messages_of_one_time_are_delivered_in_the_order_of_the_array(
    client: Client, clock: ManualClock
) -> None:
    """Rulings T4, T5: equal due times keep the array's order, and earlier ones go first."""
    times = [START_MS + 2000, START_MS + 1000, START_MS + 1000, 0]
    client.post(BULK, json={"data": [message("m", at) for at in times]})
    clock.advance(2000)
    delivered = [delivery.id - FIRST for delivery in client.sandbox.state.queue.deliveries()]
    assert delivered == [3, 1, 2, 0]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_fault_anywhere_keeps_everything_out(client: Client, place: int) -> None:
    """Ruling B13: a failing bulk uses no id, makes no queue, and nothing of it is ever visible."""
    data = [GOOD, GOOD]
    data.insert(place, message(1))
    response = client.post(BULK, json={"data": data})
    assert errors(response) == [("400", "wrong-type", f"/data/{place}/attributes/body")]
    assert list(client.sandbox.state.queue.queues) == []
    assert len(client.sandbox.state.queue) == 0
    assert client.journal[-1].ids == ()
    assert client.get(f"/v1/queues/a-queue/messages/{FIRST}").status_code == 404
    assert client.enqueue("after").json()["data"]["id"] == str(FIRST)


def test_every_fault_of_every_message_is_reported_at_its_place(client: Client) -> None:
    """Rulings B13, B9: pointers begin with the position, and stand in the order of the document."""
    data: list[Any] = [
        GOOD,
        {"type": "message", "attributes": {"body": None, "wait-until": -1}},
        7,
        {"attributes": {}},
        {"type": "message", "attributes": {"body": "a", "delay": 5}},
    ]
    response = client.post(BULK, json={"data": data})
    assert errors(response) == [
        ("400", "wrong-type", "/data/1/attributes/body"),
        ("400", "invalid-wait-until", "/data/1/attributes/wait-until"),
        ("400", "wrong-type", "/data/2"),
        ("400", "missing-member", "/data/3"),
        ("400", "missing-member", "/data/3/attributes"),
        ("400", "unknown-attribute", "/data/4/attributes/delay"),
    ]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"id": "1"}, 403, "client-generated-id"),
        ({"type": "cat"}, 409, "resource-type-conflict"),
        ({"attributes": {"body": "a" * 1_048_577}}, 413, "body-too-large"),
    ],
)
def test_faults_of_one_status_share_it_and_mixed_ones_are_a_400(
    client: Client, wrong: dict[str, Any], status: int, code: str
) -> None:
    """Ruling B13: 403, 409 or 413 when all faults say so; 400 as soon as they differ."""
    shared = client.post(BULK, json={"data": [GOOD | wrong, GOOD | wrong]})
    assert (shared.status_code, {each[1] for each in errors(shared)}) == (status, {code})
    mixed = client.post(BULK, json={"data": [GOOD | wrong, message(None)]})
    assert (mixed.status_code, {each[0] for each in errors(mixed)}) == (400, {str(status), "400"})


def test_an_empty_array_is_refused(client: Client) -> None:
    """Ruling B13: a bulk of nothing is a mistake of the client's."""
    assert errors(client.post(BULK, json={"data": []})) == [("400", "empty-bulk", "/data")]


def test_a_thousand_messages_fit_and_one_more_does_not(client: Client) -> None:
    """Ruling B13: the refusal names both numbers, and keeps all of them out."""
    too_many = client.post(BULK, json={"data": [GOOD] * 1001})
    assert errors(too_many) == [("400", "bulk-too-large", "/data")]
    detail = too_many.json()["errors"][0]["detail"]
    assert "1000" in detail
    assert "1001" in detail
    assert len(client.sandbox.state.queue) == 0
    full = client.post(BULK, json={"data": [GOOD] * 1000})
    assert [each["id"] for each in full.json()["data"]] == [str(FIRST + index) for index in range(1000)]


def test_the_most_messages_of_a_bulk_can_be_set(set_up: Callable[..., Application]) -> None:
    """Ruling B13: `--max-bulk` is the setting, and the refusal names its number."""
    client = Client(set_up(max_bulk=2))
    assert client.post(BULK, json={"data": [GOOD] * 2}).status_code == 202
    response = client.post(BULK, json={"data": [GOOD] * 3})
    assert errors(response) == [("400", "bulk-too-large", "/data")]
    assert response.json()["errors"][0]["detail"] == '"data" may have at most 2 items, and has 3.'


@pytest.mark.parametrize("item", ["{}", "1", '{"type":"x","attributes":{"y":1}}'])
def test_an_endless_array_of_faults_is_refused_as_any_other(client: Client, item: str) -> None:
    """Rulings B2, B13: the answer to many thousand faults has fifty, the array's own length first."""
    content = f'{{"data":[{",".join([item] * (500_000 // (len(item) + 1)))}]}}'
    response = client.post(BULK, content=content)
    found = errors(response)
    assert found[0] == ("400", "bulk-too-large", "/data")
    assert len(found) == 50
    assert len(response.content) < 20_000


def test_messages_beyond_the_limit_are_not_validated(client: Client) -> None:
    """Rulings B2, B13: explaining a million messages would hold up everybody for minutes."""
    data: list[Any] = [1, *[GOOD] * 1500, 1]
    expected = [("400", "bulk-too-large", "/data"), ("400", "wrong-type", "/data/0")]
    assert errors(client.post(BULK, json={"data": data})) == expected
