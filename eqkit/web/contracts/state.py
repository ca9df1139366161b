"""The state of a contract in one sandbox: the store of its handlers, and their random draws."""

import copy
import itertools
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from eqkit.errors import Code, ErrorObject, api_error
from eqkit.sandbox.service import SandboxContext

SAMPLE = 100
"""How many values of a container are weighed; the rest is taken to weigh as much on average."""

MAX_WEIGHED = 10_000
DEEPEST = 30
"""How many values of a store are weighed at all, and down to which depth."""

UNWEIGHED = 64
"""The weight of a value that is not looked at, in bytes."""

USE_WEIGHT = 1_024
"""The bytes that one call of a handler is taken to add to its store, beside the body of its request."""

MAX_DRAWS, DRAW_WEIGHT = 10_000, 150
"""How many different requests are counted for their random numbers, and the bytes for each."""


@dataclass(slots=True)
class ContractData:
    """The part that snapshots keep: the `store`, and how often random numbers were drawn for a request."""

    store: dict[str, Any] = field(default_factory=dict)
    draws: dict[bytes, int] = field(default_factory=dict)

    def __deepcopy__(self, memo: dict[int, Any]) -> "ContractData":
        """Copy everything; raises ApiError (400) for a value that cannot be copied, such as an open file."""
        try:
            return ContractData(copy.deepcopy(self.store, memo), self.draws.copy())
        except (TypeError, ValueError, AttributeError, RecursionError) as error:
            detail = f"The store of the handlers holds a value that cannot be copied: {error}."
            raise api_error(Code.INVALID_VALUE, detail) from error


class ContractState:
    """The state of a contract in one sandbox (see `ServiceState`)."""

    def __init__(self, context: SandboxContext) -> None:
        """Begin with an empty store."""
        self.data = ContractData()
        self._memory = context.memory
        self._weight: int | None = 0

    @property
    def store(self) -> dict[str, Any]:
        """The dictionary in which handlers keep their values."""
        return self.data.store

    def require_room(self) -> None:
        """Raise ApiError (503) if the sandboxes hold all the memory that they may."""
        if self._memory.is_full:
            self._memory.require_room()

    def note_use(self, size: int) -> None:
        """Note that a handler may have changed the store, with the `size` of its request's body in bytes."""
        self._weight = None
        self._memory.grown += USE_WEIGHT + size
        if self._memory.grown > self._memory.step:
            self._memory.settle()

    def draw(self, request: bytes) -> int:
        """Return how often random numbers were drawn for a request before, by its digest."""
        draws = self.data.draws
        count = draws.pop(request, 0)
        draws[request] = count + 1  # at the end, so that the first is the one not seen for longest
        if len(draws) > MAX_DRAWS:
            del draws[next(iter(draws))]
        return count

    @property
    def stored_total(self) -> int:
        """How many values the store holds by name."""
        return len(self.data.store)

    @property
    def weight(self) -> int:
        """About how many bytes the store takes, by a sample of its values."""
        if self._weight is None:
            self._weight = weigh(self.data.store)
        return self._weight + DRAW_WEIGHT * len(self.data.draws)

    @property
    def history_weight(self) -> int:
        """No bytes: none of it is history."""
        return 0

    def forget_history(self, size: int) -> int:
        """Forget nothing."""
        return 0

    def restore(self, data: ContractData) -> None:
        """Go on with the store of another sandbox."""
        self.data, self._weight = data, None

    def wake(self) -> None:
        """Set no alarm: those that handlers had set are theirs, and no part of a snapshot."""

    def close(self) -> None:
        """End nothing."""

    def counts(self) -> dict[str, int]:
        """Return how many values the store holds by name."""
        return {"stored": len(self.data.store)}

    def describe_event(self, identifier: int) -> dict[str, Any]:
        """Know nothing more: each event of a handler brings its own data."""
        return {}

    def refresh_faults(self) -> None:
        """Heed no faults but those on requests."""

    def fault_contradictions(self, rule: dict[str, Any]) -> Iterator[ErrorObject]:
        """Yield nothing."""
        yield from ()


def weigh(value: object) -> int:
    """Return about how many bytes a value takes with all that it holds; cycles and size cost no more."""
    return _Scale().weigh(value, 0)


class _Scale:
    """One weighing: values that stand in several places count each time, up to a number of them."""

    def __init__(self) -> None:
        self._left = MAX_WEIGHED

    def weigh(self, value: object, depth: int) -> int:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            return UNWEIGHED
        own = sys.getsizeof(value, UNWEIGHED)
        if isinstance(value, Mapping):
            pairs = (part for pair in value.items() for part in pair)
            return own + self._sampled(pairs, 2 * len(value), depth)
        if isinstance(value, list | tuple | set | frozenset):
            return own + self._sampled(iter(value), len(value), depth)
        members = getattr(value, "__dict__", None)
        return own + (self.weigh(members, depth + 1) if isinstance(members, dict) else 0)

    def _sampled(self, parts: Iterator[object], count: int, depth: int) -> int:
        sample = [self.weigh(each, depth + 1) for each in itertools.islice(parts, SAMPLE)]
        return sum(sample) * count // len(sample) if sample else 0
