"""A contract with webhooks, and the ways in which tests send them and look at the results."""

import json
from typing import Any

from tests.mocks.receivers import Receiver, SandboxClient

PAID = {
    "type": "object",
    "required": ["amount", "sku"],
    "properties": {"amount": {"type": "integer", "minimum": 1}, "sku": {"type": "string", "minLength": 3}},
    "additionalProperties": False,
}


def webhook(**content: Any) -> dict[str, Any]:
    """A path item with a POST whose body has media types, ``_`` in the name of one standing for a slash."""
    body = {"content": {name.replace("_", "/"): each for name, each in content.items()}}
    return {"post": {"requestBody": body, "responses": {"200": {"description": "thanks"}}}}


def header(name: str, **more: Any) -> dict[str, Any]:
    """A header parameter."""
    return {"name": name, "in": "header", "schema": {"type": "string"}, **more}


NOTE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
WEBHOOKS = {
    "orderShipped": {"$ref": "#/components/pathItems/Shipped"},
    "order/paid": webhook(application_json={"schema": PAID}),
    "noted": {
        "get": {"responses": {"200": {"description": "thanks"}}},
        **webhook(
            text_plain={"schema": {"type": "string", "maxLength": 9}, "example": "a note"},
            application_json={"schema": NOTE, "example": {"text": "a note"}},
            **{"application_x-www-form-urlencoded": {"schema": NOTE, "example": {"text": "a note"}}},
        ),
    },
    "emptied": {"post": {"responses": {"200": {"description": "thanks"}}}},
    "impossible": webhook(application_json={"schema": {"type": "string", "minLength": 2, "maxLength": 1}}),
    "nothing": {"description": "no request at all"},
}
SHIPPED = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "items": {"type": "array", "items": {"type": "object", "required": ["sku"]}},
    },
}
NAMES = ["orderShipped", "order/paid", "noted", "emptied", "impossible"]


def contract(version: str = "3.1.0", **members: Any) -> str:
    """The text of a contract."""
    shipped = webhook(application_json={"schema": SHIPPED, "example": {"id": 7}})
    shipped["parameters"] = [
        header("X-Event", example="shipped"),
        header("X-Count", required=True, schema={"type": "integer", "minimum": 5, "maximum": 5}),
        header("X-Other"),
        header("X-Bad\r\nX-Split", example="no name"),
        header("webhook-signature", example="not ours"),
    ]
    document = {
        "openapi": version,
        "info": {"title": "Orders", "version": "1"},
        "components": {"pathItems": {"Shipped": shipped}},
        "webhooks": WEBHOOKS,
    }
    return json.dumps({**document, **members})


def send(sandbox: SandboxClient, webhook: str, **more: Any) -> int:
    """Send a webhook, and return the number of its subscribers."""
    answer = sandbox.control("POST", "/webhooks/send", webhook=webhook, **members(more))
    assert answer["webhook"] == webhook
    return int(answer["subscribers"])


def refused(sandbox: SandboxClient, path: str = "/webhooks/send", **body: Any) -> list[tuple[str, str]]:
    """Return place and detail of each error of a request that is a 400."""
    answer = sandbox.ask("POST", path, **members(body))
    assert answer.status_code == 400, answer.text
    return [(each["source"]["pointer"], each["detail"]) for each in answer.json()["errors"]]


def members(named: dict[str, Any]) -> dict[str, Any]:
    """Return members whose names have hyphens."""
    return {name.replace("_", "-"): value for name, value in named.items()}


def events(sandbox: SandboxClient) -> list[tuple[str, Any]]:
    """Return kind and data, without the instants, of the events of webhooks so far."""
    text = sandbox.ask("GET", "/events?follow=false").text
    blocks = [block.splitlines() for block in text.split("\n\n") if "event: webhook." in block]
    documents = [json.loads(lines[-1].removeprefix("data: ")) for lines in blocks]
    return [
        (lines[1].removeprefix("event: "), {name: each for name, each in data.items() if name != "at"})
        for lines, data in zip(blocks, documents, strict=True)
    ]


def bodies(receiver: Receiver) -> list[Any]:
    """Return the documents that a receiver got."""
    return [json.loads(each.body) for each in receiver.requests]
