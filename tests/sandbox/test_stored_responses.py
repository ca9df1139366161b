"""The answers that are kept for a repeated request: for how long, and how many."""

import pytest

from eqkit.sandbox.idempotency import KEPT_MS, MOST, StoredResponses
from eqkit.sandbox.rules import Rules
from eqkit.sandbox.sandbox import Sandbox
from eqkit.timing.clock import ManualClock
from tests.conftest import START_MS

ANSWER = object()


@pytest.fixture
def answers() -> StoredResponses:
    """No answers yet."""
    return StoredResponses()


def test_a_key_gets_the_very_answer_that_was_stored_for_it(answers: StoredResponses) -> None:
    """Ruling H14: with it goes the fingerprint, which distinguishes a repetition from another request."""
    answers.put("a", b"request", ANSWER, START_MS)
    stored = answers.get("a", START_MS)
    assert stored is not None
    assert (stored.fingerprint, stored.response) == (b"request", ANSWER)
    assert stored.response is ANSWER
    assert answers.get("A", START_MS) is None


def test_an_answer_is_kept_for_24_hours_of_the_clock_of_its_sandbox(clock: ManualClock) -> None:
    """Ruling H14: 24 hours to the millisecond, by a clock that may be moved."""
    sandbox = Sandbox(clock, Rules())
    sandbox.stored_responses.put("a", b"", ANSWER, clock.now())
    clock.advance(24 * 60 * 60 * 1000 - 1)
    assert sandbox.stored_responses.get("a", clock.now()) is not None
    clock.advance(1)
    assert sandbox.stored_responses.get("a", clock.now()) is None


def test_each_answer_has_its_own_24_hours(answers: StoredResponses) -> None:
    """Ruling H14: that an older one has expired takes nothing from a newer, and asking prolongs nothing."""
    for number in range(3):
        answers.put(f"key {number}", b"", ANSWER, START_MS + number)
    for after_ms in range(3):
        known = [number for number in range(3) if answers.get(f"key {number}", START_MS + KEPT_MS + after_ms)]
        assert known == [*range(after_ms + 1, 3)]


def test_an_expired_response_takes_no_memory(answers: StoredResponses) -> None:
    """Asking for any key drops all expired responses."""
    for number in range(100):
        answers.put(str(number), b"", ANSWER, START_MS + number)
    answers.get("another", START_MS + KEPT_MS + 97)
    assert [*answers._by_key] == ["98", "99"]


def test_a_key_can_be_used_anew_once_its_answer_has_expired(answers: StoredResponses) -> None:
    """Ruling H14: the new answer has 24 hours of its own."""
    answers.put("a", b"first", ANSWER, START_MS)
    again_ms = START_MS + KEPT_MS
    assert answers.get("a", again_ms) is None
    answers.put("a", b"second", ANSWER, again_ms)
    stored = answers.get("a", again_ms + KEPT_MS - 1)
    assert stored is not None
    assert stored.fingerprint == b"second"


def test_an_answer_that_is_stored_again_does_not_prolong_the_others(answers: StoredResponses) -> None:
    """Ruling H14: two requests with one key may be under way at once; the rest still go at their time."""
    answers.put("a", b"", ANSWER, START_MS)
    answers.put("b", b"", ANSWER, START_MS + 1)
    answers.put("a", b"", ANSWER, START_MS + 2)
    now_ms = START_MS + KEPT_MS + 1
    assert [key for key in ("a", "b") if answers.get(key, now_ms)] == ["a"]


def test_the_oldest_answers_go_when_there_are_too_many(answers: StoredResponses) -> None:
    """Ruling H14: at most MOST are kept at once, the newest of them."""
    for number in range(MOST):
        answers.put(str(number), b"", ANSWER, START_MS)
    assert answers.get("0", START_MS) is not None
    answers.put("one more", b"", ANSWER, START_MS)
    assert answers.get("0", START_MS) is None
    assert None not in [answers.get(key, START_MS) for key in ("1", str(MOST - 1), "one more")]
