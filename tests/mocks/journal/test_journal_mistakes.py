"""Mistakes of clients: the journal warns of each kind, or a strict server refuses it."""

from collections.abc import Callable
from typing import Any

import pytest

from eqkit.elasticqueue.client_warnings import SINGLE_CALLS, TITLES
from eqkit.timing.clock import ManualClock
from eqkit.web.app import Application
from tests.clients import BULK, MESSAGES, errors, message
from tests.control import Control

NOW_MS = 1_459_036_800_000
"""The time that the clock of `application` shows."""

DAY_MS = 86_400_000
AT_TIME = "/data/attributes/wait-until"


@pytest.fixture
def control(application: Application) -> Control:
    """A client of the control plane, whose clock stands until it is moved."""
    control = Control(application)
    control.freeze()
    return control


def warnings(control: Control) -> list[list[str]]:
    """The kinds of mistakes of each request."""
    entries = control.get("/journal", params={"limit": 1000}).json()["entries"]
    return [[warning["kind"] for warning in entry["warnings"]] for entry in entries]


def fail(control: Control, status: int, **rule: Any) -> None:
    """Let every request fail with a status."""
    control.request("DELETE", "/faults")
    assert control.post("/faults", json={"do": {"answer": {"status": status}}, **rule}).status_code == 201


def test_a_time_in_the_wrong_unit_has_a_warning(set_up: Callable[..., Application]) -> None:
    """Rulings D2 and T9: validated against how the server reads it, refused or not, with its place."""
    control = Control(set_up(wait_until_unit="seconds"))
    for sent in (NOW_MS // 1000, NOW_MS, 253_402_300_799):
        control.public.enqueue("hello", sent)
    first, *others = control.get("/journal").json()["entries"]
    assert (first["status"], first["warnings"]) == (202, [])
    assert [entry["status"] for entry in others] == [400, 202]
    for entry in others:
        (warning,) = entry["warnings"]
        assert (warning["kind"], warning["pointer"]) == ("milliseconds-for-seconds", AT_TIME)


def test_each_doubtful_time_of_a_bulk_has_a_warning(control: Control) -> None:
    """The pointer says which of the messages is meant."""
    control.public.post(BULK, json={"data": [message("a", 60), message("b"), message("c", 61)]})
    (entry,) = control.get("/journal").json()["entries"]
    messages = [each["pointer"] for each in entry["warnings"]]
    assert messages == ["/data/0/attributes/wait-until", "/data/2/attributes/wait-until"]


@pytest.mark.parametrize("wait", ["60", 60.5, True, None, [60], 10**300, -60], ids=repr)
def test_an_invalid_time_is_refused_without_a_warning(control: Control, wait: Any) -> None:
    """Ruling T8: the answer names the mistake; a warning would name it twice."""
    data = {"type": "message", "attributes": {"body": "a", "wait-until": wait}}
    assert control.public.post(MESSAGES, json={"data": data}).status_code == 400
    assert warnings(control) == [[]]


@pytest.mark.parametrize("document", [None, [], {"data": None}, {"data": [1]}, {"data": {"attributes": 1}}])
def test_a_document_of_any_form_can_be_validated(control: Control, document: Any) -> None:
    """Ruling B2: a refused request is looked at, too, and breaks nothing."""
    control.public.post(MESSAGES, json=document)
    control.public.post(BULK, json=document)
    assert warnings(control) == [[], []]


def test_a_retry_before_its_time_has_a_warning(control: Control) -> None:
    """The answer said when to come again; it counts on the clock of the sandbox, to the millisecond."""
    limit = {"kind": "fixed-window", "limit": 1, "window-ms": 10_000}
    assert control.request("PUT", "/limits", json={"limits": [limit]}).status_code == 200
    control.public.enqueue("first")
    refused = control.public.enqueue("second")
    wait_s = int(refused.headers["retry-after"])
    control.advance(by_ms=wait_s * 1000 - 1)
    control.public.enqueue("second")
    *_, entry = control.get("/journal").json()["entries"]
    assert [each["kind"] for each in entry["warnings"]] == ["early-retry"]
    assert entry["warnings"][0]["detail"].startswith("it came 1 ms before")


def test_a_retry_after_a_day_of_a_longer_wait_has_a_warning(control: Control) -> None:
    """The wait that the answer asked for counts, however long it is."""
    rule = {"count": 1, "do": {"answer": {"status": 503, "retry-after": 200_000}}}
    assert control.post("/faults", json=rule).status_code == 201
    control.public.enqueue("a")
    control.advance(by_ms=200_000_000 - 5)
    control.public.enqueue("a")
    *_, entry = control.get("/journal").json()["entries"]
    assert [each["kind"] for each in entry["warnings"]] == ["early-retry"]
    assert entry["warnings"][0]["detail"].startswith("it came 5 ms before")


def test_a_retry_in_time_is_none(control: Control) -> None:
    """A client that heeds Retry-After may come at even pauses."""
    fail(control, 429)
    for _ in range(4):
        response = control.public.enqueue()
        control.advance(by_ms=int(response.headers["retry-after"]) * 1000)
    assert warnings(control) == [[], [], [], []]


@pytest.mark.parametrize("rate", [0.5, 60])
@pytest.mark.parametrize(("early_ms", "kinds"), [(0, []), (1, ["early-retry"])])
def test_a_retry_in_time_is_one_by_the_seconds_of_its_client(
    control: Control, clock: ManualClock, rate: float, early_ms: int, kinds: list[str]
) -> None:
    """Ruling H11: at half the pace, two of them are one second of the sandbox."""
    control.post("/clock/resume", json={"rate": rate})
    rule = {"duration-ms": 120_000, "do": {"answer": {"status": 503}}}
    assert control.post("/faults", json=rule).status_code == 201
    seconds = int(control.public.enqueue().headers["retry-after"])
    clock.advance(seconds * 1000 - early_ms)
    control.public.enqueue()
    assert warnings(control) == [[], kinds]


def test_another_request_is_no_retry(control: Control) -> None:
    """A request that is sent meanwhile is validated against itself."""
    fail(control, 503)
    for body in ("one", "two", "three"):
        control.public.enqueue(body)
    assert warnings(control) == [[], [], []]


@pytest.mark.parametrize(
    ("pauses", "kinds"),
    [
        ([1000, 1000], ["", "", "steady-retries"]),
        ([1000, 1100], ["", "", "steady-retries"]),
        ([1000, 900], ["", "", "steady-retries"]),
        ([1000, 1101], ["", "", ""]),
        ([1000, 500], ["", "", ""]),
        ([1000, 500, 200], ["", "", "", "steady-retries"]),
        ([1000, 2000, 4000], ["", "", "", ""]),
        ([1000, 2000, 2000], ["", "", "", "steady-retries"]),
        ([0, 0], ["", "", ""]),
    ],
)
def test_retries_at_even_or_shrinking_pauses_have_a_warning(
    control: Control, pauses: list[int], kinds: list[str]
) -> None:
    """Growing pauses are right, with jitter too; while the clock stands, nothing is known of pauses."""
    fail(control, 500)
    control.public.enqueue()
    for pause in pauses:
        control.advance(by_ms=pause)
        control.public.enqueue()
    assert warnings(control) == [[kind] if kind else [] for kind in kinds]


def test_after_a_success_retries_begin_anew(control: Control) -> None:
    """A request that went through is no failure to come back to."""
    for count in (2, 0, 2):
        fail(control, 500, count=max(count, 1))
        if not count:
            control.request("DELETE", "/faults")
        control.public.get(f"{MESSAGES}/1")
        control.advance(by_ms=1000)
    assert warnings(control) == [[], [], []]


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        (("a", None), ("a", None), True),
        (("a", NOW_MS), ("a", NOW_MS), True),
        (("a", NOW_MS), ("a", NOW_MS + 1), False),
        (("a", None), ("b", None), False),
        (("", None), ("", None), True),
    ],
)
def test_a_message_that_is_enqueued_twice_has_a_warning(
    control: Control, first: tuple[str, int], second: tuple[str, int], is_same: bool
) -> None:
    """The same body for the same time in the same queue; so does a retry after a lost answer."""
    control.public.enqueue(*first)
    control.public.enqueue(*second)
    other = control.public.post(MESSAGES.replace("a-queue", "b"), json={"data": message(*first)})
    assert other.status_code == 202
    assert warnings(control) == [[], ["duplicate-message"] if is_same else [], []]


