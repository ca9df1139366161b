"""The parts of a compiled error document: each makes its value of a report."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from eqkit.answers.error_shapes.reports import Report, ReportedError
from eqkit.contract.document import Json

OMIT: Json = object()
"""The value of a member that is left out."""


class Extent(IntEnum):
    """How much of a document is filled."""

    REQUIRED = 0
    """The required members alone."""
    LEAN = 1
    """And those that say the errors in sentences."""
    FULL = 2
    """And all others that have a part in an error."""


class Filler(Protocol):
    """Makes one value of an error document."""

    @property
    def has_text(self) -> bool:
        """Whether the value says the errors in sentences."""
        ...

    @property
    def has_list(self) -> bool:
        """Whether the value has each of the errors by itself."""
        ...

    @property
    def weight(self) -> int:
        """How much of the report the value has, to choose among alternatives by."""
        ...

    def fill(self, report: Report, extent: Extent) -> Json:
        """Return the value for a report; OMIT if it has none."""
        ...


Candidates = Callable[[Report], Iterable[Json]]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text, number, boolean or list of texts: the first candidate that the schema accepts."""

    candidates: Candidates
    accepts: Callable[[Json], bool] | None
    """None where the schema accepts every candidate."""
    otherwise: Json = OMIT
    has_text: bool = False
    has_list: bool = False
    weight: int = 1

    def fill(self, report: Report, extent: Extent) -> Json:
        """Return the first accepted candidate, else the value that is always accepted."""
        for each in self.candidates(report):
            if self.accepts is None or self.accepts(each):
                return copied(each)
        return copied(self.otherwise)


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that has nothing to do with the errors, and has to be there."""

    value: Json
    has_text: bool = False
    has_list: bool = False
    weight: int = 0

    def fill(self, report: Report, extent: Extent) -> Json:
        """Return a copy of the value."""
        return copied(self.value)


@dataclass(frozen=True, slots=True)
class Members:
    """An object with a filler for each of its members that has one; the extents say when."""

    members: tuple[tuple[str, Filler, Extent], ...]
    is_placed: bool
    """Whether a member says the place of the error."""

    @property
    def has_text(self) -> bool:
        """Whether a member says the errors in sentences."""
        return any(filler.has_text for _, filler, _ in self.members)

    @property
    def has_list(self) -> bool:
        """Whether a member has each of the errors by itself."""
        return any(filler.has_list for _, filler, _ in self.members)

    @property
    def weight(self) -> int:
        """How much of the report the members have."""
        return sum(filler.weight for _, filler, _ in self.members)

    def fill(self, report: Report, extent: Extent) -> Json:
        """Return the object, without optional members that have nothing to say."""
        value = {}
        for name, filler, lowest in self.members:
            if lowest <= extent:
                found = filler.fill(report, extent)
                is_empty = found is OMIT or (lowest and found in ({}, []))
                if not is_empty:
                    value[name] = found
        return value


@dataclass(frozen=True, slots=True)
class Each:
    """A list with an item for each error."""

    item: Filler
    max_items: int | None = None
    is_placed: bool = False
    """Whether an item says the place of its error beside the sentence."""

    @property
    def has_text(self) -> bool:
        """Whether the items say the errors in sentences."""
        return self.item.has_text

    @property
    def has_list(self) -> bool:
        """Whether the items do, and all of the errors have room."""
        return self.item.has_text and self.max_items is None

    @property
    def weight(self) -> int:
        """How much of the report the list has: more than a single item."""
        return self.item.weight + 2

    def fill(self, report: Report, extent: Extent) -> Json:
        """Return the list, without errors that have no value."""
        found = (
            self.item.fill(report.of([each], is_placed=self.is_placed), extent)
            for each in report.errors[: self.max_items]
        )
        return [each for each in found if each is not OMIT]


@dataclass(frozen=True, slots=True)
class ByField:
    """An object whose members are named by the fields of the errors."""

    value: Filler

    @property
    def has_text(self) -> bool:
        """Whether the values say the errors in sentences."""
        return self.value.has_text

    @property
    def has_list(self) -> bool:
        """Whether the values do, since all of the errors have room."""
        return self.value.has_text

    @property
    def weight(self) -> int:
        """How much of the report the object has."""
        return self.value.weight + 1

    def fill(self, report: Report, extent: Extent) -> Json:
        """Return the object; an error of the whole body or request is below these words."""
        groups: dict[str, list[ReportedError]] = {}
        for each in report.errors:
            groups.setdefault(field_name(each), []).append(each)
        found = {
            name: self.value.fill(report.of(errors, is_placed=True), extent)
            for name, errors in groups.items()
        }
        return {name: value for name, value in found.items() if value is not OMIT}


@dataclass(frozen=True, slots=True)
class Freely:
    """A value of which the contract says nothing, made by a function."""

    make: Callable[[Report], Json]
    has_text: bool = True
    has_list: bool = False
    weight: int = 4

    def fill(self, report: Report, extent: Extent) -> Json:
        """Return the value."""
        return self.make(report)


def field_name(error: ReportedError) -> str:
    """Return the name of the field of an error, or the word for its place where it has none."""
    return error.field or error.place or "request"


def copied(value: Json) -> Json:
    """Return a copy of a JSON value that shares no list and no object with it."""
    if isinstance(value, dict):
        return {name: copied(member) for name, member in value.items()}
    return [copied(each) for each in value] if isinstance(value, list) else value
