"""Answers of the operations tagged ``messages``."""

from typing import Any

from eqkit.delay.message import Message
from eqkit.elasticqueue.queues import Queues
from eqkit.sandbox.sandbox import Sandbox
from eqkit.timing.instants import rfc3339
from eqkit.web.messages.context import JSON_API, Response
from eqkit.web.messages.links import Links

Document = dict[str, Any]


def enqueue_message(sandbox: Sandbox, queue: str, body: Document, links: Links) -> Response:
    """Put one message into a queue."""
    attributes = body["data"]["attributes"]
    queues: Queues = sandbox.state
    accepted = queues.enqueue(queue, attributes["body"], attributes.get("wait-until"))
    identifier = str(accepted.ids[0])
    link = links.messages(queue) + identifier
    location = link.encode()
    return Response(
        202,
        {"jsonapi": JSON_API, "data": {"type": "message", "id": identifier, "links": {"self": link}}},
        [(b"location", location), (b"content-location", location)],
        accepted=accepted,
    )


def bulk_enqueue_messages(sandbox: Sandbox, queue: str, body: Document, links: Links) -> Response:
    """Put many messages into a queue, or none of them."""
    attributes = [resource["attributes"] for resource in body["data"]]
    accepted = sandbox.state.enqueue_all(
        queue, [(each["body"], each.get("wait-until")) for each in attributes]
    )
    base = links.messages(queue)
    data = [
        {"type": "message", "id": identifier, "links": {"self": base + identifier}}
        for identifier in map(str, accepted.ids)
    ]
    return Response(202, {"jsonapi": JSON_API, "data": data}, accepted=accepted)


def get_message(sandbox: Sandbox, queue: str, id: str, links: Links) -> Response:
    """Show a message: its attributes, and its state."""
    queues: Queues = sandbox.state
    message = queues.message(queue, id)
    attributes: Document = {"body": message.body}
    if message.wait_until is not None:
        attributes["wait-until"] = message.wait_until
    resource = {
        "type": "message",
        "id": id,
        "attributes": attributes,
        "meta": _meta(message, sandbox.clock.now()),
        "links": {"self": links.messages(queue) + id},
    }
    return Response(200, {"jsonapi": JSON_API, "data": resource})


def head_message(sandbox: Sandbox, queue: str, id: str, links: Links) -> Response:
    """Answer as `get_message` does; the wire leaves the body out."""
    return get_message(sandbox, queue, id, links)


def _meta(message: Message, now_ms: int) -> Document:
    meta: Document = {
        "state": message.state(now_ms).value,
        "accepted-at": rfc3339(message.accepted_at_ms),
        "due-at": rfc3339(message.due_at_ms),
    }
    if message.wait_until_at_ms is not None:
        meta["wait-until-at"] = rfc3339(message.wait_until_at_ms)
    if message.delivered_at_ms is not None:
        meta["delivered-at"] = rfc3339(message.delivered_at_ms)
    return meta
