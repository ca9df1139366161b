"""A sandbox: accepted and refused messages, warnings of likely mistakes, and all-or-nothing bulks."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eqkit.delay.message import State
from eqkit.elasticqueue.queues import Attributes, Queues
from eqkit.elasticqueue.rules import QueueRules
from eqkit.elasticqueue.service import ElasticQueue
from eqkit.elasticqueue.wait_until import WaitUntilUnit, max_wait_until
from eqkit.errors import MAX_ERRORS, ApiError, Code, ErrorObject
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.service import SandboxContext
from eqkit.sandbox.values import Accepted
from eqkit.timing.clock import ManualClock
from eqkit.timing.instants import MAX_MS
from tests.conftest import START_MS

FIRST_ID = 72_301_093_732
MINUTE_MS = 60_000


class Service(ElasticQueue):
    """ElasticQueue under rules that are given."""

    def __init__(self, rules: QueueRules) -> None:
        """Take the rules."""
        super().__init__()
        self._rules = rules

    def new_state(self, context: SandboxContext) -> Queues:
        """Return queues under the rules."""
        return Queues(context, self._rules)


def sandbox_under(clock: ManualClock, **rules: Any) -> Sandbox:
    """Return a sandbox that lives by a clock, with its queues under rules."""
    return Sandbox(clock, Rules(seed=rules.pop("seed", 0)), service=Service(QueueRules(**rules)))


@pytest.fixture
def make(clock: ManualClock) -> Callable[..., Sandbox]:
    """Make a sandbox that lives by `clock`, under rules."""

    def make(**rules: Any) -> Sandbox:
        return sandbox_under(clock, **rules)

    return make


def both_ways(sandbox: Sandbox, wait_until: int | None) -> list[Accepted]:
    """Enqueue a message on its own, and another as a bulk of one."""
    return [sandbox.state.enqueue("q", "", wait_until), sandbox.state.enqueue_all("q", [("", wait_until)])]


def test_accepted_messages_are_reported_in_request_order(
    clock: ManualClock, make: Callable[..., Sandbox]
) -> None:
    """Rulings T5 and D2: ids are contiguous, and each wait-until is reported as it was read."""
    sandbox = make()
    assert sandbox.state.enqueue("q", "one", None) == Accepted(START_MS, (FIRST_ID,), (None,))
    clock.advance(1)
    later = START_MS // 1000 + 60
    accepted = sandbox.state.enqueue_all(
        "other", [("two", later), ("three", None), ("four", later * 1000 + 7)]
    )
    assert accepted.at_ms == START_MS + 1
    assert [*accepted.ids] == [FIRST_ID + 1, FIRST_ID + 2, FIRST_ID + 3]
    assert accepted.wait_until_at_ms == [later * 1000, None, later * 1000 + 7]
    found = [sandbox.state.message("other", str(identifier)) for identifier in accepted.ids]
    assert [each.body for each in found] == ["two", "three", "four"]
    assert [each.wait_until for each in found] == [later, None, later * 1000 + 7]
    assert [each.due_at_ms for each in found] == [later * 1000, START_MS + 1, later * 1000 + 7]


@pytest.mark.parametrize("wait_until", [1, 60, 3600, 10**9 - 1, 10**9])
def test_a_likely_relative_delay_is_accepted_with_a_warning(
    make: Callable[..., Sandbox], wait_until: int
) -> None:
    """Ruling T9: 1 to 10^9 is a time in the past, so the message is due at once, with a warning."""
    sandbox = make()
    for accepted in both_ways(sandbox, wait_until):
        (warning,) = accepted.warnings
        assert warning.startswith(f"wait-until {wait_until} of message 0 is ")
        assert "looks like a relative delay" in warning
        assert sandbox.state.message("q", str(accepted.ids[0])).due_at_ms == START_MS


@pytest.mark.parametrize("wait_until", [None, 0, 10**9 + 1, START_MS // 1000, START_MS, MAX_MS])
def test_a_likely_time_has_no_warning(make: Callable[..., Sandbox], wait_until: int | None) -> None:
    """Ruling T9: neither a number beyond 10^9, nor 0, which is the documented default."""
    assert [accepted.warnings for accepted in both_ways(make(), wait_until)] == [(), ()]


def test_a_warning_names_its_message_and_how_it_was_read(make: Callable[..., Sandbox]) -> None:
    """Ruling T9: in a bulk each doubtful message has a warning of its own."""
    accepted = make().state.enqueue_all("q", [("", None), ("", 3600), ("", START_MS), ("", 10**9)])
    detail = "it looks like a relative delay, and wait-until is a time"
    assert accepted.warnings == (
        f"wait-until 3600 of message 1 is 1970-01-01T01:00:00.000Z: {detail}",
        f"wait-until 1000000000 of message 3 is 2001-09-09T01:46:40.000Z: {detail}",
    )


def test_a_warning_gives_the_reading_that_was_set(make: Callable[..., Sandbox]) -> None:
    """Rulings D2 and T9: read strictly as milliseconds, an hour is 3.6 seconds after the epoch."""
    accepted = make(unit=WaitUntilUnit.MILLISECONDS).state.enqueue("q", "", 3600)
    assert accepted.wait_until_at_ms == (3600,)
    assert " is 1970-01-01T00:00:03.600Z: " in accepted.warnings[0]


@pytest.mark.parametrize("unit", WaitUntilUnit)
def test_the_longest_delay_is_to_the_last_instant(make: Callable[..., Sandbox], unit: WaitUntilUnit) -> None:
    """Ruling T10: without a setting there is no other limit."""
    sandbox = make(unit=unit)
    for accepted in both_ways(sandbox, max_wait_until(unit)):
        found = sandbox.state.message("q", str(accepted.ids[0]))
        assert MAX_MS - 1000 < found.due_at_ms <= MAX_MS
        assert found.state(sandbox.clock.now()) is State.DELAYED


@pytest.mark.parametrize("wait_until", [None, 0, 60, START_MS - 1, START_MS, START_MS + MINUTE_MS])
def test_a_delay_up_to_the_longest_is_accepted(make: Callable[..., Sandbox], wait_until: int | None) -> None:
    """Ruling T10: the setting lowers the longest delay, and the limit itself is still allowed."""
    assert [len(each.ids) for each in both_ways(make(max_delay_ms=MINUTE_MS), wait_until)] == [1, 1]


def test_a_longer_delay_than_the_setting_allows_is_refused(make: Callable[..., Sandbox]) -> None:
    """Ruling T10: one millisecond more is a 400 that names the time and the limit."""
    with pytest.raises(ApiError) as refused:
        make(max_delay_ms=MINUTE_MS).state.enqueue("q", "", START_MS + MINUTE_MS + 1)
    assert refused.value.status == 400
    assert refused.value.errors == (
        ErrorObject(
            Code.INVALID_WAIT_UNTIL,
            "2016-03-27T00:01:00.001Z is more than 60 seconds from now, the longest delay of this server.",
            "/data/attributes/wait-until",
        ),
    )


def test_the_longest_delay_counts_from_the_clock_of_the_sandbox(
    clock: ManualClock, make: Callable[..., Sandbox]
) -> None:
    """Ruling T10: a delay that is too long now is allowed once the clock has been moved."""
    sandbox = make(max_delay_ms=MINUTE_MS)
    with pytest.raises(ApiError):
        sandbox.state.enqueue("q", "", START_MS + MINUTE_MS + 1)
    clock.advance(1)
    assert sandbox.state.enqueue("q", "", START_MS + MINUTE_MS + 1).ids == (FIRST_ID,)


TOO_LATE = START_MS + MINUTE_MS + 1
BULKS: list[Sequence[Attributes]] = [
    [("", TOO_LATE)],
    [("a", None), ("b", START_MS + 5), ("c", TOO_LATE), ("d", None), ("e", MAX_MS)],
    [("a", None)] * 999 + [("last", TOO_LATE)],
]


def assert_refused_without_a_trace(sandbox: Sandbox, queue: str, messages: Sequence[Attributes]) -> ApiError:
    """Send a bulk that must be refused, and compare the sandbox with its state before."""
    before = (len(sandbox.state.queue), [*sandbox.state.queue.queues], sandbox.state.queue.next_due_ms())
    with pytest.raises(ApiError) as refused:
        sandbox.state.enqueue_all(queue, messages)
    assert (
        len(sandbox.state.queue),
        [*sandbox.state.queue.queues],
        sandbox.state.queue.next_due_ms(),
    ) == before
    return refused.value


@pytest.mark.parametrize("messages", BULKS)
def test_a_bulk_with_one_bad_message_leaves_no_trace(
    clock: ManualClock, make: Callable[..., Sandbox], messages: Sequence[Attributes]
) -> None:
    """Ruling B13: the bulk uses no id, makes no queue and delivers nothing; all faults are reported."""
    sandbox = make(max_delay_ms=MINUTE_MS)
    sandbox.state.enqueue("known", "", None)
    refused = assert_refused_without_a_trace(sandbox, "new", messages)
    assert [error.pointer for error in refused.errors] == [
        f"/data/{index}/attributes/wait-until"
        for index, (_, wait_until) in enumerate(messages)
        if wait_until is not None and wait_until >= TOO_LATE
    ]
    with pytest.raises(ApiError):
        sandbox.state.message("new", str(FIRST_ID + 1))
    clock.advance(MAX_MS - START_MS)
    assert [each.id for each in sandbox.state.queue.deliveries()] == [FIRST_ID]
    assert sandbox.state.enqueue("new", "", None).ids == (FIRST_ID + 1,)


def test_a_bulk_without_a_good_message_reports_as_many_faults_as_an_answer_holds(
    make: Callable[..., Sandbox],
) -> None:
    """Rulings B9 and B13: the first 50 in document order, and still no trace."""
    refused = assert_refused_without_a_trace(
        make(max_delay_ms=MINUTE_MS), "q", [("", TOO_LATE)] * (MAX_ERRORS + 1)
    )
    assert [error.pointer for error in refused.errors] == [
        f"/data/{index}/attributes/wait-until" for index in range(50)
    ]


@settings(derandomize=True, database=None, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=1, max_size=5), max_size=8))
def test_accepted_and_refused_bulks_in_any_order_leave_no_gap(bulks: list[list[bool]]) -> None:
    """Rulings B11 and B13: the ids of accepted messages are contiguous; refused bulks take none."""
    sandbox = sandbox_under(ManualClock(START_MS), max_delay_ms=MINUTE_MS)
    ids: list[int] = []
    for number, bulk in enumerate(bulks):
        messages = [("", None if is_good else TOO_LATE) for is_good in bulk]
        if all(bulk):
            ids += sandbox.state.enqueue_all(f"q{number}", messages).ids
        else:
            assert_refused_without_a_trace(sandbox, f"q{number}", messages)
    assert ids == [FIRST_ID + index for index in range(len(ids))]
    assert [*sandbox.state.queue.queues] == [f"q{number}" for number, bulk in enumerate(bulks) if all(bulk)]


def test_a_queue_that_is_not_declared_is_not_found_and_not_made(make: Callable[..., Sandbox]) -> None:
    """Rulings H13 and B13: where queues are declared any other is a 404 that names them."""
    sandbox = make(declared_queues=frozenset({"mails", "invoices"}))
    error = ErrorObject(
        Code.QUEUE_NOT_DECLARED,
        'The queue "Mails" is not declared; there are invoices, mails.',
        parameter="queue",
    )
    refused = assert_refused_without_a_trace(sandbox, "Mails", [("a", None)])
    with pytest.raises(ApiError) as refused_alone:
        sandbox.state.enqueue("Mails", "a", None)
    assert refused.errors == refused_alone.value.errors == (error,)
    assert refused.status == 404
    assert sandbox.state.enqueue("mails", "a", None).ids == (FIRST_ID,)
    assert [*sandbox.state.enqueue_all("invoices", [("b", None)]).ids] == [FIRST_ID + 1]


def test_any_queue_will_do_where_none_is_declared(make: Callable[..., Sandbox]) -> None:
    """Ruling H13: a queue is made by the first message that it accepts."""
    sandbox = make()
    assert [*sandbox.state.queue.queues] == []
    sandbox.state.enqueue("b", "", None)
    sandbox.state.enqueue_all("a", [("", None), ("", None)])
    assert [*sandbox.state.queue.queues] == ["b", "a"]


@pytest.mark.parametrize(
    ("queue", "identifier"),
    [
        ("q", str(FIRST_ID + 1)),
        ("q", str(FIRST_ID - 1)),
        ("other", str(FIRST_ID)),
        ("q", ""),
        ("q", "0"),
        ("q", f"0{FIRST_ID}"),
        ("q", f"+{FIRST_ID}"),
        ("q", f"-{FIRST_ID}"),
        ("q", f" {FIRST_ID}"),
        ("q", f"{FIRST_ID}.0"),
        ("q", "72_301_093_732"),
        ("q", "\u0667\u0662\u0663\u0660\u0661\u0660\u0669\u0663\u0667\u0663\u0662"),
        ("q", "9" * 19),
        ("q", "9" * 5000),
    ],
)
def test_a_message_is_found_by_its_id_as_it_was_given_out_alone(
    make: Callable[..., Sandbox], queue: str, identifier: str
) -> None:
    """Ruling H1: no other spelling of the number, and no number of any length, is an id."""
    sandbox = make()
    sandbox.state.enqueue("q", "found", None)
    assert sandbox.state.message("q", str(FIRST_ID)).body == "found"
    with pytest.raises(ApiError) as refused:
        sandbox.state.message(queue, identifier)
    (error,) = refused.value.errors
    assert (error.code, error.parameter) == (Code.MESSAGE_NOT_FOUND, "id")
    assert f'"{identifier[:80]}"' in error.detail
    assert f'"{queue}"' in error.detail


def test_a_sandbox_delivers_when_its_clock_gets_there(
    clock: ManualClock, make: Callable[..., Sandbox]
) -> None:
    """Ruling T4: one order for single messages and bulks."""
    sandbox = make()
    sandbox.state.enqueue("q", "", START_MS + 20)
    sandbox.state.enqueue_all("other", [("", START_MS + 20), ("", START_MS + 10)])
    sandbox.state.enqueue("q", "", START_MS + 10)
    clock.advance(9)
    assert [*sandbox.state.queue.deliveries()] == []
    clock.advance(11)
    log = [(each.id - FIRST_ID, each.delivered_at_ms - START_MS) for each in sandbox.state.queue.deliveries()]
    assert log == [(2, 10), (3, 10), (0, 20), (1, 20)]


def test_error_ids_are_counted(make: Callable[..., Sandbox]) -> None:
    """Ruling B10: the same requests give the same answers, ids of errors included."""
    sandbox = make()
    assert [sandbox.next_error_id() for _ in range(2)] == ["error-1", "error-2"]


def test_a_closed_sandbox_delivers_nothing(clock: ManualClock, make: Callable[..., Sandbox]) -> None:
    """Pending messages stay where they are."""
    sandbox = make()
    sandbox.state.enqueue("q", "", None)
    sandbox.close()
    clock.advance(1000)
    assert len(sandbox.state.queue) == 1
