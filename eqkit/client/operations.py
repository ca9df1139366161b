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
    reader,
)

Result = TypeVar("Result")

BASE = "/_mock"


@dataclass(frozen=True, slots=True)
class Call(Generic[Result]):
    """A request of the control plane, and how to read its answer; what is None is not sent."""

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


def get_clock() -> Call[ClockState]:
    """Read the clock."""
    return Call("GET", "/clock", reader(ClockState))


def freeze_clock(at: Instant | None) -> Call[Moved]:
    """Stop the clock."""
    body = {"at": None if at is None else instant_text(at)}
    return Call("POST", "/clock/freeze", reader(Moved), body=body)


def advance_clock(by: Duration) -> Call[Moved]:
    """Move the clock on by a duration."""
    return Call("POST", "/clock/advance", reader(Moved), body={"by-ms": duration_ms(by)})


def advance_clock_to(at: Instant) -> Call[Moved]:
    """Move the clock on to an instant."""
    return Call("POST", "/clock/advance", reader(Moved), body={"to": instant_text(at)})


def advance_clock_to_next() -> Call[Moved]:
    """Move the clock on to when the next thing falls due."""
    return Call("POST", "/clock/advance", reader(Moved), body={"next": True})


def resume_clock(rate: float | None) -> Call[ClockState]:
    """Let the clock run."""
    return Call("POST", "/clock/resume", reader(ClockState), body={"rate": rate})


def set_auto_advance(enabled: bool) -> Call[ClockState]:
    """Skip the time in which nothing happens, or not."""
    return Call("PUT", "/clock/auto-advance", reader(ClockState), body={"enabled": enabled})


def list_deliveries(
    queue: str | None, after: int | None, limit: int | None, count: int | None, wait: Duration | None
) -> Call[Deliveries]:
    """List deliveries, once there are enough."""
    wait_ms = None if wait is None else duration_ms(wait)
    query = {"queue": queue, "after": after, "limit": limit, "count": count, "wait-ms": wait_ms}
    return Call("GET", "/deliveries", reader(Deliveries), query)


def list_pending(queue: str | None, limit: int | None) -> Call[PendingMessages]:
    """List pending messages."""
    return Call("GET", "/pending", reader(PendingMessages), {"queue": queue, "limit": limit})


def run_message(identifier: str) -> Call[Delivery]:
    """Deliver a message now."""
    return Call("POST", f"/pending/{_part(identifier)}/run", reader(Delivery))


def cancel_message(identifier: str) -> Call[None]:
    """Cancel a message."""
    return Call("DELETE", f"/pending/{_part(identifier)}", nothing)


def list_queues(limit: int | None) -> Call[Queues]:
    """List the queues."""
    return Call("GET", "/queues", reader(Queues), {"limit": limit})


def pause_queue(queue: str) -> Call[Queue]:
    """Hold a queue back."""
    return Call("POST", f"/queues/{_part(queue)}/pause", reader(Queue))


def resume_queue(queue: str) -> Call[Queue]:
    """Let a queue go on."""
    return Call("POST", f"/queues/{_part(queue)}/resume", reader(Queue))


def purge_queue(queue: str) -> Call[Purged]:
    """Empty a queue."""
    return Call("DELETE", f"/queues/{_part(queue)}/pending", reader(Purged))


def list_sandboxes(limit: int | None) -> Call[Sandboxes]:
    """List the sandboxes."""
    return Call("GET", "/sandboxes", reader(Sandboxes), {"limit": limit})


def get_sandbox(name: str) -> Call[Sandbox]:
    """Look at a sandbox."""
    return Call("GET", _sandbox(name), reader(Sandbox))


def delete_sandbox(name: str) -> Call[None]:
    """Delete a sandbox."""
    return Call("DELETE", _sandbox(name), nothing)


def reset_sandbox(name: str, seed: int | None) -> Call[Sandbox]:
    """Begin a sandbox anew."""
    return Call("POST", f"{_sandbox(name)}/reset", reader(Sandbox), body={"seed": seed})


def save_snapshot(name: str) -> Call[Sandbox]:
    """Keep a snapshot of a sandbox."""
    return Call("PUT", f"{_sandbox(name)}/snapshot", reader(Sandbox))


def restore_snapshot(name: str) -> Call[Sandbox]:
    """Put a sandbox back to its snapshot."""
    return Call("POST", f"{_sandbox(name)}/restore", reader(Sandbox))


