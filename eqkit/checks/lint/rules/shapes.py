"""The types and properties of a schema as a whole, over references and its parts."""

from eqkit.checks.lint.nodes import Node, Nodes, Path
from eqkit.contract.document import Json

_SAME_VALUE = ("allOf", "oneOf", "anyOf", "not", "if", "then", "else")
"""Keywords whose schemas are of the very value that the schema around them is of."""


def own_types(node: Node) -> set[str]:
    """Return the types that a schema names itself."""
    stated = node.value.get("type")
    return {stated} if isinstance(stated, str) else set(node.texts("type"))


def parts(nodes: Nodes, node: Node, keywords: tuple[str, ...] = ("allOf",)) -> list[Node]:
    """Return a schema and all that it is made of by some keywords, over references."""
    found: dict[Path, Node] = {}
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.path in found:
            continue
        found[each.path] = each
        target = nodes.target(each.reference) if each.reference is not None else None
        there = nodes.node(target) if target is not None else None
        if there is not None:
            waiting.append(there)
        if nodes.is_reference(each):
            continue
        for keyword in keywords:
            one = nodes.node((*each.path, keyword))
            waiting += [one] if one is not None else []
            waiting += [part for part, _ in nodes.below(each, keyword, followed=False)]
    return list(found.values())


def types_of(nodes: Nodes, node: Node) -> set[str]:
    """Return the types that a schema admits, its parts included; none where it admits any."""
    for part in parts(nodes, node):
        if not nodes.is_reference(part) and (types := own_types(part)):
            return types
    return set()


def properties_of(nodes: Nodes, node: Node) -> tuple[set[str], bool]:
    """Return the properties that a schema knows, alternatives included, and whether it knows all of them.

    It does not where any other may come by a schema, by patterns, or by a reference that leads nowhere.
    """
    known: set[str] = set()
    is_whole = True
    for part in parts(nodes, node, _SAME_VALUE):
        if part.reference is not None and nodes.target(part.reference) is None:
            is_whole = False
        if nodes.is_reference(part):
            continue
        known |= set(part.map("properties"))
        others = part.value.get("additionalProperties")
        is_open = isinstance(others, dict) and bool(others)
        is_list = not isinstance(part.value.get("properties", {}), dict)
        if is_list or is_open or part.map("patternProperties") or part.map("dependentSchemas"):
            is_whole = False
    return known, is_whole


def around(node: Node) -> Node:
    """Return the outermost schema that is of the same value as a schema: that around an alternative, say."""
    while node.parent is not None and node.parent.kind is node.kind and _is_same_value(node):
        node = node.parent
    return node


def _is_same_value(node: Node) -> bool:
    assert node.parent is not None
    return node.path[len(node.parent.path)] in _SAME_VALUE


def is_below(node: Node, keyword: str) -> bool:
    """Return True where a schema stands in a keyword of a schema of the same value, however far below."""
    while node.parent is not None and node.parent.kind is node.kind and _is_same_value(node):
        if node.path[len(node.parent.path)] == keyword:
            return True
        node = node.parent
    return False


def is_of_type(value: Json, types: set[str]) -> bool:
    """Return True for a value of one of some types of JSON Schema."""
    if isinstance(value, bool):
        return "boolean" in types
    if value is None:
        return "null" in types
    if isinstance(value, int | float):
        return "number" in types or ("integer" in types and float(value).is_integer())
    if isinstance(value, str):
        return "string" in types
    return ("array" if isinstance(value, list) else "object") in types
