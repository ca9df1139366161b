"""A contract in several files, as one document: the data of other files stands in it below `x-files`.

Relative references are followed within the folder of the contract, and written as references within the
document. Nothing is fetched from anywhere else.
"""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag

from eqkit.contract.loading.source_texts import SourceText, read_file
from eqkit.contract.pointers import Json, escaped
from eqkit.errors import ContractError

FILES = "x-files"
"""The member of a document that holds its other files by name."""

MAX_FILES = 1000
"""A contract of more files is not read to its end."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_OUTWARD = re.compile(r"""\$ref["']?\s*:\s*["']?[^#"'\s]|\.(?:ya?ml|json)\b""")
"""A sign of a reference to another file, which texts without one may have, too."""

_DATA = frozenset(("const", "dataValue", "default", "enum", "example", "examples", "value"))


@dataclass(frozen=True)
class Whole:
    """A document of several files: its data, the other files by name, and why references were refused."""

    data: Json
    others: Mapping[str, SourceText] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)


def with_other_files(source: SourceText) -> Whole:
    """Return a file together with those that it refers to, and they in turn."""
    if not _OUTWARD.search(source.text):
        return Whole(source.data)
    reading = _Reading(source)
    data = reading.rewritten(source.data, "")
    while reading.waiting:
        name = reading.waiting.pop()
        reading.data[name] = reading.rewritten(reading.files[name].data, name)
    if reading.data:
        data = {**data, FILES: {name: reading.data[name] for name in sorted(reading.data)}}
    return Whole(data, reading.files, reading.refused)


class _Reading:
    """The files of one document, as they are met."""

    def __init__(self, source: SourceText) -> None:
        self._main = source
        self._folder = source.file.parent
        self.files: dict[str, SourceText] = {}
        self.data: dict[str, Json] = {}
        self.waiting: list[str] = []
        self.refused: dict[str, str] = {}

    def rewritten(self, node: Json, name: str) -> Json:
        """Return a part of a file with its references as the whole has them; itself where none changes."""
        if isinstance(node, list):
            items = [self.rewritten(each, name) for each in node]
            return node if all(new is old for new, old in zip(items, node, strict=True)) else items
        if not isinstance(node, dict):
            return node
        members: dict[str, Json] = {}
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                members[key] = self._reference(value, name)
            elif key == "mapping" and isinstance(value, dict):
                members[key] = {each: self._mapped(to, name) for each, to in value.items()}
            elif key in _DATA and not (key == "examples" and isinstance(value, dict)):
                members[key] = value
            else:
                members[key] = self.rewritten(value, name)
        return node if all(members[key] is value for key, value in node.items()) else members

    def _mapped(self, target: Json, name: str) -> Json:
        """Return a target of a discriminator, which may be the bare name of a schema, too."""
        is_reference = isinstance(target, str) and (
            "/" in target or target.endswith((".yaml", ".yml", ".json"))
        )
        return self._reference(target, name) if is_reference else target

    def _reference(self, reference: str, name: str) -> str:
        address, fragment = urldefrag(reference)
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
        return found if found in self.files or self._read(found, path, address) else None

    def _read(self, name: str, path: Path, address: str) -> bool:
        if address in self.refused:
            return False
        if len(self.files) == MAX_FILES:
            self.refused[address] = f"is not read: the contract has more than {MAX_FILES} files"
            return False
        try:
            self.files[name] = read_file(path)
        except ContractError as error:
            self.refused[address] = f"can't be read: {error}"
            return False
        self.waiting.append(name)
        return True
