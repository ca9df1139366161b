"""A sandbox: one key's clock, journal, faults, webhooks, stored answers, and the state of the service."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from eqkit.sandbox.clock import SandboxClock
from eqkit.sandbox.events import Events
from eqkit.sandbox.faults.armed import Faults
from eqkit.sandbox.faults.limits import Limits
from eqkit.sandbox.idempotency import StoredResponses
from eqkit.sandbox.journal.entries import Journal, JournalEntry
from eqkit.sandbox.memory import Memory
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.service import NO_SERVICE, SandboxContext, SandboxService
from eqkit.sandbox.values import Numbers, Snapshot
from eqkit.sandbox.webhooks.posting import DISABLED_SENDER, Outbound, Webhooks
from eqkit.sandbox.webhooks.subscriptions import Subscriptions
from eqkit.timing.clock import Clock

SANDBOX_WEIGHT = 12_000
"""About how many bytes of memory an empty sandbox takes."""


@dataclass(eq=False)
class Contents:
    """Everything in a sandbox that a snapshot keeps, beside its rules, its clock and the service's data."""

    journal: Journal
    events: Events
    faults: Faults
    limits: Limits
    subscriptions: Subscriptions
    stored_responses: StoredResponses
    has_active_faults: bool = False
    """Whether a fault or a limit could act on a request."""
    errors: int = 0
    """How many error objects were sent so far."""


class Sandbox(Contents):
    """One caller's whole sandbox; nothing in it is shared with another."""

    def __init__(
        self,
        clock: Clock,
        rules: Rules,
        outbound: Outbound = DISABLED_SENDER,
        memory: Memory | None = None,
        service: SandboxService = NO_SERVICE,
    ) -> None:
        """Make an empty sandbox whose clock follows `clock`, and whose webhooks go out by `outbound`.

        `memory` bounds its size together with others; `service` brings its state and its warnings.
        """
        memory = memory or Memory()
        events = Events()
        super().__init__(
            Journal(memory=memory),
            events,
            Faults(rules.seed, events),
            Limits(events),
            Subscriptions(),
            StoredResponses(),
        )
        self._outbound = outbound
        self._memory = memory
        self._service = service
        self.clock = SandboxClock(clock)
        self.rules = rules
        self.linter = service.new_linter()
        self.waiting: dict[object, Callable[[], JournalEntry]] = {}
        """The requests that wait for their answers, each with a function for its journal entry so far."""
        self.used_at_s = 0.0
        """The time of the last request or answer with its key, in monotonic seconds."""
        self._under_way = 0
        self._begin()

    def _begin(self) -> None:
        """Make the objects that work on the contents."""
        self.webhooks = Webhooks(self.subscriptions, self.clock, self.events, self._outbound, self.rules.seed)
        context = SandboxContext(
            self.clock, self.events, self.faults, self.webhooks, self._memory, self.rules.seed
        )
        self.state: Any = self._service.new_state(context)
        """The state of the service, a `ServiceState`; its handlers know which."""

    @classmethod
    def of_snapshot(
        cls,
        clock: Clock,
        snapshot: "Snapshot",
        outbound: Outbound = DISABLED_SENDER,
        memory: Memory | None = None,
        service: SandboxService = NO_SERVICE,
        *,
        once: bool = False,
    ) -> "Sandbox":
        """Make a sandbox that goes on from a snapshot, which stays as it is unless needed but `once`."""
        sandbox = cls(clock, snapshot.rules, outbound, memory, service)
        kept = snapshot.contents, snapshot.data
        contents, data = kept if once else copy.deepcopy(kept)
        vars(sandbox).update(contents)
        sandbox._begin()
        sandbox.state.restore(data)
        sandbox.clock.restore(
            snapshot.now_ms, frozen=snapshot.frozen, rate=snapshot.rate, auto_advance=snapshot.auto_advance
        )
        sandbox.state.wake()
        sandbox.webhooks.wake()
        return sandbox

    def snapshot(self) -> "Snapshot":
        """Return a copy of all that is in this sandbox."""
        contents = {each.name: getattr(self, each.name) for each in fields(Contents)}
        # Copied together, since the contents and the state of the service refer to each other.
        contents, data = copy.deepcopy((contents, self.state.data))
        clock = self.clock
        return Snapshot(
            self.rules, contents, data, clock.now(), clock.frozen, clock.rate, clock.auto_advance, self.weight
        )

    def enter(self) -> None:
        """Note that a request has begun that this sandbox is for."""
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
        """Whether it is empty: nothing was stored in it, and nothing set up."""
        armed = self.faults.rules or self.limits.limits or self.subscriptions.by_id
        return not (self.state.stored_total or armed or self.clock.moved)

    @property
    def weight(self) -> int:
        """About how many bytes of memory all of it takes."""
        parts = (self.state, self.journal, self.events, self.stored_responses)
        weight: int = sum([part.weight for part in parts])
        return SANDBOX_WEIGHT + weight

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has happened here yet, so that its clock may be set to any instant."""
        return not (len(self.journal) or self.events.last > self.events.began_after)

    def refresh_fault_hooks(self) -> None:
        """Make requests and the service ask for faults, if there are any; to be called after a change."""
        self.has_active_faults = self.faults.on_requests or bool(self.limits.limits)
        self.state.refresh_faults()

    @property
    def numbers(self) -> Numbers:
        """The newest numbers, which a client may have noted."""
        return Numbers(self.journal.total, self.events.last)

    def go_on_from(self, numbers: Numbers) -> None:
        """Count on from where the sandbox before this one ended, so that no number comes a second time."""
        self.journal.total += numbers.requests
        self.events.begin_after(numbers.events)

    def requests_under_way(self) -> list[JournalEntry]:
        """Return the requests that wait for their answers, oldest first."""
        return [entry() for entry in self.waiting.values()]

    def next_error_id(self) -> str:
        """Return an id for an error object: counted, so that the same requests give the same answers."""
        self.errors += 1
        return f"error-{self.errors}"

    def begin_loop(self, *, has_ended: bool) -> None:
        """Go on in another event loop; the last one may have ended with its work."""
        if has_ended:
            self.events.begin_loop()
            self.waiting.clear()
            self._under_way = 0
        self.clock.begin_loop(has_ended=has_ended)
        if has_ended:
            self.webhooks.begin_loop()

    def close(self, how: str = "has ended with its server") -> None:
        """Stop every event here and end all waits; pending messages stay where they are.

        Waiting requests are answered with `how` the sandbox has ended.
        """
        self.state.close()
        self.webhooks.close()
        self.clock.close(how)
        self.events.close()
