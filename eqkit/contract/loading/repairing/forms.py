"""The kinds of objects as a document is read by them: their members, and the rules beyond types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eqkit.contract.document import Json
from eqkit.contract.kinds import EVERY, PATTERNED, REFERABLE, Kind, Member, Shape
from eqkit.contract.loading.repairing.notes import Path
from eqkit.contract.loading.repairing.scalars import READERS, Reader

if TYPE_CHECKING:
    from eqkit.contract.loading.repairing.mending import Mender

Read = Callable[["Mender", Json, Path], Json]
Rule = Callable[["Mender", dict[str, Any], Path], dict[str, Any]]
Shorthand = Callable[["Mender", Json, Path], Json]

_UNREAD = frozenset((Kind.CONTACT, Kind.LICENSE, Kind.EXTERNAL_DOCS, Kind.XML, Kind.DISCRIMINATOR))
"""Objects that change nothing in an answer."""

_ALONE = frozenset((Kind.SERVER, Kind.SECURITY_REQUIREMENT, Kind.TAG))


@dataclass(frozen=True)
class Rules:
    """The rules beyond the types of members, by kind."""

    before: Mapping[Kind, Rule]
    """Those of objects whose members may have any type yet."""
    after: Mapping[Kind, Rule]
    """Those of objects whose members have the types that OpenAPI wants."""
    shorthands: Mapping[Kind, Shorthand]
    """The readings of a value of another type as an object of a kind; None for one that is none."""


@dataclass(eq=False)
class Form:
    """One kind of objects, and all that is to be done with one of them."""

    kind: Kind
    before: Rule | None
    after: Rule | None
    shorthand: Shorthand | None
    readers: dict[str, tuple[type | None, Read]] = field(default_factory=dict)
    """The readers of members, each with the type of the values that it has nothing to do with."""
    inner: "Form | None" = None
    """The kind of all members, for an object whose author names them."""
    section: str = ""
    """The member of `components` that holds objects of the kind."""

    def __post_init__(self) -> None:
        """Keep the facts that are asked for at each object."""
        self.is_schema = self.kind is Kind.SCHEMA
        self.is_referable = self.kind in REFERABLE
        self.is_path_item = self.kind is Kind.PATH_ITEM
        self.is_list_alone = self.kind in _ALONE
        """Whether one object is read as an array of one, where it stands in the place of an array."""


def forms(rules: Rules) -> Mapping[Kind, Form]:
    """Return the form of each kind, by rules."""
    made = {
        kind: Form(kind, rules.before.get(kind), rules.after.get(kind), rules.shorthands.get(kind))
        for kind in Kind
    }
    for kind, form in made.items():
        form.readers = {
            name: (None, _reader(made[each.kind], each))
            for name, each in EVERY.get(kind, {}).items()
            if each.kind is not None and each.kind not in _UNREAD
        }
        form.readers |= {
            name: (expected, _scalar_reader(reader)) for name, (expected, reader) in READERS[kind].items()
        }
        form.inner = made[PATTERNED[kind]] if kind in PATTERNED else None
    for name, each in EVERY[Kind.COMPONENTS].items():
        if each.kind is not None:
            made[each.kind].section = name
    return made


def _reader(form: Form, member: Member) -> Read:
    match member.shape:
        case Shape.LIST:
            return lambda mender, value, path: mender.items(form, value, path)
        case Shape.MAP:
            return lambda mender, value, path: mender.members(form, value, path)
    return lambda mender, value, path: mender.object(form, value, path)


def _scalar_reader(reader: Reader) -> Read:
    return lambda mender, value, path: reader(mender.notes, value, path)


def kind_at(path: Path) -> Kind | None:
    """Return the kind of the object at a path of a document; None where OpenAPI does not say it."""
    kind: Kind | None = Kind.OPENAPI
    parts = iter(path)
    for part in parts:
        if kind is None or kind is Kind.SCHEMA:
            return kind
        if kind in PATTERNED:
            kind = None if part.startswith("x-") else PATTERNED[kind]
            continue
        member = EVERY.get(kind, {}).get(part)
        kind = None if member is None else member.kind
        if member is not None and member.shape is not Shape.ONE and next(parts, None) is None:
            return None
    return kind
