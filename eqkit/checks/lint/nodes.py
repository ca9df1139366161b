"""A document as the objects of OpenAPI that it is made of, each with its kind and its place."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from eqkit.contract.document import Document, Json, child, pointer_of, reference_parts
from eqkit.contract.kinds import METHODS, NEWEST, OLDEST, PATTERNED, REFERABLE, Kind, Shape, members
from eqkit.contract.schemas.registry import Schemas

Path = tuple[str, ...]
"""The parts of a JSON pointer."""

MAX_CHAIN = 100
"""A reference that leads to a reference, and so on, is followed no further."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One object of the document: `value` is always an object (a schema that is true or false is none)."""

    kind: Kind
    path: Path
    value: dict[str, Any]
    parent: "Node | None" = field(repr=False, default=None)

    @property
    def pointer(self) -> str:
        """The JSON pointer to it."""
        return pointer_of(self.path)

    def at(self, *parts: str | int) -> str:
        """Return the JSON pointer to something within it."""
        return pointer_of([*self.path, *parts])

    def text(self, name: str) -> str | None:
        """Return a member that is a text."""
        value = self.value.get(name)
        return value if isinstance(value, str) else None

    def items(self, name: str) -> list[Any]:
        """Return the items of a member; none where it is no array."""
        value = self.value.get(name)
        return value if isinstance(value, list) else []

    def texts(self, name: str) -> list[str]:
        """Return the items of a member that are texts."""
        return [each for each in self.items(name) if isinstance(each, str)]

    def map(self, name: str) -> dict[str, Any]:
        """Return the members of a member; none where it is no object."""
        value = self.value.get(name)
        return value if isinstance(value, dict) else {}

    @property
    def reference(self) -> str | None:
        """Where it refers to, if it is a reference or has one."""
        return self.text("$ref") if self.kind in REFERABLE else None


class Reference(NamedTuple):
    """One `$ref`: its node, the text, and the path of the target; `target` is None if there is none."""

    node: Node
    text: str
    target: Path | None


