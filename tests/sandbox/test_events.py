"""The events of a sandbox: the kept ones, and the numbers that find them."""

import asyncio
import copy
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.sandbox.events import DATA_WEIGHT, EVENT_WEIGHT, Event, Events
from eqkit.sandbox.events import KEPT as KEPT_EVENTS

KEPT = 5
ONES = st.tuples(st.integers(0, 9), st.sampled_from("ab"), st.integers(1, 99) | st.just({"queue": "q"}))
MANY = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 99)), max_size=12)
Step = tuple[int, str, int | dict[str, str]] | list[tuple[int, int]]


def record(events: Events, step: Step) -> list[Event]:
    """Record one event, or some at once; return them as they were given, without numbers."""
    if isinstance(step, list):
        events.record_all([at_ms for at_ms, _ in step], "c", [message for _, message in step])
        return [Event(0, at_ms, "c", message) for at_ms, message in step]
    events.record(*step)
    return [Event(0, *step)]


@given(steps=st.lists(ONES | MANY, max_size=12), after=st.integers(0, 30), limit=st.integers(1, 9))
def test_the_newest_events_are_found_by_their_numbers(steps: list[Step], after: int, limit: int) -> None:
    """Recorded one by one or many at once, the newest stay, with numbers that have no gap."""
    events = Events(KEPT)
    happened = [event for step in steps for event in record(events, step)]
    numbered = [event._replace(number=number) for number, event in enumerate(happened, 1)]
    known = [event for event in numbered[-KEPT:] if event.number > after]
    assert events.last == len(happened)
    assert events.since(after, limit) == copy.deepcopy(events).since(after, limit) == known[:limit]


def test_the_data_of_an_event_goes_with_it() -> None:
    """A lost event leaves no data behind."""
    events = Events(KEPT)
    events.record(1, "queue.paused", {"queue": "q"})
    events.record_all(range(KEPT - 1), "message.accepted", range(KEPT - 1))
    assert events._data
    events.record_all([7], "message.accepted", [7])
    assert not events._data


@given(
    steps=st.lists(ONES | MANY, max_size=12),
    before=st.integers(0, 9),
    more=st.lists(ONES | MANY, max_size=4),
    bounds=st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted),
)
def test_events_are_counted_by_the_numbers_that_they_have_in_a_second_life(
    steps: list[Step], before: int, more: list[Step], bounds: list[int]
) -> None:
    """A sandbox that is put back goes on behind the numbers of the one before it, with all that is kept."""
    events = Events(KEPT)
    happened = [event for step in steps for event in record(events, step)]
    events.begin_after(before)
    happened += [event for step in more for event in record(events, step)]
    numbered = [event._replace(number=number) for number, event in enumerate(happened, before + 1)]
    after, upto = bounds[0], min(bounds[1], before + len(happened))
    assert (events.last, events.began_after) == (before + len(happened), before)
    for each in (events, copy.deepcopy(events)):
        assert each.since(0, 99) == numbered[-KEPT:]
        counted = each.kinds(after, upto)
        assert counted == Counter(event.kind for event in numbered[-KEPT:] if after < event.number <= upto)
        message = sum(isinstance(event.data, dict) for event in numbered[-KEPT:])
        assert each.weight == EVENT_WEIGHT * len(numbered[-KEPT:]) + DATA_WEIGHT * message


def test_a_copy_of_events_goes_on_by_itself() -> None:
    """Nothing that happens later in one of the two is seen in the other."""
    events = Events(KEPT)
    events.record(1, "a", {"queue": "q"})
    events.record(2, "b", 7)
    twin = copy.deepcopy(events)
    before = events.since(0, 99)
    twin.record(3, "c", {"queue": "other"})
    assert events.since(0, 99) == before
    events.record(4, "d", 8)
    assert [event.kind for event in twin.since(0, 99)] == ["a", "b", "c"]
    for number in range(KEPT):
        twin.record(number, "e", number)
    assert events.since(0, 2) == before


def test_events_are_bounded_where_nothing_is_said() -> None:
    """As many are kept as docs/reference/limits.md says."""
    events = Events()
    events.record_all(range(KEPT_EVENTS + 1), "a", range(KEPT_EVENTS + 1))
    assert (events.since(0, 1), len(events.since(0, KEPT_EVENTS + 1))) == ([Event(2, 1, "a", 1)], KEPT_EVENTS)


@pytest.mark.parametrize(
    "wake",
    [
        lambda events: events.record(1, "a", 1),
        lambda events: events.record_all([1], "a", [1]),
        lambda events: events.record_all([1, 2], "a", [1, 2]),
        lambda events: events.close(),
    ],
    ids=["one", "one of many", "many", "the end"],
)
def test_a_wait_for_more_events_ends_with_the_next_one(wake: Callable[[Events], object]) -> None:
    """The end of all events ends it, too; an event that is there is not waited for."""

    async def waits() -> None:
        events = Events(KEPT)
        events.record(0, "before", 0)
        await events.more(0)
        waiting = asyncio.create_task(events.more(1))
        await asyncio.sleep(0)
        assert not waiting.done()
        assert len(events._listeners) == 1
        wake(events)
        await asyncio.wait_for(waiting, 5)
        assert not events._listeners
        if events.closed:
            await events.more(99)

    asyncio.run(waits())
