"""Two versions of a contract compared: what changed, whom it breaks, and the version that follows."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from eqkit.checks.diff_schemas import Comparison, SchemaChange, View, Way
from eqkit.checks.findings import Finding, Place, Run, Severity
from eqkit.checks.lines import ContractFile
from eqkit.checks.reports import Table
from eqkit.contract.document import Json
from eqkit.contract.operations import METHODS

CHECK = "diff"
ADVICE = {
    Severity.ERROR: "It breaks clients: keep the old form beside it, or make it a new major version.",
    Severity.WARNING: "It may break clients that rely on it.",
    Severity.NOTE: None,
}
UNEXPECTED = ("type", "enum", "required", "oneOf", "anyOf")
"""Keywords of an answer's schema that clients branch on: a wider one meets them unprepared."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change; an ERROR breaks clients, a WARNING may, and `for_servers` ones ask more of every server."""

    rule: str
    severity: Severity
    told: str
    place: View
    is_old: bool = False
    for_servers: bool = False


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
                if method in item.data:
                    key = f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path)}"
                    self.by_key[key], self.items[key] = item.child(method), item

    def name(self, key: str) -> str:
        """Return an operation's method and path as the document writes them."""
        path = self.items[key].pointer.removeprefix("/paths/").replace("~1", "/").replace("~0", "~")
        return f"{key.partition(' ')[0]} {path}"

    def parameters(self, key: str) -> dict[tuple[str, str], View]:
        """Return the parameters by place and name; path parameters by their position."""
        found: dict[tuple[str, str], View] = {}
        position = {
            name: str(index) for index, name in enumerate(re.findall(r"{([^}]*)}", self.items[key].pointer))
        }
        for view in (self.items[key], self.by_key[key]):
            for index in range(len(view.get("parameters", ()))):
                parameter = view.child("parameters", index)
                name, place = str(parameter.get("name")), str(parameter.get("in"))
                if place == "path":
                    name = position.get(name, name)
                found[place, name.lower() if place == "header" else name] = parameter
        return found

    def security(self, key: str) -> set[str]:
        """Return the alternatives of security, each spelt out with what its schemes are."""
        document = self.contract.document
        schemes = document.data.get("components", {}).get("securitySchemes", {})
        alternatives = self.by_key[key].get("security", document.data.get("security", [])) or [{}]
        return {json.dumps([_spelt(name, schemes) + sorted(scopes) for name, scopes in sorted(each.items())])
                for each in alternatives}  # fmt: skip


def diff(old: ContractFile, new: ContractFile) -> Run:
    """Compare two versions of a contract."""
    before, after = Operations(old), Operations(new)
    found: dict[tuple[str, str, str], tuple[Change, list[str]]] = {}
    for key in dict.fromkeys([*before.by_key, *after.by_key]):
        name = (before if key in before.by_key else after).name(key)
        for change in _operation(before, after, key):
            # A shared schema changed once, in however many answers it stands.
            told = re.sub(r"^response \w+", "response", change.told)
            identity = (change.rule, told, change.place.pointer)
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
    place: Place = (old if change.is_old else new).place(change.place.pointer)
    return Finding(f"diff-{change.rule}", told, severity, place, advice)


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
    yield from _parameters(before.parameters(key), after.parameters(key))
    yield from _request_body(old.child("requestBody"), new.child("requestBody"), new)
    yield from _responses(old, new)


def _parameters(before: dict[tuple[str, str], View], after: dict[tuple[str, str], View]) -> Iterator[Change]:
    for (place, name), parameter in after.items():
        told = f"{place} parameter {parameter.get('name')}"
        old = before.get((place, name))
        is_required = parameter.get("required", False)
        if old is None:
            if is_required:
                yield Change("parameter-required", Severity.ERROR, f"new required {told}", parameter)
            else:
                yield Change("parameter-added", Severity.NOTE, f"new {told}", parameter, for_servers=True)
            continue
        if is_required and not old.get("required", False):
            yield Change("parameter-required", Severity.ERROR, f"{told} is now required", parameter)
        yield from _request(old.child("schema"), parameter.child("schema"), told)
    for place, name in before.keys() - after.keys():
        parameter = before[place, name]
        told = f"{place} parameter {parameter.get('name')} removed"
        yield Change("parameter-removed", Severity.ERROR, told, parameter, is_old=True)


