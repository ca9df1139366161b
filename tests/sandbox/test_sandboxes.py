"""Which keys have a sandbox, and that no two of them share anything."""

import pytest

from eqkit.elasticqueue.service import ElasticQueue
from eqkit.sandbox.journal.entries import JournalEntry
from eqkit.sandbox.proxy_sandboxes import ProxySandboxes
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.sandboxes import SAMPLE_KEY, Sandboxes
from eqkit.timing.clock import ManualClock
from tests.conftest import START_MS


class Clocks:
    """Makes the clocks of sandboxes, and remembers them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.made: list[ManualClock] = []

    def __call__(self) -> ManualClock:
        """Make a clock that stands at START_MS."""
        self.made.append(ManualClock(START_MS))
        return self.made[-1]

    def advance(self, by_ms: int) -> None:
        """Move all of them."""
        for clock in self.made:
            clock.advance(by_ms)


@pytest.fixture
def clocks() -> Clocks:
    """No clocks yet."""
    return Clocks()


def sandbox_of(sandboxes: Sandboxes, key: str) -> Sandbox:
    """Return the sandbox of a key that is let in."""
    sandbox = sandboxes.of(key)
    assert sandbox is not None
    return sandbox


@pytest.mark.parametrize(
    "key", ["xxxxxxxxxxxxxxx", "test_a", "test_A-z_09", "test_-", "test__", f"test_{'a' * 200}"]
)
def test_an_open_server_lets_in_the_sample_key_and_every_test_key(clocks: Clocks, key: str) -> None:
    """Ruling H4: the documented sample key, and `test_` with letters, digits, `_` and `-`."""
    sandboxes = Sandboxes((), Rules(), clocks, service=ElasticQueue())
    sandbox = sandbox_of(sandboxes, key)
    assert sandboxes.of(key) is sandbox
    assert [sandbox.clock.now()] == [clock.now() for clock in clocks.made]


@pytest.mark.parametrize(
    "key",
    [
        "",
        "test_",
        "test",
        "TEST_a",
        "atest_a",
        " test_a",
        "test_a ",
        "test_a\n",
        "test_a.b",
        "test_é",
        "test_\u0661",
        f"test_{'a' * 201}",
        SAMPLE_KEY[:-1],
        f"{SAMPLE_KEY}x",
        SAMPLE_KEY.upper(),
        "Bearer test_a",
    ],
)
def test_an_open_server_lets_in_no_other_key(clocks: Clocks, key: str) -> None:
    """Ruling H4: anything else has no sandbox, and makes none."""
    assert Sandboxes((), Rules(), clocks, service=ElasticQueue()).of(key) is None
    assert clocks.made == []


def test_a_closed_server_lets_in_the_keys_of_its_list_alone(clocks: Clocks) -> None:
    """Ruling H4: with an explicit list not even the sample key and the test keys are known."""
    sandboxes = Sandboxes(("first", "test_second"), Rules(), clocks)
    keys = ["first", "test_second", SAMPLE_KEY, "test_a", "First", "firs", ""]
    assert [key for key in keys if sandboxes.of(key) is not None] == ["first", "test_second"]
    assert len(clocks.made) == 2


def use(sandbox: Sandbox) -> tuple[object, ...]:
    """Use every part of a sandbox, and return the results."""
    accepted = sandbox.state.enqueue_all("q", [("hello", None), ("later", START_MS + 60_000)])
    stored = sandbox.stored_responses.get("key", sandbox.clock.now())
    sandbox.stored_responses.put("key", b"request", "answer", sandbox.clock.now())
    sandbox.journal.record(JournalEntry(accepted.at_ms, "POST", "/", None, 202))
    return accepted, stored, sandbox.next_error_id(), [*sandbox.state.queue.queues], len(sandbox.journal)


def test_nothing_is_shared_between_two_keys(clocks: Clocks) -> None:
    """Ruling H4: the clock, queues, ids, journal, stored answers and error ids of one key are its own."""
    sandboxes = Sandboxes((), Rules(), clocks, service=ElasticQueue())
    first = sandbox_of(sandboxes, "test_a")
    answered = use(first)
    clocks.advance(1000)
    second = sandbox_of(sandboxes, "test_b")
    assert second.clock.now() == START_MS
    assert len(second.state.queue) == len(second.journal) == 0
    assert use(second) == answered
    assert len(first.state.queue) == 1
    assert [each.id for each in second.state.queue.deliveries()] == []


def test_every_sandbox_has_the_rules_of_the_server(clocks: Clocks) -> None:
    """The settings of the server hold in each sandbox, the seed included."""
    sandboxes = Sandboxes((), Rules(seed=7), clocks, service=ElasticQueue())
    ids = [sandbox_of(sandboxes, key).state.enqueue("q", "", None).ids for key in (SAMPLE_KEY, "test_a")]
    assert ids == [(10_198_093_753,)] * 2


def test_closing_stops_every_scheduler(clocks: Clocks) -> None:
    """Pending messages stay where they are."""
    sandboxes = Sandboxes((), Rules(), clocks, service=ElasticQueue())
    both = [sandbox_of(sandboxes, key) for key in ("test_a", "test_b")]
    for each in both:
        each.state.enqueue("q", "", None)
    sandboxes.close()
    clocks.advance(1000)
    assert [len(each.state.queue) for each in both] == [1, 1]


def test_any_key_opens_a_sandbox_and_none_is_kept() -> None:
    """A foreign key is let in, leads to the same sandbox again, and stands nowhere in the memory."""
    sandboxes = ProxySandboxes(max_sandboxes=4)
    one = sandboxes.of("Bearer sk-live-1")
    assert sandboxes.of("Bearer sk-live-1") is one
    assert sandboxes.of("sk-live-1") is sandboxes.of("bearer sk-live-1") is one
    assert sandboxes.of("Bearer sk-live-2") is not one
    assert sandboxes.of("me:secret") is sandboxes.of("Basic bWU6c2VjcmV0")
    assert sandboxes.of("Basic no base64") is sandboxes.of("Basic no base64")
    assert "sk-live" not in repr(vars(sandboxes))
    other = ProxySandboxes()
    other.of("Bearer sk-live-1")
    assert not sandboxes.names().keys() & other.names().keys()
    for other_key in "abcd":
        sandboxes.of(other_key)
    assert sandboxes.of("Bearer sk-live-1") is not one
