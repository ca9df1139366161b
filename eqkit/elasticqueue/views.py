"""Queues and messages as the control plane shows them."""

from typing import Any

from eqkit.delay.message import Delivery, Message
from eqkit.delay.queue import DelayQueue
from eqkit.timing.instants import rfc3339

View = dict[str, Any]


def delivery_view(delivery: Delivery) -> View:
    """Show a delivery (schema ``Delivery``)."""
    return {
        "queue": delivery.queue,
        "id": str(delivery.id),
        "due-at": rfc3339(delivery.due_at_ms),
        "delivered-at": rfc3339(delivery.delivered_at_ms),
        "attempt": delivery.attempt,
        "lateness-ms": delivery.lateness_ms,
    }


def pending_view(message: Message) -> View:
    """Show a message that waits (schema ``PendingMessage``)."""
    view: View = {"queue": message.queue, "id": str(message.id), "body": message.body}
    if message.wait_until is not None and message.wait_until_at_ms is not None:
        view |= {"wait-until": message.wait_until, "wait-until-at": rfc3339(message.wait_until_at_ms)}
    return view | {"accepted-at": rfc3339(message.accepted_at_ms), "due-at": rfc3339(message.due_at_ms)}


def queue_view(queue: DelayQueue, name: str) -> View:
    """Show a queue (schema ``Queue``)."""
    return {"name": name, "pending": queue.count(name), "paused": queue.is_paused(name)}
