"""Bodies compared: their media types, and the schema of each."""

import re
from collections.abc import Iterator
from dataclasses import replace

from eqkit.checks.diff.changes import Change, Found, pair
from eqkit.checks.diff.schemas.facets import canonical
from eqkit.checks.diff.schemas.nodes import Direction
from eqkit.checks.diff.schemas.views import View

SCHEMAS = ("schema", "itemSchema")
"""The members of a media type that hold a schema: of the whole, and since 3.2 of each item of a stream."""


def request_body_changes(old: View, new: View, operation: View) -> Iterator[Found]:
    """Yield the changes of a request's body; `operation` is where a missing one would stand."""
    name = "request body"
    if new.data is None:
        if old.data is not None:
            yield Change("request-body-removed", name, " removed", old, is_old=True)
        return
    is_required = new.get("required", False)
    if is_required and not old.get("required", False):
        yield Change("request-body-required", name, " is now required", operation, keyword="requestBody")
    if old.data is not None:
        yield from content_changes(old, new, name, Direction.REQUEST)
    elif not is_required:
        yield Change("request-body-added", name, " added, which may be left out", new)


def received_body_changes(old: View, new: View, operation: View) -> Iterator[Found]:
    """Yield the changes of the body that a client receives, with a callback or a webhook."""
    name = "request body"
    if old.data is None:
        return
    if new.data is None:
        yield Change("request-body-removed", name, " removed", old, is_old=True)
        return
    if old.get("required", False) and not new.get("required", False):
        yield Change("request-body-optional", name, " is now optional", operation, keyword="requestBody")
    yield from content_changes(old, new, name, Direction.RESPONSE)


def content_changes(old: View, new: View, name: str, direction: Direction) -> Iterator[Found]:
    """Yield the changes of the media types of a body, and of the schema of each that has stayed.

    A media type is still there where a range has it; of a range that is gone, its media types are.
    """
    before, after = media_types(old), media_types(new)
    pairs = {(one, other) for one in before if (other := _covering(one, after)) is not None}
    pairs |= {(one, other) for other in after if (one := _covering(other, before)) is not None}
    for media_type in (each for each in before if _covering(each, after) is None):
        stays = direction is Direction.RESPONSE and any(one == media_type for one, _ in pairs)
        if not stays:
            message = f": media type {media_type} removed"
            yield Change("media-type-removed", name, message, before[media_type], is_old=True)
    for media_type in (each for each in after if _covering(each, before) is None):
        is_wider = "*" in media_type and direction is Direction.RESPONSE
        rule = "media-type-wider" if is_wider else "media-type-added"
        yield Change(rule, name, f": media type {media_type} added", after[media_type])
    several = len({one for one, _ in pairs}) > 1
    for one, other in sorted(pairs, key=lambda each: [*before].index(each[0])):
        called = f"{name} ({other if '*' in one else one})" if several else name
        for member in SCHEMAS:
            if one.partition("/")[0] == other.partition("/")[0] or before[one].get(member) is not None:
                found = pair(before[one], after[other], called, direction, member)
                yield replace(found, is_xml="xml" in other)
        yield from _encoding(before[one], after[other], called)


def media_types(holder: View) -> dict[str, View]:
    """Return the media types of a body, in lower case and without their charset."""
    return {_normal(media_type): view for media_type, view in holder.members("content").items()}


def _normal(media_type: str) -> str:
    essence, *stated = (part.strip() for part in media_type.split(";"))
    kept = sorted(part for part in stated if part and not part.lower().startswith("charset="))
    return "; ".join([essence.lower(), *kept])


def _covering(media_type: str, others: dict[str, View]) -> str | None:
    """Return which of some media types and ranges has one: itself, or else the narrowest range."""
    if media_type in others:
        return media_type
    main, _, rest = media_type.partition(";")[0].partition("/")
    suffix = re.search(r"\+[^+]+$", rest)
    ranges = [f"{main}/*{suffix[0]}"] if suffix else []
    return next((each for each in (*ranges, f"{main}/*", "*/*") if each in others), None)


def _encoding(old: View, new: View, name: str) -> Iterator[Change]:
    """Yield the parts of a form that are written otherwise."""
    before, after = old.members("encoding"), new.members("encoding")
    for part in dict.fromkeys([*before, *after]):
        stated = [canonical(each[part].data if part in each else {}) for each in (before, after)]
        if stated[0] != stated[1]:
            place, is_old = (after[part], False) if part in after else (before[part], True)
            yield Change("encoding-changed", name, f": part {part} is written otherwise", place, is_old)
