"""An OpenAPI document as it stands in its file, as data, and as the bytes that are handed out."""

import copy
import functools
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
import yaml

from eqkit.contract.loading.other_files import with_other_files
from eqkit.contract.loading.source_texts import SourceText, read_file
from eqkit.contract.pointers import (
    Json,
    child,
    escaped,
    pointer_of,
    pointer_parts,
    reference_parts,
    value_at,
)
from eqkit.errors import ContractError

__all__ = [
    "REMOVED",
    "Document",
    "Json",
    "OverlayAction",
    "child",
    "escaped",
    "pointer_of",
    "pointer_parts",
    "reference_parts",
    "value_at",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class OverlayAction:
    """A value to be set at a JSON pointer of the document, or removed where `value` is REMOVED."""

    pointer: str
    value: Json


REMOVED: Json = object()

MOST_VALUES = 1_000_000
"""A part with its references written out has no more: some schemas that each refer to all make billions."""

LONGEST_REWRITTEN = 262_144
"""From how many bytes of JSON on an amended document is not written as YAML (1.4 s per million)."""

LONGEST_CHAIN = 100
"""How many references that lead to each other are followed."""

_AS_IT_IS = ("schema", "itemSchema", "example", "value", "default")
_BY_NAME = ("responses", "headers", "content", "examples", "links", "callbacks", "encoding")
"""Members that hold a schema or a value, and those whose own members are named by the author."""


class Document:
    """One OpenAPI document; `data` is never changed."""

    def __init__(
        self,
        data: dict[str, Json],
        source: bytes | None = None,
        others: Mapping[str, SourceText] | None = None,
        refused: Mapping[str, str] | None = None,
    ) -> None:
        """Take the parsed `data`; `source` is the file's own text where all of it came from one.

        `others` are the other files of the document by name, whose data stands below `x-files`; `refused` are
        the references out of the document that are not followed, and why.
        """
        self.data = data
        self._source = source
        self.others = others or {}
        self.refused = refused or {}

    @classmethod
    def load(cls, path: Path) -> "Document":
        """Read a YAML or JSON file, and the files beside it that it refers to.

        Raises ContractError with the path and the place.
        """
        return cls.of(read_file(path))

    @classmethod
    def of(cls, source: SourceText) -> "Document":
        """Make a document of a file that was read, and of those that it refers to; raises ContractError."""
        data = source.data
        if not isinstance(data, dict) or not isinstance(data.get("openapi"), str):
            is_old = isinstance(data, dict) and "swagger" in data
            advice = "; `npx swagger2openapi` converts Swagger 2.0" if is_old else ""
            raise ContractError(
                f"{source.file}: not an OpenAPI document: there is no member 'openapi'{advice}"
            )
        whole = with_other_files(source)
        content = None if whole.others else source.content
        return cls(whole.data, content, whole.others, whole.refused)

    def overlaid(self, overlay_actions: Sequence[OverlayAction]) -> "Document":
        """Return a copy with the amendments made; with none of them, this very document."""
        if not overlay_actions:
            return self
        data = copy.deepcopy(self.data)
        for amendment in overlay_actions:
            *parents, last = pointer_parts(amendment.pointer)
            node = data
            for part in parents:
                node = node[part]
            if amendment.value is REMOVED:
                del node[last]
            else:
                node[last] = amendment.value
        return Document(data, None, self.others, self.refused)

    @functools.cached_property
    def as_yaml(self) -> bytes:
        """The document as YAML: the file itself, byte for byte, unless it was amended.

        A long one that was is in JSON, which is YAML, too (YAML 1.2, "Relation to JSON").
        """
        if self._source is not None:
            return self._source
        if len(self.as_json) > LONGEST_REWRITTEN:
            return self.as_json
        text: str = yaml.safe_dump(self.data, sort_keys=False, allow_unicode=True, width=110)
        return text.encode()

    @functools.cached_property
    def as_json(self) -> bytes:
        """The document as JSON, members in the file's order."""
        try:
            return orjson.dumps(self.data, option=orjson.OPT_INDENT_2)
        except TypeError:  # a whole number of more than 64 bits
            return json.dumps(self.data, indent=2, ensure_ascii=False).encode("utf-8", "surrogatepass")

    def at(self, pointer: str) -> Json:
        """Return the value at a JSON pointer, or at a reference by one; raises KeyError if there is none."""
        node: Json = self.data
        for part in reference_parts(pointer) if pointer.startswith("#") else pointer_parts(pointer):
            node = child(node, part)
        return node

    def target(self, node: Json) -> str | None:
        """Return the pointer that the ``$ref`` of an object leads to; None without one, or for a lost one."""
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str):
            return None
        try:
            self.at(reference)
            return pointer_of(reference_parts(reference))
        except (KeyError, TypeError):
            return None

    def resolve_pointer(self, pointer: str) -> str:
        """Return the pointer to where a value really stands: the references on the way are followed."""
        at, node = "", self.data
        for part in pointer_parts(pointer):
            at, node = self._end_of_chain(at, node)
            at = f"{at}/{escaped(part)}"
            try:
                node = child(node, part)
            except KeyError:
                return at
        return self._end_of_chain(at, node)[0]

    def _end_of_chain(self, at: str, node: Json) -> tuple[str, Json]:
        for _ in range(LONGEST_CHAIN):
            target = self.target(node)
            if target is None:
                break
            at, node = target, self.at(target)
        return at, node

    def inlined(self, node: Json) -> Json:
        """Return a copy of a part of the document with every ``$ref`` replaced by its target.

        A schema that stands within itself admits anything from there on. Raises ContractError if the copy
        would have more than MOST_VALUES values.
        """
        return self._inlined(node, (), itertools.count())

    def outlined(self, node: Json) -> Json:
        """Return a copy of a part of the document with references followed everywhere but within schemas.

        A reference that leads nowhere is an empty object. Raises ContractError like `inlined`.
        """
        return self._outlined(node, (), itertools.count(), is_by_name=False)

    def _outlined(
        self, node: Json, within: tuple[str, ...], made: Iterator[int], *, is_by_name: bool
    ) -> Json:
        if next(made) > MOST_VALUES:
            raise ContractError("it has references to references so often that they cannot be written out")
        if isinstance(node, list):
            return [self._outlined(each, within, made, is_by_name=False) for each in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str):
            try:
                target = {} if reference in within else self.at(reference)
            except (KeyError, TypeError):
                target = {}
            return self._outlined(target, (*within, reference), made, is_by_name=is_by_name)
        return {
            key: value
            if not is_by_name and key in _AS_IT_IS
            else self._outlined(value, within, made, is_by_name=not is_by_name and key in _BY_NAME)
            for key, value in node.items()
        }

    def _inlined(self, node: Json, within: tuple[str, ...], made: Iterator[int]) -> Json:
        if next(made) > MOST_VALUES:
            raise ContractError("its schemas refer to each other so often that they cannot be written out")
        if isinstance(node, Mapping):
            reference = node.get("$ref")
            if isinstance(reference, str):
                known = reference in within
                return {} if known else self._inlined(self.at(reference), (*within, reference), made)
            return {key: self._inlined(value, within, made) for key, value in node.items()}
        if isinstance(node, list):
            return [self._inlined(value, within, made) for value in node]
        return node
