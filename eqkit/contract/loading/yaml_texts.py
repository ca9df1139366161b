"""YAML 1.2 by the JSON schema ruleset, as OpenAPI wants it (3.0.3, "Format"): nothing but the values of JSON.

A plain word is a text, be it `on`, `no`, `18:00` or `1_000`: `true`, `false`, `null` and the numbers of JSON
alone are not. Of numbers with zeros before them the ruleset says nothing; the core schema of YAML has 010
for 10. Every key is a text, 200 too. A text becomes PyYAML's nodes, which know their lines, and then data.
"""

import re
import sys
from collections.abc import Iterator
from typing import Any

import yaml

from eqkit.contract.pointers import Json
from eqkit.errors import ContractError

DEEPEST = 200
"""How many levels of objects and arrays a document may have, one within the other."""

MAX_VALUES = 1_000_000
"""A document of more values is not read: a few aliases of aliases can stand for billions."""

MAX_CHARACTERS = 64 << 20
"""A document whose texts have more characters is not read: many aliases can stand for one long text."""

TOO_LONG_NUMBER = "a number has more digits than are read"

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C loader reads our contract ten times as fast as the Python one."""

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?[0-9]+")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None, "": None}


def composed(text: str) -> yaml.Node | None:
    """Return a text as nodes, None for an empty one.

    Raises ContractError if it nests too deep, in an alias as well, or has too many values; and YAMLError.
    """
    events = yaml.parse(text, Loader=LOADER)
    root = _Composer(events).document()
    _measure(root)
    return root


def data_of(root: yaml.Node | None) -> Json:
    """Return the data of some nodes; raises YAMLError for a value that does not fit its tag."""
    return None if root is None else _Constructor().value(root)


def described(error: Exception, content: bytes) -> str:
    """Return the words on a text that is no YAML, behind ``line:column: `` where the place is known."""
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.reader.ReaderError):
        before = content[: error.position]
        line, column = before.count(b"\n") + 1, error.position - before.rfind(b"\n")
        return f"{line}:{column}: not YAML: it has a control character, {error.character:#04x}"
    if not isinstance(error, yaml.MarkedYAMLError) or mark is None:
        return f" not YAML: {' '.join(str(error).split())}"
    problem = f"{error.context or ''} {error.problem}".strip()
    lines = content.decode().splitlines()
    if mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t":
        problem = "a tab indents the line, where YAML has spaces alone"
    return f"{mark.line + 1}:{mark.column + 1}: not YAML: {problem}"


def has_repeated_keys(root: yaml.Node | None) -> bool:
    """Return whether an object has a key twice, or merges twice by `<<`."""
    waiting, seen = [] if root is None else [root], set[int]()
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.ScalarNode) or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            if len({key.value for key, _ in node.value}) < len(node.value):
                return True
            waiting += [value for _, value in node.value]
        else:
            waiting += node.value
    return False


def is_merge(key: yaml.Node) -> bool:
    """Return whether a key is a plain `<<`, by which an object takes over the members of others."""
    return key.value == "<<" and key.tag == ""


def children(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Yield the members or items of a node: key or index, the node that stands first, the value's node.

    A key that stands twice is yielded twice.
    """
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), key, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from ((str(index), item, item) for index, item in enumerate(node.value))


