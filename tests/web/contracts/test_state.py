"""The state of a contract in one sandbox: kept by snapshots, gone with a reset, and weighed."""

import threading
from typing import Any

import pytest

from eqkit.errors import ApiError, Code
from eqkit.sandbox.client_warnings import ClientLinter, NoLinter
from eqkit.sandbox.memory import Memory
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.sandbox.service import SandboxContext
from eqkit.timing.clock import ManualClock
from eqkit.web.contracts.state import MAX_DRAWS, ContractState, weigh
from tests.conftest import START_MS

KEY = "test_a"


class Service:
    """A service whose state is that of a contract."""

    def new_state(self, context: SandboxContext) -> ContractState:
        """Return an empty state."""
        return ContractState(context)

    def new_linter(self) -> ClientLinter:
        """Return a linter that warns of nothing."""
        return NoLinter()


def sandboxes(max_bytes: int = 1 << 30) -> Sandboxes:
    """Return sandboxes that hold at most that many bytes together."""
    return Sandboxes((), Rules(), lambda: ManualClock(START_MS), memory=Memory(max_bytes), service=Service())


def state_of(of: Sandboxes, key: str = KEY) -> ContractState:
    """Return the state of a sandbox, which is made if there is none."""
    sandbox = of.of(key)
    assert isinstance(sandbox, Sandbox)
    state = sandbox.state
    assert isinstance(state, ContractState)
    return state


def test_a_snapshot_keeps_the_store() -> None:
    """The copy shares nothing with the store that goes on; restored, it is the store again."""
    all_of_them = sandboxes()
    state_of(all_of_them).store["pets"] = {1: {"name": "Rex", "tags": ("a", {"b"})}}
    all_of_them.save(KEY)
    state_of(all_of_them).store["pets"][1]["name"] = "Tom"
    all_of_them.restore(KEY)
    assert state_of(all_of_them).store == {"pets": {1: {"name": "Rex", "tags": ("a", {"b"})}}}


def test_a_fork_has_a_store_of_its_own() -> None:
    """A change on one side is none on the other."""
    all_of_them = sandboxes()
    state_of(all_of_them).store["pets"] = ["Rex"]
    all_of_them.fork(KEY, "test_b")
    state_of(all_of_them, "test_b").store["pets"].append("Tom")
    assert state_of(all_of_them).store == {"pets": ["Rex"]}


def test_a_reset_begins_with_an_empty_store() -> None:
    """Nothing is left of it, and random numbers are drawn as the first time."""
    all_of_them = sandboxes()
    state_of(all_of_them).store["pets"] = ["Rex"]
    state_of(all_of_them).draw(b"request")
    all_of_them.reset(KEY)
    assert state_of(all_of_them).store == {}
    assert state_of(all_of_them).draw(b"request") == 0


@pytest.mark.parametrize("value", [threading.Lock(), (each for each in "")], ids=["lock", "generator"])
def test_a_value_that_cannot_be_copied_is_named(value: Any) -> None:
    """A snapshot is refused with a sentence, and the store goes on."""
    all_of_them = sandboxes()
    state_of(all_of_them).store["value"] = value
    with pytest.raises(ApiError, match="holds a value that cannot be copied: cannot pickle") as caught:
        all_of_them.save(KEY)
    assert [error.code for error in caught.value.errors] == [Code.INVALID_VALUE]
    assert state_of(all_of_them).store == {"value": value}


def test_draws_are_counted_by_request() -> None:
    """The same request is counted on, also after a snapshot, and the oldest is forgotten beyond a bound."""
    all_of_them = sandboxes()
    state = state_of(all_of_them)
    assert [state.draw(each) for each in (b"a", b"b", b"a", b"a")] == [0, 0, 1, 2]
    all_of_them.save(KEY)
    state.draw(b"a")
    all_of_them.restore(KEY)
    assert state_of(all_of_them).draw(b"a") == 3
    for number in range(MAX_DRAWS):
        state.draw(b"%d" % number)
    assert state.draw(b"b") == 0


def test_a_sandbox_with_values_is_not_bare() -> None:
    """An empty store is the first to give way, and one that holds something is shown with its count."""
    state = state_of(sandboxes())
    assert (state.stored_total, state.counts()) == (0, {"stored": 0})
    state.store["pets"] = [1, 2]
    assert (state.stored_total, state.counts()) == (1, {"stored": 1})


def test_a_store_is_weighed_after_its_use() -> None:
    """Its bytes count towards --max-memory, whose bound refuses the next request that may add to it."""
    all_of_them = sandboxes(1_000_000)
    state = state_of(all_of_them)
    state.require_room()
    state.store["text"] = "x" * 2_000_000
    state.note_use(2_000_000)
    assert state.weight > 2_000_000
    with pytest.raises(ApiError) as caught:
        state.require_room()
    assert [error.code for error in caught.value.errors] == [Code.UNAVAILABLE]
    state.store.clear()
    state.note_use(0)
    state.require_room()


class Thing:
    """A value with members of its own."""

    def __init__(self, text: str) -> None:
        """Take a text."""
        self.text = text


@pytest.mark.parametrize(
    "value",
    [
        "x" * 100_000,
        ["x" * 100] * 1_000,
        {"a": {"b": ["x" * 100_000]}},
        Thing("x" * 100_000),
        {b"x" * 100_000},
    ],
    ids=["text", "list", "nested", "object", "set"],
)
def test_a_value_weighs_what_it_holds(value: Any) -> None:
    """At any depth, in containers and objects."""
    assert 100_000 <= weigh(value) < 200_000


def test_cycles_and_size_do_not_hold_a_weighing_up() -> None:
    """A value within itself is weighed to a depth, and of many values a sample."""
    cycle: list[Any] = []
    cycle += [cycle] * 50
    assert weigh(cycle) > 0
    many = {number: [number] for number in range(100_000)}
    assert 5_000_000 < weigh(many) < 50_000_000
