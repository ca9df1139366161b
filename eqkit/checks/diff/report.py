"""Changes put together for a report: each is reported once, with all its places."""

from collections import deque
from dataclasses import dataclass, field

from eqkit.checks.diff import rules
from eqkit.checks.diff.changes import Change, Pair
from eqkit.checks.diff.schemas.comparing import Graph
from eqkit.checks.diff.schemas.nodes import Direction, Key, SchemaChange
from eqkit.checks.diff.schemas.views import View
from eqkit.checks.findings import Severity

Identity = tuple[str, str, str, bool]
"""The rule of a change, its message, the pointer of its place, and whether that is in the old document."""


@dataclass(slots=True)
class Entry:
    """One change with its places: operations, and the part of each that it is met in.

    `is_stable` says whether one of the operations at least has promised to stay as it is.
    """

    rule: str
    message: str
    place: View
    is_old: bool
    keyword: str | None
    places: list[tuple[str, str]] = field(default_factory=list)
    is_stable: bool = False

    @property
    def severity(self) -> Severity:
        """How much it matters; a change of an unstable operation breaks nobody."""
        found = rules.find(self.rule).severity
        return found if self.is_stable or self.rule.startswith("stability-") else Severity.NOTE


@dataclass(slots=True)
class Root:
    """A pair of schemas that an operation speaks of by itself."""

    pair: Pair
    key: Key
    operation: str
    is_stable: bool


class Report:
    """Collects the changes of operations, and those of the schemas that they use."""

    def __init__(self, graphs: dict[Direction, Graph]) -> None:
        """Take the comparison of schemas in each direction."""
        self.entries: dict[Identity, Entry] = {}
        self._graphs = graphs
        self._roots: list[Root] = []

    def add(self, operation: str, found: Change | Pair, *, is_stable: bool = True) -> None:
        """Add the changes of an operation; `operation` is "" for those of none."""
        if isinstance(found, Pair):
            key = self._graphs[found.direction].enter(found.old, found.new)
            if key is not None:
                self._roots.append(Root(found, key, operation, is_stable))
            return
        self._record(
            found.rule,
            found.message,
            found.place,
            found.is_old,
            found.keyword,
            operation,
            found.name,
            is_stable,
        )

    def add_schemas(self) -> None:
        """Add the changes of all schemas, each with every place that it is met in."""
        for direction, graph in self._graphs.items():
            roots = [root for root in self._roots if root.pair.direction is direction]
            above = _above(graph, [root.key for root in roots])
            changed = {key for key in above if graph.node(key).changes}
            leading = _leading(changed, above)
            for root in roots:
                self._walk(graph, root, leading)

    def without_echoes(self) -> list[Entry]:
        """Return the entries; a note that says the same of the same place as a graver one is left out."""
        gravest: dict[tuple[str, str, bool], int] = {}
        order = list(Severity)
        for _, message, pointer, is_old in self.entries:
            gravest.setdefault((message, pointer, is_old), len(order))
        for (_, message, pointer, is_old), entry in self.entries.items():
            place = message, pointer, is_old
            gravest[place] = min(gravest[place], order.index(entry.severity))
        return [
            entry
            for (_, message, pointer, is_old), entry in self.entries.items()
            if order.index(entry.severity) == gravest[message, pointer, is_old]
            or entry.severity is not Severity.NOTE
        ]

    def _walk(self, graph: Graph, root: Root, leading: set[Key]) -> None:
        """Record the changes that a root leads to, each by the shortest way."""
        if root.key not in leading:
            return
        reached, waiting = {root.key}, deque([(root.key, root.pair.name)])
        while waiting:
            key, name = waiting.popleft()
            node = graph.node(key)
            for change in node.changes:
                if change.keyword == "xml" and not root.pair.is_xml:
                    continue
                self._record_schema(change, root, name)
            for suffix, below in node.below:
                if below in leading and below not in reached:
                    reached.add(below)
                    waiting.append((below, f"{name}{suffix}"))

    def _record_schema(self, change: SchemaChange, root: Root, name: str) -> None:
        rule = f"{root.pair.prefix}{rules.rule_of(root.pair.spoken, change.keyword, change.way)}"
        assert change.place is not None, "the graph has given every change a place"
        self._record(
            rule,
            change.message,
            change.place,
            change.is_old,
            change.keyword,
            root.operation,
            name,
            root.is_stable,
        )

    def _record(
        self, rule: str, message: str, place: View, is_old: bool, keyword: str | None,
        operation: str, name: str,
        is_stable: bool,
    ) -> None:  # fmt: skip
        identity = rule, message, place.pointer, is_old
        entry = self.entries.setdefault(identity, Entry(rule, message, place, is_old, keyword))
        entry.is_stable |= is_stable
        if (operation, name) not in entry.places:
            entry.places.append((operation, name))


def _above(graph: Graph, roots: list[Key]) -> dict[Key, set[Key]]:
    """Return all pairs that roots lead to, each with those directly above it."""
    above: dict[Key, set[Key]] = {key: set() for key in roots}
    waiting = list(above)
    while waiting:
        key = waiting.pop()
        for _, below in graph.node(key).below:
            if below not in above:
                above[below] = set()
                waiting.append(below)
            above[below].add(key)
    return above


def _leading(changed: set[Key], above: dict[Key, set[Key]]) -> set[Key]:
    """Return the pairs that are changed, or have one below them that is."""
    leading, waiting = set(changed), list(changed)
    while waiting:
        fresh = above[waiting.pop()] - leading
        leading |= fresh
        waiting += fresh
    return leading
