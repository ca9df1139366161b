"""The items of arrays compared: those at a position of their own, and all further ones."""

from collections.abc import Iterator

from eqkit.checks.diff.schemas.facets import Facet
from eqkit.checks.diff.schemas.nodes import Comparer, Edge, Found, SchemaChange, Way
from eqkit.checks.diff.schemas.shapes import Schema, Shapes


def item_changes(graph: Comparer, old: Facet, new: Facet) -> Iterator[Found]:
    """Yield the changes of the items of an array."""
    before, after = _others(old), _others(new)
    count = max(_positions(old), _positions(new))
    ends = _end(old, graph.old), _end(new, graph.new)
    for index in range(count):
        if all(end is None or index < end for end in ends):
            yield Edge(f"[{index}]", _item(old, index), _item(new, index))
    if ends[0] is None and ends[1] is None:
        yield Edge("[]", before, after)
    elif ends[0] != ends[1]:
        message = f" {'takes' if ends[1] else 'has'} {_most(ends[1])} items and had {_most(ends[0])}"
        is_narrower = ends[1] is not None and (ends[0] is None or ends[1] < ends[0])
        way = Way.NARROWER if is_narrower else Way.WIDER
        yield SchemaChange("items", way, message, new.where.get("items"))


def _positions(facet: Facet) -> int:
    return max((len(part.items("prefixItems")) for part in facet.parts), default=0)


def _item(facet: Facet, index: int) -> Schema:
    """Return the schemas that the item at a position has to keep."""
    found = []
    for part in facet.parts:
        prefix = part.items("prefixItems")
        if index < len(prefix):
            found.append(prefix[index])
        elif "items" in part.data:
            found.append(part.below("items"))
    return tuple(found)


def _others(facet: Facet) -> Schema:
    return tuple(part.below("items") for part in facet.parts if "items" in part.data)


def _end(facet: Facet, shapes: Shapes) -> int | None:
    """Return how many items there may be where no further ones are admitted."""
    closed = [
        len(part.items("prefixItems"))
        for part in facet.parts
        if "items" in part.data and not shapes.of((part.below("items"),)).types
    ]
    return min(closed, default=None)


def _most(end: int | None) -> str:
    return "any number of" if end is None else f"at most {end}"
