"""Callbacks and webhooks compared: the requests to the client, and the answers that the client may give.

It is all turned round: clients receive the document's requests.
"""

from collections.abc import Iterator
from dataclasses import replace

from eqkit.checks.diff.bodies import content_changes, received_body_changes
from eqkit.checks.diff.changes import Change, Found, Pair, within
from eqkit.checks.diff.operations import methods_of
from eqkit.checks.diff.parameters import parameters, received_changes
from eqkit.checks.diff.responses import status_pairs, statuses
from eqkit.checks.diff.schemas.nodes import Direction
from eqkit.checks.diff.schemas.views import View

Requests = dict[str, tuple[View, View]]
"""The requests that are made of a client, by name, each with the path item that it stands in."""


def callback_changes(old: View, new: View) -> Iterator[Found]:
    """Yield the changes of the callbacks of an operation, each with the name of the callback before it."""
    yield from _changes("callback", _callbacks(old), _callbacks(new))


def webhook_changes(old: View, new: View) -> Iterator[Found]:
    """Yield the changes of the webhooks of a document, each with the name of the webhook before it."""
    yield from _changes("webhook", _webhooks(old), _webhooks(new))


def _changes(kind: str, before: Requests, after: Requests) -> Iterator[Found]:
    for name, (_, request) in before.items():
        if name not in after:
            yield Change(f"{kind}-removed", f"{kind} {name}", ": removed", request, is_old=True)
            continue
        for found in _one(*before[name], *after[name]):
            yield within(found, f"{kind}-", f"{kind} {name}")
    for name in (each for each in after if each not in before):
        yield Change(f"{kind}-added", f"{kind} {name}", ": added", after[name][1])


def _callbacks(operation: View) -> Requests:
    found = {}
    for name, callback in operation.members("callbacks").items():
        for expression, item in _members(callback).items():
            for method, request in methods_of(item).items():
                found[f"{name} {method} {expression}"] = item, request
    return found


def _webhooks(root: View) -> Requests:
    found = {}
    for name, item in root.members("webhooks").items():
        methods = methods_of(item)
        for method, request in methods.items():
            found[name if len(methods) == 1 else f"{name} {method}"] = item, request
    return found


def _members(callback: View) -> dict[str, View]:
    names = callback.data if isinstance(callback.data, dict) else ()
    return {name: callback.child(name) for name in names if not name.startswith("x-")}


def _one(old_item: View, old: View, new_item: View, new: View) -> Iterator[Found]:
    found = received_changes(parameters(old_item, old), parameters(new_item, new))
    yield from map(_asked, found)
    yield from map(_asked, received_body_changes(old.child("requestBody"), new.child("requestBody"), new))
    before, after = statuses(old), statuses(new)
    pairs = status_pairs(before, after)
    for status in before:
        if status not in {first for first, _ in pairs}:
            message = f"the client may no longer answer {status}"
            yield Change("status-removed", "", message, before[status], is_old=True)
    for status in after:
        if status not in {second for _, second in pairs}:
            yield Change("status-added", "", f"the client may answer {status}", after[status])
    for first, second in pairs:
        content = content_changes(before[first], after[second], f"response {second}", Direction.REQUEST)
        yield from map(_answered, content)


def _asked(found: Found) -> Found:
    """Return the changes of the requests to a client, in the words of the document."""
    return replace(found, spoken=Direction.REQUEST) if isinstance(found, Pair) else found


def _answered(found: Found) -> Found:
    """Return the changes of a client's answers, in the words of the document."""
    return replace(found, spoken=Direction.RESPONSE) if isinstance(found, Pair) else found
