"""Webhooks of any contract: sent to their subscribers on demand, by the clock of the sandbox."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import httpx
import pytest

from eqkit.sandbox.webhooks.subscriptions import MOST_UNDER_WAY
from tests.mocks.receivers import SandboxClient, is_genuine, receiving
from tests.processes import running
from tests.web.contracts.outgoing.contracts import NAMES, bodies, contract, events, refused, send


@pytest.fixture(scope="module", params=["3.1.0", "3.2.0"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the contract that validates its own answers."""
    folder = tmp_path_factory.mktemp("webhooks")
    (folder / "orders.json").write_text(contract(request.param))
    with running(folder, str(folder / "orders.json"), "--validate-responses", "true") as server:
        yield server.url


def test_a_webhook_goes_to_its_subscribers_with_the_example_of_the_contract(sandbox: SandboxClient) -> None:
    """It is signed by the secret of each; a subscriber without names gets every webhook, another its own."""
    with receiving() as every, receiving() as shipped, receiving() as paid:
        secrets = [
            sandbox.subscribe(receiver.url, **names)["secret"]
            for receiver, names in (
                (every, {}),
                (shipped, {"webhooks": ["noted", "orderShipped"]}),
                (paid, {"webhooks": ["order/paid"]}),
            )
        ]
        assert send(sandbox, "orderShipped") == 2
        for receiver in (every, shipped):
            receiver.wait_for(1)
    assert paid.requests == []
    assert bodies(every) == bodies(shipped) == [{"id": 7}]
    assert shipped.requests[0].headers["content-type"] == "application/json"
    assert is_genuine(every.requests[0], secrets[0])
    assert is_genuine(shipped.requests[0], secrets[1])


def test_a_webhook_has_the_headers_of_its_contract(sandbox: SandboxClient) -> None:
    """Those that are required or have an example; the signature stays that of the mock."""
    with receiving() as receiver:
        secret = sandbox.subscribe(receiver.url)["secret"]
        send(sandbox, "orderShipped")
        receiver.wait_for(1)
    (request,) = receiver.requests
    assert (request.headers["x-event"], request.headers["x-count"]) == ("shipped", "5")
    assert not {"x-other", "x-split"} & request.headers.keys()
    assert is_genuine(request, secret)


def test_each_method_of_a_webhook_can_be_sent(sandbox: SandboxClient) -> None:
    """OpenAPI 3.1.1, "Path Item Object": it has several requests; a POST goes before the others."""
    with receiving() as receiver:
        sandbox.subscribe(receiver.url)
        send(sandbox, "noted", method="get")
        send(sandbox, "noted")
        receiver.wait_for(2)
    gotten, posted = receiver.requests
    assert (gotten.body, "content-type" in gotten.headers) == (b"", False)
    assert posted.body == b"a note"
    detail = 'There is no method "PUT"; there are GET, POST.'
    assert refused(sandbox, webhook="noted", method="PUT") == [("/method", detail)]


def test_without_an_example_the_body_is_generated_and_valid(sandbox: SandboxClient) -> None:
    """It is the same each time, as answers are, under an id of its own."""
    with receiving() as receiver:
        sandbox.subscribe(receiver.url)
        send(sandbox, "order/paid")
        send(sandbox, "order/paid")
        receiver.wait_for(2)
    first, second = bodies(receiver)
    assert first == second
    assert first["amount"] >= 1
    assert len(first["sku"]) >= 3
    assert len({each.headers["webhook-id"] for each in receiver.requests}) == 2


def test_a_given_body_is_sent_as_it_is(sandbox: SandboxClient) -> None:
    """A webhook may have members that only the service sets (`readOnly`)."""
    given = {"id": 8, "items": [{"sku": "tea"}]}
    with receiving() as receiver:
        sandbox.subscribe(receiver.url)
        send(sandbox, "orderShipped", body=given)
        receiver.wait_for(1)
    assert bodies(receiver) == [given]


def test_a_given_body_that_the_contract_refuses_is_refused_with_every_place(sandbox: SandboxClient) -> None:
    """Nothing is sent, not even to a subscriber."""
    with receiving() as receiver:
        sandbox.subscribe(receiver.url)
        found = refused(sandbox, webhook="order/paid", body={"amount": 0, "size": 3})
        inner = refused(sandbox, webhook="orderShipped", body={"id": "7", "items": [{}]})
        assert receiver.requests == []
    assert {place for place, _ in found} == {"/body", "/body/amount", "/body/size"}
    assert ("/body", 'The member "sku" is missing.') in found
    assert {place for place, _ in inner} == {"/body/id", "/body/items/0"}
    assert events(sandbox) == []


def test_a_webhook_without_a_body_takes_none(sandbox: SandboxClient) -> None:
    """It is a POST of no bytes."""
    with receiving() as receiver:
        sandbox.subscribe(receiver.url)
        send(sandbox, "emptied")
        receiver.wait_for(1)
    assert receiver.requests[0].body == b""
    assert refused(sandbox, webhook="emptied", body={}) == [
        ("/body", 'The webhook "emptied" has no body in the contract.')
    ]


def test_a_webhook_of_which_no_body_can_be_made_asks_for_one(sandbox: SandboxClient) -> None:
    """Its schema admits no value at all."""
    ((place, detail),) = refused(sandbox, webhook="impossible")
    assert place == "/webhook"
    assert detail.startswith('No valid body can be made for "impossible", so give one: ')


