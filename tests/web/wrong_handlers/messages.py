"""Answers that no contract would sign; the body of the message, or its id, says which."""

from typing import Any

from eqkit.sandbox.sandbox import Sandbox
from eqkit.web.messages.context import JSON_API, Response
from eqkit.web.messages.links import Links

LOCATION = [(b"location", b"/v1/queues/a/messages/72301093732")]
HEADERS = [*LOCATION, (b"content-location", LOCATION[0][1])]


def enqueue_message(sandbox: Sandbox, queue: str, body: dict[str, Any], links: Links) -> Response:
    """Enqueue nothing, and answer wrongly."""
    data = {"type": "message", "id": "72301093732", "links": {"self": LOCATION[0][1].decode()}}
    match body["data"]["attributes"]["body"]:
        case "a status that is not documented":
            return Response(299, {"jsonapi": JSON_API, "data": data}, HEADERS)
        case "a header is missing":
            return Response(202, {"jsonapi": JSON_API, "data": data}, LOCATION)
        case "a member is null":
            return Response(202, {"jsonapi": JSON_API, "data": data | {"id": None}}, HEADERS)
        case "no document":
            return Response(202, None, HEADERS)
        case "a document where none should be":
            return Response(204, {"jsonapi": JSON_API}, LOCATION)
    raise RuntimeError("the handler crashed on purpose")


def bulk_enqueue_messages(sandbox: Sandbox, queue: str, body: dict[str, Any], links: Links) -> Response:
    """Enqueue nothing, and answer with one resource instead of an array."""
    return Response(202, {"jsonapi": JSON_API, "data": {}})


def get_message(sandbox: Sandbox, queue: str, id: str, links: Links) -> Response:
    """Answer a message with an id that nobody asked for."""
    return Response(200, {"jsonapi": JSON_API, "data": {"type": "message", "id": 7}})


def head_message(sandbox: Sandbox, queue: str, id: str, links: Links) -> Response:
    """Answer with a status that is not documented."""
    return Response(206)
