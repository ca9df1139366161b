"""Times that are surely meant otherwise, by how the server reads them and by their magnitude."""

import orjson
import pytest

from eqkit.elasticqueue.client_warnings import TITLES, MessageLinter
from eqkit.elasticqueue.wait_until import WaitUntilUnit
from eqkit.sandbox.client_warnings import ClientWarning
from eqkit.sandbox.journal.entries import Journal, JournalEntry

NOW_MS = 1_459_036_800_000
DAY_MS = 86_400_000


def request(*messages: tuple[str, int | None], ids: range = range(0), at_ms: int = NOW_MS) -> JournalEntry:
    """An entry for a bulk of messages, each with its body and its wait-until."""
    data = [{"attributes": {"body": body, "wait-until": wait}} for body, wait in messages]
    raw = orjson.dumps({"data": data})
    return JournalEntry(at_ms, "POST", "/v1", "bulkEnqueueMessages", 202, ids=ids, queue="q", request=raw)


def found(watch: MessageLinter, journal: Journal) -> list[list[ClientWarning]]:
    """Return the warnings of each entry that the journal keeps."""
    warnings = watch.of(journal)
    return [[*warnings.get(number, ())] for number, _ in journal.since()]


@pytest.mark.parametrize(
    ("unit", "sent", "kind"),
    [
        ("auto", None, None),
        ("auto", 0, None),
        ("auto", 1, "relative-delay"),
        ("auto", 1_000_000_000, "relative-delay"),
        ("auto", 1_000_000_001, "far-past"),
        ("auto", NOW_MS, None),
        ("auto", NOW_MS // 1000, None),
        ("auto", NOW_MS - DAY_MS, None),
        ("auto", NOW_MS - DAY_MS - 1, "far-past"),
        ("auto", NOW_MS + 3650 * DAY_MS, None),
        ("auto", NOW_MS + 3650 * DAY_MS + 1, "far-future"),
        ("auto", 99_999_999_999, "far-future"),
        ("seconds", NOW_MS // 1000, None),
        ("seconds", 60, "relative-delay"),
        ("seconds", NOW_MS, "milliseconds-for-seconds"),
        ("seconds", 99_999_999_999, "far-future"),
        ("seconds", 253_402_300_799, "milliseconds-for-seconds"),
        ("milliseconds", NOW_MS, None),
        ("milliseconds", 60_000, "relative-delay"),
        ("milliseconds", NOW_MS // 1000, "seconds-for-milliseconds"),
        ("milliseconds", 99_999_999_999, "seconds-for-milliseconds"),
        ("milliseconds", 100_000_000_000, "far-past"),
        ("milliseconds", 253_402_300_799_999, "far-future"),
        ("milliseconds", 253_402_300_800_000, None),
    ],
)
def test_a_time_that_is_meant_otherwise_is_found(unit: str, sent: int | None, kind: str | None) -> None:
    """Rulings D2 and T9: a wrong unit is found in accepted and in refused requests alike."""
    journal = Journal()
    journal.record(request(("a", sent)))
    ((*warnings,),) = found(MessageLinter(WaitUntilUnit(unit)), journal)
    assert [(each.kind, each.pointer) for each in warnings] == (
        [(kind, "/data/0/attributes/wait-until")] if kind else []
    )
    assert all(str(sent) in each.detail for each in warnings)
    assert all(each.kind in TITLES for each in warnings)


def test_a_warning_stays_while_its_entry_does() -> None:
    """It stays even after the message that it repeats has gone from the journal."""
    journal, watch = Journal(kept=2), MessageLinter(WaitUntilUnit.AUTO)
    journal.record(request(("a", None), ids=range(1)))
    journal.record(request(("a", None), ids=range(1)))
    assert [len(each) for each in found(watch, journal)] == [0, 1]
    journal.record(request(("b", None), ids=range(1)))
    assert [len(each) for each in found(watch, journal)] == [1, 0]
    journal.record(request(("c", None), ids=range(1)))
    assert [len(each) for each in found(watch, journal)] == [0, 0]
    assert watch.of(journal) == {}


def test_the_memory_of_the_linter_is_bounded() -> None:
    """Messages whose requests have gone from the journal are forgotten when there are too many."""
    journal, watch = Journal(kept=2), MessageLinter(WaitUntilUnit.AUTO, remembered=20)
    for turn in range(5):
        bodies = [(f"{turn}-{index}", None) for index in range(10)]
        journal.record(request(*bodies, ids=range(10)))
        watch.of(journal)
    assert len(watch._messages) <= 20
    journal.record(request(("4-0", None), ("0-0", None), ids=range(2)))
    assert [each.pointer for each in found(watch, journal)[-1]] == ["/data/0"]


def test_foreseeing_changes_nothing() -> None:
    """A request is validated before it is carried out, as often as it comes."""
    journal, watch = Journal(), MessageLinter(WaitUntilUnit.AUTO)
    journal.record(request(("a", None), ids=range(1)))
    for _ in range(2):
        assert [each.kind for each in watch.check(journal, request(("a", None)))] == ["duplicate-message"]
        assert watch.check(journal, request(("b", None))) == []
    assert found(watch, journal) == [[]]
