"""Where the values of a YAML or JSON file stand: line and column of each JSON pointer."""

import importlib.resources
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from eqkit.contract.document import Document, pointer_parts, refuse_deep
from eqkit.contract.places import Place
from eqkit.errors import ContractError

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C loader reads our contract ten times as fast as the Python one."""

MOST_VALUES = 1_000_000
"""A document of more values is not read: a few aliases of aliases can stand for billions."""


class Lines:
    """The lines of one file, worked out from its text when they are first asked for."""

    def __init__(self, file: Path, text: str) -> None:
        """Take the text of `file`, which has to be YAML or JSON by the time a place is asked for."""
        self.file = file
        self._text = text

    @classmethod
    def read(cls, file: Path) -> "Lines":
        """Read a file; raises ContractError when it cannot be read or is not YAML."""
        try:
            lines = cls(file, file.read_text(encoding="utf-8-sig"))
            # Now, and not in the middle of a check.
            if _size(lines.root, {}) > MOST_VALUES:
                raise ContractError(f"its aliases make more than {MOST_VALUES} values of it")
        except ContractError as error:
            raise ContractError(f"{file}: {error}") from None
        except RecursionError:
            raise ContractError(f"{file}: it nests too deep, or an alias stands within itself") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ContractError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
        except yaml.YAMLError as error:
            raise ContractError(f"{file}: not YAML: {' '.join(str(error).split())}") from error
        return lines

    @cached_property
    def root(self) -> yaml.Node | None:
        """The file as YAML's nodes, which know their lines; None for an empty file."""
        return composed(self._text)

    def place(self, pointer: str) -> Place:
        """Return where a JSON pointer ("#/…" or "/…") leads, or else the nearest place above that exists.

        A member of an object stands where its key stands.
        """
        first, node = self.root, self.root
        for part in pointer_parts(pointer.removeprefix("#")):
            found = next((child for key, *child in children(node) if key == part), None)
            if found is None:
                break
            first, node = found
        return Place(self.file, pointer=pointer) if first is None else self.at(first, pointer)

    def at(self, node: yaml.Node, pointer: str) -> Place:
        """Return where a node begins."""
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1, pointer)


def composed(text: str) -> yaml.Node | None:
    """Return a text as YAML's nodes; raises ContractError where it nests too deep, and YAMLError."""
    refuse_deep(text)
    root: yaml.Node | None = yaml.compose(text, Loader=LOADER)
    return root


def children(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Yield the members or items of a node: key or index, the node that stands first, the value's node.

    A key that stands twice is yielded twice.
    """
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), key, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from ((str(index), item, item) for index, item in enumerate(node.value))


def _size(node: yaml.Node | None, known: dict[int, int]) -> int:
    """Count the values of a node, those behind aliases as often as they are used."""
    if id(node) not in known:
        known[id(node)] = 1 + sum(_size(child, known) for _, _, child in children(node))
    return known[id(node)]


@dataclass(frozen=True)
class ContractFile:
    """An OpenAPI document together with the file that it stands in."""

    document: Document
    lines: Lines

    @classmethod
    def load(cls, file: Path | None = None) -> "ContractFile":
        """Read a document, by default the contract that is installed; raises ContractError."""
        if file is None:
            file = installed("elasticqueue.yaml")
        lines = Lines.read(file)
        try:
            return cls(Document.load(file), lines)
        except ValueError as error:
            raise ContractError(f"{file}: not YAML: {error}") from error

    @property
    def file(self) -> Path:
        """The file."""
        return self.lines.file

    def place(self, pointer: str) -> Place:
        """Return the file, line and column of a JSON pointer."""
        return self.lines.place(pointer)


def installed(name: str) -> Path:
    """Return the path of a file that is installed beside the contract."""
    # A wheel is installed as files, so the path stays good after the context is left.
    with importlib.resources.as_file(importlib.resources.files("eqkit.openapi") / name) as path:
        return path
