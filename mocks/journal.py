"""Answers of the operations tagged ``journal``."""

from collections import Counter
from itertools import islice
from typing import Any

from eqkit.sandbox.journal.body_matches import ABSENT, Difference
from eqkit.sandbox.journal.entries import JournalEntry
from eqkit.sandbox.journal.entry_views import can_be_shown, entry_view
from eqkit.sandbox.journal.har import writing
from eqkit.sandbox.journal.matching import Numbered, Wanted
from eqkit.sandbox.journal.verification import Evidence, Miss, verifying
from eqkit.sandbox.sandbox import Sandbox
from eqkit.timing.slices import Slices
from eqkit.web.messages.context import Response
from eqkit.web.turns import in_turns

Document = dict[str, Any]

SHOWN = 1_000
"""How many numbers of requests an answer lists at most."""


async def list_journal(
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
) -> Response:
    """List recorded requests, oldest first."""
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
    wanted = _wanted(match, sandbox, None)
    entries = await in_turns(_listing(sandbox, wanted, after, limit))
    return Response(200, {"entries": entries, "total": sandbox.journal.total, **_known(sandbox)})


def _listing(sandbox: Sandbox, wanted: Wanted, after: int, limit: int) -> Slices[list[Document]]:
    found = yield from wanted.finding(sandbox.journal.since(after))
    warnings = yield from sandbox.linter.following(sandbox.journal)
    shown = []
    for each in islice(found, limit):
        shown.append(entry_view(*each, warnings.get(each[0], ())))
        yield
    return shown


def clear_journal(sandbox: Sandbox) -> Response:
    """Empty the journal."""
    sandbox.journal.clear()
    return Response(204)


async def summarize_journal(sandbox: Sandbox) -> Response:
    """Count requests by operation and answer, and their warnings."""
    await in_turns(sandbox.linter.following(sandbox.journal))
    entries = [entry for _, entry in await in_turns(_reading(sandbox))]
    answers = Counter((entry.operation, entry.status) for entry in entries)
    outcomes = Counter(entry.outcome for entry in entries)
    faults = Counter(entry.fault for entry in entries if entry.fault is not None)
    return Response(
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


async def count_requests(sandbox: Sandbox, body: Document) -> Response:
    """Count the requests that match."""
    wanted = _wanted(body, sandbox)
    found = [number for number, _ in await in_turns(wanted.finding(sandbox.journal.since()))]
    return Response(200, {"count": len(found), "requests": found[:SHOWN], **_known(sandbox)})


async def verify_requests(sandbox: Sandbox, body: Document) -> Response:
    """Compare the recorded requests with expectations."""
    journal = sandbox.journal
    under_way, lost, lost_until_ms = sandbox.requests_under_way(), journal.lost, journal.lost_until_ms
    evidence = Evidence(await in_turns(_reading(sandbox)), under_way, lost, lost_until_ms)
    misses = await in_turns(verifying(body, evidence, sandbox.rules.operations))
    shown = [_miss_view(miss) for miss in misses]
    return Response(200, {"verified": not misses, "misses": shown, **_known(sandbox)})


async def export_har(
    sandbox: Sandbox, operation: str | None = None, queue: str | None = None, after: int = 0
) -> Response:
    """Export the journal as an HTTP Archive."""
    match = _given(operation=operation, queue=queue)
    found = await in_turns(_wanted(match, sandbox, None).finding(sandbox.journal.since(after)))
    return Response(200, await in_turns(writing(found)))


def _reading(sandbox: Sandbox) -> Slices[list[Numbered]]:
    """Read all that is kept now."""
    entries = []
    for each in sandbox.journal.since():
        entries.append(each)
        yield
    return entries


def _wanted(match: Document, sandbox: Sandbox, pointer: str | None = "") -> Wanted:
    return Wanted(match, pointer, operations=sandbox.rules.operations)


def _known(sandbox: Sandbox) -> Document:
    """Return how many requests an answer does not know of."""
    lost = sandbox.journal.lost
    return {"complete": not lost, "lost": lost, "under-way": len(sandbox.waiting)}


def _given(**members: Any) -> Document:
    return {name: value for name, value in members.items() if value is not None}


def _warnings(sandbox: Sandbox) -> list[Document]:
    requests: dict[str, list[int]] = {}
    for number, warnings in sandbox.linter.of(sandbox.journal).items():
        for warning in warnings:
            requests.setdefault(warning.kind, []).append(number)
    return [
        {"kind": kind, "title": title, "count": len(requests[kind]), "requests": _some(requests[kind])}
        for kind, title in sandbox.linter.titles.items()
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


def _near_view(number: int, entry: JournalEntry, differences: list[Difference]) -> Document:
    shown = {"number": number, "method": entry.method, "path": entry.path}
    return shown | {"differences": [_difference_view(each) for each in differences]}


def _difference_view(difference: Difference) -> Document:
    view: Document = {"pointer": difference.pointer}
    for name, value in (("expected", difference.expected), ("found", difference.found)):
        if value is not ABSENT:
            view[name] = value if can_be_shown(value) else "a document that nests too deep to be shown"
    return view
