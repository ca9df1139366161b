"""Two versions of a contract compared: the changes, their effects, and the version that follows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from eqkit.checks.diff import rules
from eqkit.checks.diff.addresses import server_changes
from eqkit.checks.diff.bodies import request_body_changes
from eqkit.checks.diff.callbacks import callback_changes, webhook_changes
from eqkit.checks.diff.changes import Change, Found
from eqkit.checks.diff.ignoring import Choices
from eqkit.checks.diff.lifecycle import UNSTABLE, deprecation_changes, removal, stability_changes
from eqkit.checks.diff.operations import Operations
from eqkit.checks.diff.parameters import parameter_changes
from eqkit.checks.diff.report import Entry, Report
from eqkit.checks.diff.responses import response_changes
from eqkit.checks.diff.schemas.comparing import Graph
from eqkit.checks.diff.schemas.nodes import Direction, Unchanged
from eqkit.checks.diff.schemas.shapes import Shapes
from eqkit.checks.diff.schemas.views import View, unresolved
from eqkit.checks.diff.security import scheme_changes, security_changes
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.reports import Table
from eqkit.contract.document import Json, escaped
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.source_map import ContractFile

CHECK = "diff"
ANNOUNCED = "It breaks clients, as the new version announces."


def diff(
    old: ContractFile, new: ContractFile, choices: Choices | None = None, *,
    as_of: date | None = None, fails_on: Severity = Severity.ERROR,
) -> Run:  # fmt: skip
    """Compare two versions of a contract.

    `as_of` is the day that a sunset is compared with, where there is one.
    """
    choices = choices or Choices()
    before, after = Operations(old.document), Operations(new.document)
    report = _collected(before, after, as_of)
    findings, changes, ignored = _findings(old, new, report.without_echoes(), choices)
    versions = [str(each.document.data.get("info", {}).get("version", "")) for each in (old, new)]
    following = next_version(versions[0], changes, differs=old.document.data != new.document.data)
    is_announced = _order(versions[1]) >= _order(following)
    if is_announced:
        findings = [_announced(each) for each in findings]
    findings.sort(key=lambda finding: list(Severity).index(finding.severity))
    findings += [
        *_unresolved((old, new), choices),
        *_version(new, versions, following, is_announced, choices),
        *choices.unused(),
    ]
    counts = [changes.count(each) for each in Severity]
    for_servers = sum(each.advice == rules.LEARN for each in findings)
    effects = Table("Changes", EFFECTS, [[str(count) for count in (*counts, for_servers, ignored)]])
    table = Table("Version", ("old", "new", "next"), [(*versions, following)])
    details: dict[str, object] = {"next_version": following, "changes": effects, "version": table}
    tested = [before.name(key) for key in before.by_key] + [
        f"webhook {name}" for name in before.root.members("webhooks")
    ]
    return Run(CHECK, tested=tested, findings=findings, details=details, fails_on=fails_on)


EFFECTS = ("break clients", "may break clients", "break nobody", "new to servers", "ignored")
"""The effects of the changes, as the columns of a table."""


def next_version(version: str, changes: Sequence[Severity], *, differs: bool) -> str:
    """Return the version that semver gives the changes; below 1.0.0 a break is a minor one."""
    match = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", version)
    major, minor, patch = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    if Severity.ERROR in changes:
        return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"
    if changes:
        return f"{major}.{minor + 1}.0" if major else f"0.{minor}.{patch + 1}"
    return f"{major}.{minor}.{patch + 1}" if differs else version


def _collected(before: Operations, after: Operations, as_of: date | None) -> Report:
    """Return all changes of the operations, the webhooks and the security schemes of two documents."""
    shapes = Shapes(before.document), Shapes(after.document)
    unchanged = Unchanged(before.document, after.document)
    report = Report({each: Graph(each, *shapes, unchanged) for each in Direction})
    for key in dict.fromkeys([*before.by_key, *after.by_key]):
        name = (before if key in before.by_key else after).name(key)
        is_stable = _is_stable(before.by_key.get(key))
        for found in _operation(before, after, key, as_of):
            report.add(name, found, is_stable=is_stable)
    for found in (*webhook_changes(before.root, after.root), *scheme_changes(before.root, after.root)):
        report.add("", found)
    report.add_schemas()
    return report


def _is_stable(operation: View | None) -> bool:
    """Return whether an operation has promised to stay as it is; a new one has promised nothing yet."""
    return operation is None or operation.get("x-stability-level") not in UNSTABLE


def _operation(before: Operations, after: Operations, key: str, as_of: date | None) -> Iterator[Found]:
    if key not in after.by_key:
        yield removal(before.by_key[key], as_of)
        return
    old, new = before.by_key.get(key), after.by_key[key]
    if old is None:
        yield Change("operation-added", "", "added", new)
        return
    if old.reference != new.reference:
        message = f"reference {old.reference} is now {new.reference}, and cannot be followed"
        yield Change("reference-unresolved", "", message, new)
    first, second = old.get("operationId"), new.get("operationId")
    if first is None and second is not None:
        yield Change("operation-id-added", "", f"operationId is now {second}", new, keyword="operationId")
    elif first != second:
        message = f"operationId {first} is now {second}" if second else f"operationId {first} removed"
        yield Change("operation-id-renamed", "", message, new, keyword="operationId")
    yield from deprecation_changes(old, new, "")
    yield from stability_changes(old, new)
    yield from security_changes(before.security(key), after.security(key))
    yield from server_changes(before.servers(key), after.servers(key))
    yield from parameter_changes(before.parameters(key), after.parameters(key))
    yield from request_body_changes(old.child("requestBody"), new.child("requestBody"), new)
    yield from response_changes(old, new)
    yield from callback_changes(old, new)


def _findings(
    old: ContractFile, new: ContractFile, entries: list[Entry], choices: Choices
) -> tuple[list[Finding], list[Severity], int]:
    """Return the findings, the severities of all changes, and how many are ignored."""
    findings, changes, ignored = [], [], 0
    for entry in entries:
        place = _place(old, new, entry)
        rule = f"diff-{entry.rule}"
        places = choices.left(rule, place.pointer or "", entry.places)
        severity = choices.severity(rule, entry.severity)
        if not places or severity is None:
            ignored += 1
            continue
        changes.append(severity)
        texts = tuple(
            f"{operation}: {part}" if operation and part else operation or part for operation, part in places
        )
        operation, part = places[0]
        detail = f"{part}{entry.message}" if part else entry.message
        message = f"{operation}: {detail}" if operation else detail
        if len(texts) > 1:
            message += f" (and {len(texts) - 1} more)"
        advice = _advice(entry.rule, severity)
        findings.append(Finding(rule, message, severity, place, advice, places=texts))
    return findings, changes, ignored


def _advice(rule: str, severity: Severity) -> str | None:
    """Return the effect of a change and the advice about it: none about one that matters less here."""
    found = rules.find(rule)
    if severity is Severity.NOTE:
        return found.advice if found.severity is severity else None
    return " ".join(each for each in (rules.EFFECTS[severity], found.advice) if each)


def _announced(finding: Finding) -> Finding:
    """Return a finding as it is where the new version announces that clients break."""
    if finding.severity is not Severity.ERROR:
        return finding
    return replace(finding, severity=Severity.WARNING, advice=ANNOUNCED)


def _version(
    new: ContractFile, versions: list[str], following: str, is_announced: bool, choices: Choices
) -> Iterator[Finding]:
    severity = choices.severity("diff-version", Severity.WARNING)
    if not is_announced and severity is not None:
        message = f"info.version is {versions[1]}, and these changes make it {following} (from {versions[0]})"
        yield Finding(
            "diff-version", message, severity, new.place("/info/version"), f"Set it to {following}."
        )


def _unresolved(files: tuple[ContractFile, ContractFile], choices: Choices) -> Iterator[Finding]:
    """Yield how many references of each document lead nowhere, unless both documents are the same."""
    severity = choices.severity("diff-reference-unresolved", Severity.NOTE)
    if severity is None or files[0].document.data == files[1].document.data:
        return
    for file in files:
        lost = list(unresolved(file.document))
        if lost:
            one = min(lost, key=lambda view: view.pointer)
            message = f"{len(lost)} references lead nowhere, such as {one.reference}: their text is compared"
            advice = rules.find("reference-unresolved").advice
            yield Finding(
                "diff-reference-unresolved", message, severity, file.place(f"{one.pointer}/$ref"), advice
            )


def _place(old: ContractFile, new: ContractFile, entry: Entry) -> Place:
    """Return the line that changed: the target of a reference may be as it was, and the reference another."""
    here, there = (old, new) if entry.is_old else (new, old)
    pointer, keyword, data = entry.place.pointer, entry.keyword, entry.place.data
    if keyword == "enum" and isinstance(data, dict) and "enum" not in data:
        keyword = "const"
    if keyword is not None and isinstance(data, dict) and keyword in data:
        pointer = f"{pointer}/{escaped(keyword)}"
    ways = (pointer, entry.place.pointer, *reversed(entry.place.via))
    changed = next((each for each in ways if _at(here, each) != _at(there, each)), pointer)
    holder = changed.removesuffix("/$ref")
    # A member that has come or gone as a whole is more than a reference.
    return here.place(changed if _at(there, holder) else holder)


def _at(file: ContractFile, pointer: str) -> list[Json]:
    """Return the one value at a pointer, if there is one."""
    try:
        return [file.document.at(pointer)]
    except KeyError:
        return []


def _order(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)[:3]]
