"""The members of objects compared: properties by name, by the form of their names, and all others."""

import functools
from collections.abc import Iterator

import jsonschema_rs

from eqkit.checks.diff.schemas.facets import Facet
from eqkit.checks.diff.schemas.nodes import Comparer, Direction, Edge, Found, SchemaChange, Way
from eqkit.checks.diff.schemas.shapes import Schema, Shapes
from eqkit.checks.diff.schemas.views import View
from eqkit.contract.schemas.extensions import PATTERNS


class Members:
    """The members that an object may hold, by the schemas that speak of it."""

    def __init__(self, facet: Facet, shapes: Shapes, direction: Direction) -> None:
        """Take the facet of an object; a property that is not sent in the direction is not one of it."""
        self._parts, self._shapes = facet.parts, shapes
        declared = dict.fromkeys(name for part in facet.parts for name in part.named("properties"))
        schemas = {name: self.schema(name) for name in declared}
        self.hidden = {
            name for name, schema in schemas.items() if shapes.of(schema).note(direction.absent) is True
        }
        self.declared = {name: schema for name, schema in schemas.items() if name not in self.hidden}
        self.required = {name: part for name, part in facet.required.items() if name not in self.hidden}
        self.patterns: dict[str, Schema] = {}
        for part in facet.parts:
            for pattern, view in _patterns(part).items():
                self.patterns[pattern] = (*self.patterns.get(pattern, ()), view)
        self.others: Schema = tuple(
            part.below("additionalProperties") for part in facet.parts if "additionalProperties" in part.data
        )
        self.is_closed = not shapes.of(self.others).types
        self.is_sealed = self.is_closed or any(
            each.keyword == "unevaluatedProperties" and each.part.data[each.keyword] is False
            for each in facet.conditions
        )

    def schema(self, name: str) -> Schema:
        """Return the schemas that a property has to keep, declared or not."""
        found = []
        for part in self._parts:
            own = [view for key, view in part.named("properties").items() if key == name]
            own += [view for pattern, view in _patterns(part).items() if _matches(pattern, name)]
            if not own and "additionalProperties" in part.data:
                own = [part.below("additionalProperties")]
            found += own
        return tuple(each for each in found if each.data is not True and each.data != {})

    def is_free(self, schema: Schema) -> bool:
        """Return whether a schema admits every value."""
        return self._shapes.of(schema).is_free


def member_changes(graph: Comparer, old: Facet, new: Facet) -> Iterator[Found]:
    """Yield the changes of the members of an object."""
    before, after = Members(old, graph.old, graph.direction), Members(new, graph.new, graph.direction)
    for name, schema in before.declared.items():
        if name in after.declared:
            yield Edge(f".{name}", schema, after.declared[name])
            continue
        yield _lost(name, schema[0] if schema else _declaration(old, name), after)
        if name not in after.hidden and not after.is_closed and not after.is_free(after.schema(name)):
            yield Edge(f".{name}", schema, after.schema(name))
    for name, schema in after.declared.items():
        if name in before.declared:
            continue
        place = _declaration(new, name)
        if name in before.hidden and graph.direction is Direction.RESPONSE:
            message = f" now has the property {name}, which was write-only"
            yield SchemaChange("writeOnly", Way.WIDER, message, place)
        elif name not in after.required:
            yield SchemaChange("property-added", Way.WIDER, f" got the optional property {name}", place)
        if name not in before.hidden and not before.is_closed and not before.is_free(before.schema(name)):
            yield Edge(f".{name}", before.schema(name), schema)
    yield from _required(graph, before, after)
    yield from _patterned(before, after)
    yield from _others(before, after, new)


def _lost(name: str, place: View, after: Members) -> SchemaChange:
    if name in after.hidden:
        return SchemaChange(
            "property-lost", Way.NARROWER, f" no longer has the property {name}", place, is_old=True
        )
    keyword = "property-lost-closed" if after.is_sealed else "property-lost"
    return SchemaChange(keyword, Way.NARROWER, f" lost the property {name}", place, is_old=True)


def _declaration(facet: Facet, name: str) -> View:
    """Return where a property of an object is declared."""
    found = (part.named("properties").get(name) for part in facet.parts)
    return next(each for each in found if each is not None)


def _required(graph: Comparer, before: Members, after: Members) -> Iterator[Found]:
    for name in sorted(after.required.keys() - before.required.keys()):
        default = graph.new.of(after.schema(name)).notes.get("default")
        keyword = "required" if default is None else "required-with-default"
        message = f" now requires {name}" if default is None else f" now requires {name}, which has a default"
        yield SchemaChange(keyword, Way.NARROWER, message, after.required[name])
    for name in sorted(before.required.keys() - after.required.keys()):
        if name in before.declared and name not in after.declared:
            continue  # it is told that it is lost
        place = after.declared.get(name)
        message = f" no longer requires {name}"
        yield SchemaChange("required", Way.WIDER, message, place[0] if place else None)


def _patterned(before: Members, after: Members) -> Iterator[Found]:
    for pattern, schema in before.patterns.items():
        if pattern in after.patterns:
            yield Edge(f"[{pattern}]", schema, after.patterns[pattern])
        elif after.is_closed or not before.is_free(schema):
            way = Way.NARROWER if after.is_closed else Way.WIDER
            message = f" says nothing more of properties such as {pattern}"
            yield SchemaChange("patternProperties", way, message, schema[0], is_old=True)
    for pattern, schema in after.patterns.items():
        if pattern not in before.patterns and (before.is_closed or not after.is_free(schema)):
            way = Way.WIDER if before.is_closed else Way.NARROWER
            message = f" has a schema for properties such as {pattern} now"
            yield SchemaChange("patternProperties", way, message, schema[0])


def _others(before: Members, after: Members, new: Facet) -> Iterator[Found]:
    if before.is_closed != after.is_closed:
        way, message = (Way.NARROWER, "closed") if after.is_closed else (Way.WIDER, "open")
        place = new.where.get("additionalProperties")
        yield SchemaChange("additionalProperties", way, f" is now {message} to other properties", place)
    elif not before.is_closed and not (before.is_free(before.others) and after.is_free(after.others)):
        yield Edge(".*", before.others, after.others)


def _patterns(part: View) -> dict[str, View]:
    return part.named(PATTERNS if PATTERNS in part.data else "patternProperties")


def _matches(pattern: str, name: str) -> bool:
    """Return whether a name matches a pattern; nothing matches an invalid regular expression."""
    validator = _validator(pattern)
    return validator is not None and validator.is_valid(name)


@functools.lru_cache(maxsize=1000)
def _validator(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return None
