"""Documents held against the contract: each fault with its code, its place and its status."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from eqkit.errors import CODES
from eqkit.web.app import Application
from tests.clients import BULK, JSON_API, MESSAGES, Client, errors, message

GOOD = message("good")
BODY = {"body": "good"}


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        ({}, "missing-member", ""),
        ({"data": None}, "wrong-type", "/data"),
        ({"data": [GOOD]}, "wrong-type", "/data"),
        ({"data": "message"}, "wrong-type", "/data"),
        ({"data": 1}, "wrong-type", "/data"),
        ({"data": True}, "wrong-type", "/data"),
        ([], "wrong-type", ""),
        ([{"data": GOOD}], "wrong-type", ""),
        (None, "wrong-type", ""),
        ("data", "wrong-type", ""),
        (1.5, "wrong-type", ""),
        ({"data": {"type": "message"}}, "missing-member", "/data"),
        ({"data": {"type": "message", "attributes": None}}, "wrong-type", "/data/attributes"),
        ({"data": {"type": "message", "attributes": []}}, "wrong-type", "/data/attributes"),
        ({"data": {"type": "message", "attributes": {}}}, "missing-member", "/data/attributes"),
        ({"data": message(None)}, "wrong-type", "/data/attributes/body"),
        ({"data": message(1)}, "wrong-type", "/data/attributes/body"),
        ({"data": message(False)}, "wrong-type", "/data/attributes/body"),
        ({"data": message({"a": 1})}, "wrong-type", "/data/attributes/body"),
        ({"data": message([])}, "wrong-type", "/data/attributes/body"),
    ],
)
def test_a_missing_or_wrong_member_is_refused_at_the_nearest_place(
    client: Client, document: Any, code: str, pointer: str
) -> None:
    """Rulings B4, B1: 400, with the pointer to the place, or to the nearest one that exists."""
    assert errors(client.post(MESSAGES, content=json.dumps(document))) == [("400", code, pointer)]


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        ({"data": GOOD}, "wrong-type", "/data"),
        ({"data": None}, "wrong-type", "/data"),
        ({}, "missing-member", ""),
        ({"data": [None]}, "wrong-type", "/data/0"),
        ({"data": [[GOOD]]}, "wrong-type", "/data/0"),
    ],
)
def test_a_bulk_wants_an_array(client: Client, document: Any, code: str, pointer: str) -> None:
    """Ruling B4: an object where an array is wanted is refused, not wrapped."""
    assert errors(client.post(BULK, json=document)) == [("400", code, pointer)]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"type": None}, ("400", "wrong-type", "/data/type")),
        ({"type": 1}, ("400", "wrong-type", "/data/type")),
        ({"type": ["message"]}, ("400", "wrong-type", "/data/type")),
        ({"type": ""}, ("409", "resource-type-conflict", "/data/type")),
        ({"type": "cat"}, ("409", "resource-type-conflict", "/data/type")),
        ({"type": "Message"}, ("409", "resource-type-conflict", "/data/type")),
        ({"type": "messages"}, ("409", "resource-type-conflict", "/data/type")),
        ({"type": "message\u0000"}, ("409", "resource-type-conflict", "/data/type")),
    ],
)
def test_the_type_is_the_constant_message(
    client: Client, changed: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    """Rulings B5, D8: not a string is a 400, another type the 409 of JSON:API."""
    response = client.post(MESSAGES, json={"data": GOOD | changed})
    assert errors(response) == [expected]


def test_a_missing_type_is_reported_at_the_resource(client: Client) -> None:
    """Ruling B5: 400 with the pointer /data."""
    response = client.post(MESSAGES, json={"data": {"attributes": BODY}})
    assert errors(response) == [("400", "missing-member", "/data")]
    assert response.json()["errors"][0]["detail"] == 'The member "type" is missing.'


@pytest.mark.parametrize("id", ["72301093732", "", None, 1, {"a": "b"}])
def test_an_id_made_by_the_client_is_refused(client: Client, id: Any) -> None:
    """Ruling B6: ids are the server's to make, so an `id` of any kind is a 403."""
    response = client.post(MESSAGES, json={"data": {**GOOD, "id": id}})
    assert errors(response) == [("403", "client-generated-id", "/data/id")]


@pytest.mark.parametrize(
    "ignored",
    [
        {"meta": {"a": 1}},
        {"jsonapi": {"version": "9.9"}},
        {"jsonapi": 7},
        {"links": None},
        {"included": [{"type": "cat"}]},
        {"errors": []},
        {"@context": "x", "x": {"y": []}},
    ],
)
def test_other_members_of_a_document_are_ignored(client: Client, ignored: dict[str, Any]) -> None:
    """Ruling B7: JSON:API's other members, @-members and unknown ones are not looked at."""
    assert client.post(MESSAGES, json={"data": GOOD, **ignored}).status_code == 202


