"""The journal of a sandbox: its entries, and the bounds within which it keeps them."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eqkit.sandbox.journal.entries import (
    KEPT,
    KEPT_BYTES,
    KEPT_HEADERS,
    KEPT_IDS,
    Journal,
    JournalEntry,
    entry_of,
    pack_entry,
)

VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")).map(
    lambda text: text.encode("latin-1")
)
"""Values of headers, as HTTP lets them through."""


def entry(at_ms: int, messages: int = 0) -> JournalEntry:
    """Return an entry for a request that enqueued some messages."""
    return JournalEntry(at_ms, "POST", "/v1/queues/q/messages/_bulk", None, 202, ids=range(messages))


def filled(empty: JournalEntry, size: int) -> JournalEntry:
    """Return an entry that holds as many bytes."""
    return empty._replace(request=bytes(size - pack_entry(empty)[-1]))


def kept(journal: Journal) -> list[int]:
    """Return the instants by which the tests distinguish entries."""
    return [each.at_ms for each in journal.entries]


def test_entries_stand_in_the_order_of_the_requests_and_the_oldest_go_first() -> None:
    """A journal holds as many entries as it was made for."""
    journal = Journal(kept=3)
    seen = []
    for at_ms in range(5):
        journal.record(entry(at_ms))
        seen.append(kept(journal))
    assert seen == [[0], [0, 1], [0, 1, 2], [1, 2, 3], [2, 3, 4]]


def test_a_journal_is_bounded_where_nothing_is_said() -> None:
    """A server that is never restarted does not fill up with its requests."""
    journal = Journal()
    for at_ms in range(KEPT + 2):
        journal.record(entry(at_ms))
    assert kept(journal) == [*range(2, KEPT + 2)]


def test_large_requests_leave_room_for_fewer_entries() -> None:
    """The messages that the entries speak of are bounded together; those that are gone count no more."""
    journal = Journal()
    half = KEPT_IDS // 2
    for at_ms, messages in enumerate([half, half, 0]):
        journal.record(entry(at_ms, messages))
    assert kept(journal) == [0, 1, 2]
    journal.record(entry(3, 1))
    assert kept(journal) == [1, 2, 3]
    journal.record(entry(4, half - 1))
    assert kept(journal) == [1, 2, 3, 4]
    journal.record(entry(5, half + 1))
    assert kept(journal) == [4, 5]


def test_the_newest_entry_stays_however_many_messages_it_has() -> None:
    """One bulk may be larger than all that is kept of the others."""
    journal = Journal()
    for at_ms, messages in enumerate([1, KEPT_IDS + 1]):
        journal.record(entry(at_ms, messages))
    assert kept(journal) == [1]
    journal.record(entry(2))
    assert kept(journal) == [2]


def test_an_entry_has_the_due_time_of_each_message() -> None:
    """Rulings D2 and T3: as its wait-until was read, but never before its acceptance."""
    noted = entry(1000)._replace(wait_until_at_ms=[None, 0, 999, 1000, 1001])
    assert noted.due_at_ms == [1000, 1000, 1000, 1000, 1001]


def test_long_bodies_leave_room_for_fewer_entries() -> None:
    """The bytes of all entries together are bounded; the newest stays at any size."""
    journal = Journal()
    half = KEPT_BYTES // 2
    for at_ms, size in enumerate([half, half, 100, KEPT_BYTES + 1]):
        journal.record(filled(entry(at_ms), size))
        assert kept(journal) == [[0], [0, 1], [1, 2], [3]][at_ms]
    journal.clear()
    for at_ms, size in enumerate([half - 100, half, 100]):
        journal.record(filled(entry(at_ms), size))
    assert kept(journal) == [0, 1, 2]


@pytest.mark.parametrize(
    ("number", "found"), [(0, [3, 4, 5]), (2, [3, 4, 5]), (3, [4, 5]), (4, [5]), (5, []), (9, [])]
)
def test_entries_are_numbered_from_the_first_that_ever_was(number: int, found: list[int]) -> None:
    """Those that went keep their numbers, and so do those that stay."""
    journal = Journal(kept=3)
    for at_ms in range(1, 6):
        journal.record(entry(at_ms))
    assert [(each, noted.at_ms) for each, noted in journal.since(number)] == [(each, each) for each in found]


def test_a_copy_of_a_journal_goes_on_by_itself() -> None:
    """A snapshot has the entries, with their numbers and their bounds."""
    journal = Journal(kept=2)
    for at_ms in (1, 2, 3):
        journal.record(filled(entry(at_ms, KEPT_IDS // 2), KEPT_BYTES // 2))
    other = copy.deepcopy(journal)
    other.record(entry(4))
    assert [number for number, _ in other.since()] == [3, 4]
    assert [number for number, _ in journal.since()] == [2, 3]
    other.record(entry(5, KEPT_IDS // 2 + 1))
    assert kept(other) == [4, 5]


@given(
    headers=st.dictionaries(st.sampled_from(KEPT_HEADERS), VALUES),
    answer_headers=st.lists(st.tuples(st.sampled_from([b"location", b"retry-after"]), VALUES), max_size=3),
)
def test_an_entry_is_found_as_it_was_recorded(
    headers: dict[bytes, bytes], answer_headers: list[tuple[bytes, bytes]]
) -> None:
    """Every packed entry comes out as it was."""
    recorded = entry(1, 2)._replace(headers=headers, answer_headers=answer_headers)
    assert entry_of(pack_entry(recorded)) == recorded


def test_a_cleared_journal_begins_anew_but_for_its_numbers() -> None:
    """Nothing counts as lost or kept any more: no entries, bytes, messages or times."""
    journal = Journal(kept=2, kept_bytes=10_000)
    for at_ms in (30, 20, 10):
        journal.record(filled(entry(at_ms, KEPT_IDS // 2), 4_000))
    assert (journal.lost, journal.lost_until_ms) == (1, 30)
    journal.clear()
    assert (len(journal), journal.weight, journal.lost, journal.lost_until_ms) == (0, 0, 0, 0)
    for at_ms in (1, 2):
        journal.record(filled(entry(at_ms, KEPT_IDS // 2), 4_000))
    assert (kept(journal), journal.lost, journal.total) == ([1, 2], 0, 5)
    assert [number for number, _ in journal.since(3)] == [4, 5]
