"""The client against a mock that loses answers: the fixture `elasticqueue` comes with eqkit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from reminders import NotEnqueued, Reminders

from eqkit.client import Client, FaultRule, LimitRule, Requests

DUE = 1_459_121_798_238
ENQUEUED = Requests(operation="enqueueMessage")


@pytest.fixture
def reminders(elasticqueue: Client) -> Reminders:
    """A client whose pauses pass on the mock's clock, and take no time."""
    elasticqueue.clock.freeze("2016-03-27T23:30:00Z")

    def pause(seconds: float) -> None:
        elasticqueue.clock.advance(timedelta(seconds=seconds))

    return Reminders(elasticqueue.url, elasticqueue.key or "", pause=pause)


def test_a_message_arrives_when_it_is_due(reminders: Reminders, elasticqueue: Client) -> None:
    """Seven minutes pass at once."""
    identifier = reminders.enqueue("reminders", "water the plants", DUE)
    assert elasticqueue.deliveries.list().total == 0
    elasticqueue.clock.advance("7m")
    (delivery,) = elasticqueue.deliveries.list("reminders").deliveries
    assert (delivery.id, delivery.lateness_ms) == (identifier, 0)


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_lost_answer_does_not_enqueue_twice(reminders: Reminders, elasticqueue: Client, lost: int) -> None:
    """The message is stored each time as far as the client can know; there is one of it all the same."""
    elasticqueue.faults.lose_answers(lost)
    identifier = reminders.enqueue("reminders", "water the plants", DUE)
    assert [message.id for message in elasticqueue.pending.list().messages] == [identifier]
    assert elasticqueue.journal.count(ENQUEUED) == lost + 1
    assert elasticqueue.journal.verify(Requests(stored=True).exactly(1))


def test_a_broken_connection_is_tried_again(reminders: Reminders, elasticqueue: Client) -> None:
    """Nothing is stored before the commit, and once after it."""
    elasticqueue.faults.arm(FaultRule(wire="reset", when="before", count=2))
    reminders.enqueue("reminders", "water the plants")
    assert elasticqueue.journal.verify(Requests(stored=True).exactly(1), Requests(stored=False).exactly(2))


def test_a_limit_is_waited_for(reminders: Reminders, elasticqueue: Client) -> None:
    """429 says in Retry-After when to come back, and coming back then succeeds."""
    elasticqueue.limits.set(LimitRule(limit=1, window="1m", kind="fixed-window"))
    reminders.enqueue("reminders", "one")
    reminders.enqueue("reminders", "two")
    assert elasticqueue.journal.verify(Requests(status=429).exactly(1), Requests(status=202).exactly(2))
    assert elasticqueue.journal.summary().warnings == ()


def test_an_outage_is_given_up_in_the_end(reminders: Reminders, elasticqueue: Client) -> None:
    """After four attempts the caller gets an error."""
    elasticqueue.faults.arm(FaultRule(answer=503, retry_after=5))
    with pytest.raises(NotEnqueued, match="4 attempts have failed"):
        reminders.enqueue("reminders", "water the plants")
    assert elasticqueue.journal.verify(ENQUEUED.exactly(4), within="15s")


def test_a_refused_reminder_is_not_tried_again(reminders: Reminders, elasticqueue: Client) -> None:
    """A 400 stays a 400, and says why."""
    with pytest.raises(NotEnqueued, match="invalid-wait-until"):
        reminders.enqueue("reminders", "water the plants", -1)
    assert elasticqueue.journal.count() == 1
