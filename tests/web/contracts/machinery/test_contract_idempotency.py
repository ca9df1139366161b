"""Idempotency-Key of any contract (draft-ietf-httpapi-idempotency-key-header)."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from eqkit.web.contracts.application import contract_application
from eqkit.web.contracts.settings import ContractSettings
from tests.clients import Client

PAY = """
import asyncio

count = 0


async def pay(sandbox, body):
    global count
    count += 1
    await asyncio.sleep(0.2)
    return {"count": count}
"""


class JsonClient(Client):
    """Sends JSON under one key."""

    media_type = "application/json"


def client(
    folder: Path, statuses: tuple[str, ...] = (), *, handlers: str = "", content: Any = None
) -> JsonClient:
    """Return a client of a server with one operation that takes a key."""
    operation = {
        "operationId": "pay",
        "tags": ["pay"],
        "parameters": [{"name": "IDEMPOTENCY-key", "in": "header", "schema": {"type": "string"}}],
        "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "201": {"description": "paid", "content": content or {"application/json": {"schema": True}}},
            **{each: {"description": "no"} for each in statuses},
        },
    }
    document = {
        "openapi": "3.2.0",
        "info": {"title": "Payments", "version": "1"},
        "paths": {"/payments": {"post": operation}},
    }
    (folder / "contract.json").write_text(json.dumps(document))
    settings = ContractSettings(contract=str(folder / "contract.json"), stream_pause=1)
    if handlers:
        (folder / "handlers").mkdir()
        (folder / "handlers" / "pay.py").write_text(handlers)
        settings = ContractSettings(contract=str(folder / "contract.json"), handlers=folder / "handlers")
    return JsonClient(contract_application(settings))


@pytest.mark.parametrize(
    ("declared", "status"),
    [((), 422), (("422", "409", "400"), 422), (("409", "400"), 409), (("400",), 400), (("404",), 422)],
)
def test_a_key_of_another_request_is_refused_by_the_declared_status(
    tmp_path: Path, declared: tuple[str, ...], status: int
) -> None:
    """Section 2.7: 422 for another request under the same key; where a contract has but another, that."""
    mock = client(tmp_path, declared)
    headers = {"Idempotency-Key": "one"}
    assert mock.post("/payments", json={"amount": 1}, headers=headers).status_code == 201
    assert mock.post("/payments", json={"amount": 2}, headers=headers).status_code == status


def test_a_repeated_request_waits_for_no_answer_of_its_own(tmp_path: Path) -> None:
    """Section 2.7: 409 while the first request is under way, which alone is carried out."""
    mock = client(tmp_path, handlers=PAY)

    async def both() -> list[Any]:
        sent = (
            mock.send("POST", "/payments", json={"amount": 1}, headers={"Idempotency-Key": "one"})
            for _ in range(2)
        )
        return await asyncio.gather(*sent)

    first, second = asyncio.run(both())
    assert {first.status_code, second.status_code} == {201, 409}
    again = mock.post("/payments", json={"amount": 1}, headers={"Idempotency-Key": "one"})
    assert (again.status_code, again.json()) == (201, {"count": 1})


def test_a_stream_comes_whole_each_time(tmp_path: Path) -> None:
    """It is sent item by item, and a repeated request gets its items, too."""
    items = {"application/jsonl": {"itemSchema": {"type": "object"}, "example": [{"n": 1}, {"n": 2}]}}
    mock = client(tmp_path, content=items)
    for _ in range(2):
        answer = mock.post("/payments", json={}, headers={"Idempotency-Key": "one"})
        assert answer.text.splitlines() == ['{"n":1}', '{"n":2}']
