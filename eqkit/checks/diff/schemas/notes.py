"""Keywords compared that admit no value more or less, and that clients go by, such as defaults."""

from collections.abc import Iterator

from eqkit.checks.diff.schemas.facets import canonical
from eqkit.checks.diff.schemas.nodes import SchemaChange, Way
from eqkit.checks.diff.schemas.shapes import GROUPS, Shape
from eqkit.checks.diff.schemas.texts import enumerated, format_value
from eqkit.checks.diff.schemas.views import View
from eqkit.contract.document import Json

STATED = ("default", "xml")
"""Notes that report every change as one."""


def note_changes(old: Shape, new: Shape) -> Iterator[SchemaChange]:
    """Yield the changes of the notes of a schema."""
    for name in STATED:
        before, after = old.note(name), new.note(name)
        if canonical(before) != canonical(after) or (name in old.notes) != (name in new.notes):
            message = f": {name} was {format_value(before)} and is {format_value(after)}"
            yield _change(name, Way.CHANGED, message, old, new)
    if "deprecated" in new.notes and "deprecated" not in old.notes:
        yield _change("deprecated", Way.CHANGED, " is deprecated now", old, new)
    yield from _extensible(old, new)
    yield from _discriminator(old, new)


def _extensible(old: Shape, new: Shape) -> Iterator[SchemaChange]:
    """Yield the values that an open list names no longer, or besides."""
    before, after = ({canonical(each): each for each in _values(shape)} for shape in (old, new))
    gone = [value for text, value in before.items() if text not in after]
    added = [value for text, value in after.items() if text not in before]
    keyword = "x-extensible-enum"
    if gone and (after or "x-extensible-enum" in new.notes):
        yield _change(keyword, Way.NARROWER, f" no longer names {enumerated(gone)}", old, new)
    if added and before:
        yield _change(keyword, Way.WIDER, f" also names {enumerated(added)} now", old, new)


def _values(shape: Shape) -> list[Json]:
    found = shape.note("x-extensible-enum")
    return found if isinstance(found, list) else []


def _discriminator(old: Shape, new: Shape) -> Iterator[SchemaChange]:
    keyword = "discriminator"
    before, after = old.note(keyword), new.note(keyword)
    if not isinstance(before, dict) or not isinstance(after, dict):
        if (before is None) != (after is None):
            message = ": its discriminator is gone" if after is None else ": it has a discriminator now"
            yield _change(keyword, Way.WIDER if after is None else Way.NARROWER, message, old, new)
        return
    names = before.get("propertyName"), after.get("propertyName")
    if names[0] != names[1]:
        message = f": the property that tells the alternatives apart was {names[0]} and is {names[1]}"
        yield _change(keyword, Way.CHANGED, message, old, new)
    mapped, maps = _mapping(old.notes[keyword], before), _mapping(new.notes[keyword], after)
    for value in sorted(mapped.keys() - maps.keys()):
        yield _change(keyword, Way.NARROWER, f": {names[1]} no longer admits {value}", old, new)
    for value in sorted(maps.keys() - mapped.keys()):
        yield _change(keyword, Way.WIDER, f": {names[1]} now admits {value}", old, new)


def _mapping(part: View, discriminator: dict[str, Json]) -> dict[str, str]:
    """Return which value names which schema; one without a value of its own goes by its name."""
    stated = discriminator.get("mapping") or {}
    mapping = {value: _component(str(reference)) for value, reference in stated.items()}
    for group in GROUPS:
        for view in part.items(group):
            name = _component(view.reference or "")
            if name and name not in mapping.values():
                mapping[name] = name
    return mapping


def _component(reference: str) -> str:
    return reference.rpartition("/")[2]


def _change(keyword: str, way: Way, message: str, old: Shape, new: Shape) -> SchemaChange:
    """Return a change at the keyword: in the new schema, or in the old one where it is gone."""
    place = new.notes.get(keyword)
    if place is None and new.view is None:
        return SchemaChange(keyword, way, message, old.notes.get(keyword), is_old=True)
    return SchemaChange(keyword, way, message, place)
