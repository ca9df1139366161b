"""A document walked by the kinds of its objects, each made such that it can be served.

What is well stays the very object; the way to a change is copied. Schemas are the engine's business, and
examples and extensions are data.
"""

from collections.abc import Callable, Mapping
from urllib.parse import unquote

from eqkit.contract.document import LONGEST_CHAIN, Document, Json, child, pointer_of, reference_parts
from eqkit.contract.kinds import OLDEST, Kind, Version
from eqkit.contract.loading.edits import Edits
from eqkit.contract.loading.repairing.forms import Form, kind_at
from eqkit.contract.loading.repairing.notes import Notes, Path, name_of, name_of_type, quoted
from eqkit.contract.loading.repairing.scalars import GONE
from eqkit.contract.schemas.broken_schemas import is_sound

_UNREAD: tuple[None, None] = (None, None)

MAX_INLININGS = 1000
"""How many references are followed in places for which OpenAPI knows none."""


class Mender:
    """One document on its way to being served."""

    def __init__(self, document: Document, title: str, forms: Mapping[Kind, Form]) -> None:
        """Take the document, the title of one that has none, and the kinds of objects."""
        self.document = document
        self.title = title
        self.notes = Notes()
        self.version = OLDEST
        self.has_doubtful_schemas = False
        self.schemes = _schemes(document)
        self.operation_ids: dict[str, Path] = {}
        self.nameless: dict[Path, None] = {}
        """The operations without an operationId."""
        self._forms = forms
        self._waiting: dict[tuple[Form, Path], None] = {}
        """The targets of references that stand where OpenAPI has no objects of their kind."""
        self._met: dict[Form, dict[str, Kind | None]] = {}
        self._followed: dict[str, dict[str, Json]] = {}
        self._found: dict[Path, Kind] = {}
        self._open: list[str] = []
        self._inlinings = 0

    def mended(self) -> dict[str, Json]:
        """Return the data of the document as it can be served; the very data where nothing is wrong."""
        edits = Edits(self.object(self._forms[Kind.OPENAPI], self.document.data, ()))
        done: set[tuple[Form, Path]] = set()
        while self._waiting:
            form, path = target = next(iter(self._waiting))
            del self._waiting[target]
            if target in done:
                continue
            done.add(target)
            try:
                before: Json = edits.data
                for part in path:
                    before = child(before, part)
            except KeyError:  # it stood in an object that was left out
                continue
            after = self.object(form, before, path)
            if after is not before:
                edits.put(path, after)
        data: dict[str, Json] = edits.data
        return data

    def is_since(self, version: Version) -> bool:
        """Return whether the document is written in a version of OpenAPI or a later one."""
        return self.version >= version

    def followed(self, node: dict[str, Json]) -> dict[str, Json]:
        """Return the object that a reference of the document leads to, over others; {} for a lost one."""
        reference = node["$ref"]
        if not isinstance(reference, str):
            return {}
        if reference not in self._followed:
            found: Json = node
            for _ in range(LONGEST_CHAIN):
                target = self.document.target(found)
                if target is None:
                    break
                found = self.document.at(target)
            is_end = isinstance(found, dict) and "$ref" not in found
            self._followed[reference] = found if is_end else {}
        return self._followed[reference]

    def object(self, form: Form, node: Json, path: Path) -> Json:
        """Return an object of a kind as it can be served."""
        if form.is_schema:
            self.has_doubtful_schemas = self.has_doubtful_schemas or not is_sound(node)
            return node
        if type(node) is not dict:
            node = self._made(form, node, path)
        if "$ref" in node:
            if not form.is_referable and isinstance(node["$ref"], str):
                return self._inlined(node, path, lambda found: self.object(form, found, path))
            node = self._reference(form, node, path)
            if "$ref" in node and not form.is_path_item:
                return node
        if form.before is not None:
            node = form.before(self, node, path)
        changes: dict[str, Json] = {}
        for name, value in node.items():
            if form.inner is not None:
                new = value if name.startswith("x-") else self.object(form.inner, value, (*path, name))
            else:
                expected, read = form.readers.get(name, _UNREAD)
                new = value if read is None or type(value) is expected else read(self, value, (*path, name))
            if new is not value:
                changes[name] = new
        node = _changed(node, changes)
        return node if form.after is None else form.after(self, node, path)

    def _made(self, form: Form, node: Json, path: Path) -> dict[str, Json]:
        """Return an object of a kind that is written as something else; refuse what means nothing."""
        made = None if form.shorthand is None else form.shorthand(self, node, path)
        if made is not None:
            found: dict[str, Json] = made
            return found
        if node is None or (node == [] and form.kind is not Kind.PATHS):
            message = "is empty" if node is None else "is an empty array"
            self.notes.repair(
                "empty", path, f"{name_of(path)} {message}: it is read as an object without members"
            )
        else:
            self.notes.refuse(path, f"{name_of(path)} must be an object, and is {name_of_type(node)}")
        return {}

    def _reference(self, form: Form, node: dict[str, Json], path: Path) -> dict[str, Json]:
        reference = node["$ref"]
        if not isinstance(reference, str):
            message = f"`$ref` must be a text, and is {name_of_type(reference)}: it is left out"
            self.notes.repair("type", path, message)
            return {name: value for name, value in node.items() if name != "$ref"}
        met = self._met.setdefault(form, {})
        if reference not in met:
            met[reference] = self._target_kind(form, reference)
        found = met[reference]
        if found is form.kind:
            return node
        if found is None:
            message = "nothing is served there" if form.is_path_item else "it stands for anything"
            self.notes.repair("reference", path, f"{self._why_lost(reference)}: {message}")
            return node
        message = f"{quoted(reference)} leads to a {found} Object, and not to a {form.kind} Object"
        self.notes.repair("reference", path, f"{message}: it is left out")
        return {}

    def _why_lost(self, reference: str) -> str:
        why = self.document.refused.get(unquote(reference.partition("#")[0]), "leads nowhere")
        return f"{quoted(reference)} {why}"

    def _target_kind(self, form: Form, reference: str) -> Kind | None:
        """Return the kind of the object that a reference to one of a kind leads to; None for a lost one."""
        try:
            parts = tuple(reference_parts(reference))
            found = self.document.at(pointer_of(parts))
        except (KeyError, TypeError):
            return None
        if isinstance(found, dict) and "$ref" in found and not self.followed(found):
            return None
        kind = self._found.setdefault(parts, kind_at(parts) or form.kind)
        if kind is form.kind and parts[:-1] != ("components", form.section):
            self._waiting[form, parts] = None
        return kind

    def members(self, form: Form, value: Json, path: Path) -> Json:
        """Return a member that holds objects of a kind by name."""
        if value is None or value == []:
            self.notes.repair("empty", path, f"{name_of(path)} is empty: it is left out")
            return GONE
        if not isinstance(value, dict):
            self.notes.refuse(path, f"{name_of(path)} must be an object, and is {name_of_type(value)}")
            return GONE
        if isinstance(value.get("$ref"), str):
            return self._inlined(value, path, lambda found: self.members(form, found, path))
        changes: dict[str, Json] = {}
        for name, each in value.items():
            new = self.object(form, each, (*path, name))
            if new is not each:
                changes[name] = new
        return _changed(value, changes)

    def items(self, form: Form, value: Json, path: Path) -> Json:
        """Return a member that holds a list of objects of a kind; no item is ever taken out of it."""
        if value is None or value == {}:
            self.notes.repair("empty", path, f"{name_of(path)} is empty: it is left out")
            return GONE
        if isinstance(value, dict) and form.is_list_alone:
            self.notes.repair(
                "type", path, f"{name_of(path)} must be an array, and is an object: it is read as one of it"
            )
            return [self.object(form, value, path)]
        if not isinstance(value, list):
            self.notes.refuse(path, f"{name_of(path)} must be an array, and is {name_of_type(value)}")
            return GONE
        found = [self.object(form, each, (*path, str(index))) for index, each in enumerate(value)]
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


def _changed(node: dict[str, Json], changes: dict[str, Json]) -> dict[str, Json]:
    """Return an object with some members changed, itself where there are none."""
    if not changes:
        return node
    return {name: value for name, value in {**node, **changes}.items() if value is not GONE}


def _schemes(document: Document) -> frozenset[str]:
    """Return the names of the security schemes of a document."""
    try:
        found = document.at("/components/securitySchemes")
    except (KeyError, TypeError):
        return frozenset()
    return frozenset(found) if isinstance(found, dict) else frozenset()
