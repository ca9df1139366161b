"""Keywords that hold schemas of their own compared, such as ``not``, ``if`` and ``contains``."""

from collections.abc import Iterator

from eqkit.checks.diff.schemas.facets import Condition, Facet, canonical
from eqkit.checks.diff.schemas.nodes import Comparer, Edge, Found, SchemaChange, Way
from eqkit.checks.diff.schemas.views import View

NESTED = {
    "contains": "[contains]", "propertyNames": "{names}", "unevaluatedItems": "[unevaluated]",
    "unevaluatedProperties": "{unevaluated}", "contentSchema": "{content}",
}  # fmt: skip
"""Keywords that admit more where their schema does, and the name of a value of it."""

BRANCHES = ("if", "then", "else")
COUNTS = {"minContains": 1, "maxContains": -1}


def condition_changes(graph: Comparer, old: Facet, new: Facet) -> Iterator[Found]:
    """Yield the changes of conditions: one that is gone admits more, and one that is added less."""
    for keyword in dict.fromkeys(each.keyword for each in (*old.conditions, *new.conditions)):
        before, after = (
            [each for each in facet.conditions if each.keyword == keyword] for facet in (old, new)
        )
        if keyword in DEPENDENT:
            yield from DEPENDENT[keyword](before, after)
            continue
        gone = [one for one in before if not any(_is_same(graph, one, other) for other in after)]
        added = [other for other in after if not any(_is_same(graph, one, other) for one in before)]
        if len(gone) == len(added) == 1:
            yield from _changed(graph, gone[0].part, added[0].part, keyword)
            continue
        for one in gone:
            message = f": {keyword} is no longer asked for"
            yield SchemaChange(keyword, Way.WIDER, message, one.part, is_old=True)
        for one in added:
            yield SchemaChange(keyword, Way.NARROWER, f": {keyword} is asked for now", one.part)


def _is_same(graph: Comparer, one: Condition, other: Condition) -> bool:
    keyword, old, new = one.keyword, one.part, other.part
    if keyword == "contains" and any(_count(old, name) != _count(new, name) for name in COUNTS):
        return False
    names = BRANCHES if keyword == "if" else (keyword,)
    if keyword in (*NESTED, *BRANCHES, "not"):
        return not any(graph.ways(*_schemas(old, new, name)) for name in names)
    return canonical(old.data.get(keyword)) == canonical(new.data.get(keyword))


def _schemas(old: View, new: View, name: str) -> tuple[tuple[View, ...], tuple[View, ...]]:
    """Return a schema of either side; if there is none, everything is admitted."""
    before, after = ((view.below(name),) if name in view.data else () for view in (old, new))
    return before, after


def _changed(graph: Comparer, old: View, new: View, keyword: str) -> Iterator[Found]:
    """Yield the changes of a condition that stands on both sides."""
    if keyword in NESTED:
        yield Edge(NESTED[keyword], (old.below(keyword),), (new.below(keyword),))
        if keyword == "contains":
            yield from _counts(old, new)
    else:
        # Whether another condition admits more or less cannot be told: it is taken for both.
        for way in (Way.NARROWER, Way.WIDER):
            yield SchemaChange(keyword, way, f": {keyword} is another one now", new)


def _dependent_names(before: list[Condition], after: list[Condition]) -> Iterator[Found]:
    """Yield the properties that others ask for, now or no longer."""
    was, is_now = (
        {
            (name, each): one.part
            for one in some
            for name, names in one.part.data[one.keyword].items()
            for each in names
        }
        for some in (before, after)
    )
    for name, each in sorted(is_now.keys() - was.keys()):
        message = f" now requires {each} beside {name}"
        yield SchemaChange("dependentRequired", Way.NARROWER, message, is_now[name, each])
    for name, each in sorted(was.keys() - is_now.keys()):
        message = f" no longer requires {each} beside {name}"
        yield SchemaChange("dependentRequired", Way.WIDER, message, was[name, each], is_old=True)


def _dependent_schemas(before: list[Condition], after: list[Condition]) -> Iterator[Found]:
    """Yield the pairs of schemas that properties ask for."""
    names = [name for one in (*before, *after) for name in one.part.data[one.keyword]]
    for name in dict.fromkeys(names):
        old, new = (
            tuple(one.part.named(one.keyword)[name] for one in some if name in one.part.data[one.keyword])
            for some in (before, after)
        )
        yield Edge(f"{{with {name}}}", old, new)


DEPENDENT = {"dependentRequired": _dependent_names, "dependentSchemas": _dependent_schemas}
"""Keywords of which all that is stated holds together, and how they are compared."""


def _counts(old: View, new: View) -> Iterator[SchemaChange]:
    for keyword, sign in COUNTS.items():
        before, after = _count(old, keyword), _count(new, keyword)
        if before != after:
            way = Way.NARROWER if sign * (after - before) > 0 else Way.WIDER
            message = f": {keyword} was {_format_count(before)} and is {_format_count(after)}"
            yield SchemaChange(keyword, way, message, new)


def _count(part: View, keyword: str) -> float:
    default = 1 if keyword == "minContains" else float("inf")
    number: float = part.get(keyword, default)
    return number


def _format_count(count: float) -> str:
    return "none" if count == float("inf") else str(int(count))
