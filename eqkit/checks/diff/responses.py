"""The responses of an operation compared, each with the one that documents its status now."""

from collections.abc import Iterator, Mapping

from eqkit.checks.diff.bodies import content_changes, media_types
from eqkit.checks.diff.changes import Change, Found, pair
from eqkit.checks.diff.parameters import style_changes
from eqkit.checks.diff.schemas.facets import canonical
from eqkit.checks.diff.schemas.nodes import Direction
from eqkit.checks.diff.schemas.views import View

Responses = Mapping[str, View]
"""The responses of an operation by status, range or ``default``."""


def response_changes(old: View, new: View) -> Iterator[Found]:
    """Yield the changes of the responses of an operation."""
    before, after = (statuses(each) for each in (old, new))
    pairs = status_pairs(before, after)
    gone = [status for status in before if status not in {first for first, _ in pairs}]
    added = [status for status in after if status not in {second for _, second in pairs}]
    successes = [sorted(status for status in each if status[:1] == "2") for each in (gone, added)]
    if all(successes):
        message = f"success is {' and '.join(successes[1])} where it was {' and '.join(successes[0])}"
        yield Change("success-status-changed", "", message, after[successes[1][0]])
        gone, added = ([each for each in some if each[:1] != "2"] for some in (gone, added))
    for status in sorted(gone):
        rule = "success-status-removed" if status[:1] == "2" else "status-removed"
        yield Change(rule, f"response {status}", " removed", before[status], is_old=True)
    for status in sorted(added):
        yield Change("status-added", f"response {status}", " added", after[status])
    yield from _ranges(before, after)
    for first, second in pairs:
        # The narrower of the two says which responses are meant.
        status = first if status_width(first) <= status_width(second) else second
        name = f"response {status}"
        yield from _header_changes(before[first], after[second], name)
        yield from content_changes(before[first], after[second], name, Direction.RESPONSE)
        yield from _link_changes(before[first], after[second], name)


def _ranges(before: Responses, after: Responses) -> Iterator[Change]:
    """Yield that success was a range and is some of its statuses, or the other way round."""
    was, is_now = ("2XX" in each for each in (before, after))
    of_before, of_after = (
        sorted(each for each in some if each[:1] == "2" and each != "2XX") for some in (before, after)
    )
    if was and not is_now and of_after:
        message = f"success was any 2XX and is {' or '.join(of_after)}"
        yield Change("success-range-narrower", "", message, before["2XX"], is_old=True)
    if is_now and not was and of_before:
        message = f"success was {' or '.join(of_before)} and is any 2XX"
        yield Change("success-range-wider", "", message, after["2XX"])


def statuses(operation: View) -> Responses:
    """Return the responses of an operation by status, range or ``default``."""
    found = operation.members("responses").items()
    return {status.upper() if status[1:].upper() == "XX" else status: view
            for status, view in found if not status.startswith("x-")}  # fmt: skip


def status_pairs(before: Responses, after: Responses) -> list[tuple[str, str]]:
    """Return which old response each new one is to be compared with, and which new one each old one.

    A status that is no longer spelt out is still answered where its range or ``default`` is documented, and
    one that is now spelt out was; a range that is now spelt out is compared with each of its statuses.
    """
    forth = [(status, found) for status in before if (found := documented_by(status, after))]
    back = [(found, status) for status in after if (found := documented_by(status, before))]
    return sorted({*forth, *back})


def documented_by(status: str, responses: Responses) -> str | None:
    """Return under which key a status or a range is documented, if at all.

    A success is not looked for under ``default``, which by custom describes errors.
    """
    wider = [status, f"{status[:1]}XX", *(["default"] if status[:1] != "2" else [])]
    return next((each for each in wider if each in responses), None)


def status_width(status: str) -> int:
    """Return how many statuses a key of responses stands for, as something to compare by."""
    return 1 if status.isdecimal() else 100 if status.endswith("XX") else 1000


def _header_changes(old: View, new: View, response: str) -> Iterator[Found]:
    before, after = (
        {
            name.lower(): (name, view)
            for name, view in each.members("headers").items()
            if name.lower() != "content-type"
        }
        for each in (old, new)
    )
    for key, (name, header) in before.items():
        called = f"{response}: header {name}"
        if key not in after:
            is_required = header.get("required", False)
            rule = "response-header-removed" if is_required else "response-header-optional-removed"
            yield Change(rule, called, " removed", header, is_old=True)
            continue
        other = after[key][1]
        if header.get("required", False) and not other.get("required", False):
            yield Change("response-header-optional", called, " is now optional", other)
        yield from style_changes(header, other, called)
        if header.get("content") and other.get("content"):
            if media_types(header).keys() == media_types(other).keys():
                yield from content_changes(header, other, called, Direction.RESPONSE)
        else:
            yield pair(header, other, called, Direction.RESPONSE)
    for key in (each for each in after if each not in before):
        name, header = after[key]
        yield Change("response-header-added", f"{response}: header {name}", " added", header)


def _link_changes(old: View, new: View, response: str) -> Iterator[Change]:
    before, after = old.members("links"), new.members("links")
    for name, link in before.items():
        called = f"{response}: link {name}"
        if name not in after:
            yield Change("link-removed", called, " removed", link, is_old=True)
        elif _meaning(link) != _meaning(after[name]):
            yield Change("link-changed", called, " leads elsewhere, or with other values", after[name])
    for name in (each for each in after if each not in before):
        yield Change("link-added", f"{response}: link {name}", " added", after[name])


def _meaning(link: View) -> str:
    names = ("operationId", "operationRef", "parameters", "requestBody", "server")
    return canonical({name: link.get(name) for name in names})
