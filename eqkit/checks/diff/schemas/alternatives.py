"""The alternatives of ``oneOf`` and ``anyOf`` compared: the lost ones, the new ones and the changed ones."""

from collections.abc import Iterator, Sequence

from eqkit.checks.diff.schemas.facets import Facet
from eqkit.checks.diff.schemas.nodes import Comparer, Found, SchemaChange, Way

MIN_LIKENESS = 0.5
"""From which share of common properties on, two alternatives are the same one, changed."""


def alternative_changes(graph: Comparer, old: Sequence[Facet], new: Sequence[Facet]) -> Iterator[Found]:
    """Yield the changes of the alternatives of one type; a schema without a group is one alternative."""
    yield from _exclusive(graph, old, new)
    pairs = [(one, other) for one in old for other in new if one.labels == other.labels and _is_named(one)]
    for one, other in pairs:
        yield from graph.facet_changes(one, other)
    paired = {id(each) for pair in pairs for each in pair}
    before = [each for each in old if id(each) not in paired]
    after = [each for each in new if id(each) not in paired]
    equal = {
        id(each) for one in before for other in after if _is_equal(graph, one, other) for each in (one, other)
    }
    before, after = ([each for each in some if id(each) not in equal] for some in (before, after))
    lost = [each for each in before if not any(graph.admits_all(each, other) for other in new)]
    added = [each for each in after if not any(graph.admits_all(each, one, is_turned=True) for one in old)]
    yield from _changed(graph, before, after, lost, added)


def _changed(
    graph: Comparer, before: list[Facet], after: list[Facet], lost: list[Facet], added: list[Facet]
) -> Iterator[Found]:
    """Yield the changes of alternatives that are not as they were.

    One of them is compared with the likest of the other side, where all that this tells is true of the whole.
    """
    for other in list(added):
        likest = _likest(other, [each for each in before if each in lost or graph.admits_all(each, other)])
        if likest is not None:
            yield from graph.facet_changes(likest, other)
            added.remove(other)
            lost = [each for each in lost if each is not likest]
    for one in list(lost):
        likest = _likest(one, [each for each in after if graph.admits_all(each, one, is_turned=True)])
        if likest is not None:
            yield from graph.facet_changes(one, likest)
            lost.remove(one)
    for one in lost:
        group = one.group or next((each.group for each in after if each.group), None) or "anyOf"
        message = f" lost the alternative {_name(one)}"
        yield SchemaChange(group, Way.NARROWER, message, one.where.get(group), is_old=group in one.where)
    for other in added:
        group = other.group or next((each.group for each in before if each.group), None) or "anyOf"
        yield SchemaChange(group, Way.WIDER, f" got the alternative {_name(other)}", other.where.get(group))


def _exclusive(graph: Comparer, old: Sequence[Facet], new: Sequence[Facet]) -> Iterator[Found]:
    """Yield that a value of two alternatives, which ``oneOf`` refuses, was admitted, or is."""
    was, is_now = ("oneOf" in {each.group for each in some} for some in (old, new))
    if was == is_now:
        return
    if is_now and _overlaps(graph, new, is_old=False) and (len(old) > 1 or _is_twice(graph, old[0], new)):
        message = ": oneOf refuses values of two alternatives, which were admitted"
        yield SchemaChange("oneOf", Way.NARROWER, message, new[0].where.get("oneOf"))
    if was and len(new) > 1 and _overlaps(graph, old, is_old=True):
        message = ": anyOf admits values of two alternatives, which were refused"
        yield SchemaChange("oneOf", Way.WIDER, message, new[0].where.get("anyOf"))


def _is_twice(graph: Comparer, one: Facet, new: Sequence[Facet]) -> bool:
    return sum(graph.admits_all(one, each) for each in new) > 1


def _overlaps(graph: Comparer, facets: Sequence[Facet], *, is_old: bool) -> bool:
    """Return whether a value may be one of two alternatives, as far as can be seen."""
    pairs = ((one, other) for index, one in enumerate(facets) for other in facets[index + 1 :])
    return any(not _are_disjoint(graph, *pair, is_old=is_old) for pair in pairs)


def _are_disjoint(graph: Comparer, one: Facet, other: Facet, *, is_old: bool) -> bool:
    """Return whether two have no value in common: by their values, or those of a required property."""
    if one.values is not None and other.values is not None:
        return not one.values.keys() & other.values.keys()
    if one.type != "object":
        return False
    shapes = graph.old if is_old else graph.new
    for name in one.required.keys() & other.required.keys():
        first, second = (
            shapes.of(tuple(view for part in each.parts if (view := part.named("properties").get(name))))
            for each in (one, other)
        )
        common = first.types.keys() & second.types.keys()
        if all(
            left.values is not None
            and right.values is not None
            and not left.values.keys() & right.values.keys()
            for kind in common
            for left in first.types[kind]
            for right in second.types[kind]
        ):
            return True
    return False


def _is_named(facet: Facet) -> bool:
    """Return whether an alternative is a reference: one of the same name is the same one."""
    return any(not label.isdecimal() for label in facet.labels)


def _is_equal(graph: Comparer, old: Facet, new: Facet) -> bool:
    return graph.admits_all(old, new) and graph.admits_all(new, old, is_turned=True)


def _likest(facet: Facet, others: list[Facet]) -> Facet | None:
    """Return the facet that has most in common with one, if it is much."""
    ranked = [(_likeness(facet, each), -index) for index, each in enumerate(others)]
    best, index = max(ranked, default=(0.0, 0))
    return others[-index] if best >= MIN_LIKENESS else None


def _likeness(one: Facet, other: Facet) -> float:
    """Return how much two facets are the same one, between 0 and 1: by the names of their properties."""
    names, others = (
        {name for part in each.parts for name in part.named("properties")} for each in (one, other)
    )
    return len(names & others) / len(names | others) if names | others else float(one.type != "object")


def _name(facet: Facet) -> str:
    """Return the name of an alternative in a report: the component's, or its kind."""
    named = [label.rpartition("/")[2] for label in facet.labels if not label.isdecimal()]
    if named:
        return " and ".join(named)
    properties = [name for part in facet.parts for name in part.named("properties")]
    kind = "integer" if facet.whole else facet.type
    return (
        f"{kind} ({', '.join(properties[:3])}{', …' if len(properties) > 3 else ''})" if properties else kind
    )
