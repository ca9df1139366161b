"""Messages in columns: reading them back, the bounds of chunks, and forgetting."""

from collections.abc import Iterable

import pytest

from eqkit.delay.message import Draft, Message
from eqkit.delay.store import ROWS, Store
from eqkit.timing.instants import MAX_MS

FIRST_ID = 72_301_093_732


def filled(count: int) -> Store:
    """Return a store of messages that differ from each other in every column."""
    store = Store(FIRST_ID)
    for offset in range(count):
        kept = store.append(
            f"q{offset % 3}", Draft(str(offset), offset, offset * 10), offset * 20, offset * 30
        )
        assert kept == offset
    return store


def expected(offset: int) -> Message:
    """Return the message that `filled` keeps at an offset."""
    return Message(
        id=FIRST_ID + offset,
        queue=f"q{offset % 3}",
        body=str(offset),
        wait_until=offset,
        wait_until_at_ms=offset * 10,
        accepted_at_ms=offset * 20,
        due_at_ms=offset * 30,
        delivered_at_ms=None,
    )


def known(store: Store, offsets: Iterable[int]) -> list[int]:
    """Return those of the offsets at which the store still has a message."""
    return [offset for offset in offsets if store.get(FIRST_ID + offset) is not None]


@pytest.mark.parametrize("count", [1, ROWS - 1, ROWS, ROWS + 1, 2 * ROWS + 1])
def test_every_message_comes_back_as_it_was_kept(count: int) -> None:
    """Wherever a chunk ends, and by its id as well as by its offset."""
    store = filled(count)
    assert [store.get(FIRST_ID + offset) for offset in range(count)] == [*map(expected, range(count))]
    assert store.at(count - 1) == expected(count - 1)
    assert store.size == count


@pytest.mark.parametrize("before", [0, 1, ROWS - 1, ROWS])
@pytest.mark.parametrize("count", [1, ROWS - 1, ROWS, 2 * ROWS + 1])
def test_many_are_kept_as_one_by_one(before: int, count: int) -> None:
    """Wherever in a chunk they begin, and however many chunks they fill."""
    store, one_by_one = filled(before), filled(before)
    drafts = [Draft(str(index), index or None, index * 10 or None) for index in range(count)]
    dues_ms = [7 + index for index in range(count)]
    assert store.append_all("new", drafts, 7, dues_ms) == before
    for draft, due_ms in zip(drafts, dues_ms, strict=True):
        one_by_one.append("new", draft, 7, due_ms)
    total = before + count
    assert store.size == one_by_one.size == total
    assert [*map(store.at, range(total))] == [*map(one_by_one.at, range(total))]
    assert store.queue_names == one_by_one.queue_names


@pytest.mark.parametrize("count", [0, 1, ROWS - 1, ROWS])
@pytest.mark.parametrize("distance", [1, ROWS, 10**9])
def test_ids_outside_of_the_store_are_not_known(count: int, distance: int) -> None:
    """An id before the first or after the last is no message, however near it is."""
    store = filled(count)
    assert store.get(FIRST_ID - distance) is None
    assert store.get(FIRST_ID + count - 1 + distance) is None


@pytest.mark.parametrize(
    "draft",
    [
        Draft("", None, None),
        Draft("\0 \x1b \U0001f980 e\u0301", 0, 0),
        Draft("last", MAX_MS, MAX_MS),
    ],
)
def test_a_draft_is_kept_to_the_letter(draft: Draft) -> None:
    """Ruling B1: any body; and a wait-until of 0 is not the same as none."""
    store = Store(FIRST_ID)
    message = store.at(store.append("q", draft, 0, MAX_MS))
    assert (message.body, message.wait_until, message.wait_until_at_ms) == draft
    assert (message.accepted_at_ms, message.due_at_ms) == (0, MAX_MS)


def test_a_delivery_is_noted_on_its_message_alone() -> None:
    """Also at 0, the first instant of all."""
    store = filled(ROWS + 2)
    store.deliver(ROWS - 1, 0)
    store.deliver(ROWS, 7)
    times = [store.at(offset).delivered_at_ms for offset in range(ROWS - 2, ROWS + 2)]
    assert times == [None, 0, 7, None]


def test_queues_stand_in_the_order_in_which_they_were_made() -> None:
    """Each once, however many messages it has."""
    store = Store(FIRST_ID)
    for queue in ("b", "a", "b", "c", "a"):
        store.append(queue, Draft(""), 0, 0)
    assert store.queue_names == ["b", "a", "c"]


def test_a_forgotten_message_is_gone_and_its_neighbours_stay() -> None:
    """Its id is not known any more, and no later message gets it."""
    store = filled(3)
    store.forget(1)
    assert known(store, range(3)) == [0, 2]
    with pytest.raises(KeyError):
        store.at(1)
    assert store.append("q", Draft(""), 0, 0) == 3
    assert known(store, range(4)) == [0, 2, 3]


@pytest.mark.parametrize("last", [0, 1, ROWS - 1])
def test_a_chunk_goes_with_the_last_message_in_it(last: int) -> None:
    """One message that stays keeps its chunk, and no other."""
    store = filled(2 * ROWS)
    for offset in range(ROWS):
        if offset != last:
            store.forget(offset)
    assert known(store, range(ROWS)) == [last]
    assert len(store._chunks) == 2
    store.forget(last)
    assert known(store, range(2 * ROWS)) == [*range(ROWS, 2 * ROWS)]
    assert len(store._chunks) == 1


def test_a_chunk_that_is_still_filled_outlives_its_messages() -> None:
    """Its next rows belong to the next messages; it goes once it is full and forgotten."""
    store = filled(ROWS - 1)
    for offset in range(ROWS - 1):
        store.forget(offset)
    assert store.append("q", Draft("last of the chunk"), 0, 0) == ROWS - 1
    assert store.append("q", Draft("first of the next"), 0, 0) == ROWS
    assert [store.at(offset).body for offset in (ROWS - 1, ROWS)] == [
        "last of the chunk",
        "first of the next",
    ]
    store.forget(ROWS - 1)
    assert known(store, range(ROWS + 1)) == [ROWS]
    assert len(store._chunks) == 1
