"""From the contract back to the docs: where every leaf of a document comes from."""

import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass, field

from eqkit.checks.findings import Finding
from eqkit.contract.document import Json, pointer_of, pointer_parts
from eqkit.contract.loading.origins import FROM_DOCS, ORIGINS, is_part
from eqkit.contract.loading.source_map import ContractFile
from eqkit.elasticqueue.trace.decisions import Decisions
from eqkit.elasticqueue.trace.requirements import Disposition, Traceability

ROOTS = ("paths", "components")

Path = tuple[str, ...]


@dataclass(slots=True)
class Element:
    """A part of the contract that names its origin, with the requirements on it."""

    pointer: str
    origin: Json
    rulings: set[str]
    traced: list[Disposition] = field(default_factory=list)
    corrected_by: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Origins:
    """The parts of a contract that say where they come from, and the leaves that nothing speaks for."""

    elements: dict[Path, Element]
    leaves: int
    orphans: list[Path]
    unused: list[int]

    def above(self, pointer: str) -> list[Element]:
        """Return the elements that a place stands at or under, the nearest first."""
        parts = tuple(pointer_parts(pointer))
        found = [self.elements.get(parts[:n]) for n in range(len(parts), 0, -1)]
        return [element for element in found if element is not None]


def origins_of(contract: ContractFile, requirements: Traceability) -> Origins:
    """Find the origin of each leaf: its part of the contract, a requirement on it, or a listed origin."""
    data = contract.document.data
    elements: dict[Path, Element] = {}
    leaves = [leaf for root in data for leaf in _leaves(data[root], (root,), None, elements)]
    leaves = [(path, element) for path, element in leaves if path[0] in ROOTS]
    traced = {
        tuple(pointer_parts(pointer))
        for requirement in requirements.requirements
        for pointer in requirement.contract
    }
    patterns = [tuple(pointer_parts(origin.at)) for origin in requirements.origins]
    used: set[int] = set()
    orphans = []
    for path, element in leaves:
        matching = {index for index, pattern in enumerate(patterns) if _matches(path, pattern)}
        used |= matching
        if element is None and not matching and path not in traced:
            orphans.append(path)
    return Origins(elements, len(leaves), orphans, [n for n in range(len(patterns)) if n not in used])


def _leaves(
    node: Json, path: Path, element: Element | None, elements: dict[Path, Element]
) -> Iterator[tuple[Path, Element | None]]:
    """Yield each leaf with the part that it belongs to, and collect the parts on the way."""
    if is_part(path, node):
        # A part of its own does not inherit its origin from its parent.
        element = None
    if isinstance(node, dict) and "x-origin" in node:
        rulings = node.get("x-ruling")
        cited = set(map(str, rulings)) if isinstance(rulings, list) else set()
        element = elements[path] = Element(pointer_of(path), node["x-origin"], cited)
    below = list(children(node))
    if not below:
        yield path, element
    for name, child in below:
        yield from _leaves(child, (*path, name), element, elements)


def children(node: Json) -> Iterator[tuple[str, Json]]:
    """Yield the members or items of a node by the part of a pointer that leads to them."""
    if isinstance(node, dict):
        yield from ((str(name), child) for name, child in node.items())
    elif isinstance(node, list):
        yield from ((str(index), child) for index, child in enumerate(node))


def _matches(leaf: Path, pattern: Path) -> bool:
    return len(leaf) >= len(pattern) and all(map(fnmatch.fnmatchcase, leaf, pattern))


def check_origins(
    contract: ContractFile, requirements: Traceability, decisions: Decisions, origins: Origins
) -> Iterator[Finding]:
    """Check that everything in the contract has an origin, and that the parts from the docs are traced."""
    for leaf in origins.orphans:
        yield Finding(
            "trace-unaccounted",
            f"{pointer_of(leaf)}: nothing says where this comes from",
            place=contract.place(pointer_of(leaf)),
            advice="trace it, mark it with x-origin and x-ruling, or list it under the file's 'origins'",
        )
    for index in origins.unused:
        origin = requirements.origins[index]
        message = f"{origin.at}: there is nothing in the contract that this origin is for"
        yield Finding("trace-origin-unused", message, place=origin.place)
    for requirement in requirements.requirements:
        for element in {
            each.pointer: each for p in requirement.pointers for each in origins.above(p)
        }.values():
            element.traced.append(requirement.disposition)
            if requirement.disposition is not Disposition.KEPT:
                element.corrected_by |= requirement.rulings
    for element in origins.elements.values():
        for rule, message in _faults(element, decisions):
            place = contract.place(element.pointer)
            yield Finding(rule, f"{element.pointer}: {message}", place=place)


def _faults(element: Element, decisions: Decisions) -> Iterator[tuple[str, str]]:
    if element.origin not in ORIGINS:
        known = ", ".join(ORIGINS)
        yield "trace-origin", f"x-origin is {element.origin!r}; there are {known}"
    elif not element.rulings:
        yield "trace-origin", f"it is {element.origin}, and no x-ruling says why"
    if decisions.known:
        for ruling in sorted(element.rulings):
            if not decisions.ruled(ruling):
                yield "trace-no-such-decision", f"no record has the ruling {ruling}"
    if not element.pointer.startswith(tuple(f"/{root}/" for root in ROOTS)):
        return
    if element.origin in FROM_DOCS and not element.traced:
        yield (
            "trace-undocumented",
            f"it is called {element.origin}, and no requirement leads from the docs to it",
        )
    elif element.origin == "corrected" and not element.corrected_by & element.rulings:
        yield (
            "trace-uncorrected",
            "it is called corrected, and no requirement corrects it by one of its rulings",
        )
