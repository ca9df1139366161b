"""Parts of a document, read where they stand: references are followed when they are met, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from eqkit.contract.document import LONGEST_CHAIN, Document, Json, escaped


@dataclass(frozen=True, slots=True)
class View:
    """A part of a document with the pointer that it stands at.

    `via` has the pointers of the references that have led to it, the first one first.
    """

    document: Document
    data: Json
    pointer: str = ""
    via: tuple[str, ...] = ()

    def child(self, *names: str | int) -> "View":
        """Return the part below, with references followed; None's view if there is none."""
        view = self
        for name in names:
            view = view.below(name).followed()
        return view

    def below(self, name: str | int) -> "View":
        """Return the part directly below as it is written, a reference included."""
        here = self.data
        if isinstance(here, dict):
            data = here.get(name)
        else:
            data = here[int(name)] if isinstance(here, list) and int(name) < len(here) else None
        pointer = f"{self.pointer}/{name if isinstance(name, int) else escaped(name)}"
        return View(self.document, data, pointer, self.via)

    def followed(self) -> "View":
        """Return the part that this one refers to in the end, or this one where it is no reference.

        A reference that leads nowhere, or in a circle, is returned as it is written.
        """
        view = self
        for _ in range(LONGEST_CHAIN):
            target = view.target()
            if target is None:
                return view
            view = target
        return self

    def target(self) -> "View | None":
        """Return the part that the reference in this one names, or None if there is no such part."""
        pointer = self.document.target(self.data)
        if pointer is None:
            return None
        return View(self.document, self.document.at(pointer), pointer, (*self.via, f"{self.pointer}/$ref"))

    @property
    def reference(self) -> str | None:
        """The text of the reference that this part is, if it is one."""
        found = self.data.get("$ref") if isinstance(self.data, dict) else None
        return found if isinstance(found, str) else None

    def members(self, *names: str) -> dict[str, "View"]:
        """Return the members of the object that stands below, by name, with references followed."""
        below = self.child(*names)
        if below.reference is not None or not isinstance(below.data, dict):
            return {}  # nothing, or a reference that leads nowhere
        return {name: below.child(name) for name in below.data}

    def items(self, name: str) -> list["View"]:
        """Return the items of the array that stands directly below, as they are written."""
        below = self.below(name)
        return (
            [below.below(index) for index in range(len(below.data))] if isinstance(below.data, list) else []
        )

    def named(self, name: str) -> dict[str, "View"]:
        """Return the members of the object that stands directly below, as they are written."""
        below = self.below(name)
        return {each: below.below(each) for each in below.data} if isinstance(below.data, dict) else {}

    def get(self, name: str, default: Json = None) -> Json:
        """Return a plain member; raises ValueError for a part that can have none, such as a text."""
        if self.data is None:
            return default
        return self.object().get(name, default)

    def object(self) -> dict[str, Json]:
        """Return the members of this part; raises ValueError if it is no object."""
        if not isinstance(self.data, dict):
            raise ValueError(f"{self.pointer}: not an object")
        return self.data


VALUES = ("example", "examples", "default", "enum", "const")
"""Members that hold values: a `$ref` there is no reference."""


def unresolved(document: Document) -> Iterator[View]:
    """Yield the references of a document that lead nowhere."""
    waiting = [View(document, document.data)]
    while waiting:
        view = waiting.pop()
        if view.reference is not None and view.target() is None:
            yield view
        if isinstance(view.data, dict):
            waiting += [view.below(name) for name in view.data if name not in VALUES]
        elif isinstance(view.data, list):
            waiting += [view.below(index) for index in range(len(view.data))]
