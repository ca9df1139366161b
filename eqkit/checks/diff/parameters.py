"""The parameters of an operation compared: in path, query, headers and cookies."""

import re
from collections.abc import Iterator, Mapping

from eqkit.checks.diff.bodies import content_changes, media_types
from eqkit.checks.diff.changes import Change, Found, pair
from eqkit.checks.diff.lifecycle import deprecation_changes
from eqkit.checks.diff.schemas.nodes import Direction
from eqkit.checks.diff.schemas.shapes import Shapes
from eqkit.checks.diff.schemas.views import View

Parameters = dict[tuple[str, str], View]
"""The parameters of an operation by place and name."""

CONTENT_HEADERS = ("accept", "content-type", "authorization")
"""Header parameters that OpenAPI has ignored ("Parameter Object"): other members say the same."""


def parameters(item: View, operation: View, path: str = "") -> Parameters:
    """Return the parameters of a path and of an operation of it; path parameters go by their position."""
    found: Parameters = {}
    position = {name: str(index) for index, name in enumerate(re.findall(r"{([^}]*)}", path))}
    for view in (item, operation):
        if not isinstance(view.get("parameters", []), list):
            raise ValueError(f"{view.pointer}/parameters: not a list")
        for each in view.items("parameters"):
            parameter = each.followed()
            # A reference that leads nowhere is the parameter of its text.
            name = str(parameter.get("name", parameter.reference))
            place = str(parameter.get("in", "unknown"))
            if place == "path":
                name = position.get(name, name)
            if place == "header":
                name = name.lower()
            if place != "header" or name not in CONTENT_HEADERS:
                found[place, name] = parameter
    return found


def parameter_changes(before: Parameters, after: Parameters) -> Iterator[Found]:
    """Yield the changes of the parameters that clients send."""
    moved = _moved(before, after)
    for key, parameter in after.items():
        name = f"{key[0]} parameter {parameter.get('name', key[1])}"
        old = before.get(key)
        if old is not None:
            yield from _required(old, parameter, name)
            yield from _changes(old, parameter, name)
        elif key in moved.values():
            old = next(before[each] for each, there in moved.items() if there == key)
            message = f" is now {'an' if key[0][0] in 'aeiou' else 'a'} {name}"
            yield Change(
                "parameter-moved", f"{old.get('in')} parameter {old.get('name')}", message, parameter
            )
        elif parameter.get("required", False):
            yield Change(_rule_of_required(parameter), name, " is new and required", parameter)
        else:
            yield Change("parameter-added", name, " added", parameter)
    for key in (each for each in before if each not in after and each not in moved):
        parameter = before[key]
        name = f"{key[0]} parameter {parameter.get('name', key[1])}"
        yield Change("parameter-removed", name, " removed", parameter, is_old=True)


def received_changes(before: Parameters, after: Parameters) -> Iterator[Found]:
    """Yield the changes of the parameters that clients receive, with a callback or a webhook."""
    for key, parameter in before.items():
        name = f"{parameter.get('in')} parameter {parameter.get('name')}"
        other = after.get(key)
        if other is None:
            yield Change("parameter-removed", name, " removed", parameter, is_old=True)
            continue
        if parameter.get("required", False) and not other.get("required", False):
            yield Change("parameter-optional", name, " is now optional", other)
        yield from style_changes(parameter, other, name)
        yield from _value(parameter, other, name, Direction.RESPONSE)
    for key in (each for each in after if each not in before):
        name = f"{after[key].get('in')} parameter {after[key].get('name')}"
        yield Change("parameter-added", name, " added", after[key])


def _moved(before: Parameters, after: Parameters) -> dict[tuple[str, str], tuple[str, str]]:
    """Return where each parameter that is gone has gone to: one of the same name in another place."""
    gone = [key for key in before if key not in after]
    added = {str(after[key].get("name")).lower(): key for key in after if key not in before}
    names = {key: str(before[key].get("name")).lower() for key in gone}
    return {key: added[name] for key, name in names.items() if name in added}


def _required(old: View, new: View, name: str) -> Iterator[Change]:
    if new.get("required", False) and not old.get("required", False):
        yield Change(_rule_of_required(new), name, " is now required", new, keyword="required")


def _rule_of_required(parameter: View) -> str:
    default = parameter.child("schema").get("default")
    return "parameter-required" if default is None else "parameter-required-with-default"


def _changes(old: View, new: View, name: str) -> Iterator[Found]:
    yield from style_changes(old, new, name)
    yield from deprecation_changes(old, new, name)
    was, is_now = (view.get("allowEmptyValue") is True for view in (old, new))
    if was and not is_now:
        yield Change("parameter-empty-value-narrower", name, " may no longer be empty", new)
    if is_now and not was:
        yield Change("parameter-empty-value-wider", name, " may be empty", new)
    if (old.get("allowReserved") is True) != (new.get("allowReserved") is True):
        message = f": allowReserved is now {'true' if new.get('allowReserved') is True else 'false'}"
        yield Change("parameter-reserved-changed", name, message, new, keyword="allowReserved")
    yield from _value(old, new, name, Direction.REQUEST)


def _value(old: View, new: View, name: str, direction: Direction) -> Iterator[Found]:
    if old.get("content") and new.get("content"):
        if media_types(old).keys() == media_types(new).keys():
            yield from content_changes(old, new, name, direction)
    elif not old.get("content") and not new.get("content"):
        yield pair(old, new, name, direction)


def style_changes(old: View, new: View, name: str) -> Iterator[Change]:
    """Yield whether the same value of a parameter or of a header is written otherwise."""
    types = _types(old) | _types(new)
    before, after = (_style(each, types) for each in (old, new))
    if before != after:
        message = f" was written as {before} and is written as {after}"
        yield Change("parameter-style", name, message, new)


def _types(parameter: View) -> set[str]:
    """Return the types that the values of a parameter may be of."""
    schema = parameter.below("schema")
    return set(Shapes(schema.document).of((schema,)).types)


def _style(parameter: View, types: set[str]) -> str:
    """Return how a parameter of some types is written, where that matters (OpenAPI, "Style Values")."""
    content: Mapping[str, View] = media_types(parameter)
    if content:
        return " or ".join(content)
    style = parameter.get("style", "form" if parameter.get("in") in ("query", "cookie") else "simple")
    is_exploded = parameter.get("explode", style in ("form", "cookie"))
    # One value is written alike, and in the simple style so is an array: a,b,c.
    differs = "object" in types or ("array" in types and style != "simple")
    return f"{style} {'with' if is_exploded else 'without'} explode" if differs else str(style)
