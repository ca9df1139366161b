"""A sandbox: one key's clock, queues, deliveries, journal and stored answers."""

import copy
import time
from collections.abc import Callable, Iterable, Sequence
from heapq import merge
from operator import itemgetter

from eqkit.delay.ids import first_id
from eqkit.delay.message import Draft, Message
from eqkit.delay.queue import DelayQueue
from eqkit.delay.scheduler import Scheduler
from eqkit.errors import Code, refusal
from eqkit.sandbox.clock import WorldClock
from eqkit.sandbox.events import Data, Events
from eqkit.sandbox.faults.armed import Faults
from eqkit.sandbox.faults.limits import Limits
from eqkit.sandbox.idempotency import StoredAnswers
from eqkit.sandbox.journal.entries import Entry, Journal
from eqkit.sandbox.memory import Memory
from eqkit.sandbox.mistakes import Watch, looks_relative, relative_delay
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.values import Accepted, Numbers, Snapshot
from eqkit.sandbox.webhooks.posting import NO_WAY_OUT, Outbound, Webhooks
from eqkit.sandbox.webhooks.subscriptions import Subscriptions
from eqkit.timing.clock import Clock
from eqkit.timing.instants import read_wait_until
from eqkit.timing.slices import Slices

_STATE = (
    "queue",
    "journal",
    "events",
    "subscriptions",
    "stored_answers",
    "_errors",
    "faults",
    "limits",
    "is_troubled",
)
"""The parts of a sandbox in a snapshot, beside its rules and its clock."""

_AT_ONCE = (None,)
"""How the wait-until of a single message is read that sent none."""

SANDBOX_WEIGHT = 12_000
"""About how many bytes of memory an empty sandbox takes."""

Attributes = tuple[str, int | None]
"""A new message: its body, and its wait-until as sent."""


