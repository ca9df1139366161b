"""Prefer: any answer of the contract on request, without touching anything."""

from collections.abc import Callable

import httpx
import pytest

from eqkit.contract.operations import Contract
from eqkit.web.app import Application, load_contract
from tests.clients import BULK, MESSAGES, Client, errors, message

OPERATIONS = Contract(load_contract("elasticqueue.yaml")).operations
STATUSES = [(operation.id, status) for operation in OPERATIONS.values() for status in operation.responses]
EXAMPLES = [
    (operation.id, status, name)
    for operation in OPERATIONS.values()
    for status, response in operation.responses.items()
    for name in response.examples()
]


def ask(client: Client, operation: str, prefer: str, **headers: str) -> httpx.Response:
    """Send a good request of an operation with a preference."""
    wanted = {"prefer": prefer, **headers}
    if operation == "enqueueMessage":
        return client.enqueue(headers=wanted)
    if operation == "bulkEnqueueMessages":
        return client.post(BULK, json={"data": [message()]}, headers=wanted)
    return client.request(OPERATIONS[operation].method, f"{MESSAGES}/1", headers=wanted)


@pytest.mark.parametrize(("operation", "status"), STATUSES)
def test_every_status_of_every_operation_comes_on_request(
    client: Client, operation: str, status: int
) -> None:
    """Ruling H12: as the contract's own example, with its headers, and without touching any state."""
    response = ask(client, operation, f"code={status}")
    assert response.status_code == status
    assert response.headers["preference-applied"] == f"code={status}"
    assert response.headers["vary"] == "Accept"
    documented = OPERATIONS[operation].responses[status]
    assert documented.required_headers <= {name.lower().encode() for name in response.headers}
    if documented.content and status >= 400:
        assert {each[0] for each in errors(response)} <= {str(status), "400"}
    if not documented.content:
        assert response.content == b""
    assert list(client.sandbox.state.queue.queues) == []
    assert client.journal[-1].ids == ()


@pytest.mark.parametrize(("operation", "status", "name"), EXAMPLES)
def test_every_example_comes_by_its_name(client: Client, operation: str, status: int, name: str) -> None:
    """Ruling H12: `code` and `example` together choose the very document of the contract."""
    response = ask(client, operation, f"code={status}, example={name}")
    assert response.status_code == status
    assert response.json() == OPERATIONS[operation].responses[status].examples()[name]
    assert response.headers["preference-applied"] == f"code={status}, example={name}"


@pytest.mark.parametrize(
    ("prefer", "status"),
    [
        ("example=forbidden", 403),
        ("respond-async, code=418", 418),
        ("wait=10, code=410", 410),
        ('CODE="403"', 403),
        ("code = 403 ", 403),
        ("code=403, code=500", 403),
        ("example=rate-limited;code=429", 429),
    ],
)
def test_preferences_are_read_as_http_writes_them(client: Client, prefer: str, status: int) -> None:
    """Ruling H12: names in any case, quoted values, the first of two, and others beside (RFC 7240)."""
    assert ask(client, "enqueueMessage", prefer).status_code == status


@pytest.mark.parametrize(
    "prefer", ["", "respond-async", "return=minimal", "wait=10", "xcode=403", "code", "handling=strict"]
)
def test_other_preferences_are_ignored(client: Client, prefer: str) -> None:
    """Ruling H12: a preference that is not ours changes nothing (RFC 7240 2)."""
    response = ask(client, "enqueueMessage", prefer)
    assert response.status_code == 202
    assert "preference-applied" not in response.headers
    assert len(client.sandbox.state.queue) == 1


