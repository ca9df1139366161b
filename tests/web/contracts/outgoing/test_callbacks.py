"""Callbacks of any contract: sent to the addresses that requests name, by the clock of the sandbox."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eqkit.sandbox.webhooks.subscriptions import MOST_UNDER_WAY
from tests.mocks.receivers import SandboxClient, receiving
from tests.processes import running

CONTRACT = """
openapi: 3.1.0
info: {title: Orders, version: "1"}
paths:
  /orders/{kind}:
    post:
      operationId: order
      parameters:
        - {name: kind, in: path, required: true, schema: {type: string}}
        - {name: notify, in: query, schema: {type: string}}
        - {name: X-Notify, in: header, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        "201":
          description: ordered
          headers: {Location: {required: true, schema: {type: string}, example: /orders/7}}
          content: {application/json: {schema: {type: object}, example: {id: 7, tags: [new]}}}
        "409": {description: no}
      callbacks:
        paid:
          "{$request.body#/hook}/{$request.path.kind}/{$response.body#/id}/{$response.body#/tags/0}/{$statusCode}":
            post:
              requestBody:
                content:
                  application/json:
                    schema:
                      type: object
                      required: [amount, sku]
                      properties: {amount: {type: integer, minimum: 1}, sku: {type: string}}
              responses: {"200": {description: thanks}}
        shipped:
          $request.query.notify:
            post:
              parameters: [{name: X-Event, in: header, schema: {type: string}, example: shipped}]
              requestBody: {content: {text/plain: {schema: {type: string}, example: on its way}}}
              responses: {"200": {description: thanks}}
        mentioned: {$ref: "#/components/callbacks/Mentioned"}
components:
  callbacks:
    Mentioned:
      "{$request.header.x-notify}?at={$response.header.location}":
        post: {responses: {"200": {description: thanks}}}
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the contract."""
    folder = tmp_path_factory.mktemp("callbacks")
    (folder / "orders.yaml").write_text(CONTRACT)
    with running(folder, str(folder / "orders.yaml")) as server:
        yield server.url


@pytest.fixture
def sandbox(url: str) -> Iterator[SandboxClient]:
    """The control plane of a sandbox that nobody else has."""
    client = SandboxClient(url)
    yield client
    client.close()


def order(url: str, sandbox: SandboxClient, **sent: object) -> int:
    """Send an order, and return the status of the answer."""
    headers = {"Eqkit-Sandbox": sandbox.key, **sent.pop("headers", {})}  # type: ignore[dict-item]
    return httpx.post(f"{url}/orders/books", headers=headers, **sent).status_code  # type: ignore[arg-type]


def events(sandbox: SandboxClient, kind: str) -> list[str]:
    """Return the data of the events of a kind, as the stream has them."""
    text = sandbox.ask("GET", "/events?follow=false").text
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return [block[-1] for block in blocks if f"event: {kind}" in block]


def test_each_callback_goes_to_the_address_that_its_expressions_name(
    url: str, sandbox: SandboxClient
) -> None:
    """Body, path, query, header, and the answer itself; the body of a callback echoes the request."""
    with receiving() as paid, receiving() as shipped, receiving() as mentioned:
        hook = paid.url.partition("?")[0]
        plain = mentioned.url.partition("?")[0]
        status = order(
            url,
            sandbox,
            json={"hook": hook, "sku": "emma", "amount": 3},
            params={"notify": shipped.url},
            headers={"X-Notify": plain},
        )
        assert status == 201
        for receiver in (paid, shipped, mentioned):
            receiver.wait_for(1)
    (first,) = paid.requests
    assert first.path == "/hooks/books/7/new/201"
    assert first.body == b'{"amount":3,"sku":"emma"}'
    assert first.headers["content-type"] == "application/json"
    assert first.headers["webhook-signature"].startswith("v1,")
    assert (shipped.requests[0].path, shipped.requests[0].body) == ("/hooks?from=mock", b"on its way")
    assert shipped.requests[0].headers["x-event"] == "shipped"
    assert mentioned.requests[0].path == "/hooks?at=/orders/7"


def test_a_failed_callback_is_sent_again_by_the_clock_of_the_sandbox(
    url: str, sandbox: SandboxClient
) -> None:
    """No wait in real time: the clock is moved on, and the second attempt has the same id."""
    with receiving(500, 204) as receiver:
        sandbox.control("POST", "/clock/freeze")
        order(url, sandbox, json={}, params={"notify": receiver.url})
        receiver.wait_for(1)
        sandbox.control("POST", "/clock/advance", **{"by-ms": 60_000})
        receiver.wait_for(2)
    first, second = receiver.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 5


def test_a_request_that_names_no_address_has_no_callback(url: str, sandbox: SandboxClient) -> None:
    """The event log says which expression was without a value."""
    assert order(url, sandbox, json={"hook": 5}) == 201
    assert len(events(sandbox, "callback.without-address")) == 2


def test_a_request_that_fails_calls_nobody(url: str, sandbox: SandboxClient) -> None:
    """An error by preference, and a fault before the request is carried out."""
    with receiving() as receiver:
        order(url, sandbox, json={}, params={"notify": receiver.url}, headers={"Prefer": "code=409"})
        rule = {"operation": "order", "when": "before", "do": {"answer": {"status": 503}}}
        sandbox.control("POST", "/faults", **rule)
        assert order(url, sandbox, json={}, params={"notify": receiver.url}) == 503
        assert receiver.requests == []
    assert events(sandbox, "webhook.attempted") == []


def test_an_address_elsewhere_is_refused_and_told(url: str, sandbox: SandboxClient, tmp_path: Path) -> None:
    """By default nothing leaves this machine: a request may name any address."""
    order(url, sandbox, json={}, params={"notify": "http://192.0.2.1/hook"})
    sandbox.control("POST", "/clock/advance", **{"by-ms": 1})
    (attempted, *_) = events(sandbox, "webhook.attempted")
    assert "is not this machine" in attempted


def test_no_more_callbacks_are_under_way_than_the_limit(url: str, sandbox: SandboxClient) -> None:
    """Nobody listens, and the clock stands still: each waits for its second attempt."""
    with receiving() as receiver:
        closed = receiver.url
    sandbox.control("POST", "/clock/freeze")
    headers = {"Eqkit-Sandbox": sandbox.key}
    with httpx.Client(base_url=url, headers=headers, params={"notify": closed}) as client:
        statuses = {client.post("/orders/books", json={}).status_code for _ in range(MOST_UNDER_WAY + 2)}
    assert statuses == {201}
    assert len(events(sandbox, "callback.dropped")) == 2
