"""Pairs of schemas that stand for each other in two documents, with the changes in each pair alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from eqkit.checks.diff.schemas.facets import Facet
from eqkit.checks.diff.schemas.shapes import NOTES, Schema, Shapes
from eqkit.checks.diff.schemas.views import View
from eqkit.contract.document import Document, Json

Key = tuple[tuple[str, ...], tuple[str, ...]]
"""The pointers of the old and of the new schemas of a pair."""


class Way(StrEnum):
    """The effect of a change on the set of values that a schema admits; CHANGED has none."""

    NARROWER = "narrower"
    WIDER = "wider"
    CHANGED = "changed"


class Direction(StrEnum):
    """The sender of the values of a schema: clients send requests, servers responses."""

    REQUEST = "request"
    RESPONSE = "response"

    @property
    def absent(self) -> str:
        """The keyword of the properties that are not sent in this direction."""
        return "readOnly" if self is Direction.REQUEST else "writeOnly"


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One change: `place` is the new document's schema that says it, or the old one's where it is gone.

    `message` follows the name of the schema in a sentence. Without a place it is the schema's own.
    """

    keyword: str
    way: Way
    message: str
    place: View | None = None
    is_old: bool = False

    @property
    def ways(self) -> tuple[Way, ...]:
        """The effect on the values: a property that is declared or not may be more, and less."""
        if self.keyword in NOTES:
            return ()
        return (Way.NARROWER, Way.WIDER) if self.keyword.startswith("property-") else (self.way,)


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of schemas below another, called by the name of the upper one and `suffix`."""

    suffix: str
    old: Schema
    new: Schema


Found = SchemaChange | Edge


class Comparer(Protocol):
    """Compares schemas and parts of them in one direction; `old` and `new` have their normal forms."""

    direction: Direction
    old: Shapes
    new: Shapes

    def ways(self, old: Schema, new: Schema) -> frozenset[Way]:
        """Return the ways in which the values of a schema changed."""
        ...

    def facet_changes(self, old: Facet, new: Facet) -> Iterator[Found]:
        """Yield the changes in the values of one type."""
        ...

    def admits_all(self, less: Facet, more: Facet, *, is_turned: bool = False) -> bool:
        """Return whether every value of one facet is one of the other; `is_turned`: `less` is the new one."""
        ...


@dataclass(slots=True)
class Node:
    """The changes in a pair of schemas itself, and the pairs below it by their suffixes."""

    changes: list[SchemaChange] = field(default_factory=list)
    below: list[tuple[str, Key]] = field(default_factory=list)


class Unchanged:
    """The parts that are written alike in two documents, down to all that they refer to."""

    def __init__(self, old: Document, new: Document) -> None:
        """Compare the targets of each reference; documents of two dialects have nothing in common."""
        self._is_one_dialect = _dialect(old) == _dialect(new)
        self._documents = old, new
        self._texts: dict[tuple[bool, str], tuple[str, frozenset[str]]] = {}
        self._same: dict[str, bool] = {}

    def has(self, old: View, new: View) -> bool:
        """Return whether two parts are the same to the letter, and so are the schemas that they refer to."""
        if not self._is_one_dialect or type(old.data) is not type(new.data):
            return False
        text, references = self._written(True, old)
        return text == self._written(False, new)[0] and all(self._is_same(each) for each in references)

    def _is_same(self, reference: str) -> bool:
        """Return whether a reference leads to the same in both documents, by any way round."""
        if reference not in self._same:
            reached, waiting, is_same = {reference}, [reference], True
            while waiting and is_same:
                name = waiting.pop()
                views = [View(each, {"$ref": name}).target() for each in self._documents]
                old, new = views
                if old is None or new is None:
                    is_same = old is new
                    continue
                text, references = self._written(True, old)
                is_same = text == self._written(False, new)[0] and self._same.get(name, True)
                fresh = references - reached
                reached |= fresh
                waiting += [each for each in fresh if not self._same.get(each, False)]
            if is_same:
                self._same.update(dict.fromkeys(reached, True))
            self._same[reference] = is_same
        return self._same[reference]

    def _written(self, is_old: bool, view: View) -> tuple[str, frozenset[str]]:
        key = is_old, view.pointer
        if key not in self._texts:
            references = frozenset(_references(view.data))
            self._texts[key] = json.dumps(view.data, sort_keys=True), references
        return self._texts[key]


def _dialect(document: Document) -> str:
    return ".".join(str(document.data.get("openapi", "")).split(".")[:2])


def _references(node: Json) -> Iterator[str]:
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            if isinstance(here.get("$ref"), str):
                yield here["$ref"]
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here