def test_the_same_message_twice_in_a_bulk_has_a_warning(control: Control) -> None:
    """The warning points to the second message, and names the one enqueued before."""
    control.public.enqueue("z")
    control.public.post(BULK, json={"data": [message("a"), message("a"), message("z")]})
    *_, entry = control.get("/journal").json()["entries"]
    messages = [(each["kind"], each["pointer"]) for each in entry["warnings"]]
    assert messages == [("duplicate-message", "/data/1"), ("duplicate-message", "/data/2")]
    assert "request 1 " in entry["warnings"][1]["detail"]


def test_an_idempotency_key_tells_a_repetition_from_a_new_message(control: Control) -> None:
    """Ruling H14: a replay stores nothing, and another key vouches for another message."""
    for key in ("one", "one", "two"):
        control.public.enqueue("a", headers={"idempotency-key": key})
    control.public.enqueue("a")
    assert warnings(control) == [[], [], [], ["duplicate-message"]]


def test_a_request_that_stored_nothing_is_no_duplicate(control: Control) -> None:
    """A retry after a failure before the commit is right."""
    fail(control, 503, count=1)
    control.public.enqueue("a")
    control.advance(by_ms=60_000)
    control.public.enqueue("a")
    control.public.post(MESSAGES, json={})
    assert warnings(control) == [[], [], []]


