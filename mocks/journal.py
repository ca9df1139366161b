"""Answers of the operations tagged ``journal``."""

from collections import Counter
from itertools import islice
from typing import Any

from eqkit.sandbox.body_matches import ABSENT, Difference
from eqkit.sandbox.entry_views import can_be_shown, entry_view
from eqkit.sandbox.har import har
from eqkit.sandbox.journal import Entry
from eqkit.sandbox.matching import Wanted
from eqkit.sandbox.mistakes import TITLES
from eqkit.sandbox.sandbox import Sandbox
from eqkit.sandbox.verification import Evidence, Miss, verify
from eqkit.web.exchange import Answer

Document = dict[str, Any]

SHOWN = 1_000
"""How many numbers of requests an answer lists at most."""


def list_journal(
    sandbox: Sandbox,
    operation: str | None = None,
    queue: str | None = None,
    status: int | None = None,
    stored: bool | None = None,
    outcome: str | None = None,
    fault: str | None = None,
    since: str | None = None,
    until: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> Answer:
    """List what was asked, oldest first."""
    match = _given(
        operation=operation,
        queue=queue,
        status=status,
        stored=stored,
        outcome=outcome,
        fault=fault,
        since=since,
        until=until,
    )
    found = _wanted(match, sandbox, None).among(sandbox.journal.since(after))
    mistakes = sandbox.watch.of(sandbox.journal)
    entries = [entry_view(*each, mistakes.get(each[0], ())) for each in islice(found, limit)]
    return Answer(200, {"entries": entries, "total": sandbox.journal.total, **_known(sandbox)})


def clear_journal(sandbox: Sandbox) -> Answer:
    """Forget what was asked so far."""
    sandbox.journal.clear()
    return Answer(204)


def summarize_journal(sandbox: Sandbox) -> Answer:
    """Count what was asked and answered, and the warnings."""
    entries = [entry for _, entry in sandbox.journal.since()]
    answers = Counter((entry.operation, entry.status) for entry in entries)
    outcomes = Counter(entry.outcome for entry in entries)
    faults = Counter(entry.fault for entry in entries if entry.fault is not None)
    return Answer(
        200,
        {
            "requests": len(entries),
            "stored": sum(len(entry.ids) for entry in entries),
            "answers": [
                {**({"operation": operation} if operation else {}), "status": status, "count": count}
                for (operation, status), count in answers.items()
            ],
            "outcomes": [{"outcome": outcome, "count": count} for outcome, count in outcomes.items()],
            "faults": [{"fault": fault, "count": count} for fault, count in faults.items()],
            "warnings": _warnings(sandbox),
            **_known(sandbox),
        },
    )


def count_requests(sandbox: Sandbox, body: Document) -> Answer:
    """Count the requests that match."""
    wanted = _wanted(body, sandbox)
    found = [number for number, _ in wanted.among(sandbox.journal.since())]
    return Answer(200, {"count": len(found), "requests": found[:SHOWN], **_known(sandbox)})


def verify_requests(sandbox: Sandbox, body: Document) -> Answer:
    """Hold what was asked against what was expected."""
    journal = sandbox.journal
    evidence = Evidence(
        list(journal.since()), sandbox.requests_under_way(), journal.lost, journal.lost_until_ms
    )
    misses = verify(body, evidence, sandbox.rules.operations)
    shown = [_miss_view(miss) for miss in misses]
    return Answer(200, {"verified": not misses, "misses": shown, **_known(sandbox)})


def export_har(
    sandbox: Sandbox, operation: str | None = None, queue: str | None = None, after: int = 0
) -> Answer:
    """Export what was asked as an HTTP Archive."""
    match = _given(operation=operation, queue=queue)
    return Answer(200, har(_wanted(match, sandbox, None).among(sandbox.journal.since(after))))


def _wanted(match: Document, sandbox: Sandbox, pointer: str | None = "") -> Wanted:
    return Wanted(match, pointer, operations=sandbox.rules.operations)


def _known(sandbox: Sandbox) -> Document:
    """Tell how much of what was asked an answer does not know of."""
    lost = sandbox.journal.lost
    return {"complete": not lost, "lost": lost, "under-way": len(sandbox.waiting)}


def _given(**members: Any) -> Document:
    return {name: value for name, value in members.items() if value is not None}


def _warnings(sandbox: Sandbox) -> list[Document]:
    requests: dict[str, list[int]] = {}
    for number, mistakes in sandbox.watch.of(sandbox.journal).items():
        for mistake in mistakes:
            requests.setdefault(mistake.kind, []).append(number)
    return [
        {"kind": kind, "title": title, "count": len(requests[kind]), "requests": _some(requests[kind])}
        for kind, title in TITLES.items()
        if kind in requests
    ]


def _some(numbers: list[int]) -> list[int]:
    return list(dict.fromkeys(numbers))[:SHOWN]


def _miss_view(miss: Miss) -> Document:
    view: Document = {"rule": miss.rule, "detail": miss.detail, "matched": list(miss.matched)[:SHOWN]}
    if miss.expectation is not None:
        view["expectation"] = miss.expectation
    view["nearest"] = [_near_view(*near) for near in miss.nearest]
    return view


def _near_view(number: int, entry: Entry, differences: list[Difference]) -> Document:
    shown = {"number": number, "method": entry.method, "path": entry.path}
    return shown | {"differences": [_difference_view(each) for each in differences]}


def _difference_view(difference: Difference) -> Document:
    view: Document = {"pointer": difference.pointer}
    for name, value in (("expected", difference.expected), ("found", difference.found)):
        if value is not ABSENT:
            view[name] = value if can_be_shown(value) else "a document that nests too deep to be shown"
    return view