class _Composer:
    """Makes nodes of events; libyaml's own composer descends in C, where the stack ends in a segfault."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, yaml.Node] = {}
        self._open: set[str] = set()

    def document(self) -> yaml.Node | None:
        root: yaml.Node | None = None
        count = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                count += 1
                if count > 1:
                    raise ContractError("it is several documents, divided by ---, and one is wanted")
            elif isinstance(event, yaml.NodeEvent):
                root = self._node(event, 0)
        return root

    def _node(self, event: Any, depth: int) -> yaml.Node:
        marks = event.start_mark, event.end_mark
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in self._open:
                raise ContractError("it nests too deep: an alias stands within itself")
            if event.anchor not in self._anchors:
                message = f"found undefined alias {event.anchor!r}"
                raise yaml.constructor.ConstructorError(None, None, message, marks[0])
            return self._anchors[event.anchor]
        if isinstance(event, yaml.ScalarEvent):
            # A "!" by itself makes a text of any scalar (YAML 1.2.2, 6.9.1).
            is_plain = event.implicit[0] and event.tag is None
            tag = event.tag if event.tag not in (None, "!") else "" if is_plain else f"{_TAG}str"
            node: yaml.Node = yaml.ScalarNode(tag, event.value, *marks, style=event.style)
            return self._named(event, node)
        if depth == DEEPEST:
            raise ContractError(f"it nests too deep, in more than {DEEPEST} levels")
        if event.anchor is not None:
            self._open.add(event.anchor)
        if isinstance(event, yaml.SequenceStartEvent):
            items = [self._node(each, depth + 1) for each in self._until(yaml.SequenceEndEvent)]
            node = yaml.SequenceNode(event.tag or f"{_TAG}seq", items, *marks, event.flow_style)
        else:
            pairs = [
                (self._node(each, depth + 1), self._node(next(self._events), depth + 1))
                for each in self._until(yaml.MappingEndEvent)
            ]
            node = yaml.MappingNode(event.tag or f"{_TAG}map", pairs, *marks, event.flow_style)
        self._open.discard(event.anchor)
        return self._named(event, node)

    def _until(self, end: type[yaml.Event]) -> Iterator[Any]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _named(self, event: Any, node: yaml.Node) -> yaml.Node:
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node


def _measure(root: yaml.Node | None) -> None:
    """Raise ContractError where aliases make a document too deep or too large."""
    known: dict[int, tuple[int, int, int]] = {}

    def measured(node: yaml.Node) -> tuple[int, int, int]:
        """Return the values, characters and levels of a node, aliases as often as they are used."""
        if isinstance(node, yaml.ScalarNode):
            return 1, len(node.value), 0
        if id(node) not in known:
            is_mapping = isinstance(node, yaml.MappingNode)
            below = [measured(each[1] if is_mapping else each) for each in node.value]
            names = sum(len(each[0].value) for each in node.value) if is_mapping else 0
            size, length = sum(size for size, _, _ in below), sum(length for _, length, _ in below)
            known[id(node)] = 1 + size, names + length, 1 + max((deep for _, _, deep in below), default=0)
        return known[id(node)]

    size, length, depth = (0, 0, 0) if root is None else measured(root)
    if size > MAX_VALUES:
        raise ContractError(f"its aliases make more than {MAX_VALUES} values of it")
    if length > MAX_CHARACTERS:
        raise ContractError(f"its aliases make more than {MAX_CHARACTERS} characters of it")
    if depth > DEEPEST:
        raise ContractError(f"it nests too deep, in more than {DEEPEST} levels")


class _Constructor:
    """Makes data of nodes; the target of an alias is one value, however often it is used."""

    def __init__(self) -> None:
        self._known: dict[int, Json] = {}

    def value(self, node: yaml.Node) -> Json:
        if isinstance(node, yaml.ScalarNode):
            try:
                return _scalar(node)
            except ValueError as error:
                raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None
        if id(node) not in self._known:
            if node.tag not in (f"{_TAG}map", f"{_TAG}seq"):
                raise _unknown_tag(node)
            made = self._members(node) if isinstance(node, yaml.MappingNode) else self._items(node)
            self._known[id(node)] = made
        return self._known[id(node)]

    def _items(self, node: yaml.Node) -> list[Json]:
        return [self.value(each) for each in node.value]

    def _members(self, node: yaml.Node) -> dict[str, Json]:
        """Return the members of an object; those that `<<` merges are overridden by its own."""
        merged: dict[str, Json] = {}
        own: dict[str, Json] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key.start_mark)
            if is_merge(key):
                parts = self.value(value)
                for part in reversed(parts) if isinstance(parts, list) else (parts,):
                    if not isinstance(part, dict):
                        message = "<< merges a value that is no object"
                        raise yaml.constructor.ConstructorError(None, None, message, key.start_mark)
                    merged |= part
            else:
                own[key.value] = self.value(value)
        return {**merged, **own} if merged else own


def _scalar(node: yaml.ScalarNode) -> Json:
    text, tag = node.value, node.tag
    if tag == "":
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return _integer(text)
        return float(text) if _NUMBER.fullmatch(text) else text
    match tag.removeprefix(_TAG):
        case "int":
            return _integer(text)
        case "float":
            return float(text)
        case "bool" | "null" if text in _WORDS:
            return _WORDS[text]
        case "bool" | "null":
            raise ValueError(f"{text!r} is neither true, false nor null")
        case "str" | "timestamp" | "binary":
            return text
    raise _unknown_tag(node)


def _integer(text: str) -> int:
    if len(text) > sys.get_int_max_str_digits():
        raise ValueError(TOO_LONG_NUMBER)
    return int(text)


def _unknown_tag(node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(
        None, None, f"JSON has nothing that is a {node.tag}", node.start_mark
    )