@pytest.mark.parametrize(
    ("operation", "prefer", "possible"),
    [
        ("enqueueMessage", "code=204", "202, 400, 401"),
        ("enqueueMessage", "code=200", "202, 400, 401"),
        ("getMessage", "code=202", "200, 400, 401"),
        ("enqueueMessage", "code=abc", "202, 400, 401"),
        ("enqueueMessage", 'code=""', "202, 400, 401"),
        ("enqueueMessage", "code=0404", "202, 400, 401"),
        # Longer than Python turns into a number.
        pytest.param("enqueueMessage", f"code={'9' * 5000}", "202, 400, 401", id="code of 5,000 digits"),
        ("bulkEnqueueMessages", "example=nothing", "documented, single, mixed-times"),
        ("enqueueMessage", "code=403, example=teapot", "client-generated-id, forbidden"),
        ("headMessage", "code=201", "200, 400, 401"),
    ],
)
def test_an_answer_that_the_operation_lacks_is_a_400_that_lists_the_others(
    client: Client, operation: str, prefer: str, possible: str
) -> None:
    """Ruling H12: another answer than the one asked for would fool a test."""
    response = ask(client, operation, prefer)
    assert response.status_code == 400
    if operation != "headMessage":
        assert errors(response) == [("400", "invalid-preference", "Prefer")]
        assert f"there are {possible}" in response.json()["errors"][0]["detail"]
    assert list(client.sandbox.state.queue.queues) == []


@pytest.mark.parametrize("status", [201, 204])
def test_the_status_of_success_is_the_one_that_is_set(
    set_up: Callable[..., Application], status: int
) -> None:
    """Rulings D1, H12: a server that answers 201 or 204 has no 202 to prefer."""
    client = Client(set_up(enqueue_status=status))
    assert ask(client, "enqueueMessage", f"code={status}").status_code == status
    assert errors(ask(client, "enqueueMessage", "code=202")) == [("400", "invalid-preference", "Prefer")]


def test_an_invalid_request_is_refused_with_any_preference(client: Client) -> None:
    """Rulings H2, H12: a preference hides no fault of the request's own."""
    refused = client.post(MESSAGES, json={}, headers={"prefer": "code=202"})
    assert errors(refused) == [("400", "missing-member", "")]
    keyless = client.enqueue(headers={"prefer": "code=202", "authorization": None})
    assert errors(keyless) == [("401", "unauthorized", "Authorization")]


def test_a_preferred_answer_is_not_stored_for_a_replay(client: Client) -> None:
    """Rulings H12, H14: the idempotency key of a preferred answer is as unused as before."""
    ask(client, "enqueueMessage", "code=503", **{"idempotency-key": "k"})
    assert ask(client, "enqueueMessage", "", **{"idempotency-key": "k"}).status_code == 202


def test_the_methods_of_a_405_are_those_of_the_path(client: Client) -> None:
    """Ruling H9: `Allow` fits the path also where the 405 was asked for."""
    messages = {
        path: client.request(method, path, headers={"prefer": "code=405"}, **body).headers["allow"]
        for method, path, body in (
            ("GET", f"{MESSAGES}/72301093732", {}),
            ("POST", MESSAGES, {"json": {"data": message()}}),
        )
    }
    assert messages == {f"{MESSAGES}/72301093732": "GET, HEAD, OPTIONS", MESSAGES: "POST, OPTIONS"}


@pytest.mark.parametrize(
    "prefer",
    [
        'note="a, code=429"',
        r'note="\", code=429, \""',
        'note="a; code=429"',
        "return=minimal; code=429",
        "wait=10; code=410",
        "respond-async, x-code=429",
        "xcode=429, code-x=429",
        '"code=429"',
        "=code=429",
        'note="code=429',
    ],
)
def test_a_text_that_only_looks_like_a_preference_is_none(client: Client, prefer: str) -> None:
    """RFC 7240 2: neither within a quoted string nor as the parameter of a preference of others."""
    answer = client.enqueue(headers={"prefer": prefer})
    assert answer.status_code == 202
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize(
    "prefer",
    [
        "code=429",
        'code="429"',
        r'CODE = "4\29"',
        "respond-async,code=429",
        'note="x, y", code=429',
        ",, code=429",
        "code=429, code=500",
        "code=429;;foo=bar",
    ],
)
def test_a_preference_is_read_in_each_of_its_spellings(client: Client, prefer: str) -> None:
    """RFC 7240 2: token or quoted string, blanks, others beside it; of two the first counts."""
    answer = client.enqueue(headers={"prefer": prefer})
    assert (answer.status_code, answer.headers["preference-applied"]) == (429, "code=429")


@pytest.mark.parametrize("status", [status for name, status in STATUSES if name == "getMessage"])
def test_head_has_the_headers_of_get_with_a_preference_too(client: Client, status: int) -> None:
    """RFC 9110 9.3.2: the headers that describe the content of GET are sent."""
    path, headers = f"{MESSAGES}/72301093732", {"prefer": f"code={status}"}
    client.enqueue()
    got, head = client.get(path, headers=headers), client.request("HEAD", path, headers=headers)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert dict(head.headers) == dict(got.headers)


