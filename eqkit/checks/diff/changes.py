"""What changed in one operation: its parameters, its request's body and its answers, and whom it breaks."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from eqkit.checks.diff.schemas import Comparison, SchemaChange, View, Way, types_of
from eqkit.checks.findings import Severity
from eqkit.contract.media_types import essence

Parameters = dict[tuple[str, str], View]
"""The parameters of an operation by place and name."""

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
    keyword: str | None = None
    """The keyword of the schema at `place` that says it, where it is a schema's."""


Comparer = Callable[[View, View, str], Iterator[Change]]
"""Compares two schemas that people know by a name, of what clients send or of what they receive."""


def parameters(item: View, operation: View) -> Parameters:
    """Return the parameters of a path and of an operation of it; path parameters go by their position."""
    found: Parameters = {}
    position = {name: str(index) for index, name in enumerate(re.findall(r"{([^}]*)}", item.pointer))}
    for view in (item, operation):
        for index in range(len(view.get("parameters", ()))):
            parameter = view.child("parameters", index)
            name, place = str(parameter.get("name")), str(parameter.get("in"))
            if place == "path":
                name = position.get(name, name)
            found[place, name.lower() if place == "header" else name] = parameter
    return found


def parameter_changes(before: Parameters, after: Parameters) -> Iterator[Change]:
    """Yield the changes of what is sent in path, query, headers and cookies."""
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
        yield from style_changes(old, parameter, told)
        yield from sent(old.child("schema"), parameter.child("schema"), told)
    for place, name in (each for each in before if each not in after):
        parameter = before[place, name]
        told = f"{place} parameter {parameter.get('name')} removed"
        yield Change("parameter-removed", Severity.ERROR, told, parameter, is_old=True)


def style_changes(old: View, new: View, name: str) -> Iterator[Change]:
    """Yield whether the same value of a parameter is written otherwise."""
    types = types_of(old.child("schema")) | types_of(new.child("schema"))
    before, after = (_style(each, types) for each in (old, new))
    if before != after:
        told = f"{name} was written as {before} and is written as {after}"
        yield Change("parameter-style", Severity.ERROR, told, new)


def _style(parameter: View, types: set[str]) -> str:
    """Return how a parameter of some types is written, where that matters (OpenAPI, "Style Values")."""
    if parameter.get("content"):
        return " or ".join(parameter.get("content"))
    style = parameter.get("style", "form" if parameter.get("in") in ("query", "cookie") else "simple")
    is_exploded = parameter.get("explode", style == "form")
    # One value is written alike, and in the simple style so is an array: a,b,c.
    differs = "object" in types or ("array" in types and style != "simple")
    return f"{style} {'with' if is_exploded else 'without'} explode" if differs else str(style)


def request_body_changes(old: View, new: View, operation: View) -> Iterator[Change]:
    """Yield the changes of a request's body; `operation` is where a missing one would stand."""
    if new.data is None:
        if old.data is not None:
            yield Change("request-body-removed", Severity.ERROR, "request body removed", old, is_old=True)
        return
    if new.get("required", False) and not old.get("required", False):
        yield Change("request-body-required", Severity.ERROR, "the request body is now required", operation)
    if old.data is not None:
        yield from content_changes(old, new, "request body", sent)


def content_changes(old: View, new: View, name: str, compare: Comparer) -> Iterator[Change]:
    """Yield the changes of the media types of a body, and of the schema of each that has stayed."""
    before, after = ({essence(media_type): view for media_type, view in each.members("content").items()}
                     for each in (old, new))  # fmt: skip
    for media_type in (each for each in before if each not in after):
        told = f"{name}: media type {media_type} removed"
        yield Change("media-type-removed", Severity.ERROR, told, before[media_type], is_old=True)
    for media_type in (each for each in after if each not in before):
        yield Change("media-type-added", Severity.NOTE, f"{name}: media type {media_type} added", new)
    for media_type in (each for each in before if each in after):
        yield from compare(before[media_type].child("schema"), after[media_type].child("schema"), name)


def response_changes(old: View, new: View) -> Iterator[Change]:
    """Yield the changes of the answers of an operation, each compared with what documents its status now."""
    before, after = (statuses(each) for each in (old, new))
    pairs = status_pairs(before, after)
    gone = [status for status in before if status not in {first for first, _ in pairs}]
    added = [status for status in after if status not in {second for _, second in pairs}]
    successes = [sorted(status for status in each if status[:1] == "2") for each in (gone, added)]
    if all(successes):
        told = f"success is {' and '.join(successes[1])} where it was {' and '.join(successes[0])}"
        yield Change("success-status-changed", Severity.ERROR, told, after[successes[1][0]])
        gone, added = ([each for each in some if each[:1] != "2"] for some in (gone, added))
    for status in sorted(gone):
        told = f"status {status} removed"
        yield Change("status-removed", Severity.ERROR, told, before[status], is_old=True)
    for status in sorted(added):
        yield Change("status-added", Severity.NOTE, f"status {status} added", after[status])
    for first, second in pairs:
        # The narrower of the two says which answers are meant.
        status = first if status_width(first) <= status_width(second) else second
        yield from _header_changes(before[first], after[second], status)
        yield from content_changes(before[first], after[second], f"response {status}", received)


def statuses(operation: View) -> Mapping[str, View]:
    """Return the answers of an operation by status, range or ``default``."""
    found = operation.members("responses").items()
    return {status: view for status, view in found if not status.startswith("x-")}


def status_pairs(before: Mapping[str, View], after: Mapping[str, View]) -> list[tuple[str, str]]:
    """Return which old answer each new one is to be compared with, and which new one each old one.

    A status that is no longer spelt out is still answered where its range or ``default`` is documented, and
    one that is now spelt out was; a range that is now spelt out is compared with each of its statuses.
    """
    forth = [(status, found) for status in before if (found := documented_by(status, after))]
    back = [(found, status) for status in after if (found := documented_by(status, before))]
    return sorted({*forth, *back})


def documented_by(status: str, answers: Mapping[str, View]) -> str | None:
    """Return under which key a status or a range is documented, if at all.

    A success is not looked for under ``default``, which by custom describes errors.
    """
    wider = [status, f"{status[:1]}XX", *(["default"] if status[:1] != "2" else [])]
    return next((each for each in wider if each in answers), None)


def status_width(status: str) -> int:
    """Return how many statuses a key of answers stands for, as something to compare by."""
    return 1 if status.isdecimal() else 100 if status.endswith("XX") else 1000


def _header_changes(old: View, new: View, status: str) -> Iterator[Change]:
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
        yield from received(header.child("schema"), other.child("schema"), told)
    for key in (each for each in after if each not in before):
        name, header = after[key]
        told = f"response {status}: header {name} added"
        yield Change("response-header-added", Severity.NOTE, told, header, for_servers=True)


def sent(old: View, new: View, name: str) -> Iterator[Change]:
    """Yield the changes of what clients send: less admitted breaks them."""
    for change in Comparison().changes(old, new, name):
        severity = Severity.ERROR if change.way is Way.NARROWER else Severity.NOTE
        if change.keyword == "property-lost":
            severity = Severity.WARNING
        yield _change("request", change, severity, for_servers=change.way is Way.WIDER)


def received(old: View, new: View, name: str) -> Iterator[Change]:
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
    servers = for_servers and is_note
    return Change(rule, severity, change.told, change.place, change.is_old, servers, change.keyword)
