"""Two versions of a contract compared: what changed, whom it breaks, and the version that follows."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from eqkit.checks.diff.addresses import server_changes
from eqkit.checks.diff.callbacks import callback_changes
from eqkit.checks.diff.changes import (
    Change,
    Parameters,
    parameter_changes,
    parameters,
    request_body_changes,
    response_changes,
)
from eqkit.checks.diff.schemas import View
from eqkit.checks.findings import Finding, Run, Severity
from eqkit.checks.reports import Table
from eqkit.contract.document import Json, escaped
from eqkit.contract.operations import METHODS
from eqkit.contract.places import Place
from eqkit.contract.source_map import ContractFile

CHECK = "diff"
ADVICE = {
    Severity.ERROR: "It breaks clients: keep the old form beside it, or make it a new major version.",
    Severity.WARNING: "It may break clients that rely on it.",
    Severity.NOTE: None,
}


@dataclass(slots=True)
class Operations:
    """The operations of one document by method and path, whatever the path's parameters are called."""

    contract: ContractFile
    by_key: dict[str, View] = field(default_factory=dict)
    items: dict[str, View] = field(default_factory=dict)

    def __post_init__(self) -> None:
        root = View(self.contract.document, self.contract.document.data)
        for path, item in root.members("paths").items():
            for method in METHODS:
                if item.get(method) is not None:
                    key = f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}"
                    self.by_key[key], self.items[key] = item.child(method), item

    def name(self, key: str) -> str:
        """Return an operation's method and path as the document writes them."""
        path = self.items[key].pointer.removeprefix("/paths/").replace("~1", "/").replace("~0", "~")
        return f"{key.partition(' ')[0]} {path}"

    def parameters(self, key: str) -> Parameters:
        """Return the parameters by place and name; path parameters by their position."""
        return parameters(self.items[key], self.by_key[key])

    def servers(self, key: str) -> View:
        """Return what the nearest list of servers stands in: the operation, its path or the document."""
        root = View(self.contract.document, self.contract.document.data)
        return next((each for each in (self.by_key[key], self.items[key]) if each.get("servers")), root)

    def security(self, key: str) -> set[str]:
        """Return the alternatives of security, each spelt out with what its schemes are."""
        document = self.contract.document
        schemes = (document.data.get("components") or {}).get("securitySchemes") or {}
        alternatives = self.by_key[key].get("security", document.data.get("security", [])) or [{}]
        return {json.dumps([_spelt(name, schemes) + sorted(scopes) for name, scopes in sorted(each.items())])
                for each in alternatives}  # fmt: skip


def diff(old: ContractFile, new: ContractFile) -> Run:
    """Compare two versions of a contract."""
    before, after = Operations(old), Operations(new)
    found: dict[tuple[str, str, Place], tuple[Change, list[str]]] = {}
    for key in dict.fromkeys([*before.by_key, *after.by_key]):
        name = (before if key in before.by_key else after).name(key)
        for change in _operation(before, after, key):
            # A shared schema changed once, in however many answers it stands.
            told = re.sub(r"^response \w+", "response", change.told)
            identity = (change.rule, told, _place(old, new, change))
            found.setdefault(identity, (change, []))[1].append(name)
    return _run(old, new, list(found.values()), tested=[before.name(key) for key in before.by_key])


def next_version(version: str, changes: list[Change], *, differs: bool) -> str:
    """Return the version that semver gives the changes; below 1.0.0 a break is a minor one."""
    match = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", version)
    major, minor, patch = (int(part or 0) for part in match.groups()) if match else (0, 0, 0)
    if any(change.severity is Severity.ERROR for change in changes):
        return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"
    if changes:
        return f"{major}.{minor + 1}.0" if major else f"0.{minor}.{patch + 1}"
    return f"{major}.{minor}.{patch + 1}" if differs else version