@pytest.mark.parametrize(
    ("prefer", "status", "media_type", "text"),
    [
        ("code=502", 502, "text/html", "<h1>502 Bad Gateway</h1>"),
        ("code=504", 504, "text/html", "<h1>504 Gateway Timeout</h1>"),
        ('code=503, body="<p>down</p>"', 503, "text/html; charset=utf-8", "<p>down</p>"),
        ('code=200, body="{}", content-type="application/json"', 200, "application/json", "{}"),
        (
            r'code=422; body="{\"a\": \"{$request.path.queue}\"}"',
            422,
            "text/plain; charset=utf-8",
            '{"a": "a-queue"}',
        ),
        ('body="early"', 202, "text/plain; charset=utf-8", "early"),
    ],
)
def test_an_answer_is_made_up_on_request(
    client: Client, prefer: str, status: int, media_type: str, text: str
) -> None:
    """A request can ask for every answer of a fault; nothing is carried out (ruling H12)."""
    answer = client.enqueue(headers={"prefer": prefer})
    assert (answer.status_code, answer.headers["content-type"]) == (status, media_type)
    assert text in answer.text
    assert list(client.sandbox.state.queue.queues) == []


def test_a_body_in_utf_8_is_sent_as_it_came(client: Client) -> None:
    """Browsers and curl send a header's bytes as they are."""
    answer = client.enqueue(headers={"prefer": 'code=503, body="Grüße"'.encode()})
    assert answer.text == "Grüße"
    assert answer.headers["preference-applied"] == "code=503, body"


def test_an_answer_may_replace_that_of_a_request_that_was_carried_out(client: Client) -> None:
    """`when=after`: the gateway gives up once the message is stored."""
    answer = client.enqueue(headers={"prefer": "code=504, when=after"})
    assert answer.status_code == 504
    assert client.journal[-1].ids
    assert client.journal[-1].applied_faults == (("prefer", "answer"),)


@pytest.mark.parametrize("wait_s", ["0", "17", "86400", "86401", "2147483647"])
def test_retry_after_is_the_one_that_is_preferred(client: Client, wait_s: str) -> None:
    """It goes before the contract's example, holds for any status, and may be more than a day."""
    for status in (429, 502):
        answer = client.enqueue(headers={"prefer": f"code={status}, retry-after={wait_s}"})
        assert (answer.status_code, answer.headers["retry-after"]) == (status, wait_s)


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_connection_breaks_on_request(client: Client, when: str, stored: int) -> None:
    """A fault on the wire without the control plane, before the commit or after it."""
    with pytest.raises(Exception, match="close"):
        client.enqueue(headers={"prefer": f"wire=close, when={when}"})
    assert len(client.journal[-1].ids) == stored
    assert client.journal[-1].outcome == "lost"


@pytest.mark.parametrize(
    ("prefer", "message"),
    [
        ("code=302", "there are 202"),
        ("code=600, body=x", "there are 202"),
        ("code=99, body=x", "there are 202"),
        ("content-type=a/b", "send code, too"),
        ("retry-after=5", "send code, too"),
        ("code=429, retry-after=soon", "0 to 2147483647"),
        ("code=429, retry-after=2147483648", "0 to 2147483647"),
        ("example=teapot, body=x", "one content"),
        ("wire=cut", "reset, close, truncate, trickle, garbage"),
        ("wire=close, code=500", "leave out wire or code"),
        ("wire=truncate, when=before", "before the commit"),
        ("pause-ms=5", "send wire, too"),
        ("wire=close, pause-ms=5", "takes no pause-ms"),
        ("when=after", "send code, too"),
        ("code=500, when=later", "there are before, after"),
        ("fault=flaky-network, wire=close", "none is"),
    ],
)
def test_wishes_that_cannot_be_meant_are_refused(client: Client, prefer: str, message: str) -> None:
    """One clear error, and nothing is carried out."""
    refused = client.enqueue(headers={"prefer": prefer})
    assert errors(refused) == [("400", "invalid-preference", "Prefer")]
    assert message in refused.json()["errors"][0]["detail"]
    assert list(client.sandbox.state.queue.queues) == []