def test_each_media_type_of_a_webhook_can_be_sent(sandbox: SandboxClient) -> None:
    """The first of the contract, or one that is named; the body is written in it, and read by it."""
    form = "application/x-www-form-urlencoded"
    with receiving() as receiver:
        sandbox.subscribe(receiver.url)
        send(sandbox, "noted")
        send(sandbox, "noted", media_type="application/json")
        send(sandbox, "noted", media_type=form, body={"text": "tea & cake"})
        receiver.wait_for(3)
    text, document, pairs = receiver.requests
    assert (text.headers["content-type"], text.body) == ("text/plain", b"a note")
    assert json.loads(document.body) == {"text": "a note"}
    assert pairs.headers["content-type"] == form
    assert parse_qs(pairs.body.decode()) == {"text": ["tea & cake"]}
    assert [place for place, _ in refused(sandbox, webhook="noted", body="far too long")] == ["/body"]
    assert refused(sandbox, webhook="noted", media_type="application/jason") == [
        ("/media-type", 'There is no media type "application/jason"; did you mean "application/json"?')
    ]


def test_an_unknown_name_is_refused_with_the_nearest(sandbox: SandboxClient) -> None:
    """When it is sent, and when it is subscribed to."""
    ((place, detail),) = refused(sandbox, webhook="orderShiped")
    assert place == "/webhook"
    assert detail.endswith('not "orderShiped"; did you mean "orderShipped"?')
    ((place, detail),) = refused(
        sandbox, "/webhooks", url="http://127.0.0.1:9/", webhooks=["noted", "oder/paid"]
    )
    assert place == "/webhooks/1"
    assert detail.endswith('not "oder/paid"; did you mean "order/paid"?')
    assert refused(sandbox, "/webhooks", url="http://127.0.0.1:9/", queue="noted") == [
        ("/queue", 'There is no member "queue"; did you mean "webhooks"?')
    ]


def test_a_webhook_waits_for_its_time_and_is_sent_again_when_it_fails(sandbox: SandboxClient) -> None:
    """No wait in real time: the clock is moved on, and the second attempt has the same id."""
    with receiving(500, 204) as receiver:
        subscription = sandbox.subscribe(receiver.url, first_retry_ms=10_000)
        assert send(sandbox, "orderShipped", delay_ms=60_000) == 1
        assert sandbox.control("GET", f"/webhooks/{subscription['id']}")["on-the-way"] == 1
        assert sandbox.advance(59_999) == []
        happened = sandbox.advance(20_000)
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert is_genuine(second, subscription["secret"])
    assert [kind for _, kind, _ in happened] == [
        "webhook.attempted",
        "webhook.attempted",
        "webhook.succeeded",
    ]
    number = first.headers["webhook-id"].split("_")[1]
    about = {"queue": "orderShipped", "id": number}
    assert events(sandbox)[0] == ("webhook.sent", {**about, "subscribers": 1})
    attempts = sandbox.attempts(subscription)
    assert [(each["outcome"], each["status"]) for each in attempts] == [
        ("to-be-retried", 500),
        ("succeeded", 204),
    ]
    assert about.items() <= attempts[0].items()


def test_a_delayed_webhook_is_part_of_a_snapshot(sandbox: SandboxClient) -> None:
    """Restored, it goes out at its time; and not to a subscriber that has gone since."""
    with receiving() as receiver:
        subscription = sandbox.subscribe(receiver.url)
        send(sandbox, "orderShipped", delay_ms=60_000)
        sandbox.control("PUT", f"/sandboxes/{sandbox.key}/snapshot")
        sandbox.control("DELETE", f"/webhooks/{subscription['id']}")
        assert sandbox.advance(60_000) == []
        sandbox.control("POST", f"/sandboxes/{sandbox.key}/restore")
        sandbox.advance(60_000)
    assert bodies(receiver) == [{"id": 7}]


def test_nobody_has_to_subscribe(sandbox: SandboxClient) -> None:
    """It is told, and is an event."""
    assert send(sandbox, "orderShipped") == 0
    ((kind, data),) = events(sandbox)
    assert (kind, data["queue"], data["subscribers"]) == ("webhook.sent", "orderShipped", 0)


def test_no_more_webhooks_are_under_way_than_the_limit(sandbox: SandboxClient) -> None:
    """Those that wait for their time count; one that does not find room for all goes to nobody."""
    for _ in range(3):
        sandbox.subscribe("http://127.0.0.1:9/")
    for _ in range(MOST_UNDER_WAY // 3):
        assert send(sandbox, "emptied", delay_ms=1_000) == 3
    answer = sandbox.ask("POST", "/webhooks/send", webhook="emptied")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "too-many-webhooks")
    assert events(sandbox)[-1] == ("webhook.dropped", {"queue": "emptied"})


def test_the_document_of_the_control_plane_lists_the_webhooks(url: str) -> None:
    """They are the values that its schemas allow, and queues are no part of it."""
    document = httpx.get(f"{url}/_mock/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert schemas["WebhookSend"]["properties"]["webhook"]["enum"] == NAMES
    assert schemas["WebhookInput"]["properties"]["webhooks"]["items"]["enum"] == NAMES
    assert "queue" not in schemas["WebhookInput"]["properties"]
