"""Rules of references: of their targets, and of the members beside them."""

from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urldefrag

from eqkit.checks.lint.nodes import Node, Nodes, Path
from eqkit.checks.lint.problems import Problem
from eqkit.checks.lint.validity import nearest
from eqkit.contract.document import Json, pointer_of
from eqkit.contract.kinds import METHODS, Kind
from eqkit.contract.loading.other_files import FILES

_USED = (
    "schemas",
    "responses",
    "parameters",
    "examples",
    "requestBodies",
    "headers",
    "securitySchemes",
    "mediaTypes",
)
"""Components that exist to be used; links, callbacks and path items may be there for other documents."""

_HARMLESS = frozenset(("$ref", "summary", "description", "title", "example", "examples", "externalDocs"))
"""Members that change nothing but the words where they are ignored."""


def references_lead_somewhere(nodes: Nodes) -> Iterator[Problem]:
    """A reference leads to something that is there (Reference Object)."""
    for node, text, target in nodes.references:
        if target is not None or (node.parent is None and node.path == ()):
            continue
        at = node.at("$ref")
        if not text.startswith("#"):
            reason = nodes.document.refused.get(unquote(urldefrag(text).url))
            yield Problem(at, f"{text} {reason or 'leads out of the document'}")
            continue
        name = text.rpartition("/")[2]
        above = nodes.target(text.rpartition("/")[0]) if "/" in text[2:] else None
        there = nodes.document.at(pointer_of(above)) if above is not None else None
        near = nearest(name, list(there)) if isinstance(there, dict) else ""
        shown = unquote(text).removeprefix(f"#/{FILES}/")
        yield Problem(at, f"{shown} leads nowhere{near}")


def references_lead_to_their_kind(nodes: Nodes) -> Iterator[Problem]:
    """The target of a reference can stand in its place: a parameter for a parameter (Reference Object)."""
    for node, text, target in nodes.references:
        found = nodes.node(target) if target is not None else None
        if found is not None and found.kind is not node.kind:
            yield Problem(
                node.at("$ref"), f"{text} is a {found.kind} Object, where a {node.kind} Object has to stand"
            )
        elif found is None and target is not None and not _may_be(nodes, node, target):
            yield Problem(node.at("$ref"), f"{text} is no {node.kind} Object")


def references_end(nodes: Nodes) -> Iterator[Problem]:
    """A reference that leads back to itself stands for nothing (Reference Object)."""
    for node, text, target in nodes.references:
        seen: set[Path] = set()
        at: Path | None = target
        while at is not None and at not in seen:
            if at == node.path and nodes.is_reference(node):
                yield Problem(node.at("$ref"), f"{text} leads back to itself, and never to anything else")
                break
            seen.add(at)
            found = nodes.node(at)
            is_reference = found is not None and nodes.is_reference(found)
            at = nodes.target(str(found.reference)) if found is not None and is_reference else None


def schemas_do_not_contain_themselves(nodes: Nodes) -> Iterator[Problem]:
    """A schema that is made of itself, by `allOf` or `$ref`, is never finished (JSON Schema core 9.4.1)."""
    for node in nodes.schemas:
        waiting, seen = _made_of(nodes, node), {node.path}
        while waiting:
            part = waiting.pop()
            if part.path == node.path:
                yield Problem(
                    node.pointer, "the schema is made of itself, so that no validator comes to an end"
                )
                break
            if part.path not in seen:
                seen.add(part.path)
                waiting += _made_of(nodes, part)


def references_stand_alone(nodes: Nodes) -> Iterator[Problem]:
    """Members beside `$ref` are ignored: in 3.0 all of them, since 3.1 all but summary and description."""
    for node in nodes.all:
        if node.reference is None or not nodes.is_reference(node):
            continue
        others = [name for name in node.value if name not in _HARMLESS and not name.startswith("x-")]
        for name in others:
            instead = "; allOf with the reference and it holds both" if node.kind is Kind.SCHEMA else ""
            yield Problem(node.at(name), f'"{name}" stands beside "$ref" and is ignored{instead}')


def components_are_used(nodes: Nodes) -> Iterator[Problem]:
    """A component that nothing reaches is left over, or meant by a reference that leads elsewhere."""
    yield from unused(nodes, _USED)


