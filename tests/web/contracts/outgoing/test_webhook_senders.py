"""Senders of a contract's webhooks: the client, and handlers; and contracts that have no webhooks."""

import asyncio
import importlib
import json
from pathlib import Path

import httpx
import pytest

from eqkit.answers.generating import Generator
from eqkit.client import Client, StatusError
from eqkit.contract.document import Document
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract
from eqkit.web.contracts.application import ContractApplication
from eqkit.web.contracts.outgoing.webhooks import ContractWebhooks
from eqkit.web.contracts.service import ContractService
from eqkit.web.contracts.settings import ContractSettings
from eqkit.web.control.plane import MOCKS
from tests.mocks.receivers import SandboxClient, receiving
from tests.processes import running
from tests.web.contracts.outgoing.contracts import bodies, contract, refused, webhook
from tests.web.test_turns import turns_during


def test_the_client_subscribes_and_sends(tmp_path: Path) -> None:
    """Names, body, media type and delay reach the server."""
    (tmp_path / "orders.json").write_text(contract())
    with running(tmp_path, str(tmp_path / "orders.json")) as server, receiving() as receiver:
        client = Client(server.url, "test_client_of_webhooks")
        client.clock.freeze()
        made = client.webhooks.create(receiver.url, webhooks=["noted"])
        sent = client.webhooks.send("noted", {"text": "hi"}, media_type="application/json", delay="1m")
        moved = client.clock.advance("1m")
        client.webhooks.send("noted", media_type="application/json")
        receiver.wait_for(2)
        with pytest.raises(StatusError, match="invalid-value"):
            client.webhooks.send("note")
    assert (made.webhooks, sent.subscribers) == (("noted",), 1)
    assert [each.kind for each in moved.happened] == ["webhook.attempted", "webhook.succeeded"]
    assert bodies(receiver) == [{"text": "hi"}, {"text": "a note"}]


@pytest.mark.parametrize(
    "text",
    [
        contract(webhooks={}, paths={"/": {"get": {"responses": {"200": {"description": ""}}}}}),
        contract("3.0.3", components={}, paths={}),
    ],
    ids=["none", "before 3.1"],
)
def test_a_document_without_webhooks_sends_none(text: str, tmp_path: Path) -> None:
    """OpenAPI has them since 3.1; a request that names one is told so."""
    (tmp_path / "orders.json").write_text(text)
    with running(tmp_path, str(tmp_path / "orders.json")) as server:
        sandbox = SandboxClient(server.url)
        assert refused(sandbox, webhook="orderShipped") == [
            ("/webhook", 'There is no webhook "orderShipped"; the contract has none.')
        ]
        ((place, _),) = refused(sandbox, "/webhooks", url="http://127.0.0.1:9/", webhooks=["orderShipped"])
        assert place == "/webhooks"
        sandbox.close()


HANDLER = """
def order(sandbox, webhooks, name=None):
    if name is not None:
        return {"subscribers": webhooks.send(name)}
    return {"subscribers": webhooks.send("orderShipped", body={"id": 9}, delay_s=60)}
"""


def test_a_handler_sends_webhooks(tmp_path: Path) -> None:
    """By the clock of its sandbox; a wrong name is the handler's own fault, a 500 with a line in the log."""
    paths = {
        "/orders": {
            "post": {
                "operationId": "order",
                "parameters": [{"name": "name", "in": "query", "schema": {"type": "string"}}],
                "responses": {"200": {"description": "ordered", "content": {"application/json": {}}}},
            }
        }
    }
    (tmp_path / "orders.json").write_text(contract(paths=paths))
    (tmp_path / "handlers").mkdir()
    (tmp_path / "handlers" / "default.py").write_text(HANDLER)
    arguments = (str(tmp_path / "orders.json"), "--handlers", str(tmp_path / "handlers"))
    with running(tmp_path, *arguments) as server, receiving() as receiver:
        sandbox = SandboxClient(server.url)
        sandbox.control("POST", "/clock/freeze")
        sandbox.subscribe(receiver.url)
        headers = {"Eqkit-Sandbox": sandbox.key}
        answer = httpx.post(f"{server.url}/orders", headers=headers)
        assert answer.json() == {"subscribers": 1}
        wrong = httpx.post(f"{server.url}/orders?name=orderShiped", headers=headers)
        assert wrong.status_code == 500
        assert receiver.requests == []
        sandbox.advance(60_000)
        sandbox.close()
    assert bodies(receiver) == [{"id": 9}]


def test_a_given_body_is_validated_beside_the_event_loop() -> None:
    """It may be as long as a request, and others are answered meanwhile."""
    item = {"type": "array", "items": {"type": "integer"}}
    data = json.loads(contract(webhooks={"long": webhook(application_json={"schema": item})}, paths={}))
    document = Document(data)
    compiled = CompiledContract(document)
    webhooks = ContractWebhooks(document, compiled, Generator(compiled.responses))
    service = ContractService(Contract(document), "Orders")

    async def turns() -> int:
        sandbox = ContractApplication(service, ContractSettings()).sandboxes.of("key")
        assert sandbox is not None
        body = {"webhook": "long", "body": [1] * 300_000}
        handlers = importlib.import_module(f"{MOCKS}.webhooks")
        return await turns_during(handlers.send_webhook(sandbox, body, webhooks))

    assert asyncio.run(turns()) > 20
