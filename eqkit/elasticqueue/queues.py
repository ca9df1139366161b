"""The queues of one sandbox: enqueueing, delivering, pausing and purging, and the events of it."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from operator import itemgetter
from typing import Any

from eqkit.delay.ids import first_id
from eqkit.delay.message import Draft, Message
from eqkit.delay.queue import DelayQueue
from eqkit.delay.scheduler import Scheduler
from eqkit.elasticqueue.client_warnings import looks_relative, relative_delay
from eqkit.elasticqueue.delivery_faults import DeliveryFaults, contradictions
from eqkit.elasticqueue.message_posts import MessagePost
from eqkit.elasticqueue.rules import QueueRules
from eqkit.elasticqueue.wait_until import read_wait_until
from eqkit.errors import Code, ErrorObject, api_error
from eqkit.sandbox.events import Data
from eqkit.sandbox.service import SandboxContext
from eqkit.sandbox.values import Accepted
from eqkit.timing.instants import rfc3339
from eqkit.timing.slices import Slices

_AT_ONCE = (None,)
"""How the wait-until of a single message is read that sent none."""

Attributes = tuple[str, int | None]
"""A new message: its body, and its wait-until as sent."""


class Queues:
    """ElasticQueue's state in one sandbox (see `ServiceState`)."""

    def __init__(self, context: SandboxContext, rules: QueueRules) -> None:
        """Begin with no message, under the rules of the server."""
        self.clock, self.events = context.clock, context.events
        self.rules = rules
        self.queue = DelayQueue(first_id(context.seed))
        self.delivery_faults = DeliveryFaults(context.faults)
        self._webhooks, self._memory = context.webhooks, context.memory
        self._begin()

    def _begin(self) -> None:
        self.scheduler = Scheduler(
            self.queue, self.clock, on_delivered=self._note_deliveries, batch_until=self._deliver_until
        )

    @property
    def stored_total(self) -> int:
        """How many messages were ever put into a queue."""
        return self.queue.accepted_total

    @property
    def weight(self) -> int:
        """About how many bytes of memory the messages take."""
        return self.queue.weight

    @property
    def history_weight(self) -> int:
        """How many bytes the messages take that are delivered, and can only be looked at any more."""
        return self.queue.delivered_weight

    def forget_history(self, size: int) -> int:
        """Forget the messages that were delivered first, about `size` bytes of them."""
        return self.queue.forget_delivered(size)

    @property
    def data(self) -> DelayQueue:
        """The messages."""
        return self.queue

    def restore(self, data: DelayQueue) -> None:
        """Go on with the messages of another sandbox."""
        self.scheduler.stop()
        self.queue = data
        self._begin()
        self.refresh_faults()

    def wake(self) -> None:
        """Set the alarm for the next due time."""
        self.scheduler.wake()

    def close(self) -> None:
        """Deliver nothing any more; pending messages stay where they are."""
        self.scheduler.stop()

    def counts(self) -> dict[str, int]:
        """Return how many queues there are, and how many messages wait and were delivered."""
        queue = self.queue
        return {"queues": len(queue.queues), "pending": len(queue), "delivered": queue.delivered_total}

    def describe_event(self, identifier: int) -> dict[str, Any]:
        """Return the queue and the due time of a message, as long as it is known."""
        message = self.queue.find(identifier)
        return {} if message is None else {"queue": message.queue, "due-at": rfc3339(message.due_at_ms)}

    def enqueue(self, queue: str, body: str, wait_until: int | None) -> Accepted:
        """Put one message into a queue; raises ApiError when the rules forbid it, or the server is full."""
        if self._memory.is_full:
            self._memory.require_room()
        at_ms = None if wait_until is None else read_wait_until(wait_until, self.rules.unit)
        draft = Draft(body, wait_until, at_ms)
        now_ms = self.clock.now()
        if self.rules.declared_queues:
            self.rules.require_declared(queue)
        if self.rules.max_delay_ms is not None:
            self.rules.require_short_delays([draft], now_ms, ["/data"])
        warnings = _warnings([draft], now_ms) if wait_until is not None else ()
        identifier = self.queue.put(queue, draft, now_ms)
        self.events.record(now_ms, "message.accepted", identifier)
        self.scheduler.wake()
        return Accepted(now_ms, (identifier,), _AT_ONCE if at_ms is None else (at_ms,), warnings)

    def enqueue_all(self, queue: str, messages: Iterable[Attributes]) -> Accepted:
        """Put many messages into a queue in one step, or none of them (ruling B13)."""
        if self._memory.is_full:
            self._memory.require_room()
        unit = self.rules.unit
        drafts = [
            Draft(body, sent, None if sent is None else read_wait_until(sent, unit))
            for body, sent in messages
        ]
        now_ms = self.clock.now()
        if self.rules.declared_queues:
            self.rules.require_declared(queue)
        if self.rules.max_delay_ms is not None:
            self.rules.require_short_delays(
                drafts, now_ms, [f"/data/{index}" for index in range(len(drafts))]
            )
        warnings = _warnings(drafts, now_ms)
        ids = self.queue.put_all(queue, drafts, now_ms)
        self.events.record_all([now_ms] * len(ids), "message.accepted", ids)
        self.scheduler.wake()
        return Accepted(now_ms, ids, [draft.wait_until_at_ms for draft in drafts], warnings)

    def message(self, queue: str, identifier: str) -> Message:
        """Return a message of a queue by its id; raises ApiError (404) if there is none."""
        known = (
            identifier.isascii() and identifier.isdigit() and identifier[0] != "0" and len(identifier) < 20
        )
        message = self.queue.get(queue, int(identifier)) if known else None
        if message is None:
            detail = f'There is no message "{identifier[:80]}" in the queue "{queue}".'
            raise api_error(Code.MESSAGE_NOT_FOUND, detail, parameter="id")
        return message

    def run(self, identifier: int) -> bool:
        """Deliver a message now, before its time; False if it is not pending."""
        done = self.queue.run(identifier, self.clock.now())
        self.scheduler.look_again()
        if done:
            self._note_deliveries(1)
        return done

    def cancel(self, identifier: int) -> bool:
        """Forget a message before it is delivered; False if it is not pending."""
        message = self.queue.find(identifier)
        done = self.queue.cancel(identifier)
        self.scheduler.look_again()
        if done and message is not None:
            data = {"queue": message.queue, "id": str(identifier)}
            self.events.record(self.clock.now(), "message.cancelled", data)
        return done

    def pause(self, queue: str) -> None:
        """Hold back the deliveries of a queue."""
        self.queue.pause(queue)
        self.events.record(self.clock.now(), "queue.paused", {"queue": queue})

    def resume(self, queue: str) -> None:
        """Resume the deliveries of a queue."""
        self.queue.resume(queue)
        self.events.record(self.clock.now(), "queue.resumed", {"queue": queue})
        self.scheduler.wake()

    def purging(self, queue: str) -> Slices[int]:
        """Forget every message of a queue that is not delivered yet, and return how many there were."""
        count = yield from self.queue.purging(queue)
        self.scheduler.look_again()
        self.events.record(self.clock.now(), "queue.purged", {"queue": queue, "purged": count})
        return count

    def refresh_faults(self) -> None:
        """Make the deliveries ask for their faults, if there are any."""
        faults = self.delivery_faults
        self.queue.fault_of = faults.fault_of if faults.are_armed else None

    def fault_contradictions(self, rule: dict[str, Any]) -> Iterator[ErrorObject]:
        """Yield the contradictions of a rule about deliveries."""
        return contradictions(rule)

    def _deliver_until(self) -> int:
        """A message has to be posted at its own time, before anything later is delivered."""
        return self.clock.now() if self._webhooks.are_wanted else self.clock.batch_until()

    def _note_deliveries(self, count: int) -> None:
        instants, ids = self.queue.newest(count)
        if self.delivery_faults.notes:
            delivered: Iterable[tuple[int, str, Data]] = (
                (at_ms, "message.delivered", identifier)
                for at_ms, identifier in zip(instants, ids, strict=True)
            )
            for event in merge(self.delivery_faults.notes, delivered, key=itemgetter(0)):
                self.events.record(*event)
            self.delivery_faults.notes.clear()
            self.refresh_faults()
        else:
            self.events.record_all(instants, "message.delivered", ids)
        if self._webhooks.are_wanted:
            found = zip(map(self.queue.find, ids), instants, strict=True)
            self._webhooks.send(
                MessagePost(message, at_ms) for message, at_ms in found if message is not None
            )


def _warnings(drafts: Sequence[Draft], now_ms: int) -> tuple[str, ...]:
    return tuple(
        relative_delay(index, draft.wait_until, draft.wait_until_at_ms)
        for index, draft in enumerate(drafts)
        if draft.wait_until is not None
        and draft.wait_until_at_ms is not None
        and looks_relative(draft.wait_until, draft.wait_until_at_ms, now_ms)
    )
