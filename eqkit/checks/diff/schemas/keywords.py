"""Types, listed values, limits and formats compared: the keywords that hold no further schema."""

import re
from collections.abc import Callable, Iterator

from eqkit.checks.diff.schemas.facets import BOUNDS, LIMITS, MINIMA, TYPES, Facet, format_number
from eqkit.checks.diff.schemas.nodes import SchemaChange, Way
from eqkit.checks.diff.schemas.shapes import Shape
from eqkit.checks.diff.schemas.texts import enumerated, format_value
from eqkit.contract.document import Json


def type_changes(old: Shape, new: Shape) -> Iterator[SchemaChange]:
    """Yield the types that a schema admits no longer, or now; an integer is a number."""
    before, after = set(old.type_names), set(new.type_names)
    if before == after:
        return
    message = (
        f" was {_types(old)} and is {_types(new)}"
        if new.types
        else f" was {_types(old)} and admits nothing now"
    )
    place = next(
        (each.where["type"] for found in new.types.values() for each in found if "type" in each.where), None
    )
    before |= {"integer"} if "number" in before else set()
    after |= {"integer"} if "number" in after else set()
    if before - after:
        yield SchemaChange("type", Way.NARROWER, message, place)
    if after - before:
        yield SchemaChange("type", Way.WIDER, message, place)


def keyword_changes(old: Facet, new: Facet) -> Iterator[SchemaChange]:
    """Yield the changes of the keywords that hold no schema, of values of one type."""
    yield from _values(old, new)
    yield from _limits(old, new)
    yield from _bounds(old, new)
    if old.unique != new.unique:
        message = ": items have to be unique now" if new.unique else ": items need no longer be unique"
        yield _change("uniqueItems", old, new, message, is_narrower=new.unique)
    for keyword in dict.fromkeys([*old.stated, *new.stated]):
        before, after = old.stated.get(keyword, {}), new.stated.get(keyword, {})
        if before.keys() != after.keys():
            implies = IMPLIED.get(keyword, _is_equal)
            message = f": {keyword} was {_all_of(before)} and is {_all_of(after)}"
            if not all(any(implies(one, other) for one in before.values()) for other in after.values()):
                yield _change(keyword, old, new, message, is_narrower=True)
            if not all(any(implies(one, other) for one in after.values()) for other in before.values()):
                yield _change(keyword, old, new, message, is_narrower=False)


def _values(old: Facet, new: Facet) -> Iterator[SchemaChange]:
    before, after = old.values, new.values
    if after is not None:
        gone = None if before is None else [value for text, value in before.items() if text not in after]
        if gone is None:
            message = f" was any {_kind(new)} and is now one of {enumerated(after.values())}"
            yield _change("enum", old, new, message, is_narrower=True)
        elif gone:
            yield _change("enum", old, new, f" no longer admits {enumerated(gone)}", is_narrower=True)
    if before is not None:
        added = None if after is None else [value for text, value in after.items() if text not in before]
        if added is None:
            message = f" was one of {enumerated(before.values())} and is now any {_kind(old)}"
            yield _change("enum", old, new, message, is_narrower=False)
        elif added:
            yield _change("enum", old, new, f" now admits {enumerated(added)}", is_narrower=False)


def _types(shape: Shape) -> str:
    names = shape.type_names
    return (
        "of any type" if len(names) == len(TYPES) and "number" in names else " or ".join(names) or "nothing"
    )


def _kind(facet: Facet) -> str:
    return "value" if facet.type == "null" else facet.type


def _limits(old: Facet, new: Facet) -> Iterator[SchemaChange]:
    """Yield the changes of the least and of the most number, however each of them is spelt."""
    if old.values is not None or new.values is not None:
        return
    for keyword, exclusive in LIMITS.items():
        sign = 1 if keyword == "minimum" else -1
        before, after = old.limit(keyword), new.limit(keyword)
        if old.whole and new.whole:
            stated = old.limits.get(keyword), new.limits.get(keyword)
        else:
            # A limit of all numbers is compared as it is written.
            before, after = stated = old.limits.get(keyword), new.limits.get(keyword)
        if before == after:
            continue
        is_narrower = after is not None and (before is None or before.tightness(sign) < after.tightness(sign))
        name = exclusive if any(each and each.exclusive for each in stated) else keyword
        message = f": {keyword} was {before or 'none'} and is {after or 'none'}"
        yield _change(name, old, new, message, is_narrower=is_narrower)


def _bounds(old: Facet, new: Facet) -> Iterator[SchemaChange]:
    for keyword in BOUNDS:
        before, after = old.bounds.get(keyword), new.bounds.get(keyword)
        if before == after or (keyword != "x-max-bytes" and (old.values is None) != (new.values is None)):
            continue
        sign = 1 if keyword in MINIMA else -1
        is_narrower = after is not None and (before is None or sign * (after - before) > 0)
        message = f": {keyword} was {_number(before)} and is {_number(after)}"
        yield _change(keyword, old, new, message, is_narrower=is_narrower)


def _change(keyword: str, old: Facet, new: Facet, message: str, *, is_narrower: bool) -> SchemaChange:
    """Return a change at the keyword: in the new schema, or in the old one where it is gone."""
    way = Way.NARROWER if is_narrower else Way.WIDER
    return SchemaChange(keyword, way, message, new.where.get(keyword))


def _number(number: float | None) -> str:
    return "none" if number is None else format_number(number)


def _all_of(values: dict[str, Json]) -> str:
    return " and ".join(format_value(each) for each in values.values()) or "none"


def _is_equal(one: Json, other: Json) -> bool:
    return bool(one == other)


def _is_multiple(one: Json, other: Json) -> bool:
    quotient = one / other
    return bool(abs(quotient - round(quotient)) < 1e-9)


def _is_format(one: Json, other: Json) -> bool:
    """Return whether all values of one format are of another: an int32 is an int64, a float a double."""
    forms = [re.fullmatch(r"(u?int)(\d+)", str(each)) for each in (one, other)]
    if forms[0] and forms[1]:
        return forms[0][1] == forms[1][1] and int(forms[0][2]) <= int(forms[1][2])
    return bool(one == other) or (one, other) == ("float", "double")


IMPLIED: dict[str, Callable[[Json, Json], bool]] = {"multipleOf": _is_multiple, "format": _is_format}
"""How to tell that a value that keeps the first also keeps the second; by default they have to be equal."""
