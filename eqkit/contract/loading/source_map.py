"""Where the values of a YAML or JSON file stand: line and column of each JSON pointer."""

import importlib.resources
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from eqkit.contract.document import Document
from eqkit.contract.loading.other_files import FILES
from eqkit.contract.loading.places import Place
from eqkit.contract.loading.source_texts import SourceText, line_and_column, read_file, read_text
from eqkit.contract.loading.yaml_texts import LOADER, children, composed
from eqkit.contract.pointers import pointer_of, pointer_parts

__all__ = ["LOADER", "ContractFile", "SourceMap", "children", "composed", "installed"]


class SourceMap:
    """The lines of one file, worked out from its text when they are first asked for."""

    def __init__(self, file: Path, text: str = "") -> None:
        """Take the text of `file`, which has to be YAML or JSON by the time a place is asked for."""
        self.file = file
        self._text = text

    @classmethod
    def read(cls, file: Path) -> "SourceMap":
        """Read a file; raises ContractError when it cannot be read or is not YAML."""
        return cls.of(read_file(file))

    @classmethod
    def of(cls, source: SourceText) -> "SourceMap":
        """Make the lines of a file that was read."""
        lines = cls(source.file)
        lines.source = source
        return lines

    @cached_property
    def source(self) -> SourceText:
        """The file, read."""
        return read_text(self._text, self.file)

    @property
    def root(self) -> yaml.Node | None:
        """The file as YAML's nodes, which know their lines; None for an empty file."""
        return self.source.root

    def place(self, pointer: str) -> Place:
        """Return where a JSON pointer ("#/…" or "/…") leads, or else the nearest place above that exists.

        A member of an object stands where its key stands.
        """
        found = line_and_column(self.source, pointer.removeprefix("#"))
        line, column = found or (None, None)
        return Place(self.file, line, column, pointer)

    def at(self, node: yaml.Node, pointer: str) -> Place:
        """Return where a node begins."""
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1, pointer)


@dataclass(frozen=True)
class ContractFile:
    """An OpenAPI document together with the file that it stands in."""

    document: Document
    source_map: SourceMap

    @classmethod
    def load(cls, file: Path | None = None) -> "ContractFile":
        """Read a document, by default the contract that is installed; raises ContractError."""
        if file is None:
            file = installed("elasticqueue.yaml")
        source = read_file(file)
        return cls(Document.of(source), SourceMap.of(source))

    @property
    def file(self) -> Path:
        """The file."""
        return self.source_map.file

    def place(self, pointer: str) -> Place:
        """Return the file, line and column of a JSON pointer, in the file that it leads to."""
        parts = pointer_parts(pointer.removeprefix("#"))
        if parts[:1] == [FILES] and parts[1:2] and parts[1] in self.document.others:
            return SourceMap.of(self.document.others[parts[1]]).place(pointer_of(parts[2:]))
        return self.source_map.place(pointer)


def installed(name: str) -> Path:
    """Return the path of a file that is installed beside the contract."""
    # A wheel is installed as files, so the path stays good after the context is left.
    with importlib.resources.as_file(importlib.resources.files("eqkit.openapi") / name) as path:
        return path
