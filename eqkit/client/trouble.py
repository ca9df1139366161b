"""The journal, the faults and limits, and the webhooks, for the client that waits."""

from eqkit.client import calls
from eqkit.client.faults import Fault, FaultRule, Limit, LimitRule, Pack, answer_lost
from eqkit.client.groups import Send
from eqkit.client.journal import Expectation, Journal, JournalSummary, Requests, Verified, require_verified
from eqkit.client.records import JsonObject, Webhook, WebhookAttempts
from eqkit.client.spans import Span

ALL = Requests()


class RequestJournal:
    """Every request of the public API, with its decisions, its answer, and the bytes really sent."""

    def __init__(self, send: Send) -> None:
        """Take the sender of calls."""
        self._send = send

    def list(
        self, requests: Requests = ALL, *, after: int | None = None, limit: int | None = None
    ) -> Journal:
        """Return entries, oldest first, after number `after`.

        Raises ValueError where `requests` say what stands in a body: count and verify look there.
        """
        return self._send(calls.list_journal(requests, after, limit))

    def count(self, requests: Requests = ALL) -> int:
        """Return how many requests match."""
        return self._send(calls.count_requests(requests)).count

    def verify(
        self, *expectations: Expectation, in_order: bool = False, within: Span | None = None
    ) -> Verified:
        """Require that the requests were as expected; with or without ``assert`` before it.

        With `in_order` the requests should have come in this order, with `within` in such a span of the
        sandbox's clock. Raises VerificationError, an AssertionError that explains the differences.
        """
        return require_verified(self.check(*expectations, in_order=in_order, within=within))

    def check(
        self, *expectations: Expectation, in_order: bool = False, within: Span | None = None
    ) -> Verified:
        """Return whether the requests were as expected, and the misses where they were not."""
        return self._send(calls.verify_requests(expectations, in_order, within))

    def summary(self) -> JournalSummary:
        """Return counts by answer, outcome, fault and warning."""
        return self._send(calls.summarize_journal())

    def har(
        self, *, operation: str | None = None, queue: str | None = None, after: int | None = None
    ) -> JsonObject:
        """Return the journal as an HTTP Archive (HAR 1.2)."""
        return self._send(calls.export_har(operation, queue, after))

    def clear(self) -> None:
        """Empty the journal."""
        self._send(calls.clear_journal())


class FaultBox:
    """The faults that are armed."""

    def __init__(self, send: Send) -> None:
        """Take the sender of calls."""
        self._send = send

    def list(self) -> tuple[Fault, ...]:
        """Return the faults that are armed."""
        return self._send(calls.list_faults()).faults

    def arm(self, rule: FaultRule) -> Fault:
        """Arm a fault."""
        return self._send(calls.arm_fault(rule))

    def lose_answers(
        self, count: int = 1, *, operation: str | None = None, queue: str | None = None
    ) -> Fault:
        """Store what the next `count` requests send, and close the connection without an answer."""
        rule = answer_lost(count, operation=operation, queue=queue)
        return self._send(calls.arm_fault(rule))

    def disarm(self, identifier: str) -> None:
        """Disarm one fault."""
        self._send(calls.disarm_fault(identifier))

    def clear(self) -> None:
        """Disarm all faults."""
        self._send(calls.disarm_faults())

    def packs(self) -> tuple[Pack, ...]:
        """Return the packs that can be armed."""
        return self._send(calls.list_packs()).packs

    def arm_pack(self, name: str) -> tuple[Fault, ...]:
        """Arm all rules of a pack, and return the armed ones."""
        return self._send(calls.arm_pack(name)).faults


class LimitBox:
    """How much may be asked."""

    def __init__(self, send: Send) -> None:
        """Take the sender of calls."""
        self._send = send

    def list(self) -> tuple[Limit, ...]:
        """Return the limits, with the requests left in each."""
        return self._send(calls.get_limits()).limits

    def set(self, *rules: LimitRule) -> tuple[Limit, ...]:
        """Have these limits and no others."""
        return self._send(calls.set_limits(rules)).limits

    def clear(self) -> None:
        """Take all limits away."""
        self._send(calls.clear_limits())


class Webhooks:
    """URLs that delivered messages are posted to."""

    def __init__(self, send: Send) -> None:
        """Take the sender of calls."""
        self._send = send

    def list(self, *, limit: int | None = None) -> tuple[Webhook, ...]:
        """Return the subscriptions in the order in which they were made, without their secrets."""
        return self._send(calls.list_webhooks(limit)).webhooks

    def create(
        self,
        url: str,
        *,
        queue: str | None = None,
        secret: str | None = None,
        max_attempts: int | None = None,
        first_retry: Span | None = None,
    ) -> Webhook:
        """Subscribe a URL to a queue, or to all; the answer tells the secret that signs what is posted."""
        return self._send(calls.create_webhook(url, queue, secret, max_attempts, first_retry))

    def get(self, identifier: str) -> Webhook:
        """Return a subscription with its secret."""
        return self._send(calls.get_webhook(identifier))

    def delete(self, identifier: str) -> None:
        """Forget a subscription, and its posts under way."""
        self._send(calls.delete_webhook(identifier))

    def attempts(
        self, identifier: str, *, after: int | None = None, limit: int | None = None
    ) -> WebhookAttempts:
        """Return the attempts to post, oldest first, without the first `after` of them."""
        return self._send(calls.list_webhook_attempts(identifier, after, limit))
