"""Two schemas compared by the values that they admit: values that are lost, and values that are new."""

from collections.abc import Iterator
from dataclasses import replace

from eqkit.checks.diff.schemas.alternatives import alternative_changes
from eqkit.checks.diff.schemas.arrays import item_changes
from eqkit.checks.diff.schemas.conditions import condition_changes
from eqkit.checks.diff.schemas.facets import Facet
from eqkit.checks.diff.schemas.keywords import keyword_changes, type_changes
from eqkit.checks.diff.schemas.nodes import Direction, Found, Key, Node, SchemaChange, Unchanged, Way
from eqkit.checks.diff.schemas.notes import note_changes
from eqkit.checks.diff.schemas.objects import member_changes
from eqkit.checks.diff.schemas.shapes import Schema, Shape, Shapes


class Graph:
    """The pairs of schemas of two documents in one direction, each compared once however often it is used."""

    def __init__(self, direction: Direction, old: Shapes, new: Shapes, unchanged: Unchanged) -> None:
        """Take the normal forms of both documents, and the parts that are written alike in them."""
        self.direction, self.old, self.new = direction, old, new
        self._unchanged = unchanged
        self._schemas: dict[Key, tuple[Schema, Schema]] = {}
        self._nodes: dict[Key, Node] = {}
        self._begun: set[Key] = set()
        self._ways: dict[Key, frozenset[Way]] = {}

    def enter(self, old: Schema, new: Schema) -> Key | None:
        """Return the key of a pair, or None if it is written alike and need not be compared."""
        before = tuple(self.old.canonical(each) for each in old)
        after = tuple(self.new.canonical(each) for each in new)
        if len(before) == len(after) and all(map(self._unchanged.has, before, after)):
            return None
        key = tuple(each.pointer for each in before), tuple(each.pointer for each in after)
        self._schemas.setdefault(key, (before, after))
        return key

    def node(self, key: Key) -> Node:
        """Return the changes of a pair; one that is asked for while it is compared has no changes yet."""
        if key not in self._nodes:
            if key in self._begun:
                return Node()
            self._begun.add(key)
            node = Node()
            for found in self._compared(*self._schemas[key]):
                if isinstance(found, SchemaChange):
                    node.changes.append(found)
                elif (below := self.enter(found.old, found.new)) is not None:
                    node.below.append((found.suffix, below))
            self._nodes[key] = node
            self._begun.discard(key)
        return self._nodes[key]

    def ways(self, old: Schema, new: Schema) -> frozenset[Way]:
        """Return the ways in which the values of a schema changed, anywhere below it."""
        first = self.enter(old, new)
        if first is None:
            return frozenset()
        if first not in self._ways:
            found: set[Way] = set()
            reached, waiting = {first}, [first]
            while waiting:
                node = self.node(waiting.pop())
                found |= {way for each in node.changes for way in each.ways}
                fresh = {key for _, key in node.below} - reached
                reached |= fresh
                waiting += fresh
            if self._begun:
                return frozenset(found)  # not all of it is known yet
            self._ways[first] = frozenset(found)
        return self._ways[first]

    def facet_changes(self, old: Facet, new: Facet) -> Iterator[Found]:
        """Yield the changes in the values of one type."""
        yield from keyword_changes(old, new)
        yield from condition_changes(self, old, new)
        if old.type == "object":
            yield from member_changes(self, old, new)
        if old.type == "array":
            yield from item_changes(self, old, new)

    def admits_all(self, less: Facet, more: Facet, *, is_turned: bool = False) -> bool:
        """Return whether every value of one facet is one of the other; `is_turned`: `less` is the new one."""
        sought = Way.WIDER if is_turned else Way.NARROWER
        for found in self.facet_changes(more, less) if is_turned else self.facet_changes(less, more):
            if isinstance(found, SchemaChange):
                if sought in found.ways:
                    return False
            elif sought in self.ways(found.old, found.new):
                return False
        return True

    def _compared(self, old: Schema, new: Schema) -> Iterator[Found]:
        before, after = self.old.of(old), self.new.of(new)
        for found in self._shapes_compared(before, after):
            if isinstance(found, SchemaChange) and found.place is None:
                is_old = after.view is None
                yield replace(found, place=before.view if is_old else after.view, is_old=is_old)
            else:
                yield found

    def _shapes_compared(self, before: Shape, after: Shape) -> Iterator[Found]:
        yield from note_changes(before, after)
        yield from type_changes(before, after)
        for name in (each for each in before.types if each in after.types):
            olds, news = before.types[name], after.types[name]
            if len(olds) == len(news) == 1:
                yield from self.facet_changes(olds[0], news[0])
            else:
                yield from alternative_changes(self, olds, news)
