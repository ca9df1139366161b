"""A document walked by the kinds of its objects, each made such that it can be served.

What is well stays the very object; the way to a change is copied. Schemas are the engine's business, and
examples and extensions are data.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from eqkit.contract.document import LONGEST_CHAIN, Document, Json, child, pointer_of, reference_parts
from eqkit.contract.kinds import EVERY, OLDEST, PATTERNED, REFERABLE, Kind, Shape, Version
from eqkit.contract.loading.edits import with_value
from eqkit.contract.loading.repairing.notes import Notes, Path, name_of, name_of_type, quoted
from eqkit.contract.loading.repairing.scalars import GONE, READERS, Reader
from eqkit.contract.schemas.broken_schemas import is_sound

Read = Callable[["Mender", Json, Path], Json]
Rule = Callable[["Mender", dict[str, Any], Path], dict[str, Any]]
Shorthand = Callable[["Mender", Json, Path], Json]

_UNREAD = frozenset((Kind.CONTACT, Kind.LICENSE, Kind.EXTERNAL_DOCS, Kind.XML, Kind.DISCRIMINATOR))
"""Objects that change nothing in an answer."""

_ALONE = frozenset((Kind.SERVER, Kind.SECURITY_REQUIREMENT, Kind.TAG))
"""Objects that are read as an array of one, where one stands in the place of an array."""

MAX_INLININGS = 1000
"""How many references are followed in places for which OpenAPI knows none."""

_SECTIONS = {
    each.kind: name for name, each in EVERY[Kind.COMPONENTS].items() if each.kind is not None
}  # fmt: skip
"""The members of `components`, by the kinds of their objects."""


@dataclass(frozen=True)
class Rules:
    """The rules beyond the types of members, by kind."""

    before: Mapping[Kind, Rule]
    """Those of objects whose members may have any type yet."""
    after: Mapping[Kind, Rule]
    """Those of objects whose members have the types that OpenAPI wants."""
    shorthands: Mapping[Kind, Shorthand]
    """The readings of a value of another type as an object of a kind; None for one that is none."""


class Mender:
    """One document on its way to being served."""

    def __init__(self, document: Document, title: str, rules: Rules) -> None:
        """Take the document, and the title of one that has none."""
        self.document = document
        self.title = title
        self.notes = Notes()
        self.version = OLDEST
        self.has_doubtful_schemas = False
        self.schemes = _schemes(document)
        self.operation_ids: dict[str, Path] = {}
        self.nameless: dict[Path, None] = {}
        """The operations without an operationId."""
        self._rules = rules
        self._waiting: list[tuple[Kind, Path]] = []
        self._met: dict[tuple[Kind, str], Kind | None] = {}
        self._found: dict[Path, Kind] = {}
        self._open: list[str] = []
        self._inlinings = 0

    def mended(self) -> dict[str, Json]:
        """Return the data of the document as it can be served; the very data where nothing is wrong."""
        data: dict[str, Json] = self.object(Kind.OPENAPI, self.document.data, ())
        known: set[tuple[Kind, Path]] = set()
        while self._waiting:
            kind, path = self._waiting.pop()
            if (kind, path) in known:
                continue
            known.add((kind, path))
            try:
                before: Json = data
                for part in path:
                    before = child(before, part)
            except KeyError:  # it stood in an object that was left out
                continue
            after = self.object(kind, before, path)
            if after is not before:
                data = with_value(data, path, after)
        return data

    def is_since(self, version: Version) -> bool:
        """Return whether the document is written in a version of OpenAPI or a later one."""
        return self.version >= version

    def followed(self, node: Json) -> dict[str, Json]:
        """Return the object that a reference of the document leads to, over others; {} for a lost one."""
        for _ in range(LONGEST_CHAIN):
            target = self.document.target(node)
            if target is None:
                break
            node = self.document.at(target)
        return node if isinstance(node, dict) and "$ref" not in node else {}

    def object(self, kind: Kind, node: Json, path: Path) -> Json:
        """Return an object of a kind as it can be served."""
        if kind is Kind.SCHEMA:
            self.has_doubtful_schemas |= not is_sound(node)
            return node
        if not isinstance(node, dict):
            node = self._made(kind, node, path)
        if "$ref" in node:
            if kind not in REFERABLE and isinstance(node["$ref"], str):
                return self._inlined(node, path, lambda found: self.object(kind, found, path))
            node = self._reference(kind, node, path)
            if "$ref" in node and kind is not Kind.PATH_ITEM:
                return node
        rule = self._rules.before.get(kind)
        node = node if rule is None else rule(self, node, path)
        if kind in PATTERNED:
            node = self._changed(node, [
                (name, value, self.object(PATTERNED[kind], value, (*path, name)))
                for name, value in node.items() if not name.startswith("x-")
            ])  # fmt: skip
        else:
            readers = _READERS[kind]
            node = self._changed(node, [
                (name, value, readers[name](self, value, (*path, name)))
                for name, value in node.items() if name in readers
            ])  # fmt: skip
        rule = self._rules.after.get(kind)
        return node if rule is None else rule(self, node, path)

    def _made(self, kind: Kind, node: Json, path: Path) -> dict[str, Json]:
        """Return an object of a kind that is written as something else; refuse what means nothing."""
        shorthand = self._rules.shorthands.get(kind)
        made = None if shorthand is None else shorthand(self, node, path)
        if made is not None:
            found: dict[str, Json] = made
            return found
        if node is None or (node == [] and kind is not Kind.PATHS):
            message = "is empty" if node is None else "is an empty array"
            self.notes.repair(
                "empty", path, f"{name_of(path)} {message}: it is read as an object without members"
            )
        else:
            self.notes.refuse(path, f"{name_of(path)} must be an object, and is {name_of_type(node)}")
        return {}

    def _reference(self, kind: Kind, node: dict[str, Json], path: Path) -> dict[str, Json]:
        reference = node["$ref"]
        if not isinstance(reference, str):
            self.notes.repair(
                "type", path, f"`$ref` must be a text, and is {name_of_type(reference)}: it is left out"
            )
            return {name: value for name, value in node.items() if name != "$ref"}
        if (kind, reference) not in self._met:
            self._met[kind, reference] = self._target_kind(kind, reference)
        found = self._met[kind, reference]
        if found is None:
            message = "nothing is served there" if kind is Kind.PATH_ITEM else "it stands for anything"
            self.notes.repair("reference", path, f"{self._why_lost(reference)}: {message}")
        elif found is not kind:
            message = f"{quoted(reference)} leads to a {found} Object, and not to a {kind} Object"
            self.notes.repair("reference", path, f"{message}: it is left out")
            return {}
        return node

    def _why_lost(self, reference: str) -> str:
        why = self.document.refused.get(unquote(reference.partition("#")[0]), "leads nowhere")
        return f"{quoted(reference)} {why}"

    def _target_kind(self, kind: Kind, reference: str) -> Kind | None:
        """Return the kind of the object that a reference to one of a kind leads to; None for a lost one."""
        try:
            parts = tuple(reference_parts(reference))
            self.document.at(pointer_of(parts))
        except (KeyError, TypeError):
            return None
        found = self._found.setdefault(parts, _kind_at(parts) or kind)
        if found is kind and parts[:-1] != ("components", _SECTIONS.get(kind)):
            self._waiting.append((kind, parts))
        return found

    def members(self, kind: Kind, value: Json, path: Path) -> Json:
        """Return a member that holds objects of a kind by name."""
        if value is None or value == []:
            self.notes.repair("empty", path, f"{name_of(path)} is empty: it is left out")
            return GONE
        if not isinstance(value, dict):
            self.notes.refuse(path, f"{name_of(path)} must be an object, and is {name_of_type(value)}")
            return GONE
        if isinstance(value.get("$ref"), str):
            return self._inlined(value, path, lambda found: self.members(kind, found, path))
        return self._changed(
            value, [(name, each, self.object(kind, each, (*path, name))) for name, each in value.items()]
        )

    def items(self, kind: Kind, value: Json, path: Path) -> Json:
        """Return a member that holds a list of objects of a kind; no item is ever taken out of it."""
        if value is None or value == {}:
            self.notes.repair("empty", path, f"{name_of(path)} is empty: it is left out")
            return GONE
        if isinstance(value, dict) and kind in _ALONE:
            self.notes.repair(
                "type", path, f"{name_of(path)} must be an array, and is an object: it is read as one of it"
            )
            return [self.object(kind, value, path)]
        if not isinstance(value, list):
            self.notes.refuse(path, f"{name_of(path)} must be an array, and is {name_of_type(value)}")
            return GONE
        found = [self.object(kind, each, (*path, str(index))) for index, each in enumerate(value)]
        return value if all(new is old for new, old in zip(found, value, strict=True)) else found

    def _inlined(self, node: dict[str, Json], path: Path, read: Callable[[Json], Json]) -> Json:
        """Return an object for which OpenAPI knows no reference, and which has one: read where it leads."""
        reference = node["$ref"]
        try:
            parts = tuple(reference_parts(reference))
            found = self.document.at(pointer_of(parts))
        except (KeyError, TypeError):
            self.notes.repair("reference", path, f"{self._why_lost(reference)}: it is left out")
            return read({name: value for name, value in node.items() if name != "$ref"})
        if reference in self._open or self._inlinings == MAX_INLININGS:
            self.notes.refuse(
                path, f"{quoted(reference)} leads to references, and these to others, without end"
            )
            return {}
        self._open.append(reference)
        self._inlinings += 1
        self.notes.renamed[path] = parts
        made = read(found)
        self._open.pop()
        return made

    def single(self, kind: Kind, value: Json, path: Path) -> Json:
        """Return a member that holds one object of a kind."""
        return self.object(kind, value, path)

    @staticmethod
    def _changed(node: dict[str, Json], read: list[tuple[str, Json, Json]]) -> dict[str, Json]:
        """Return an object with some members read anew, itself where none of them changed."""
        changes = {name: new for name, old, new in read if new is not old}
        if not changes:
            return node
        found = {**node, **changes}
        return {name: value for name, value in found.items() if value is not GONE}


def _kind_at(path: Path) -> Kind | None:
    """Return the kind of the object at a path; None where OpenAPI does not say it."""
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


def _schemes(document: Document) -> frozenset[str]:
    """Return the names of the security schemes of a document."""
    try:
        found = document.at("/components/securitySchemes")
    except (KeyError, TypeError):
        return frozenset()
    return frozenset(found) if isinstance(found, dict) else frozenset()


def _reader(kind: Kind, shape: Shape) -> Read:
    match shape:
        case Shape.LIST:
            return lambda mender, value, path: mender.items(kind, value, path)
        case Shape.MAP:
            return lambda mender, value, path: mender.members(kind, value, path)
    return lambda mender, value, path: mender.single(kind, value, path)


def _readers(kind: Kind) -> dict[str, Read]:
    found: dict[str, Read] = {
        name: _reader(each.kind, each.shape)
        for name, each in EVERY.get(kind, {}).items()
        if each.kind is not None and each.kind not in _UNREAD
    }
    return found | {name: _scalar_reader(reader) for name, reader in READERS[kind].items()}


def _scalar_reader(reader: Reader) -> Read:
    return lambda mender, value, path: reader(mender.notes, value, path)


_READERS = {kind: _readers(kind) for kind in Kind}