@pytest.mark.parametrize(
    "ignored",
    [
        {"lid": "local-1"},
        {"lid": 1},
        {"meta": []},
        {"@id": "x"},
        {"relationships": {"a": 1}},
        {"links": {"self": "x"}},
        {"wait-until": -5},
        {"Type": "cat"},
    ],
)
def test_other_members_of_a_resource_are_ignored(client: Client, ignored: dict[str, Any]) -> None:
    """Ruling B7: a member of a resource object that JSON:API does not define is ignored."""
    assert client.post(MESSAGES, json={"data": {**GOOD, **ignored}}).status_code == 202
    assert client.post(BULK, json={"data": [{**GOOD, **ignored}]}).status_code == 202


@pytest.mark.parametrize("ignored", [{"@id": "x"}, {"@": 1, "@wait-until": []}, {"@a": {"@b": None}}])
def test_members_that_begin_with_an_at_sign_are_ignored_wherever_they_stand(
    client: Client, ignored: dict[str, Any]
) -> None:
    """Ruling B7: among attributes, too (JSON:API 1.1, @-Members: a server MUST ignore the unknown)."""
    resource = {"type": "message", "attributes": {**BODY, **ignored}, **ignored}
    assert client.post(MESSAGES, json={"data": resource, **ignored}).status_code == 202
    assert client.post(BULK, json={"data": [resource], **ignored}).status_code == 202
    misspelt = {"type": "message", "attributes": {**BODY, **ignored, "a@b": 1}}
    assert errors(client.post(MESSAGES, json={"data": misspelt})) == [
        ("400", "unknown-attribute", "/data/attributes/a@b")
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("wait_until", "wait-until"),
        ("waitUntil", "wait-until"),
        ("wait-untill", "wait-until"),
        ("delay", "wait-until"),
        ("delaySeconds", "wait-until"),
        ("run_at", "wait-until"),
        ("Body", "body"),
        ("payload", "body"),
        ("bodi", "body"),
    ],
)
def test_an_unknown_attribute_is_refused_with_a_guess(client: Client, name: str, meant: str) -> None:
    """Ruling B8: a typo must not send a message at once; the detail suggests the attribute that was meant."""
    response = client.post(MESSAGES, json={"data": {"type": "message", "attributes": {**BODY, name: 5}}})
    assert errors(response) == [("400", "unknown-attribute", f"/data/attributes/{name}")]
    assert f'did you mean "{meant}"?' in response.json()["errors"][0]["detail"]


def test_an_attribute_unlike_any_other_is_refused_with_the_known_ones(client: Client) -> None:
    """Ruling B8: without a guess the detail lists the attributes; the pointer is escaped (RFC 6901)."""
    response = client.post(MESSAGES, json={"data": {"type": "message", "attributes": {**BODY, "x/y~z": 5}}})
    assert errors(response) == [("400", "unknown-attribute", "/data/attributes/x~1y~0z")]
    assert "there are body, wait-until" in response.json()["errors"][0]["detail"]


def test_unknown_attributes_can_be_ignored(set_up: Callable[..., Application]) -> None:
    """Ruling B8: with `--unknown-attributes ignore` they are not kept, and the rest is validated as ever."""
    client = Client(set_up(unknown_attributes="ignore"))
    attributes = {**BODY, "wait_until": 5, "colour": {"a": [1]}}
    response = client.post(MESSAGES, json={"data": {"type": "message", "attributes": attributes}})
    assert response.status_code == 202
    assert client.get(response.headers["location"]).json()["data"]["attributes"] == BODY
    refused = client.post(MESSAGES, json={"data": {"type": "message", "attributes": {"bodi": "a"}}})
    assert errors(refused) == [("400", "missing-member", "/data/attributes")]


def test_all_faults_are_reported_in_the_order_of_the_document(client: Client) -> None:
    """Ruling B9: the order is where they stand in the request, not how the contract lists them."""
    content = b"""{"data": {
        "attributes": {"wait-until": "soon", "zzz": 1, "body": 7, "aaa": 2},
        "type": 1}}"""
    assert errors(client.post(MESSAGES, content=content)) == [
        ("400", "invalid-wait-until", "/data/attributes/wait-until"),
        ("400", "unknown-attribute", "/data/attributes/zzz"),
        ("400", "wrong-type", "/data/attributes/body"),
        ("400", "unknown-attribute", "/data/attributes/aaa"),
        ("400", "wrong-type", "/data/type"),
    ]


def test_every_missing_member_is_reported(client: Client) -> None:
    """Rulings B4, B9: of two members that are missing at one place, each is an error of its own."""
    response = client.post(MESSAGES, json={"data": {}})
    assert errors(response) == [("400", "missing-member", "/data")] * 2
    details = [error["detail"] for error in response.json()["errors"]]
    assert details == ['The member "type" is missing.', 'The member "attributes" is missing.']


