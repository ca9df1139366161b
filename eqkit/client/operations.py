"""The operations of the control plane as values, which both clients send."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from eqkit.client.durations import Duration, Instant, duration_ms, instant_text
from eqkit.client.faults import Fault, FaultRule, Faults, LimitRule, Limits, Packs
from eqkit.client.journal import Expectation, Journal, JournalCount, JournalSummary, Requests, Verified
from eqkit.client.models import (
    ClockState,
    Deliveries,
    Delivery,
    JsonObject,
    Moved,
    PendingMessages,
    Purged,
    Queue,
    Queues,
    Sandbox,
    Sandboxes,
    Webhook,
    WebhookAttempts,
    Webhooks,
    WebhookSent,
    reader,
)

Result = TypeVar("Result")

BASE = "/_mock"


@dataclass(frozen=True, slots=True)
class Operation(Generic[Result]):
    """A request of the control plane, and the reader of its answer; parameters that are None are not sent."""

    method: str
    path: str
    read: Callable[[Any], Result]
    query: Mapping[str, str | int | None] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None

    @property
    def target(self) -> str:
        """Path and query, as they stand in the request line."""
        query = urlencode({name: value for name, value in self.query.items() if value is not None})
        return f"{BASE}{self.path}{'?' if query else ''}{query}"

    @property
    def document(self) -> dict[str, Any] | None:
        """The body to send, None for none."""
        if self.body is None:
            return None
        return {name: value for name, value in self.body.items() if value is not None}


def nothing(_document: Any) -> None:
    """Read the answer that has no body."""


def get_clock() -> Operation[ClockState]:
    """Read the clock."""
    return Operation("GET", "/clock", reader(ClockState))


def freeze_clock(at: Instant | None) -> Operation[Moved]:
    """Stop the clock."""
    body = {"at": None if at is None else instant_text(at)}
    return Operation("POST", "/clock/freeze", reader(Moved), body=body)


def advance_clock(by: Duration) -> Operation[Moved]:
    """Move the clock on by a duration."""
    return Operation("POST", "/clock/advance", reader(Moved), body={"by-ms": duration_ms(by)})


def advance_clock_to(at: Instant) -> Operation[Moved]:
    """Move the clock on to an instant."""
    return Operation("POST", "/clock/advance", reader(Moved), body={"to": instant_text(at)})


def advance_clock_to_next() -> Operation[Moved]:
    """Move the clock on to when the next thing falls due."""
    return Operation("POST", "/clock/advance", reader(Moved), body={"next": True})


def resume_clock(rate: float | None) -> Operation[ClockState]:
    """Let the clock run."""
    return Operation("POST", "/clock/resume", reader(ClockState), body={"rate": rate})


def set_auto_advance(enabled: bool) -> Operation[ClockState]:
    """Skip the time in which nothing happens, or not."""
    return Operation("PUT", "/clock/auto-advance", reader(ClockState), body={"enabled": enabled})


def list_deliveries(
    queue: str | None, after: int | None, limit: int | None, count: int | None, wait: Duration | None
) -> Operation[Deliveries]:
    """List deliveries, once there are enough."""
    wait_ms = None if wait is None else duration_ms(wait)
    query = {"queue": queue, "after": after, "limit": limit, "count": count, "wait-ms": wait_ms}
    return Operation("GET", "/deliveries", reader(Deliveries), query)


def list_pending(queue: str | None, limit: int | None) -> Operation[PendingMessages]:
    """List pending messages."""
    return Operation("GET", "/pending", reader(PendingMessages), {"queue": queue, "limit": limit})


def run_message(identifier: str) -> Operation[Delivery]:
    """Deliver a message now."""
    return Operation("POST", f"/pending/{_part(identifier)}/run", reader(Delivery))


def cancel_message(identifier: str) -> Operation[None]:
    """Cancel a message."""
    return Operation("DELETE", f"/pending/{_part(identifier)}", nothing)


def list_queues(limit: int | None) -> Operation[Queues]:
    """List the queues."""
    return Operation("GET", "/queues", reader(Queues), {"limit": limit})


def pause_queue(queue: str) -> Operation[Queue]:
    """Hold the deliveries of a queue back."""
    return Operation("POST", f"/queues/{_part(queue)}/pause", reader(Queue))


def resume_queue(queue: str) -> Operation[Queue]:
    """Resume the deliveries of a queue."""
    return Operation("POST", f"/queues/{_part(queue)}/resume", reader(Queue))


def purge_queue(queue: str) -> Operation[Purged]:
    """Empty a queue."""
    return Operation("DELETE", f"/queues/{_part(queue)}/pending", reader(Purged))


def list_sandboxes(limit: int | None) -> Operation[Sandboxes]:
    """List the sandboxes."""
    return Operation("GET", "/sandboxes", reader(Sandboxes), {"limit": limit})


def get_sandbox(name: str) -> Operation[Sandbox]:
    """Show a sandbox."""
    return Operation("GET", _sandbox(name), reader(Sandbox))


def delete_sandbox(name: str) -> Operation[None]:
    """Delete a sandbox."""
    return Operation("DELETE", _sandbox(name), nothing)


def reset_sandbox(name: str, seed: int | None) -> Operation[Sandbox]:
    """Begin a sandbox anew."""
    return Operation("POST", f"{_sandbox(name)}/reset", reader(Sandbox), body={"seed": seed})


def save_snapshot(name: str) -> Operation[Sandbox]:
    """Keep a snapshot of a sandbox."""
    return Operation("PUT", f"{_sandbox(name)}/snapshot", reader(Sandbox))


def restore_snapshot(name: str) -> Operation[Sandbox]:
    """Put a sandbox back to its snapshot."""
    return Operation("POST", f"{_sandbox(name)}/restore", reader(Sandbox))


def fork_sandbox(name: str, to: str) -> Operation[Sandbox]:
    """Copy a sandbox to a key that has none."""
    return Operation("POST", f"{_sandbox(name)}/fork", reader(Sandbox), body={"to": to})


def list_webhooks(limit: int | None) -> Operation[Webhooks]:
    """List the webhooks."""
    return Operation("GET", "/webhooks", reader(Webhooks), {"limit": limit})


def create_webhook(
    url: str,
    queue: str | None,
    webhooks: Sequence[str] | None,
    secret: str | None,
    max_attempts: int | None,
    first_retry: Duration | None,
) -> Operation[Webhook]:
    """Subscribe a URL."""
    body = {
        "url": url,
        "queue": queue,
        "webhooks": list(webhooks) if webhooks else None,
        "secret": secret,
        "max-attempts": max_attempts,
        "first-retry-ms": None if first_retry is None else duration_ms(first_retry),
    }
    return Operation("POST", "/webhooks", reader(Webhook), body=body)


def send_webhook(
    webhook: str, body: Any, media_type: str | None, delay: Duration | None, method: str | None
) -> Operation[WebhookSent]:
    """Send a webhook of the contract; a body of None is that of the contract."""
    delay_ms = None if delay is None else duration_ms(delay)
    sent = {
        "webhook": webhook,
        "body": body,
        "media-type": media_type,
        "delay-ms": delay_ms,
        "method": method,
    }
    return Operation("POST", "/webhooks/send", reader(WebhookSent), body=sent)


def get_webhook(identifier: str) -> Operation[Webhook]:
    """Show a webhook."""
    return Operation("GET", f"/webhooks/{_part(identifier)}", reader(Webhook))


def delete_webhook(identifier: str) -> Operation[None]:
    """Unsubscribe."""
    return Operation("DELETE", f"/webhooks/{_part(identifier)}", nothing)


def list_webhook_attempts(
    identifier: str, after: int | None, limit: int | None
) -> Operation[WebhookAttempts]:
    """List delivery attempts."""
    path = f"/webhooks/{_part(identifier)}/attempts"
    return Operation("GET", path, reader(WebhookAttempts), {"after": after, "limit": limit})


def list_journal(requests: Requests, after: int | None, limit: int | None) -> Operation[Journal]:
    """List recorded requests; raises ValueError for a `body`, which no query can say."""
    document = requests.document()
    if "body" in document:
        raise ValueError("the journal is not listed by what stands in a body; count and verify look there")
    if "stored" in document:
        document["stored"] = str(document["stored"]).lower()
    return Operation("GET", "/journal", reader(Journal), {**document, "after": after, "limit": limit})


def clear_journal() -> Operation[None]:
    """Empty the journal."""
    return Operation("DELETE", "/journal", nothing)


def summarize_journal() -> Operation[JournalSummary]:
    """Count requests, answers and warnings."""
    return Operation("GET", "/journal/summary", reader(JournalSummary))


def count_requests(requests: Requests) -> Operation[JournalCount]:
    """Count the requests that match."""
    return Operation("POST", "/journal/count", reader(JournalCount), body=requests.document())


def verify_requests(
    expectations: Sequence[Expectation], in_order: bool, within: Duration | None
) -> Operation[Verified]:
    """Compare the recorded requests with expectations."""
    body = {
        "expectations": [each.document() for each in expectations],
        "in-order": in_order or None,
        "within-ms": None if within is None else duration_ms(within),
    }
    return Operation("POST", "/journal/verify", reader(Verified), body=body)


def export_har(operation: str | None, queue: str | None, after: int | None) -> Operation[JsonObject]:
    """Export the journal as an HTTP Archive."""
    query = {"operation": operation, "queue": queue, "after": after}
    return Operation("GET", "/journal/har", dict, query)


def list_faults() -> Operation[Faults]:
    """List the faults that are armed."""
    return Operation("GET", "/faults", reader(Faults))


def arm_fault(rule: FaultRule) -> Operation[Fault]:
    """Arm a fault."""
    return Operation("POST", "/faults", reader(Fault), body=rule.document())


def disarm_faults() -> Operation[None]:
    """Disarm all faults."""
    return Operation("DELETE", "/faults", nothing)


def disarm_fault(fault: str) -> Operation[None]:
    """Disarm one fault."""
    return Operation("DELETE", f"/faults/{_part(fault)}", nothing)


def list_packs() -> Operation[Packs]:
    """List the packs."""
    return Operation("GET", "/faults/packs", reader(Packs))


def arm_pack(pack: str) -> Operation[Faults]:
    """Arm all that is in a pack."""
    return Operation("PUT", f"/faults/packs/{_part(pack)}", reader(Faults))


def get_limits() -> Operation[Limits]:
    """List the limits."""
    return Operation("GET", "/limits", reader(Limits))


def set_limits(rules: Sequence[LimitRule]) -> Operation[Limits]:
    """Replace the limits."""
    return Operation("PUT", "/limits", reader(Limits), body={"limits": [rule.document() for rule in rules]})


def clear_limits() -> Operation[None]:
    """Take all limits away."""
    return Operation("DELETE", "/limits", nothing)


def _part(text: str) -> str:
    return quote(text, safe="")


def _sandbox(name: str) -> str:
    return f"/sandboxes/{_part(name)}"