@pytest.mark.parametrize(("duration_ms", "is_told"), [(999, True), (1000, False)])
def test_many_single_calls_have_a_warning(control: Control, duration_ms: int, is_told: bool) -> None:
    """Several for one queue within a second would have been one bulk; the last of them says so."""
    control.public.enqueue("first")
    control.advance(by_ms=duration_ms)
    for number in range(2, SINGLE_CALLS + 1):
        control.public.enqueue(str(number))
    *before, last = warnings(control)
    assert (before, last) == ([[]] * (SINGLE_CALLS - 1), ["single-calls"] if is_told else [])


def test_the_summary_counts_mistakes_by_kind(control: Control) -> None:
    """Each kind with its meaning, how often it came, and in which requests."""
    control.public.enqueue("a", 60)
    control.public.post(BULK, json={"data": [message("a", 60), message("b", 61)]})
    found = control.get("/journal/summary").json()["warnings"]
    assert found == [
        {"kind": "relative-delay", "title": TITLES["relative-delay"], "count": 3, "requests": [1, 2]},
        {"kind": "duplicate-message", "title": TITLES["duplicate-message"], "count": 1, "requests": [2]},
    ]


def test_mistakes_go_with_their_entries(control: Control) -> None:
    """A cleared journal has no warnings left, but remembers the enqueued messages."""
    control.public.enqueue("a", 60)
    assert warnings(control) == [["relative-delay"]]
    control.request("DELETE", "/journal")
    assert control.get("/journal/summary").json()["warnings"] == []
    control.public.enqueue("a", 60)
    assert warnings(control) == [["relative-delay", "duplicate-message"]]


@pytest.fixture
def strict(set_up: Callable[..., Application]) -> Control:
    """A client of a server that holds clients to it, whose clock stands."""
    control = Control(set_up(strict_clients=True))
    control.freeze()
    return control


def test_a_strict_server_refuses_the_mistakes_that_others_warn_of(strict: Control) -> None:
    """`--strict-clients`: 409 before the commit, with every mistake and its place; the journal shows them."""
    assert errors(strict.public.enqueue("a", 60)) == [("409", "client-mistake", AT_TIME)]
    bulk = strict.public.post(BULK, json={"data": [message("a"), message("b", 60), message("a")]})
    places = ["/data/1/attributes/wait-until", "/data/2"]
    assert errors(bulk) == [("409", "client-mistake", place) for place in places]
    assert bulk.json()["errors"][1]["detail"].startswith("duplicate-message: ")
    assert strict.get("/pending").json()["messages"] == []
    assert strict.sandbox.state.queue.queues == []
    assert warnings(strict) == [["relative-delay"], ["relative-delay", "duplicate-message"]]


def test_a_strict_server_lets_a_good_client_alone(strict: Control) -> None:
    """Replays, other bodies, other times, and reading."""
    for key, body in (("one", "a"), ("one", "a"), ("two", "b")):
        assert strict.public.enqueue(body, headers={"idempotency-key": key}).status_code == 202
    assert strict.public.enqueue("a", NOW_MS + 1).status_code == 202
    for _ in range(3):
        assert strict.public.get(f"{MESSAGES}/1").status_code == 404
    assert errors(strict.public.enqueue("a", NOW_MS + 1)) == [("409", "client-mistake", "/data")]
    # Refused is refused: trying again does not make it right.
    assert errors(strict.public.enqueue("a", NOW_MS + 1)) == [("409", "client-mistake", "/data")]


def test_a_strict_server_refuses_single_calls_until_time_has_passed(strict: Control) -> None:
    """Then they are no longer many within a second."""
    answers = [strict.public.enqueue(str(number)).status_code for number in range(SINGLE_CALLS + 1)]
    assert answers == [202] * (SINGLE_CALLS - 1) + [409, 409]
    strict.advance(by_ms=1000)
    assert strict.public.enqueue("later").status_code == 202


def test_a_strict_server_refuses_a_retry_until_its_time_has_come(strict: Control) -> None:
    """A retry that was refused for coming too early does not make the next one right."""
    fail(strict, 429, count=1)
    wait_s = int(strict.public.enqueue("a").headers["retry-after"])
    for _ in range(2):
        refused = strict.public.enqueue("a")
        assert errors(refused) == [("409", "client-mistake", None)]
        assert refused.json()["errors"][0]["detail"].startswith("early-retry: ")
    strict.advance(by_ms=wait_s * 1000)
    assert strict.public.enqueue("a").status_code == 202


def test_a_document_that_breaks_the_contract_has_no_warning_beside_its_errors(strict: Control) -> None:
    """Ruling H2: a 400 comes before a conflict."""
    assert errors(strict.public.enqueue("a", -1)) == [("400", "invalid-wait-until", AT_TIME)]


def test_a_server_is_not_strict_unless_it_is_told_to_be(control: Control) -> None:
    """Ruling T9: accepted, with a warning."""
    assert [control.public.enqueue("a", 60).status_code for _ in range(2)] == [202, 202]