class Nodes:
    """The objects of one document, in the order of the document.

    Values of examples, defaults, enums and extensions are data, and not part of it. The
    target of a reference is walked too, wherever it stands.
    """

    def __init__(self, document: Document) -> None:
        """Walk the document, of which nothing has to be valid."""
        self.document = document
        self.version = version_of(document)
        self.all: list[Node] = []
        self._by_path: dict[Path, Node] = {}
        self._anchors: dict[str, Path] = {}
        self._walk(Node(Kind.OPENAPI, (), document.data))
        self.references: list[Reference] = []
        self._refer(self.all)

    @cached_property
    def by_kind(self) -> dict[Kind, list[Node]]:
        """The nodes of each kind."""
        found: dict[Kind, list[Node]] = {kind: [] for kind in Kind}
        for node in self.all:
            found[node.kind].append(node)
        return found

    def of(self, *kinds: Kind) -> Iterator[Node]:
        """Yield the nodes of some kinds that are written out, and no mere references."""
        for kind in kinds:
            for node in self.by_kind[kind]:
                if not self.is_reference(node):
                    yield node

    @cached_property
    def engine(self) -> Schemas:
        """The engine that validates values by the schemas of the document."""
        return Schemas(self.document)

    @property
    def root(self) -> Node:
        """The document itself."""
        return self.all[0]

    @cached_property
    def schemas(self) -> list[Node]:
        """Every schema that is an object and no mere reference, those within schemas included."""
        return list(self.of(Kind.SCHEMA))

    @cached_property
    def operations(self) -> list[Node]:
        """Every operation, those of webhooks and callbacks included."""
        return list(self.of(Kind.OPERATION))

    @cached_property
    def own_operations(self) -> list[Node]:
        """The operations of the service itself, which stand below `paths`."""
        return [each for each in self.operations if each.path[0] == "paths" and len(each.path) == 3]

    def node(self, path: Path) -> Node | None:
        """Return the node at a path."""
        return self._by_path.get(path)

    def node_map(self, path: Path) -> dict[str, Any]:
        """Return the object at a path of the document; an empty one if there is none."""
        value: Json = self.document.data
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        return value if isinstance(value, dict) else {}

    def is_reference(self, node: Node) -> bool:
        """Return whether a node stands for another: since OpenAPI 3.1, a schema counts beside its `$ref`."""
        if node.reference is None or node.kind is Kind.PATH_ITEM:
            return False
        return node.kind is not Kind.SCHEMA or self.version == OLDEST or len(node.value) == 1

    def target(self, reference: str) -> Path | None:
        """Return the path that a reference within the document leads to, or None."""
        if reference.startswith("#") and not reference.startswith("#/") and reference != "#":
            return self._anchors.get(reference[1:])
        if not reference.startswith("#"):
            return None
        try:
            parts = tuple(reference_parts(reference))
            node: Json = self.document.data
            for part in parts:
                node = child(node, part)
        except (KeyError, ValueError):
            return None
        return parts

    def followed(self, node: Node) -> Node | None:
        """Return the node that a node stands for, over references to references; None if there is none."""
        for _ in range(MAX_CHAIN):
            if node.reference is None or not self.is_reference(node):
                return node
            path = self.target(node.reference)
            found = self.node(path) if path is not None else None
            if found is None:
                return None
            node = found
        return None

    def below(self, node: Node, name: str, *, followed: bool = True) -> Iterator[tuple[Node, Node]]:
        """Yield the nodes in a member that is a list or a map: as they stand, and followed."""
        value = node.value.get(name)
        keys: Iterable[str] = map(str, range(len(value))) if isinstance(value, list) else value or ()
        for key in keys if isinstance(value, dict | list) else ():
            there = self.node((*node.path, name, key))
            real = self.followed(there) if there is not None and followed else there
            if there is not None and real is not None:
                yield there, real

    def one(self, node: Node, name: str) -> Node | None:
        """Return the node that a member of one object stands for."""
        there = self.node((*node.path, name))
        return self.followed(there) if there is not None else None

    def reached(self, starts: Iterable[Node]) -> set[Path]:
        """Return the path of every target of a reference, from some nodes on and over all others."""
        found: set[Path] = set()
        waiting = [each.path for each in starts]
        while waiting:
            for target in self._targets_below.get(waiting.pop(), ()):
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    @cached_property
    def _targets_below(self) -> dict[Path, set[Path]]:
        """The targets of all references at or below the path of each node."""
        below: dict[Path, set[Path]] = {}
        for node, _, target in self.references:
            above: Node | None = node
            while above is not None and target is not None:
                below.setdefault(above.path, set()).add(target)
                above = above.parent
        return below

    def _walk(self, first: Node) -> list[Node]:
        waiting, walked = [first], []
        while waiting:
            node = waiting.pop()
            if node.path in self._by_path:
                continue
            self._by_path[node.path] = node
            walked.append(node)
            if node.kind is Kind.SCHEMA:
                for keyword in ("$anchor", "$dynamicAnchor"):
                    if (name := node.text(keyword)) is not None:
                        self._anchors.setdefault(name, node.path)
            if not self.is_reference(node):
                children = list(self._children(node))
                waiting += [Node(kind, path, value, node) for kind, path, value in reversed(children)]
        self.all += walked
        return walked

    def _children(self, node: Node) -> Iterator[tuple[Kind, Path, dict[str, Any]]]:
        if node.kind in PATTERNED:
            for name, value in node.value.items():
                if isinstance(value, dict) and not name.startswith("x-"):
                    yield PATTERNED[node.kind], (*node.path, name), value
            return
        known = members(node.kind, self.version)
        for name, value in node.value.items():
            member = known.get(name)
            if member is None or member.kind is None:
                continue
            if member.shape is Shape.ONE and isinstance(value, dict):
                yield member.kind, (*node.path, name), value
            elif member.shape is Shape.MAP and isinstance(value, dict):
                for key, each in value.items():
                    if isinstance(each, dict):
                        yield member.kind, (*node.path, name, key), each
            elif member.shape is Shape.LIST and isinstance(value, list):
                for index, each in enumerate(value):
                    if isinstance(each, dict):
                        yield member.kind, (*node.path, name, str(index)), each

    def _refer(self, nodes: list[Node]) -> None:
        """Collect the references of nodes, and walk targets that stand where nothing was looked for."""
        while nodes:
            found: list[Node] = []
            for node in nodes:
                if node.reference is None:
                    continue
                path = self.target(node.reference)
                self.references.append(Reference(node, node.reference, path))
                if path is not None and path not in self._by_path:
                    value = self.document.at(pointer_of(path))
                    if isinstance(value, dict):
                        found += self._walk(Node(node.kind, path, value))
            nodes = found


def version_of(document: Document) -> tuple[int, int]:
    """Return the version of OpenAPI that a document is read by: the nearest of 3.0, 3.1 and 3.2."""
    found = re.match(r"3\.(\d+)", str(document.data.get("openapi")))
    return min(NEWEST, (3, int(found[1]))) if found else OLDEST


def method(operation: Node) -> str:
    """Return the HTTP method of an operation, in lower case as a member of its path item has it."""
    name = operation.path[-1]
    return name if name in METHODS else name.lower()


def path_of(operation: Node) -> str:
    """Return the path template, the webhook or the expression that an operation stands below."""
    return operation.path[-3] if operation.path[-2] == "additionalOperations" else operation.path[-2]
