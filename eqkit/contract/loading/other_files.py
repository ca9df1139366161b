"""A contract in several files, as one document: the data of other files stands in it below `x-files`.

Relative references are followed within the folder of the contract, and written as references within the
document. Nothing is fetched from the web unless that is allowed.
"""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin

from eqkit.contract.kinds import EVERY, PATTERNED, Shape
from eqkit.contract.loading.source_texts import MAX_BYTES, SourceText, read_file
from eqkit.contract.pointers import Json, escaped
from eqkit.errors import ContractError

FILES = "x-files"
"""The member of a document that holds its other files by name."""

MAX_FILES = 1000
"""A contract of more files is not read to its end."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_FILE = re.compile(r"/|\.(?:ya?ml|json)$")
"""A sign that the target of a discriminator is a reference; it may be the bare name of a schema, too."""

_DATA = frozenset(("const", "dataValue", "default", "enum", "example", "examples", "value"))
_BY_NAME = frozenset(
    name
    for members in EVERY.values()
    for name, each in members.items()
    if each.shape is Shape.MAP or each.kind in PATTERNED
) | {"definitions", "dependencies"}
"""Members whose own members are named by the author or by a status: there, `default` is no value."""


@dataclass(frozen=True)
class Whole:
    """A document of several files: its data, the other files by name, and why references were refused.

    `unread` are the files that cannot be read, by their names, each with the reason.
    """

    data: Json
    others: Mapping[str, SourceText] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)


Fetch = Callable[[str], SourceText]
"""Returns the document at an address of the web; raises ContractError."""


def with_other_files(source: SourceText, address: str = "", fetch: Fetch | None = None) -> Whole:
    """Return a file together with those that it refers to, and they in turn.

    `address` is that of a file from the web, whose relative references lead to the web, too. Nothing is
    fetched from there but by `fetch`.
    """
    found = source.survey
    if all(each.startswith("#") for each in (*found.references, *filter(_FILE.search, found.mapped))):
        return Whole(source.data)
    reading = _Reading(source, address, fetch)
    data = reading.rewritten(source.data, "")
    while reading.waiting:
        name = reading.waiting.pop()
        reading.data[name] = reading.rewritten(reading.files[name].data, name)
    if reading.data:
        data = {**data, FILES: {name: reading.data[name] for name in sorted(reading.data)}}
    return Whole(data, reading.files, reading.refused, reading.unread)


class _Reading:
    """The files of one document, as they are met."""

    def __init__(self, source: SourceText, address: str, fetch: Fetch | None) -> None:
        self._main, self._address, self._fetch = source, address, fetch
        self._folder = source.file.parent
        self.files: dict[str, SourceText] = {}
        self.data: dict[str, Json] = {}
        self.waiting: list[str] = []
        self.refused: dict[str, str] = {}
        self.unread: dict[str, str] = {}
        self._length = len(source.content)

    def rewritten(self, node: Json, name: str, *, is_by_name: bool = False) -> Json:
        """Return a part of a file with its references as the whole has them; itself where none changes.

        If `is_by_name`, the keys of the part are names, and tell nothing of what stands there.
        """
        if isinstance(node, list):
            items = [self.rewritten(each, name) for each in node]
            return node if all(new is old for new, old in zip(items, node, strict=True)) else items
        if not isinstance(node, dict):
            return node
        members: dict[str, Json] = {}
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                members[key] = self._reference(value, name)
            elif is_by_name:
                members[key] = self.rewritten(value, name)
            elif key in _BY_NAME and isinstance(value, dict):
                members[key] = self.rewritten(value, name, is_by_name=True)
            elif key == "mapping" and isinstance(value, dict):
                members[key] = {each: self._mapped(to, name) for each, to in value.items()}
            else:
                members[key] = value if key in _DATA else self.rewritten(value, name)
        return node if all(members[key] is value for key, value in node.items()) else members

    def _mapped(self, target: Json, name: str) -> Json:
        """Return a target of a discriminator, which may be the bare name of a schema, too."""
        is_reference = isinstance(target, str) and _FILE.search(target)
        return self._reference(target, name) if is_reference else target

    def _reference(self, reference: str, name: str) -> str:
        if reference.startswith("#") and not name:
            return reference
        try:
            address, fragment = urldefrag(reference)
        except ValueError:
            self.refused[unquote(reference.partition("#")[0])] = "is no URI"
            return reference
        if not address and (not name or not fragment.startswith("/")):
            return reference if not name or fragment else self._within(name, "")
        target = name if not address else self._name(unquote(address), name)
        if target is None:
            return reference
        return f"#{fragment}" if target == "" else self._within(target, fragment)

    def _within(self, name: str, fragment: str) -> str:
        return f"#/{FILES}/{quote(escaped(name), safe='~')}{fragment}"

    def _name(self, address: str, name: str) -> str | None:
        """Return the name of the file at an address, "" for the first one; None if it is not followed."""
        base = name if _WEB.match(name) else "" if name else self._address
        if base or _WEB.match(address):
            return self._name_on_web(urljoin(base, address), address)
        if _SCHEME.match(address) or address.startswith(("/", "\\")):
            self.refused[address] = "is not in the folder of the contract, and nothing is fetched"
            return None
        found = posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
        path = self._folder / found
        try:
            is_within = path.resolve().is_relative_to(self._folder.resolve())
        except (OSError, RuntimeError, ValueError):  # a circle of links, a name that no file has
            is_within = False
        if found.startswith("..") or not is_within:
            self.refused[address] = "is not in the folder of the contract, and is not followed"
            return None
        if path == self._main.file:
            return ""
        return found if self._is_read(found, address, lambda: _file(path)) else None

    def _name_on_web(self, target: str, address: str) -> str | None:
        """Return the name of the document at an address of the web, which is the address itself."""
        fetch = self._fetch
        if fetch is None or not _WEB.match(target):
            self.refused[address] = "is not in the folder of the contract, and nothing is fetched"
            return None
        if target == self._address:
            return ""
        return target if self._is_read(target, address, lambda: fetch(target)) else None

    def _is_read(self, name: str, address: str, read: Callable[[], SourceText]) -> bool:
        """Read a file unless that is done; return whether it is there."""
        if name in self.files:
            return True
        if name not in self.unread:
            try:
                self._add(name, read)
            except ContractError as error:
                self.unread[name] = str(error)
        if name in self.unread:
            self.refused[address] = f"can't be read: {self.unread[name]}"
        return name in self.files

    def _add(self, name: str, read: Callable[[], SourceText]) -> None:
        if len(self.files) == MAX_FILES:
            raise ContractError(f"the contract has more than {MAX_FILES} files")
        found = read()
        self._length += len(found.content)
        if self._length > MAX_BYTES:
            raise ContractError(f"the files of the contract have more than {MAX_BYTES >> 20} MB together")
        self.files[name] = found
        self.waiting.append(name)


def _file(path: Path) -> SourceText:
    """Read a file that a reference leads to: no device, and no pipe that nobody writes to."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ContractError(f"{path}: not a file")
    return read_file(path)