def test_faults_of_several_statuses_are_a_400(client: Client) -> None:
    """Rulings B9, B13: each error keeps its own status; the answer's is 400, and never 422."""
    content = b'{"data": {"id": "1", "type": "cat", "attributes": {"body": 1}}}'
    response = client.post(MESSAGES, content=content)
    assert response.status_code == 400
    assert errors(response) == [
        ("403", "client-generated-id", "/data/id"),
        ("409", "resource-type-conflict", "/data/type"),
        ("400", "wrong-type", "/data/attributes/body"),
    ]


def test_at_most_the_first_fifty_faults_are_reported(client: Client) -> None:
    """Ruling B9: of 60,000 unknown attributes the first 50 in the document are listed."""
    attributes: dict[str, Any] = {f"x{index}": index for index in range(60_000)} | BODY
    response = client.post(MESSAGES, json={"data": {"type": "message", "attributes": attributes}})
    found = [pointer for _, _, pointer in errors(response)]
    assert found == [f"/data/attributes/x{index}" for index in range(50)]


def test_faults_of_parameters_and_document_are_reported_together(client: Client) -> None:
    """Ruling B9: one answer for all that is wrong, the parameters first."""
    response = client.post("/v1/queues/_no/messages?page=1", json={"data": message(1)})
    assert errors(response) == [
        ("400", "invalid-queue-name", "queue"),
        ("400", "unknown-query-parameter", "page"),
        ("400", "wrong-type", "/data/attributes/body"),
    ]


def test_an_error_object_has_all_its_members(client: Client) -> None:
    """Rulings D9, B10: id, status as text, code, title, detail and the source; the ids count up."""
    first = client.post(MESSAGES, json={"data": message(1)})
    assert first.json() == {
        "jsonapi": {"version": "1.1"},
        "errors": [
            {
                "id": "error-1",
                "status": "400",
                "code": "wrong-type",
                "title": "Wrong JSON type",
                "detail": '"body" must be a string, not a whole number, 1.',
                "source": {"pointer": "/data/attributes/body"},
            }
        ],
    }
    assert client.post(MESSAGES, json={}).json()["errors"][0]["id"] == "error-2"


def test_the_journal_keeps_the_codes_of_a_refusal(client: Client) -> None:
    """Ruling B10: codes are for programs, which find them in the journal, too."""
    client.post(MESSAGES, json={"data": {"id": "1", "type": "message", "attributes": {"body": 1}}})
    entry = client.journal[-1]
    assert (entry.status, entry.error_codes, entry.ids) == (400, ("client-generated-id", "wrong-type"), ())
    assert set(entry.error_codes) <= CODES.keys()


def test_a_body_may_have_a_mebibyte_of_utf_8(client: Client) -> None:
    """Ruling B3: the limit counts bytes of UTF-8, not characters, and not how JSON spells them."""
    for fits in ("a" * 1_048_576, "é" * 524_288, "\x00" * 1_048_576, "🐇" * 262_144):
        assert client.enqueue(fits).status_code == 202
    for too_long in ("a" * 1_048_577, "é" * 524_288 + "a", "🐇" * 262_145):
        assert errors(client.enqueue(too_long)) == [("413", "body-too-large", "/data/attributes/body")]


def test_the_sizes_can_be_set(set_up: Callable[..., Application]) -> None:
    """Ruling B3: `--max-body` and `--max-request` bound a message and a request, in bytes."""
    client = Client(set_up(max_body=4, max_request=100))
    assert client.enqueue("éé").status_code == 202
    assert errors(client.enqueue("ééé")) == [("413", "body-too-large", "/data/attributes/body")]
    content = b'{"data":{"type":"message","attributes":{"body":"good"}}}'
    assert client.post(MESSAGES, content=content.ljust(100)).status_code == 202
    assert errors(client.post(MESSAGES, content=content.ljust(101))) == [("413", "request-too-large", None)]


def test_a_faulty_request_of_another_size_is_validated_by_its_size_first(client: Client) -> None:
    """Ruling B3: one message too long among others makes the whole bulk a 413 at its place."""
    data = [message("a"), message("a" * 1_048_577)]
    response = client.post(BULK, json={"data": data})
    assert errors(response) == [("413", "body-too-large", "/data/1/attributes/body")]


def test_a_body_without_a_length_is_read_no_further_than_its_limit(
    set_up: Callable[..., Application],
) -> None:
    """Ruling B3: a client that sends for ever is refused as soon as it has sent too much."""
    application, sent, answered = set_up(max_request=100), 0, list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        nonlocal sent
        sent += 1
        assert sent <= 10, "it is read for ever"
        return {"type": "http.request", "body": b" " * 40, "more_body": True}

    async def send(sending: Any) -> None:
        answered.append(sending)

    headers = [
        (b"host", b"mock.test"),
        (b"authorization", b"test_key"),
        (b"content-type", JSON_API.encode()),
        (b"transfer-encoding", b"chunked"),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": MESSAGES,
        "raw_path": MESSAGES.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
    }
    asyncio.run(application(scope, receive, send))
    assert (answered[0]["status"], sent) == (413, 3)
