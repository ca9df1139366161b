"""Enqueueing one message: the documented answer, its ids and links, and the other readings of its status."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from eqkit.web.app import Application
from tests.clients import BULK, JSON_API, KEY, MESSAGES, Client, errors, message
from tests.processes import running

FIRST = 72301093732


def test_an_accepted_message_is_answered_with_its_identity_and_nothing_else(client: Client) -> None:
    """Rulings D1, B12, D8: 202 with type, id and self link, and no attribute echoed."""
    response = client.enqueue("hello", 1459121798238)
    assert response.status_code == 202
    assert response.headers["content-type"] == JSON_API
    assert response.json() == {
        "jsonapi": {"version": "1.1"},
        "data": {
            "type": "message",
            "id": "72301093732",
            "links": {"self": "http://mock.test/v1/queues/a-queue/messages/72301093732"},
        },
    }


def test_location_and_content_location_are_the_self_link(client: Client) -> None:
    """Ruling H10: both headers of the 202 are the self link, and a bulk has neither."""
    response = client.enqueue()
    link = response.json()["data"]["links"]["self"]
    assert response.headers["location"] == response.headers["content-location"] == link
    bulk = client.post(BULK, json={"data": [message()]})
    assert not {"location", "content-location"} & bulk.headers.keys()


def test_the_link_carries_the_queue_of_the_request(client: Client) -> None:
    """Ruling D4: the docs' `my-queue` for a request to `queue-name` was a slip."""
    response = client.post("/v1/queues/queue-name/messages", json={"data": message()})
    assert response.json()["data"]["links"]["self"].endswith("/v1/queues/queue-name/messages/72301093732")


@pytest.mark.parametrize("path", [MESSAGES, BULK])
def test_the_key_is_wanted_on_every_way_of_enqueueing(client: Client, path: str) -> None:
    """Ruling D6: the docs' bulk example lacks the key, and would be refused."""
    content = {"data": message() if path == MESSAGES else [message()]}
    response = client.post(path, json=content, headers={"authorization": None})
    assert errors(response) == [("401", "unauthorized", "Authorization")]


def test_no_answer_repeats_the_key(client: Client) -> None:
    """Ruling D7: the docs' answers carry `Authorization`; ours never do, in no header and no body."""
    link = client.enqueue().headers["location"]
    answers = [
        client.enqueue(),
        client.post(BULK, json={"data": [message()]}),
        client.get(link),
        client.request("HEAD", link),
        client.request("OPTIONS", MESSAGES),
        client.post(MESSAGES, json={}),
        client.get("/nowhere"),
    ]
    for response in answers:
        assert "authorization" not in response.headers
        assert KEY not in response.text + str(response.headers.raw)


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "\x00",
        "".join(map(chr, range(32))) + "\x7f",
        '"\\/\b\f',
        "a:b\u003a\\u003a",
        "\u2028\u2029\ufeff\ufffe\uffff",
        "🐇\U0010ffff\U00010000",
        "e\u0301 ≠ é",
        '{"data": []}',
        "\r\n",
    ],
)
def test_a_body_is_kept_as_it_is(client: Client, body: str) -> None:
    """Ruling B1: a body "can be anything", and comes back character for character."""
    response = client.enqueue(body)
    assert response.status_code == 202
    assert client.get(response.headers["location"]).json()["data"]["attributes"] == {"body": body}


def test_an_escape_and_its_character_are_the_same_body(client: Client) -> None:
    """Ruling B1: the string that JSON means counts, in any spelling."""
    content = rb'{"data":{"type":"message","attributes":{"body":"\u0041\ud83d\udc07\u0000\u003a\/"}}}'
    link = client.post(MESSAGES, content=content).headers["location"]
    assert client.get(link).json()["data"]["attributes"]["body"] == "A🐇\x00:/"


def test_ids_increase_over_all_queues_and_have_eleven_digits(client: Client) -> None:
    """Ruling B11: one sequence of ids for all queues, whose first is the docs' own."""
    paths = ["/v1/queues/a/messages", "/v1/queues/b/messages", "/v1/queues/a/messages"]
    ids = [client.post(path, json={"data": message()}).json()["data"]["id"] for path in paths]
    assert ids == [str(FIRST + index) for index in range(3)]


def test_ids_depend_on_the_seed_and_on_nothing_else(set_up: Callable[..., Application]) -> None:
    """Ruling B11: the same seed gives the same ids, another seed others, of eleven digits all of them."""
    first = [Client(set_up(seed=seed)).enqueue().json()["data"]["id"] for seed in (0, 0, 1, 2, 1 << 59)]
    assert first[0] == first[1]
    assert len(set(first)) == 4
    assert {len(each) for each in first} == {11}


def test_a_refused_message_uses_no_id(client: Client) -> None:
    """Ruling B11: ids are for accepted messages, so the first after a refusal has the first id."""
    assert client.enqueue("late", -1).status_code == 400
    assert client.enqueue().json()["data"]["id"] == str(FIRST)


@pytest.mark.parametrize("path", [MESSAGES, BULK])
def test_success_can_be_a_201(set_up: Callable[..., Application], path: str) -> None:
    """Ruling D1: `--enqueue-status 201` changes the status and nothing else."""
    content = {"data": message() if path == MESSAGES else [message()]}
    usual = Client(set_up()).post(path, json=content)
    created = Client(set_up(enqueue_status=201)).post(path, json=content)
    assert created.status_code == 201
    assert (created.content, created.headers) == (usual.content, usual.headers)


@pytest.mark.parametrize("path", [MESSAGES, BULK])
def test_success_can_be_a_204_without_any_content(set_up: Callable[..., Application], path: str) -> None:
    """Ruling D1: a 204 has no body, length or type; the id stands in `Location` of a single call only."""
    client = Client(set_up(enqueue_status=204))
    content = {"data": message() if path == MESSAGES else [message()]}
    response = client.post(path, json=content)
    assert (response.status_code, response.content) == (204, b"")
    assert not {"content-length", "content-type", "content-location"} & response.headers.keys()
    if path == MESSAGES:
        assert client.get(response.headers["location"]).json()["data"]["id"] == str(FIRST)
    else:
        assert "location" not in response.headers


def test_after_a_204_the_connection_is_good_for_the_next_request(tmp_path: Path) -> None:
    """Ruling D1: a body after a 204 would be read as the next answer; there is none on the wire."""
    headers = {"authorization": KEY, "content-type": JSON_API}
    with running(tmp_path, "--enqueue-status", "204", "--validate-responses", "true") as server:
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        with httpx.Client(base_url=server.url, headers=headers, limits=limits) as http:
            first = http.post(MESSAGES, json={"data": message("first")})
            connection = first.extensions["network_stream"].get_extra_info("client_addr")
            bulk = http.post(BULK, json={"data": [message("second"), message("third")]})
            read = http.get(first.headers["location"])
            assert read.extensions["network_stream"].get_extra_info("client_addr") == connection
    assert [first.status_code, bulk.status_code, read.status_code] == [204, 204, 200]
    assert not {"content-length", "content-type", "transfer-encoding"} & first.headers.keys()
    assert read.json()["data"]["attributes"]["body"] == "first"
