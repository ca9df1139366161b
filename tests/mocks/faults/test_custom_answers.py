"""Custom answers of a test: any status, content and headers, matched by and made from the request."""

import base64
from typing import Any

import httpx
import pytest

from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from tests.clients import BULK, MESSAGES, Client, message
from tests.control import Control, control_errors

HTML = "<h1>Bad gateway</h1>"


def arm(control: Control, answer: dict[str, Any], **rule: Any) -> None:
    """Arm a fault that answers so."""
    armed = control.post("/faults", json={**rule, "do": {"answer": answer}})
    assert armed.status_code == 201, armed.text


def answered(client: Client, control: Control, **answer: Any) -> httpx.Response:
    """Return the answer to a message under a fault that answers so."""
    arm(control, answer)
    return client.enqueue()


@pytest.mark.parametrize("status", [502, 504, 408, 451, 599])
def test_an_error_that_the_contract_lacks_is_a_page_of_a_gateway(
    client: Client, control: Control, status: int
) -> None:
    """A proxy in front of a service answers in HTML, which a client of JSON has to survive."""
    refused = answered(client, control, status=status)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "text/html"
    assert f"<h1>{status}" in refused.text
    assert client.journal[-1].status == status


def test_a_redirect_has_its_location_and_no_content(client: Client, control: Control) -> None:
    """A status without an example, below 400, comes with the headers of the rule alone."""
    moved = answered(client, control, status=307, headers={"Location": "/elsewhere"})
    assert (moved.status_code, moved.headers["location"], moved.content) == (307, "/elsewhere", b"")


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_without_content_has_none(client: Client, control: Control, status: int) -> None:
    """Content given for a status without one does not break the framing of the next response (RFC 9110)."""
    assert answered(client, control, status=status, body="never").content == b""


@pytest.mark.parametrize(
    ("content", "media_type", "body"),
    [
        ({"body": HTML}, "text/html; charset=utf-8", HTML.encode()),
        ({"body": "Grüße"}, "text/plain; charset=utf-8", "Grüße".encode()),
        ({"body": ""}, "text/plain; charset=utf-8", b""),
        ({"json": {"a": [None, 1.5]}}, "application/json", b'{"a":[null,1.5]}'),
        ({"json": None}, "application/json", b"null"),
        ({"base64": base64.b64encode(b"\0\xff").decode()}, "application/octet-stream", b"\0\xff"),
        ({"body": "a,b", "headers": {"Content-Type": "text/csv"}}, "text/csv", b"a,b"),
    ],
)
def test_content_comes_as_it_was_given(
    client: Client, control: Control, content: dict[str, Any], media_type: str, body: bytes
) -> None:
    """Text, JSON or bytes, each with the media type that suits it unless the rule names another."""
    refused = answered(client, control, status=503, **content)
    assert (refused.headers["content-type"], refused.content) == (media_type, body)
    assert refused.headers["content-length"] == str(len(body))


def test_an_example_comes_by_its_name(client: Client, control: Control) -> None:
    """Of several examples of a status, the named one is sent, with the headers of the rule beside its own."""
    arm(control, {"status": 200, "example": "due", "headers": {"X-Cache": "HIT"}}, operation="getMessage")
    seen = client.get(f"{MESSAGES}/1")
    assert seen.json()["data"]["meta"]["state"] == "due"
    assert seen.headers["x-cache"] == "HIT"
    assert seen.headers["content-type"] == "application/vnd.api+json"


def test_retry_after_is_sent_wherever_it_is_asked_for(client: Client, control: Control) -> None:
    """A member that was taken and did nothing would fool a test."""
    assert answered(client, control, status=502, **{"retry-after": 7}).headers["retry-after"] == "7"


