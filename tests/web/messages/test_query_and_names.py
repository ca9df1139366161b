"""Query parameters, of which there are none, and the names that queues may have."""

from collections.abc import Callable

import pytest

from eqkit.web.app import Application
from tests.clients import BULK, MESSAGES, Client, errors, message

GRAMMAR = "^[A-Za-z0-9.-][A-Za-z0-9_.-]{0,79}$"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("page=1", ["page"]),
        ("include", ["include"]),
        ("page[size]=1&sort=-id&page[size]=2", ["page[size]", "sort"]),
        ("fields%5Bmessage%5D=body", ["fields[message]"]),
        ("queue=other", ["queue"]),
        ("=1", [""]),
        ("%zz=1", ["%zz"]),
        ("%ff=1", ["\ufffd"]),
        ("a+b=1", ["a b"]),
        ("%00", ["\x00"]),
    ],
)
def test_an_unknown_query_parameter_is_refused_by_its_name(
    client: Client, query: str, names: list[str]
) -> None:
    """Ruling H7: JSON:API forbids ignoring one; each name is reported once, decoded as far as it goes."""
    expected = [("400", "unknown-query-parameter", name) for name in names]
    assert errors(client.post(f"{MESSAGES}?{query}", json={"data": message()})) == expected
    assert errors(client.get(f"{MESSAGES}/1?{query}")) == expected
    assert list(client.sandbox.state.queue.queues) == []


def test_a_query_without_parameters_is_none(client: Client) -> None:
    """Ruling H7: a bare question mark or ampersand names no parameter."""
    for query in ("?", "?&", "?&&"):
        assert client.post(f"{MESSAGES}{query}", json={"data": message()}).status_code == 202


@pytest.mark.parametrize(
    "name", ["a", "Z", "0", "-", "a_", "queue-name", "A.b-C_9", "9" * 80, "messages", "..."]
)
def test_a_queue_is_made_by_its_first_message(client: Client, name: str) -> None:
    """Ruling H13: 1 to 80 of letters, digits, `_`, `.` and `-`; nothing has to be set up."""
    response = client.post(f"/v1/queues/{name}/messages", json={"data": message()})
    assert response.status_code == 202
    assert list(client.sandbox.state.queue.queues) == [name]
    assert client.get(response.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "_a",
        "_bulk",
        "a" * 81,
        "a%20b",
        "a%2Fb",
        "%2e%2e%2f",
        "a%00",
        "a%0A",
        "caf%C3%A9",
        "%D9%A1",
        "%FF",
        "a:b",
        "a;b",
        "a,b",
        "a*",
        "a@b",
        "%7Bqueue%7D",
        "a%25",
        "",
    ],
)
def test_another_name_is_a_400_with_the_grammar(client: Client, name: str) -> None:
    """Ruling H13: each operation refuses a name outside of the grammar, and the detail gives the grammar."""
    path = f"/v1/queues/{name}/messages"
    for response in (
        client.post(path, json={"data": message()}),
        client.post(f"{path}/_bulk", json={"data": [message()]}),
        client.get(f"{path}/1"),
    ):
        assert errors(response) == [("400", "invalid-queue-name", "queue")]
        assert GRAMMAR in response.json()["errors"][0]["detail"]
    assert list(client.sandbox.state.queue.queues) == []


def test_a_name_may_be_spelt_with_escapes(client: Client) -> None:
    """Ruling H13: %2D is a hyphen; the link has the name as it is."""
    response = client.post("/v1/queues/a%2Dqueue/messages", json={"data": message()})
    assert response.headers["location"] == "http://mock.test/v1/queues/a-queue/messages/72301093732"


def test_queues_may_have_to_be_declared(set_up: Callable[..., Application]) -> None:
    """Ruling H13: with `--declared-queues` any other queue is a 404 that lists them, and is not made."""
    client = Client(set_up(declared_queues=("b", "a-queue")))
    assert client.enqueue().status_code == 202
    for path, data in (("/v1/queues/c/messages", message()), ("/v1/queues/c/messages/_bulk", [message()])):
        response = client.post(path, json={"data": data})
        assert errors(response) == [("404", "queue-not-declared", "queue")]
        assert "there are a-queue, b." in response.json()["errors"][0]["detail"]
    assert list(client.sandbox.state.queue.queues) == ["a-queue"]


def test_a_bad_request_to_a_queue_that_is_not_declared_is_a_bad_request(
    set_up: Callable[..., Application],
) -> None:
    """Rulings H2, H13: the contract is asked before the sandbox is."""
    client = Client(set_up(declared_queues=("b",)))
    assert errors(client.post(BULK, json={"data": []})) == [("400", "empty-bulk", "/data")]
