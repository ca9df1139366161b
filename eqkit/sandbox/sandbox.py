"""A sandbox: one key's clock, queues, deliveries, journal and stored answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from eqkit.delay.clock import Clock
from eqkit.delay.ids import first_id
from eqkit.delay.instants import WaitUntilUnit, read_wait_until, rfc3339
from eqkit.delay.message import Draft, Message
from eqkit.delay.queue import DelayQueue
from eqkit.delay.scheduler import Scheduler
from eqkit.errors import Code, Fault, Refusal, refusal
from eqkit.sandbox.idempotency import StoredAnswers
from eqkit.sandbox.journal import Journal

RELATIVE_LOOKING = range(1, 1_000_000_001)
"""Values of wait-until that are a delay by mistake rather than a time in 2001 or before (ruling T9)."""

Attributes = tuple[str, int | None]
"""A new message: its body, and its wait-until as sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a sandbox may be asked for."""

    unit: WaitUntilUnit = WaitUntilUnit.AUTO
    declared_queues: frozenset[str] = frozenset()
    max_delay_ms: int | None = None
    seed: int = 0


class Accepted(NamedTuple):
    """What one request put into a queue and when, in request order, and what looks like a mistake."""

    at_ms: int
    ids: Sequence[int]
    wait_until_at_ms: Sequence[int | None]
    warnings: tuple[str, ...] = ()


class Sandbox:
    """One caller's whole world; nothing in it is shared with another."""

    def __init__(self, clock: Clock, rules: Rules) -> None:
        """Make an empty world that lives by `clock`."""
        self.clock = clock
        self.rules = rules
        self.queue = DelayQueue(first_id(rules.seed))
        self.scheduler = Scheduler(self.queue, clock)
        self.journal = Journal()
        self.stored_answers = StoredAnswers()
        self._errors = 0

    def enqueue(self, queue: str, body: str, wait_until: int | None) -> Accepted:
        """Put one message into a queue; raises Refusal when the sandbox's rules forbid it."""
        at_ms = None if wait_until is None else read_wait_until(wait_until, self.rules.unit)
        draft = Draft(body, wait_until, at_ms)
        now_ms = self.clock.now()
        if self.rules.declared_queues:
            self._require_declared(queue)
        if self.rules.max_delay_ms is not None:
            self._require_short_delays([draft], now_ms, ["/data"])
        warnings = _warnings([draft]) if wait_until is not None and wait_until in RELATIVE_LOOKING else ()
        identifier = self.queue.put(queue, draft, now_ms)
        self.scheduler.wake()
        return Accepted(now_ms, (identifier,), (at_ms,), warnings)

    def enqueue_all(self, queue: str, messages: Iterable[Attributes]) -> Accepted:
        """Put many messages into a queue in one step, or none of them (ruling B13)."""
        unit = self.rules.unit
        drafts = [
            Draft(body, sent, None if sent is None else read_wait_until(sent, unit))
            for body, sent in messages
        ]
        now_ms = self.clock.now()
        if self.rules.declared_queues:
            self._require_declared(queue)
        if self.rules.max_delay_ms is not None:
            self._require_short_delays(drafts, now_ms, [f"/data/{index}" for index in range(len(drafts))])
        warnings = _warnings(drafts)
        ids = self.queue.put_all(queue, drafts, now_ms)
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

    def next_error_id(self) -> str:
        """Return an id for an error object: counted, so that the same requests give the same answers."""
        self._errors += 1
        return f"error-{self._errors}"

    def close(self) -> None:
        """Stop the scheduler; what is pending stays where it is."""
        self.scheduler.stop()

    def _require_declared(self, queue: str) -> None:
        declared = self.rules.declared_queues
        if queue not in declared:
            detail = f'The queue "{queue}" is not declared; there are {", ".join(sorted(declared))}.'
            raise refusal(Code.QUEUE_NOT_DECLARED, detail, parameter="queue")

    def _require_short_delays(self, drafts: Sequence[Draft], now_ms: int, pointers: Sequence[str]) -> None:
        longest = self.rules.max_delay_ms
        assert longest is not None
        faults = [
            Fault(
                Code.INVALID_WAIT_UNTIL,
                f"{rfc3339(draft.wait_until_at_ms)} is more than {longest // 1000} seconds from now, "
                "the longest delay of this server.",
                f"{pointer}/attributes/wait-until",
            )
            for draft, pointer in zip(drafts, pointers, strict=True)
            if draft.wait_until_at_ms is not None and draft.wait_until_at_ms - now_ms > longest
        ]
        if faults:
            raise Refusal(faults)


def _warnings(drafts: Sequence[Draft]) -> tuple[str, ...]:
    return tuple(
        f"wait-until {draft.wait_until} of message {index} is {rfc3339(draft.wait_until_at_ms or 0)}: "
        "it looks like a relative delay, and wait-until is a time"
        for index, draft in enumerate(drafts)
        if draft.wait_until is not None and draft.wait_until in RELATIVE_LOOKING
    )
