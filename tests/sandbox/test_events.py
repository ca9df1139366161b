"""The events of a sandbox: what is kept of them, and by which numbers they are found."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from eqkit.sandbox.events import Event, Events

KEPT = 5
ONES = st.tuples(st.integers(0, 9), st.sampled_from("ab"), st.integers(1, 99) | st.just({"queue": "q"}))
MANY = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 99)), max_size=12)


@given(steps=st.lists(ONES | MANY, max_size=12), after=st.integers(0, 30), max_sandboxes=st.integers(1, 9))
def test_the_newest_events_are_found_by_their_numbers(
    steps: list[tuple[int, str, int | dict[str, str]] | list[tuple[int, int]]], after: int, max_sandboxes: int
) -> None:
    """However they came, one by one or many at once, the newest stay, with numbers that have no gap."""
    events = Events(KEPT)
    happened: list[Event] = []
    for step in steps:
        if isinstance(step, list):
            events.record_all([at_ms for at_ms, _ in step], "c", [message for _, message in step])
            happened += [Event(0, at_ms, "c", message) for at_ms, message in step]
        else:
            events.record(*step)
            happened.append(Event(0, *step))
    numbered = [event._replace(number=number) for number, event in enumerate(happened, 1)]
    known = [event for event in numbered[-KEPT:] if event.number > after]
    assert events.last == len(happened)
    assert (
        events.since(after, max_sandboxes)
        == copy.deepcopy(events).since(after, max_sandboxes)
        == known[:max_sandboxes]
    )


def test_what_is_told_of_an_event_goes_with_it() -> None:
    """Nothing is left behind of what was lost."""
    events = Events(KEPT)
    events.record(1, "queue.paused", {"queue": "q"})
    events.record_all(range(KEPT - 1), "message.accepted", range(KEPT - 1))
    assert events._data
    events.record_all([7], "message.accepted", [7])
    assert not events._data