def unused(nodes: Nodes, kinds: Iterable[str]) -> Iterator[Problem]:
    """Yield the components of some kinds that no operation reaches, in a document that has any operation."""
    reached = _reached(nodes) if nodes.operations else None
    for kind in kinds if reached is not None else ():
        for name in nodes.node_map(("components", kind)):
            path = ("components", kind, name)
            if reached is not None and nodes.node(path) is not None and path not in reached:
                yield Problem(pointer_of(path), f"nothing uses {name}")


def _reached(nodes: Nodes) -> set[Path]:
    """Return the paths of the components that the operations reach, directly or not."""
    uses: dict[Path, set[Path]] = {}
    for user, used in _uses(nodes):
        uses.setdefault(_component(user), set()).add(_component(used))
    reached: set[Path] = set()
    waiting: list[Path] = [()]
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += uses.get(path, ())
    return reached


def _uses(nodes: Nodes) -> Iterator[tuple[Path, Path]]:
    """Yield the path of each place that uses another place, and the path of that one."""
    for node, _, target in nodes.references:
        if target is not None:
            yield node.path, target
            # The alternatives of a schema with a discriminator are those that are made of it.
            if node.kind is Kind.SCHEMA and "allOf" in node.path and _has_discriminator(nodes, target):
                yield target, node.path
    for node in nodes.all:
        for name, value in node.value.items():
            for text in _mentioned(value) if name.startswith("x-") and name != FILES else ():
                if (path := nodes.target(text)) is not None:
                    yield node.path, path
    for node in nodes.of(Kind.DISCRIMINATOR):
        for value in (*node.map("mapping").values(), node.value.get("defaultMapping")):
            if (path := mapped(nodes, value)) is not None:
                yield node.path, path
    for holder in (nodes.root, *nodes.operations):
        for requirement in holder.items("security"):
            for name in requirement if isinstance(requirement, dict) else ():
                yield holder.path, ("components", "securitySchemes", name)


def _mentioned(value: Json) -> Iterator[str]:
    """Yield the references within an extension, which may use components in its own way."""
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        for each in value.values():
            yield from _mentioned(each)
    elif isinstance(value, list):
        for each in value:
            yield from _mentioned(each)


def _component(path: Path) -> Path:
    """Return the component that a path stands in; () for anything else."""
    return path[:3] if path[:1] == ("components",) else ()


def _has_discriminator(nodes: Nodes, path: Path) -> bool:
    node = nodes.node(path)
    return node is not None and "discriminator" in node.value


def mapped(nodes: Nodes, value: Json) -> Path | None:
    """Return the schema that a value of a discriminator's mapping names: by name, or by reference."""
    if not isinstance(value, str):
        return None
    named = ("components", "schemas", value)
    return named if nodes.node(named) is not None else nodes.target(value)


def _may_be(nodes: Nodes, node: Node, target: Path) -> bool:
    """Return True for a target that is no object but a schema: since 3.1 that may be true or false."""
    value = nodes.document.at(pointer_of(target))
    return node.kind is Kind.SCHEMA and isinstance(value, bool) and nodes.version > (3, 0)


def _made_of(nodes: Nodes, node: Node) -> list[Node]:
    """Return the schemas that a schema always applies to the very same value.

    Alternatives are left out: Pet is one of Cat and Dog, and Cat is made of Pet, in every other document.
    """
    if node.reference is not None:
        target = nodes.target(node.reference)
        found = nodes.node(target) if target is not None else None
        own = [found] if found is not None else []
        if nodes.is_reference(node):
            return own
    else:
        own = []
    return own + [there for there, _ in nodes.below(node, "allOf", followed=False)]


def path_items_by_reference_stand_alone(nodes: Nodes) -> Iterator[Problem]:
    """An operation of a path item with a `$ref`, whose target has it too, is undefined."""
    for node in nodes.by_kind[Kind.PATH_ITEM]:
        target = nodes.target(node.reference) if node.reference is not None else None
        found = nodes.node(target) if target is not None else None
        for name in METHODS if found is not None else ():
            if found is not None and name in node.value and name in found.value:
                yield Problem(
                    node.at(name), f"{node.reference} has {name}, too; which of them holds is undefined"
                )


CORE = {
    "lint-reference": references_lead_somewhere,
    "lint-reference-kind": references_lead_to_their_kind,
    "lint-reference-cycle": references_end,
    "lint-schema-cycle": schemas_do_not_contain_themselves,
}
RECOMMENDED = {
    "lint-reference-siblings": references_stand_alone,
    "lint-path-item-siblings": path_items_by_reference_stand_alone,
    "lint-unused-component": components_are_used,
}
