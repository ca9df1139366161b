"""Journal, faults, limits and webhooks, for the client that waits."""

# Made from async_traffic.py by `make client`: edit that file.

from collections.abc import Sequence
from typing import Any

from eqkit.client import operations
from eqkit.client.durations import Duration
from eqkit.client.faults import Fault, FaultRule, Limit, LimitRule, Pack, answer_lost
from eqkit.client.journal import Expectation, Journal, JournalSummary, Requests, Verified, require_verified
from eqkit.client.models import JsonObject, Webhook, WebhookAttempts, WebhookSent
from eqkit.client.resources.state import Send

ALL = Requests()


class RequestJournal:
    """Every request of the public API, with its decisions, its answer, and the bytes really sent."""

    def __init__(self, send: Send) -> None:
        """Take the function that sends calls."""
        self._send = send

    def list(
        self, requests: Requests = ALL, *, after: int | None = None, limit: int | None = None
    ) -> Journal:
        """Return entries, oldest first, after number `after`.

        Raises ValueError if `requests` has conditions on the body: only count and verify check them.
        """
        return self._send(operations.list_journal(requests, after, limit))

    def count(self, requests: Requests = ALL) -> int:
        """Return how many requests match."""
        return self._send(operations.count_requests(requests)).count

    def verify(
        self, *expectations: Expectation, in_order: bool = False, within: Duration | None = None
    ) -> Verified:
        """Require that the requests were as expected; with or without ``assert`` before it.

        With `in_order` the requests should have come in this order, with `within` in such a duration of the
        sandbox's clock. Raises VerificationError, an AssertionError that explains the differences.
        """
        return require_verified(self.check(*expectations, in_order=in_order, within=within))

    def check(
        self, *expectations: Expectation, in_order: bool = False, within: Duration | None = None
    ) -> Verified:
        """Return whether the requests were as expected, and the misses where they were not."""
        return self._send(operations.verify_requests(expectations, in_order, within))

    def summary(self) -> JournalSummary:
        """Return counts by answer, outcome, fault and warning."""
        return self._send(operations.summarize_journal())

    def har(
        self, *, operation: str | None = None, queue: str | None = None, after: int | None = None
    ) -> JsonObject:
        """Return the journal as an HTTP Archive (HAR 1.2)."""
        return self._send(operations.export_har(operation, queue, after))

    def clear(self) -> None:
        """Empty the journal."""
        self._send(operations.clear_journal())


class FaultBox:
    """The faults that are armed."""

    def __init__(self, send: Send) -> None:
        """Take the function that sends calls."""
        self._send = send

    def list(self) -> tuple[Fault, ...]:
        """Return the faults that are armed."""
        return self._send(operations.list_faults()).faults

    def arm(self, rule: FaultRule) -> Fault:
        """Arm a fault."""
        return self._send(operations.arm_fault(rule))

    def lose_answers(
        self, count: int = 1, *, operation: str | None = None, queue: str | None = None
    ) -> Fault:
        """Store the messages of the next `count` requests, and close each connection without an answer."""
        rule = answer_lost(count, operation=operation, queue=queue)
        return self._send(operations.arm_fault(rule))

    def disarm(self, identifier: str) -> None:
        """Disarm one fault."""
        self._send(operations.disarm_fault(identifier))

    def clear(self) -> None:
        """Disarm all faults."""
        self._send(operations.disarm_faults())

    def packs(self) -> tuple[Pack, ...]:
        """Return the packs that can be armed."""
        return self._send(operations.list_packs()).packs

    def arm_pack(self, name: str) -> tuple[Fault, ...]:
        """Arm all rules of a pack, and return the faults that are armed now."""
        return self._send(operations.arm_pack(name)).faults


class LimitBox:
    """The limits of a sandbox."""

    def __init__(self, send: Send) -> None:
        """Take the function that sends calls."""
        self._send = send

    def list(self) -> tuple[Limit, ...]:
        """Return the limits, each with the requests that are left."""
        return self._send(operations.get_limits()).limits

    def set(self, *rules: LimitRule) -> tuple[Limit, ...]:
        """Replace all limits by these."""
        return self._send(operations.set_limits(rules)).limits

    def clear(self) -> None:
        """Take all limits away."""
        self._send(operations.clear_limits())


class Webhooks:
    """URLs that delivered messages, or the webhooks of a contract, are posted to."""

    def __init__(self, send: Send) -> None:
        """Take the function that sends calls."""
        self._send = send

    def list(self, *, limit: int | None = None) -> tuple[Webhook, ...]:
        """Return the subscriptions in the order in which they were made, without their secrets."""
        return self._send(operations.list_webhooks(limit)).webhooks

    def create(
        self,
        url: str,
        *,
        queue: str | None = None,
        webhooks: Sequence[str] = (),
        secret: str | None = None,
        max_attempts: int | None = None,
        first_retry: Duration | None = None,
    ) -> Webhook:
        """Subscribe a URL to a queue, or to webhooks of a contract by name; to all where none is named.

        The answer has the secret that signs the posts.
        """
        return self._send(operations.create_webhook(url, queue, webhooks, secret, max_attempts, first_retry))

    def send(
        self,
        webhook: str,
        body: Any = None,
        *,
        media_type: str | None = None,
        delay: Duration | None = None,
        method: str | None = None,
    ) -> WebhookSent:
        """Send a webhook of the contract to its subscribers, at once or after a delay of the clock.

        Without a body it is an example of the contract, or else a generated value; without a method it is a
        POST, or else the first of the contract.
        """
        return self._send(operations.send_webhook(webhook, body, media_type, delay, method))

    def get(self, identifier: str) -> Webhook:
        """Return a subscription with its secret."""
        return self._send(operations.get_webhook(identifier))

    def delete(self, identifier: str) -> None:
        """Remove a subscription and its open attempts."""
        self._send(operations.delete_webhook(identifier))

    def attempts(
        self, identifier: str, *, after: int | None = None, limit: int | None = None
    ) -> WebhookAttempts:
        """Return the attempts to post, oldest first, without the first `after` of them."""
        return self._send(operations.list_webhook_attempts(identifier, after, limit))
