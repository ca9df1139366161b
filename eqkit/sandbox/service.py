"""The interfaces of a service to its sandboxes: the state that it keeps in each, and its client warnings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from eqkit.errors import ErrorObject
from eqkit.sandbox.client_warnings import ClientLinter, NoLinter
from eqkit.sandbox.clock import SandboxClock
from eqkit.sandbox.events import Events
from eqkit.sandbox.faults.armed import Document, Faults
from eqkit.sandbox.memory import Memory
from eqkit.sandbox.webhooks.posting import Webhooks


class SandboxContext(NamedTuple):
    """The parts of a sandbox that the state of a service works with.

    A state keeps these and not the sandbox, so that a dropped sandbox is in no cycle, and free at once.
    """

    clock: SandboxClock
    events: Events
    faults: Faults
    webhooks: Webhooks
    memory: Memory
    seed: int


class ServiceState(Protocol):
    """The state that a service keeps in one sandbox; all of its time is that of the sandbox's clock."""

    @property
    def stored_total(self) -> int:
        """How many things clients have ever stored here: a sandbox with none is the first to give way."""
        ...

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes, its history included."""
        ...

    @property
    def history_weight(self) -> int:
        """How many bytes of them are history, which may be forgotten when memory runs out."""
        ...

    def forget_history(self, size: int) -> int:
        """Forget the oldest history, about `size` bytes of it, and return how many bytes that were."""
        ...

    @property
    def data(self) -> Any:
        """Everything that a snapshot has to keep, as values that `copy.deepcopy` copies."""
        ...

    def restore(self, data: Any) -> None:
        """Go on from the `data` of another state, which nobody else holds any more."""
        ...

    def wake(self) -> None:
        """Set the alarms of the restored data, once the clock goes on."""
        ...

    def close(self) -> None:
        """Set no alarm any more, and let go of all callbacks."""
        ...

    def counts(self) -> dict[str, int]:
        """Return the counts that the control plane shows of a sandbox."""
        ...

    def describe_event(self, identifier: int) -> dict[str, Any]:
        """Return the known members of the subject of an event, beside its id."""
        ...

    def refresh_faults(self) -> None:
        """Take note of the faults that are armed now."""
        ...

    def fault_contradictions(self, rule: Document) -> Iterator[ErrorObject]:
        """Yield the contradictions of a fault rule with an effect that this service carries out."""
        ...


class SandboxService(Protocol):
    """The parts of a service in each sandbox."""

    def new_state(self, context: SandboxContext) -> ServiceState:
        """Return the state of a new sandbox."""
        ...

    def new_linter(self) -> ClientLinter:
        """Return a linter for the journal of a new sandbox."""
        ...


@dataclass(slots=True)
class NoState:
    """The state of a service that keeps none."""

    stored_total: int = 0
    weight: int = 0
    history_weight: int = 0
    data: Any = None

    def forget_history(self, size: int) -> int:
        """Forget nothing."""
        return 0

    def restore(self, data: Any) -> None:
        """Restore nothing."""

    def wake(self) -> None:
        """Set no alarm."""

    def close(self) -> None:
        """End nothing."""

    def counts(self) -> dict[str, int]:
        """Count nothing."""
        return {}

    def describe_event(self, identifier: int) -> dict[str, Any]:
        """Know nothing of any event."""
        return {}

    def refresh_faults(self) -> None:
        """Heed no faults."""

    def fault_contradictions(self, rule: Document) -> Iterator[ErrorObject]:
        """Yield nothing."""
        nothing: Iterable[ErrorObject] = ()
        yield from nothing


class NoService:
    """A service that keeps no state and warns of nothing."""

    def new_state(self, context: SandboxContext) -> ServiceState:
        """Return a state that keeps nothing."""
        return NoState()

    def new_linter(self) -> ClientLinter:
        """Return a linter that warns of nothing."""
        return NoLinter()


NO_SERVICE = NoService()
