"""The views of a sandbox in the control plane, as its document describes them."""

from typing import Any

from eqkit.delay.message import Delivery, Message
from eqkit.sandbox.clock import WorldClock
from eqkit.sandbox.events import Event
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.webhooks.subscriptions import Attempt, Subscription
from eqkit.timing.instants import rfc3339

View = dict[str, Any]


def clock_view(clock: WorldClock) -> View:
    """Show a clock (schema ``Clock``)."""
    view: View = {"now": rfc3339(clock.now()), "frozen": clock.frozen, "rate": clock.rate}
    if clock.auto_skip:
        view["auto-skip"] = True
    next_ms = clock.next_alarm_ms()
    if next_ms is not None:
        view["next-due"] = rfc3339(next_ms)
    return view


def event_view(event: Event, sandbox: Sandbox) -> View:
    """Show an event (schema ``Event``); what is told of a message is looked up as long as it is known."""
    data = event.data
    if isinstance(data, int):
        message = sandbox.queue.find(data)
        known = {} if message is None else {"queue": message.queue, "due-at": rfc3339(message.due_at_ms)}
        data = {"id": str(data), **known}
    return {"number": event.number, "at": rfc3339(event.at_ms), "kind": event.kind, "data": data}


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


def queue_view(sandbox: Sandbox, name: str) -> View:
    """Show a queue (schema ``Queue``)."""
    return {"name": name, "pending": sandbox.queue.count(name), "paused": sandbox.queue.is_paused(name)}


def sandbox_view(name: str, sandbox: Sandbox) -> View:
    """Show a sandbox (schema ``Sandbox``)."""
    return {
        "name": name,
        "clock": clock_view(sandbox.clock),
        "queues": len(sandbox.queue.queues),
        "pending": len(sandbox.queue),
        "delivered": sandbox.queue.delivered_total,
        "requests": len(sandbox.journal),
        "events": sandbox.events.last - sandbox.events.began_after,
    }


def webhook_view(sandbox: Sandbox, subscription: Subscription) -> View:
    """Show a subscription without its secret (schema ``Webhook``)."""
    view: View = {"id": subscription.id, "url": subscription.url}
    if subscription.queue is not None:
        view["queue"] = subscription.queue
    return view | {
        "disabled": subscription.disabled,
        "max-attempts": subscription.max_attempts,
        "first-retry-ms": subscription.first_retry_ms,
        "on-the-way": len(sandbox.subscriptions.on_the_way(subscription)),
        "attempts": subscription.attempted,
        "succeeded": subscription.succeeded,
        "dead-lettered": subscription.dead_lettered,
    }


def attempt_view(attempt: Attempt) -> View:
    """Show an attempt of a webhook (schema ``WebhookAttempt``)."""
    view: View = {
        "number": attempt.number,
        "at": rfc3339(attempt.at_ms),
        "webhook-id": attempt.webhook_id,
        "queue": attempt.queue,
        "id": str(attempt.message),
        "attempt": attempt.attempt,
        "outcome": attempt.outcome,
    }
    if attempt.status is not None:
        view["status"] = attempt.status
    if attempt.error is not None:
        view["error"] = attempt.error
    if attempt.retry_at_ms is not None:
        view["next-retry-at"] = rfc3339(attempt.retry_at_ms)
    return view
