"""The memory of all sandboxes of a server is bounded, and a pending message never gives way."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from eqkit.elasticqueue.message_posts import MessagePost
from eqkit.elasticqueue.service import ElasticQueue
from eqkit.errors import ApiError, Code
from eqkit.sandbox.journal.entries import ROW_WEIGHT, JournalEntry
from eqkit.sandbox.memory import JOURNAL_SHARE, Memory
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.sandboxes import Sandboxes
from eqkit.timing.clock import ManualClock
from eqkit.timing.slices import at_once
from tests.conftest import START_MS

MOST = 1 << 24
FAR_MS = START_MS + 86_400_000
BODY = "x" * 10_000


@pytest.fixture
def without_collector() -> Iterator[None]:
    """The garbage collector rests, so that only objects outside of cycles are freed."""
    gc.disable()
    yield
    gc.enable()


def sandboxes_of(max_sandboxes: int = MOST, *, count: int = 1_000) -> Sandboxes:
    """Sandboxes that hold at most that many bytes together."""
    return Sandboxes(
        (),
        Rules(),
        lambda: ManualClock(START_MS),
        max_sandboxes=count,
        memory=Memory(max_sandboxes),
        service=ElasticQueue(),
    )


def sandbox_of(sandboxes: Sandboxes, key: str) -> Sandbox:
    """Return the sandbox of a key that is let in."""
    sandbox = sandboxes.of(key)
    assert sandbox is not None
    return sandbox


def fill(sandbox: Sandbox, count: int, wait_until: int | None = FAR_MS) -> None:
    """Enqueue messages of 10 kB as the server does, which writes each request down."""
    for _ in range(count):
        accepted = sandbox.state.enqueue("q", BODY + str(sandbox.state.queue.accepted_total), wait_until)
        sandbox.journal.record(
            JournalEntry(accepted.at_ms, "POST", "/", None, 202, ids=accepted.ids, request=b"x" * 10_000)
        )


def ask(sandbox: Sandbox, count: int, size: int) -> None:
    """Write requests down that stored nothing."""
    for _ in range(count):
        sandbox.journal.record(JournalEntry(START_MS, "POST", "/", None, 400, request=b"x" * size))


@pytest.mark.parametrize("way", ["delete", "reset", "restore", "evict"])
@pytest.mark.usefixtures("without_collector")
def test_a_sandbox_that_is_dropped_is_free_at_once(way: str) -> None:
    """It is part of no cycle after any use, and waits for no collector."""
    sandboxes = sandboxes_of(count=1)
    sandbox = sandbox_of(sandboxes, "test_a")
    sandbox.faults.arm({"do": {"delivery": {"kind": "reorder"}}}, START_MS)
    sandbox.refresh_fault_hooks()
    sandbox.state.enqueue_all("q", [("now", None), ("later", FAR_MS)])
    sandbox.journal.record(JournalEntry(START_MS, "POST", "/", None, 202))
    sandbox.linter.of(sandbox.journal)
    if way == "restore":
        sandboxes.save("test_a")
    gone = weakref.ref(sandbox.state.queue), weakref.ref(sandbox)
    del sandbox
    match way:
        case "delete":
            sandboxes.delete("test_a")
        case "reset":
            sandboxes.reset("test_a")
        case "restore":
            sandboxes.restore("test_a")
        case "evict":
            sandboxes.of("test_b")
    assert [each() for each in gone] == [None, None]


def test_no_waiting_message_is_dropped_and_a_full_server_says_so() -> None:
    """A message more is a 503 with advice, for any key; no accepted message is lost."""
    sandboxes = sandboxes_of()
    first, second = sandbox_of(sandboxes, "test_a"), sandbox_of(sandboxes, "test_b")
    with pytest.raises(ApiError) as refused:
        fill(first, 3_000)
    [error] = refused.value.errors
    assert (refused.value.status, error.code) == (503, Code.UNAVAILABLE)
    assert "16,777,216 bytes that --max-memory allows" in error.detail
    assert refused.value.headers == ((b"retry-after", b"10"),)
    assert len(first.state.queue) == first.state.queue.accepted_total > 1_300
    assert first.weight + second.weight < 1.1 * MOST
    with pytest.raises(ApiError):
        second.state.enqueue("q", "", None)
    with pytest.raises(ApiError):
        second.state.enqueue_all("q", [("", None)])


@pytest.mark.parametrize("way", ["purge", "cancel", "reset", "delete"])
def test_room_that_was_made_is_there_at_once(way: str) -> None:
    """A client that follows the advice of the refusal is not refused again."""
    sandboxes = sandboxes_of()
    sandbox = sandbox_of(sandboxes, "test_a")
    with pytest.raises(ApiError):
        fill(sandbox, 3_000)
    match way:
        case "purge":
            at_once(sandbox.state.purging("q"))
        case "cancel":
            for message in sandbox.state.queue.pending("q", 200):
                sandbox.state.cancel(message.id)
        case "reset":
            sandboxes.reset("test_a")
        case "delete":
            sandboxes.delete("test_a")
    assert sandbox_of(sandboxes, "test_b").state.enqueue("q", "", None).ids


def test_delivered_messages_are_forgotten_before_anybody_is_refused() -> None:
    """Those of the sandbox that has most of them, oldest first; they can only be looked at any more."""
    clock = ManualClock(START_MS)
    sandboxes = Sandboxes((), Rules(), lambda: clock, memory=Memory(MOST), service=ElasticQueue())
    small, large = sandbox_of(sandboxes, "test_small"), sandbox_of(sandboxes, "test_large")
    fill(small, 10, START_MS)
    for _ in range(30):
        fill(large, 100, START_MS)
        clock.advance(1)
    assert large.state.queue.delivered_total == 3_000
    known = [delivery.id for delivery in large.state.queue.deliveries()]
    assert known[-1] - known[0] + 1 == len(known) < 2_000
    assert len(list(small.state.queue.deliveries())) == 10
    assert small.weight + large.weight < 1.1 * MOST


def test_all_journals_share_one_budget_and_the_longest_gives_way() -> None:
    """The budget holds for any number of keys, and a key with few requests keeps all of them."""
    sandboxes = sandboxes_of()
    little = sandbox_of(sandboxes, "test_little")
    ask(little, 10, 1_000)
    others = [sandbox_of(sandboxes, f"test_{number}") for number in range(50)]
    for other in others:
        ask(other, 100, 20_000)
    total = sum(each.journal.weight for each in [little, *others])
    assert total < 1.1 * MOST / JOURNAL_SHARE
    assert len(little.journal) == 10
    assert all(len(other.journal) < 100 == other.journal.total for other in others)


def test_many_small_requests_count_with_their_memory() -> None:
    """An entry without a body takes memory all the same."""
    sandboxes = sandboxes_of()
    for number in range(20):
        ask(sandbox_of(sandboxes, f"test_{number}"), 1_000, 0)
    kept = sum(len(sandbox.journal) for sandbox in sandboxes.names().values())
    assert kept * ROW_WEIGHT < 1.1 * MOST / JOURNAL_SHARE


def test_a_copy_needs_room_for_all_that_is_copied() -> None:
    """A snapshot and a fork are refused where they would not fit, and the rest stays as it was."""
    sandboxes = sandboxes_of()
    fill(sandbox_of(sandboxes, "test_a"), 900)
    for copy in (lambda: sandboxes.save("test_a"), lambda: sandboxes.fork("test_a", "test_b")):
        with pytest.raises(ApiError) as refused:
            copy()
        assert refused.value.status == 503
    assert list(sandboxes.names()) == ["test_a"]
    assert len(sandbox_of(sandboxes, "test_a").state.queue) == 900


def test_snapshots_count_as_well() -> None:
    """Saved once, emptied, and filled again: together they are too much."""
    sandboxes = sandboxes_of()
    sandbox = sandbox_of(sandboxes, "test_a")
    fill(sandbox, 600)
    sandboxes.save("test_a")
    at_once(sandbox.state.purging("q"))
    with pytest.raises(ApiError):
        fill(sandbox, 1_000)


def test_made_up_keys_drive_out_no_sandbox_with_messages() -> None:
    """The first to go is an empty sandbox, however often it was asked; then the one idle for longest."""
    sandboxes = sandboxes_of(count=3)
    for key in ("test_a", "test_b"):
        sandbox_of(sandboxes, key).state.enqueue("q", "", None)
    for number in range(100):
        ask(sandbox_of(sandboxes, f"test_made_up_{number}"), 3, 100)
    assert list(sandboxes.names()) == ["test_a", "test_b", "test_made_up_99"]
    sandbox_of(sandboxes, "test_made_up_99").state.enqueue("q", "", None)
    sandbox_of(sandboxes, "test_c")
    assert list(sandboxes.names()) == ["test_b", "test_made_up_99", "test_c"]


@pytest.mark.parametrize("set_up", ["fault", "limit", "clock", "snapshot"])
def test_a_sandbox_that_was_set_up_is_not_empty(set_up: str) -> None:
    """Somebody prepares a test in it, whose first message is still to come."""
    sandboxes = sandboxes_of(count=2)
    sandbox = sandbox_of(sandboxes, "test_a")
    match set_up:
        case "fault":
            sandbox.faults.arm({"do": {"latency": {"kind": "fixed", "ms": 1}}}, START_MS)
        case "limit":
            sandbox.limits.set([{"kind": "fixed-window", "limit": 1, "window-ms": 1}], START_MS)
        case "clock":
            sandbox.clock.freeze()
        case "snapshot":
            sandboxes.save("test_a")
    for key in ("test_b", "test_c"):
        sandbox_of(sandboxes, key)
    assert list(sandboxes.names()) == ["test_a", "test_c"]


def test_a_sandbox_in_use_is_neither_idle_nor_driven_out() -> None:
    """While a request is under way in it, which may take long; where all are in use, a new key is refused."""
    sandboxes = Sandboxes((), Rules(), lambda: ManualClock(START_MS), max_sandboxes=2, idle_s=3_600)
    used = sandbox_of(sandboxes, "test_a")
    used.enter()
    used.used_at_s -= 4_000
    for key in ("test_b", "test_c"):
        sandbox_of(sandboxes, key)
    assert list(sandboxes.names()) == ["test_a", "test_c"]
    sandbox_of(sandboxes, "test_c").enter()
    with pytest.raises(ApiError) as refused:
        sandboxes.of("test_d")
    assert (refused.value.status, len(refused.value.headers)) == (503, 1)
    used.leave()
    sandbox_of(sandboxes, "test_d")
    assert list(sandboxes.names()) == ["test_c", "test_d"]


def test_a_sandbox_that_still_has_something_to_post_is_in_use() -> None:
    """A webhook that waits for its retry is under way, though no request is."""
    sandboxes = sandboxes_of(count=1)
    sandbox = sandbox_of(sandboxes, "test_a")
    subscriptions = sandbox.subscriptions
    subscriptions.add("http://127.0.0.1/", None, None, max_attempts=5, first_retry_ms=1_000, seed=0)
    sandbox.state.enqueue("q", "", None)
    message = sandbox.state.queue.pending()[0]
    [posting] = subscriptions.send(MessagePost(message, START_MS), START_MS)
    with pytest.raises(ApiError):
        sandboxes.of("test_b")
    del subscriptions.postings[posting.number]
    assert sandboxes.of("test_b") is not None