def _request_body(old: View, new: View, operation: View) -> Iterator[Change]:
    if new.data is None:
        if old.data is not None:
            yield Change("request-body-removed", Severity.ERROR, "request body removed", old, is_old=True)
        return
    if new.get("required", False) and not old.get("required", False):
        yield Change("request-body-required", Severity.ERROR, "the request body is now required", operation)
    if old.data is not None:
        yield from _content(old, new, "request body")


def _content(old: View, new: View, name: str) -> Iterator[Change]:
    before, after = old.members("content"), new.members("content")
    for media_type in before.keys() - after.keys():
        told = f"{name}: media type {media_type} removed"
        yield Change("media-type-removed", Severity.ERROR, told, before[media_type], is_old=True)
    for media_type in after.keys() - before.keys():
        yield Change("media-type-added", Severity.NOTE, f"{name}: media type {media_type} added", new)
    compare = _request if name == "request body" else _response
    for media_type in before.keys() & after.keys():
        yield from compare(before[media_type].child("schema"), after[media_type].child("schema"), name)


def _responses(old: View, new: View) -> Iterator[Change]:
    before, after = old.members("responses"), new.members("responses")
    gone, added = before.keys() - after.keys(), after.keys() - before.keys()
    successes = [sorted(status for status in each if status[:1] == "2") for each in (gone, added)]
    if all(successes):
        told = f"success is {' and '.join(successes[1])} where it was {' and '.join(successes[0])}"
        yield Change("success-status-changed", Severity.ERROR, told, after[successes[1][0]])
        gone, added = gone - {*successes[0]}, added - {*successes[1]}
    for status in sorted(gone):
        told = f"status {status} removed"
        yield Change("status-removed", Severity.ERROR, told, before[status], is_old=True)
    for status in sorted(added):
        yield Change("status-added", Severity.NOTE, f"status {status} added", after[status])
    for status in sorted(before.keys() & after.keys()):
        yield from _headers(before[status], after[status], status)
        yield from _content(before[status], after[status], f"response {status}")


def _headers(old: View, new: View, status: str) -> Iterator[Change]:
    before, after = (
        {name.lower(): (name, view) for name, view in each.members("headers").items()} for each in (old, new)
    )
    for key, (name, header) in before.items():
        told = f"response {status}: header {name}"
        if key not in after:
            yield Change("response-header-removed", Severity.ERROR, f"{told} removed", header, is_old=True)
            continue
        other = after[key][1]
        if header.get("required", False) and not other.get("required", False):
            yield Change("response-header-optional", Severity.ERROR, f"{told} is now optional", other)
        yield from _response(header.child("schema"), other.child("schema"), told)
    for key in after.keys() - before.keys():
        name, header = after[key]
        told = f"response {status}: header {name} added"
        yield Change("response-header-added", Severity.NOTE, told, header, for_servers=True)


def _request(old: View, new: View, name: str) -> Iterator[Change]:
    """Yield the changes of what clients send: less admitted breaks them."""
    for change in Comparison().changes(old, new, name):
        severity = Severity.ERROR if change.way is Way.NARROWER else Severity.NOTE
        if change.keyword == "property-lost":
            severity = Severity.WARNING
        yield _change("request", change, severity, for_servers=change.way is Way.WIDER)


def _response(old: View, new: View, name: str) -> Iterator[Change]:
    """Yield the changes of what clients receive: more admitted breaks them, and so does what they miss."""
    for change in Comparison().changes(old, new, name):
        is_wider, keyword = change.way is Way.WIDER, change.keyword
        severity = Severity.NOTE
        if keyword.startswith("property-lost") or (is_wider and keyword in UNEXPECTED):
            severity = Severity.ERROR
        elif is_wider and keyword not in ("property-added", "additionalProperties"):
            severity = Severity.WARNING
        yield _change("response", change, severity, for_servers=change.keyword == "required")


def _change(side: str, change: SchemaChange, severity: Severity, *, for_servers: bool) -> Change:
    keyword = re.sub(r"(?<=[a-z])([A-Z])", r"-\1", change.keyword).lower()
    if not keyword.startswith("property-"):
        keyword = f"{keyword}-{change.way}"
    rule = f"{side}-{keyword}"
    is_note = severity is Severity.NOTE
    return Change(rule, severity, change.told, change.place, change.is_old, for_servers and is_note)


def _spelt(name: str, schemes: Json) -> list[str]:
    scheme = schemes.get(name, {})
    return [str(scheme.get(part, "")) for part in ("type", "in", "name", "scheme", "openIdConnectUrl")]


def _order(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)[:3]]
