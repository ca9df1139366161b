"""The yield of a comparison: changes, and pairs of schemas that are to be compared."""

from dataclasses import dataclass, replace

from eqkit.checks.diff.schemas.nodes import Direction
from eqkit.checks.diff.schemas.shapes import Schema
from eqkit.checks.diff.schemas.views import View


@dataclass(frozen=True, slots=True)
class Change:
    """One change by a rule of `rules`; `message` follows `name`, the part of the operation it is about."""

    rule: str
    name: str
    message: str
    place: View
    is_old: bool = False
    keyword: str | None = None
    """The member at `place` that says it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two schemas that stand for each other, called `name`.

    `spoken` is the document's word for their message, request or response; `direction` who sends it.
    `is_xml` says whether it is written as XML, for which alone the keyword ``xml`` is.
    """

    name: str
    old: Schema
    new: Schema
    direction: Direction
    spoken: Direction
    prefix: str = ""
    is_xml: bool = False


Found = Change | Pair


def pair(old: View, new: View, name: str, direction: Direction, member: str = "schema") -> Pair:
    """Return the pair of the schemas of two holders; if there is none, everything is admitted."""
    before, after = ((view.below(member),) if view.get(member) is not None else () for view in (old, new))
    return Pair(name, before, after, direction, direction)


def within(found: Found, prefix: str, name: str) -> Found:
    """Return the changes as those of a callback or a webhook of a name."""
    if isinstance(found, Pair):
        return replace(found, prefix=prefix, name=f"{name}: {found.name}")
    named = f"{name}: {found.name}" if found.name else name
    message = found.message if found.name else f": {found.message}"
    return replace(found, rule=f"{prefix}{found.rule}", name=named, message=message)