def _run(
    old: ContractFile, new: ContractFile, found: list[tuple[Change, list[str]]], tested: list[str]
) -> Run:
    versions = [str(each.document.data.get("info", {}).get("version", "")) for each in (old, new)]
    changes = [change for change, _ in found]
    following = next_version(versions[0], changes, differs=old.document.data != new.document.data)
    is_announced = _order(versions[1]) >= _order(following)
    findings = [_finding(old, new, *each, is_announced=is_announced) for each in found]
    findings.sort(key=lambda finding: list(Severity).index(finding.severity))
    if not is_announced:
        told = f"info.version is {versions[1]}, and these changes make it {following} (from {versions[0]})"
        place = new.place("/info/version")
        findings.append(Finding("diff-version", told, Severity.WARNING, place, f"Set it to {following}."))
    counts = [sum(change.severity is each for change in changes) for each in Severity]
    for_servers = sum(change.for_servers for change in changes)
    whom = ("break clients", "may break clients", "break nobody", "new to servers")
    effects = Table("Changes", whom, [[str(count) for count in (*counts, for_servers)]])
    table = Table("Version", ("old", "new", "next"), [(*versions, following)])
    details: dict[str, object] = {"next_version": following, "changes": effects, "version": table}
    return Run(CHECK, tested=tested, findings=findings, details=details)


def _finding(
    old: ContractFile, new: ContractFile, change: Change, operations: list[str], *, is_announced: bool
) -> Finding:
    severity = change.severity
    advice = ADVICE[severity]
    if severity is Severity.ERROR and is_announced:
        severity, advice = Severity.WARNING, "It breaks clients, as the new version announces."
    if change.for_servers:
        advice = "Every server has to learn it; clients are safe."
    others = len(operations) - 1
    told = f"{operations[0]}: {change.told}" + (f" (and {others} more)" if others else "")
    place = _place(old, new, change)
    return Finding(f"diff-{change.rule}", told, severity, place, advice)


def _place(old: ContractFile, new: ContractFile, change: Change) -> Place:
    """Return the line that changed: what a reference leads to may be as it was, and the reference another."""
    here, there = (old, new) if change.is_old else (new, old)
    pointer, keyword = change.place.pointer, change.keyword
    if keyword is not None and isinstance(change.place.data, dict) and keyword in change.place.data:
        pointer = f"{pointer}/{escaped(keyword)}"
    ways = (pointer, change.place.pointer, *reversed(change.place.via))
    changed = next((each for each in ways if _at(here, each) != _at(there, each)), pointer)
    holder = changed.removesuffix("/$ref")
    # What has come or gone as a whole is more than a reference.
    return here.place(changed if _at(there, holder) else holder)


def _at(file: ContractFile, pointer: str) -> list[Json]:
    """Return the one value at a pointer, if there is one."""
    try:
        return [file.document.at(pointer)]
    except KeyError:
        return []


def _operation(before: Operations, after: Operations, key: str) -> Iterator[Change]:
    if key not in after.by_key:
        yield Change("operation-removed", Severity.ERROR, "removed", before.by_key[key], is_old=True)
        return
    old, new = before.by_key.get(key), after.by_key[key]
    if old is None:
        yield Change("operation-added", Severity.NOTE, "added", new, for_servers=True)
        return
    if old.get("operationId") != new.get("operationId"):
        told = f"operationId {old.get('operationId')} is now {new.get('operationId')}"
        yield Change("operation-id-renamed", Severity.ERROR, told, new)
    if before.security(key) != after.security(key):
        severity = Severity.NOTE if before.security(key) <= after.security(key) else Severity.ERROR
        yield Change("security-changed", severity, "security changed", new)
    yield from server_changes(before.servers(key), after.servers(key))
    yield from parameter_changes(before.parameters(key), after.parameters(key))
    yield from request_body_changes(old.child("requestBody"), new.child("requestBody"), new)
    yield from response_changes(old, new)
    yield from callback_changes(old, new)


def _spelt(name: str, schemes: Json) -> list[str]:
    scheme = schemes.get(name, {})
    return [str(scheme.get(part, "")) for part in ("type", "in", "name", "scheme", "openIdConnectUrl")]


def _order(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)[:3]]
