"""An OpenAPI document as it stands in its file, as data, and as the bytes that are handed out."""

import copy
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from eqkit.errors import ContractError

Json = Any
"""A JSON value; what it may be is the schema's business."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A value to be set at a JSON pointer of the document, or removed where `value` is REMOVED."""

    pointer: str
    value: Json


REMOVED: Json = object()


class Document:
    """One OpenAPI document; `data` is never changed."""

    def __init__(self, data: dict[str, Json], source: bytes | None = None) -> None:
        """Take the parsed `data`; `source` is the file's own text where the data came from one."""
        self.data = data
        self._source = source

    @classmethod
    def load(cls, path: Path) -> "Document":
        """Read a YAML or JSON file; raises ContractError with the path and the place."""
        try:
            source = path.read_bytes()
        except OSError as error:
            raise ContractError(f"{path}: {error.strerror}") from error
        try:
            # The C loader reads our contract ten times as fast as the Python one.
            data = yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
        except (yaml.YAMLError, ValueError) as error:  # a date that there is not is a ValueError
            raise ContractError(f"{path}: not YAML: {' '.join(str(error).split())}") from error
        if not isinstance(data, dict) or not isinstance(data.get("openapi"), str):
            raise ContractError(f"{path}: not an OpenAPI document: there is no member 'openapi'")
        return cls(data, source)

    def amended(self, amendments: Sequence[Amendment]) -> "Document":
        """Return a copy with the amendments made; with none of them, this very document."""
        if not amendments:
            return self
        data = copy.deepcopy(self.data)
        for amendment in amendments:
            *parents, last = pointer_parts(amendment.pointer)
            node = data
            for part in parents:
                node = node[part]
            if amendment.value is REMOVED:
                del node[last]
            else:
                node[last] = amendment.value
        return Document(data)

    @functools.cached_property
    def as_yaml(self) -> bytes:
        """The document as YAML: the file itself, byte for byte, unless it was amended."""
        if self._source is not None:
            return self._source
        text: str = yaml.safe_dump(self.data, sort_keys=False, allow_unicode=True, width=110)
        return text.encode()

    @functools.cached_property
    def as_json(self) -> bytes:
        """The document as JSON, members in the file's order."""
        return orjson.dumps(self.data, option=orjson.OPT_INDENT_2)

    def at(self, pointer: str) -> Json:
        """Return what stands at a JSON pointer ("#/…" or "/…"); raises KeyError when nothing does."""
        node = self.data
        for part in pointer_parts(pointer.removeprefix("#")):
            node = node[part]
        return node

    def inlined(self, node: Json) -> Json:
        """Return a copy of a part of the document with every ``$ref`` replaced by what it names."""
        if isinstance(node, Mapping):
            if "$ref" in node:
                return self.inlined(self.at(node["$ref"]))
            return {key: self.inlined(value) for key, value in node.items()}
        if isinstance(node, list):
            return [self.inlined(value) for value in node]
        return node


def pointer_parts(pointer: str) -> list[str]:
    """Split a JSON pointer (RFC 6901) into its unescaped parts."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def pointer_of(parts: Sequence[str | int]) -> str:
    """Join parts into a JSON pointer (RFC 6901)."""
    return "".join(f"/{part if isinstance(part, int) else escaped(part)}" for part in parts)


def escaped(part: str) -> str:
    """Return a part as it stands in a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")
