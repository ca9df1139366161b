"""The views of a sandbox in the control plane, as its document describes them."""

from typing import Any

from eqkit.sandbox.clock import SandboxClock
from eqkit.sandbox.events import Event
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.webhooks.subscriptions import Attempt, Subscription
from eqkit.timing.instants import rfc3339

View = dict[str, Any]


def clock_view(clock: SandboxClock) -> View:
    """Show a clock (schema ``Clock``)."""
    view: View = {"now": rfc3339(clock.now()), "frozen": clock.frozen, "rate": clock.rate}
    if clock.auto_advance:
        view["auto-advance"] = True
    next_ms = clock.next_alarm_ms()
    if next_ms is not None:
        view["next-due"] = rfc3339(next_ms)
    return view


def event_view(event: Event, sandbox: Sandbox) -> View:
    """Show an event (schema ``Event``); more of its subject is looked up as long as it is known."""
    data = event.data
    if isinstance(data, int):
        data = {"id": str(data), **sandbox.state.describe_event(data)}
    return {"number": event.number, "at": rfc3339(event.at_ms), "kind": event.kind, "data": data}


def sandbox_view(name: str, sandbox: Sandbox) -> View:
    """Show a sandbox (schema ``Sandbox``)."""
    return {
        "name": name,
        "clock": clock_view(sandbox.clock),
        **sandbox.state.counts(),
        "requests": len(sandbox.journal),
        "events": sandbox.events.last - sandbox.events.began_after,
    }


def webhook_view(sandbox: Sandbox, subscription: Subscription) -> View:
    """Show a subscription without its secret (schema ``Webhook``)."""
    view: View = {"id": subscription.id, "url": subscription.url}
    if subscription.queue is not None:
        view["queue"] = subscription.queue
    if subscription.webhooks:
        view["webhooks"] = list(subscription.webhooks)
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