class Sandbox:
    """One caller's whole world; nothing in it is shared with another."""

    def __init__(
        self, clock: Clock, rules: Rules, outbound: Outbound = NO_WAY_OUT, memory: Memory | None = None
    ) -> None:
        """Make an empty world whose clock follows `clock`, and whose webhooks go out by `outbound`.

        `memory` bounds the bytes that it holds together with others.
        """
        self._outbound = outbound
        self._memory = memory = memory or Memory()
        self.clock = WorldClock(clock)
        self.rules = rules
        self.queue = DelayQueue(first_id(rules.seed))
        self.scheduler = self._new_scheduler()
        self.journal = Journal(memory=memory)
        self.watch = Watch(rules.unit)
        self.events = Events()
        self.faults = Faults(rules.seed, self.events)
        self.limits = Limits(self.events)
        self.is_troubled = False
        """Whether a fault or a limit could befall a request."""
        self.subscriptions = Subscriptions()
        self.webhooks = self._new_webhooks()
        self.stored_answers = StoredAnswers()
        self.waiting: dict[object, Callable[[], Entry]] = {}
        """The requests that wait for their answers: what each would be in the journal if it ended now."""
        self.used_at_s = 0.0
        """The time of the last request or answer with its key, in monotonic seconds."""
        self._under_way = 0
        self._errors = 0

    @classmethod
    def of_snapshot(
        cls,
        clock: Clock,
        snapshot: "Snapshot",
        outbound: Outbound = NO_WAY_OUT,
        memory: Memory | None = None,
        *,
        once: bool = False,
    ) -> "Sandbox":
        """Make a world that goes on from a snapshot, which stays as it is unless it is needed but `once`."""
        sandbox = cls(clock, snapshot.rules, outbound, memory)
        vars(sandbox).update(snapshot.state if once else copy.deepcopy(snapshot.state))
        sandbox.scheduler = sandbox._new_scheduler()
        sandbox.webhooks = sandbox._new_webhooks()
        _, _, now_ms, frozen, rate, auto_skip, _ = snapshot
        sandbox.clock.take_up(now_ms, frozen=frozen, rate=rate, auto_skip=auto_skip)
        sandbox.scheduler.wake()
        sandbox.webhooks.wake()
        return sandbox

    def snapshot(self) -> "Snapshot":
        """Return a copy of all that is in this world."""
        state = copy.deepcopy({name: getattr(self, name) for name in _STATE})
        clock = self.clock
        return Snapshot(
            self.rules, state, clock.now(), clock.frozen, clock.rate, clock.auto_skip, self.weight
        )

    def enter(self) -> None:
        """Note that a request has begun that this world is for."""
        self._under_way += 1

    def leave(self) -> None:
        """Note that a request has ended, the stream of its answer included."""
        self._under_way -= 1
        self.used_at_s = time.monotonic()

    @property
    def is_in_use(self) -> bool:
        """Whether a request, a stream or a webhook is under way, which would be cut off."""
        return self._under_way > 0 or bool(self.subscriptions.postings)

    @property
    def is_bare(self) -> bool:
        """Whether it is empty: no message was put into it, and nothing set up."""
        armed = self.faults.rules or self.limits.limits or self.subscriptions.by_id
        return not (self.queue.accepted_total or armed or self.clock.moved)

    @property
    def weight(self) -> int:
        """About how many bytes of memory all of it takes."""
        parts = (self.queue, self.journal, self.events, self.stored_answers)
        return SANDBOX_WEIGHT + sum([part.weight for part in parts])

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has happened here yet, so that its clock may be set to any instant."""
        return not (len(self.journal) or self.events.last > self.events.began_after)

    def enqueue(self, queue: str, body: str, wait_until: int | None) -> Accepted:
        """Put one message into a queue; raises Refusal when the rules forbid it, or the server is full."""
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
        """Return a message of a queue by its id; raises Refusal (404) when there is none."""
        known = (
            identifier.isascii() and identifier.isdigit() and identifier[0] != "0" and len(identifier) < 20
        )
        message = self.queue.get(queue, int(identifier)) if known else None
        if message is None:
            detail = f'There is no message "{identifier[:80]}" in the queue "{queue}".'
            raise refusal(Code.MESSAGE_NOT_FOUND, detail, parameter="id")
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
        """Let the deliveries of a queue go on."""
        self.queue.resume(queue)
        self.events.record(self.clock.now(), "queue.resumed", {"queue": queue})
        self.scheduler.wake()

    def purging(self, queue: str) -> Slices[int]:
        """Forget every message of a queue that is not delivered yet, and return how many there were."""
        count = yield from self.queue.purging(queue)
        self.scheduler.look_again()
        self.events.record(self.clock.now(), "queue.purged", {"queue": queue, "purged": count})
        return count

    def mind_faults(self) -> None:
        """Let requests and deliveries ask for faults, if there are any; to be called after a change."""
        self.is_troubled = self.faults.on_requests or bool(self.limits.limits)
        self.queue.mishap_of = self.faults.mishap_of if self.faults.on_deliveries else None

    def _new_scheduler(self) -> Scheduler:
        return Scheduler(
            self.queue, self.clock, on_delivered=self._note_deliveries, horizon=self._delivery_horizon
        )

    def _new_webhooks(self) -> Webhooks:
        return Webhooks(self.subscriptions, self.clock, self.events, self._outbound, self.rules.seed)

    def _delivery_horizon(self) -> int:
        """What is posted has to be posted at its own time, before anything later is delivered."""
        return self.clock.now() if self.subscriptions.by_id else self.clock.horizon()

    def _note_deliveries(self, count: int) -> None:
        instants, ids = self.queue.newest(count)
        if self.faults.notes:
            delivered: Iterable[tuple[int, str, Data]] = (
                (at_ms, "message.delivered", identifier)
                for at_ms, identifier in zip(instants, ids, strict=True)
            )
            for event in merge(self.faults.notes, delivered, key=itemgetter(0)):
                self.events.record(*event)
            self.faults.notes.clear()
            self.mind_faults()
        else:
            self.events.record_all(instants, "message.delivered", ids)
        if self.subscriptions.by_id:
            found = zip(map(self.queue.find, ids), instants, strict=True)
            self.webhooks.deliver((message, at_ms) for message, at_ms in found if message is not None)

    @property
    def numbers(self) -> Numbers:
        """The newest numbers that somebody may have noted."""
        return Numbers(self.journal.total, self.events.last)

    def go_on_from(self, numbers: Numbers) -> None:
        """Count on from where the sandbox before this one ended, so that no number comes a second time."""
        self.journal.total += numbers.requests
        self.events.begin_after(numbers.events)

    def requests_under_way(self) -> list[Entry]:
        """Return the requests that wait for their answers, oldest first."""
        return [entry() for entry in self.waiting.values()]

    def next_error_id(self) -> str:
        """Return an id for an error object: counted, so that the same requests give the same answers."""
        self._errors += 1
        return f"error-{self._errors}"

    def begin_loop(self, *, has_ended: bool) -> None:
        """Go on in another event loop than so far, which may have ended with what was under way in it."""
        if has_ended:
            self.events.begin_loop()
            self.waiting.clear()
            self._under_way = 0
        self.clock.begin_loop(has_ended=has_ended)
        if has_ended:
            self.webhooks.begin_loop()

    def close(self, how: str = "has ended with its server") -> None:
        """Let nothing happen here any more, and nobody wait for it; what is pending stays where it is.

        Those that wait are told `how` it has ended.
        """
        self.scheduler.stop()
        self.webhooks.close()
        self.clock.close(how)
        self.events.close()


def _warnings(drafts: Sequence[Draft], now_ms: int) -> tuple[str, ...]:
    return tuple(
        relative_delay(index, draft.wait_until, draft.wait_until_at_ms)
        for index, draft in enumerate(drafts)
        if draft.wait_until is not None
        and draft.wait_until_at_ms is not None
        and looks_relative(draft.wait_until, draft.wait_until_at_ms, now_ms)
    )