def fork_sandbox(name: str, to: str) -> Call[Sandbox]:
    """Copy a sandbox to a key that has none."""
    return Call("POST", f"{_sandbox(name)}/fork", reader(Sandbox), body={"to": to})


def list_webhooks(limit: int | None) -> Call[Webhooks]:
    """List the webhooks."""
    return Call("GET", "/webhooks", reader(Webhooks), {"limit": limit})


def create_webhook(
    url: str, queue: str | None, secret: str | None, max_attempts: int | None, first_retry: Duration | None
) -> Call[Webhook]:
    """Subscribe a URL."""
    first_retry_ms = None if first_retry is None else duration_ms(first_retry)
    body = {"url": url, "queue": queue, "secret": secret, "max-attempts": max_attempts}
    return Call("POST", "/webhooks", reader(Webhook), body={**body, "first-retry-ms": first_retry_ms})


def get_webhook(identifier: str) -> Call[Webhook]:
    """Look at a webhook."""
    return Call("GET", f"/webhooks/{_part(identifier)}", reader(Webhook))


def delete_webhook(identifier: str) -> Call[None]:
    """Unsubscribe."""
    return Call("DELETE", f"/webhooks/{_part(identifier)}", nothing)


def list_webhook_attempts(identifier: str, after: int | None, limit: int | None) -> Call[WebhookAttempts]:
    """List delivery attempts."""
    path = f"/webhooks/{_part(identifier)}/attempts"
    return Call("GET", path, reader(WebhookAttempts), {"after": after, "limit": limit})


def list_journal(requests: Requests, after: int | None, limit: int | None) -> Call[Journal]:
    """List recorded requests; raises ValueError for a `body`, which no query can say."""
    document = requests.document()
    if "body" in document:
        raise ValueError("the journal is not listed by what stands in a body; count and verify look there")
    if "stored" in document:
        document["stored"] = str(document["stored"]).lower()
    return Call("GET", "/journal", reader(Journal), {**document, "after": after, "limit": limit})


def clear_journal() -> Call[None]:
    """Empty the journal."""
    return Call("DELETE", "/journal", nothing)


def summarize_journal() -> Call[JournalSummary]:
    """Count requests, answers and warnings."""
    return Call("GET", "/journal/summary", reader(JournalSummary))


def count_requests(requests: Requests) -> Call[JournalCount]:
    """Count the requests that match."""
    return Call("POST", "/journal/count", reader(JournalCount), body=requests.document())


def verify_requests(
    expectations: Sequence[Expectation], in_order: bool, within: Duration | None
) -> Call[Verified]:
    """Compare the recorded requests with expectations."""
    body = {
        "expectations": [each.document() for each in expectations],
        "in-order": in_order or None,
        "within-ms": None if within is None else duration_ms(within),
    }
    return Call("POST", "/journal/verify", reader(Verified), body=body)


def export_har(operation: str | None, queue: str | None, after: int | None) -> Call[JsonObject]:
    """Export the journal as an HTTP Archive."""
    query = {"operation": operation, "queue": queue, "after": after}
    return Call("GET", "/journal/har", dict, query)


def list_faults() -> Call[Faults]:
    """List the faults that are armed."""
    return Call("GET", "/faults", reader(Faults))


def arm_fault(rule: FaultRule) -> Call[Fault]:
    """Arm a fault."""
    return Call("POST", "/faults", reader(Fault), body=rule.document())


def disarm_faults() -> Call[None]:
    """Disarm all faults."""
    return Call("DELETE", "/faults", nothing)


def disarm_fault(fault: str) -> Call[None]:
    """Disarm one fault."""
    return Call("DELETE", f"/faults/{_part(fault)}", nothing)


def list_packs() -> Call[Packs]:
    """List the packs."""
    return Call("GET", "/faults/packs", reader(Packs))


def arm_pack(pack: str) -> Call[Faults]:
    """Arm all that is in a pack."""
    return Call("PUT", f"/faults/packs/{_part(pack)}", reader(Faults))


def get_limits() -> Call[Limits]:
    """List the limits."""
    return Call("GET", "/limits", reader(Limits))


def set_limits(rules: Sequence[LimitRule]) -> Call[Limits]:
    """Replace the limits."""
    return Call("PUT", "/limits", reader(Limits), body={"limits": [rule.document() for rule in rules]})


def clear_limits() -> Call[None]:
    """Take all limits away."""
    return Call("DELETE", "/limits", nothing)


def _part(text: str) -> str:
    return quote(text, safe="")


def _sandbox(name: str) -> str:
    return f"/sandboxes/{_part(name)}"