def test_texts_may_hold_values_of_the_request(client: Client, control: Control) -> None:
    """Runtime expressions of OpenAPI: alone they keep their type, within a text they become text."""
    content = {
        "whole": "{$request.body#/data}",
        "text": "{$method} {$request.path.queue}: {$request.body#/data/attributes/wait-until}!",
        "header": "{$request.header.x-trace}",
        "url": "{$url}",
        "absent": "{$request.body#/nothing/here}",
        "secret": "{$request.header.authorization}",
        "other": "{$eq} {not} {{$x}}",
    }
    arm(
        control,
        {"status": 422, "json": content, "headers": {"X-Said": "{$request.body#/data/attributes/body}"}},
    )
    sent = message("a\r\nSet-Cookie: b", wait_until=5)
    refused = client.post(MESSAGES, json={"data": sent}, headers={"x-trace": "abc"})
    assert refused.json() == {
        "whole": sent,
        "text": "POST a-queue: 5!",
        "header": "abc",
        "url": f"http://mock.test{MESSAGES}",
        "absent": "",
        "secret": "",
        "other": "{$eq} {not} {{$x}}",
    }
    assert refused.headers["x-said"] == "a  Set-Cookie: b"
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize(
    ("place", "hit", "missed"),
    [
        ({"value": "boom"}, "boom", "other"),
        ({"pattern": "^bo+m$"}, "booom", "a boom"),
    ],
)
def test_a_rule_may_match_the_document_of_a_request(
    client: Client, control: Control, place: dict[str, str], hit: str, missed: str
) -> None:
    """Only a request with all of that in its document takes a turn of the rule."""
    body = [{"pointer": "/data/attributes/body", **place}]
    arm(control, {"status": 502}, body=body, nth=2)
    found = [client.post(MESSAGES, json={"data": message(each)}).status_code for each in (hit, missed, hit)]
    assert found == [202, 202, 502]
    assert client.post(BULK, json={"data": [message(hit)]}).status_code == 202
    assert client.get(f"{MESSAGES}/1").status_code == 404


def test_after_the_commit_the_message_is_stored(client: Client, control: Control) -> None:
    """A gateway that gives up after the service has done its work."""
    control.post("/queues/a-queue/pause")
    arm(control, {"status": 504}, when="after")
    assert client.enqueue().status_code == 504
    assert client.journal[-1].ids


def test_an_answer_of_a_test_is_not_held_against_the_contract() -> None:
    """A server that validates its answers lets those through that a test has made up."""
    application = elasticqueue(ElasticQueueSettings(validate_responses=True))
    client, control = Client(application), Control(application)
    assert answered(client, control, status=502, body=HTML).text == HTML
    assert application.broken == []


@pytest.mark.parametrize(
    ("answer", "pointer", "message"),
    [
        ({"body": "x", "json": 1}, "/json", "one content"),
        ({"example": "unavailable", "body": "x"}, "/body", "one content"),
        ({"example": "unavailible"}, "/example", 'did you mean "unavailable"?'),
        ({"base64": "?"}, "/base64", "base64"),
        ({"headers": {"a b": "x"}}, "/headers/a b", "no name of a header"),
        ({"headers": {"x/y~": "x"}}, "/headers/x~1y~0", "no name of a header"),
        ({"headers": {"X": "a\r\nB: c"}}, "/headers/X", "control characters"),
        ({"headers": {"X": "a\nb"}}, "/headers/X", "control characters"),
        ({"headers": {"X": "☃"}}, "/headers/X", "U+00FF"),
        ({"headers": {"Content-Length": "5"}}, "/headers/Content-Length", "by itself"),
        ({"headers": {"transfer-encoding": "chunked"}}, "/headers/transfer-encoding", "by itself"),
        ({"body": "{$request.bdy}"}, "/body", "$request.body"),
        ({"json": {"a": ["{$request.path}"]}}, "/json", "$request.path.NAME"),
        ({"headers": {"X": "{$request.header.a b}"}}, "/headers/X", "$request.header.NAME"),
        ({"headers": {"X": 1}}, "/headers/X", "string"),
        ({"boddy": "x"}, "/boddy", 'did you mean "body"?'),
    ],
)
def test_an_impossible_answer_is_refused_when_it_is_armed(
    control: Control, answer: dict[str, Any], pointer: str, message: str
) -> None:
    """One clear error with its place and advice, and nothing is armed."""
    refused = control.post("/faults", json={"do": {"answer": {"status": 503, **answer}}})
    assert [place for _, _, place in control_errors(refused)] == [f"/do/answer{pointer}"]
    assert message in refused.json()["errors"][0]["detail"]
    assert control.get("/faults").json() == {"faults": []}


def test_an_invalid_pattern_is_refused(control: Control) -> None:
    """Patterns are those of a verification, of the linear-time kind."""
    body = [{"pointer": "", "value": 1}, {"pointer": "", "pattern": "(?=x)"}]
    refused = control.post("/faults", json={"body": body, "do": {"answer": {"status": 503}}})
    assert control_errors(refused) == [("400", "invalid-value", "/body/1/pattern")]


def test_a_delivery_has_no_document(control: Control) -> None:
    """The content of a request says nothing about a delivery."""
    body = [{"pointer": "", "value": 1}]
    refused = control.post("/faults", json={"body": body, "do": {"delivery": {"kind": "drop"}}})
    assert control_errors(refused) == [("400", "invalid-value", "/body")]
