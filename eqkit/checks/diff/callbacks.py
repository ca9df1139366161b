"""The callbacks of an operation compared: what is sent to the client, and what the client may answer.

It is all turned round: what the document calls the request is what clients receive.
"""

from collections.abc import Iterator
from dataclasses import replace

from eqkit.checks.diff.changes import (
    Change,
    content_changes,
    parameters,
    received,
    sent,
    status_pairs,
    statuses,
    style_changes,
)
from eqkit.checks.diff.schemas import View
from eqkit.checks.findings import Severity
from eqkit.contract.operations import METHODS


def callback_changes(old: View, new: View) -> Iterator[Change]:
    """Yield the changes of the callbacks of an operation, each with the name of the callback before it."""
    before, after = _callbacks(old), _callbacks(new)
    for name, (_, request) in before.items():
        if name not in after:
            told = f"callback {name}: removed"
            yield Change("callback-removed", Severity.ERROR, told, request, is_old=True)
            continue
        for change in _one(*before[name], *after[name]):
            yield replace(change, rule=f"callback-{change.rule}", told=f"callback {name}: {change.told}")
    for name in (each for each in after if each not in before):
        told = f"callback {name}: added"
        yield Change("callback-added", Severity.NOTE, told, after[name][1], for_servers=True)


def _callbacks(operation: View) -> dict[str, tuple[View, View]]:
    """Return each request that is made of the client, with the path that it stands in."""
    found = {}
    for name, callback in operation.members("callbacks").items():
        for expression in callback.data:
            item = callback.child(expression)
            for method in METHODS:
                if item.get(method) is not None:
                    found[f"{name} {method.upper()} {expression}"] = item, item.child(method)
    return found


def _one(old_item: View, old: View, new_item: View, new: View) -> Iterator[Change]:
    yield from _parameters(old_item, old, new_item, new)
    yield from _body(old.child("requestBody"), new.child("requestBody"), new)
    before, after = statuses(old), statuses(new)
    pairs = status_pairs(before, after)
    for status in before:
        if status not in {first for first, _ in pairs}:
            told = f"the client may no longer answer {status}"
            yield Change("status-removed", Severity.ERROR, told, before[status], is_old=True)
    for status in after:
        if status not in {second for _, second in pairs}:
            yield Change("status-added", Severity.NOTE, f"the client may answer {status}", after[status])
    for first, second in pairs:
        yield from content_changes(before[first], after[second], f"answer {second}", _answered)


def _parameters(old_item: View, old: View, new_item: View, new: View) -> Iterator[Change]:
    before, after = parameters(old_item, old), parameters(new_item, new)
    for key, parameter in before.items():
        told = f"{parameter.get('in')} parameter {parameter.get('name')}"
        other = after.get(key)
        if other is None:
            yield Change("parameter-removed", Severity.ERROR, f"{told} removed", parameter, is_old=True)
            continue
        if parameter.get("required", False) and not other.get("required", False):
            yield Change("parameter-optional", Severity.ERROR, f"{told} is now optional", other)
        yield from style_changes(parameter, other, told)
        yield from _asked(parameter.child("schema"), other.child("schema"), told)
    for key in (each for each in after if each not in before):
        told = f"new {after[key].get('in')} parameter {after[key].get('name')}"
        yield Change("parameter-added", Severity.NOTE, told, after[key], for_servers=True)


def _body(old: View, new: View, operation: View) -> Iterator[Change]:
    if old.data is None:
        return
    if new.data is None:
        yield Change("request-body-removed", Severity.ERROR, "request body removed", old, is_old=True)
        return
    if old.get("required", False) and not new.get("required", False):
        told = "the request body is now optional"
        yield Change("request-body-optional", Severity.ERROR, told, operation)
    yield from content_changes(old, new, "request body", _asked)


def _asked(old: View, new: View, name: str) -> Iterator[Change]:
    """Yield the changes of what the client is sent, called what the document calls it."""
    for change in received(old, new, name):
        yield replace(change, rule=change.rule.replace("response-", "request-", 1))


def _answered(old: View, new: View, name: str) -> Iterator[Change]:
    """Yield the changes of what the client answers, called what the document calls it."""
    for change in sent(old, new, name):
        yield replace(change, rule=change.rule.replace("request-", "response-", 1))
