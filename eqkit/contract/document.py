"""An OpenAPI document as it stands in its file, as data, and as the bytes that are handed out."""

import copy
import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

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

MOST_VALUES = 1_000_000
"""A part with its references written out has no more: some schemas that each refer to all make billions."""


DEEPEST = 200
"""How many levels of objects and arrays a document may have, one within the other."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads YAML as OpenAPI wants it (3.0.3, "Format"): every key is a text, 200 too, and so is a date.

    The C loader reads our contract ten times as fast as the Python one.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Json]:
        """Return a mapping as an object of JSON; `<<` is merged, as PyYAML does it."""
        self.flatten_mapping(node)
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = "tag:yaml.org,2002:str"
        members: dict[str, Json] = super().construct_mapping(node, deep)
        return members


def refuse_deep(source: str | bytes) -> None:
    """Raise ContractError for YAML or JSON that nests deeper than DEEPEST.

    Its events are flat, while all that follows descends, libyaml in C: there, the stack ends in a segfault.
    Raises what PyYAML raises where the text is no YAML.
    """
    depth = 0
    for event in yaml.parse(source, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise ContractError(f"it nests too deep, in more than {DEEPEST} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


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
            refuse_deep(source)
            data = yaml.load(source, Loader=_Loader)  # noqa: S506 - a safe one
        except ContractError as error:
            raise ContractError(f"{path}: {error}") from None
        except RecursionError:
            raise ContractError(f"{path}: it nests too deep, or an alias stands within itself") from None
        except (yaml.YAMLError, ValueError) as error:  # a number that there is not is a ValueError
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
        """Return what stands at a JSON pointer, or a reference by one; raises KeyError when nothing does."""
        node: Json = self.data
        for part in reference_parts(pointer) if pointer.startswith("#") else pointer_parts(pointer):
            node = child(node, part)
        return node

    def inlined(self, node: Json) -> Json:
        """Return a copy of a part of the document with every ``$ref`` replaced by what it names.

        A schema that stands within itself admits anything from there on. Raises ContractError where the copy
        would have more than MOST_VALUES values.
        """
        return self._inlined(node, (), itertools.count())

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


def pointer_parts(pointer: str) -> list[str]:
    """Split a JSON pointer (RFC 6901) into its unescaped parts."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def value_at(document: Json, pointer: str, default: Json = None) -> Json:
    """Return the value that a JSON pointer (RFC 6901) leads to; `default` where there is none."""
    node = document
    for part in pointer_parts(pointer):
        if isinstance(node, dict) and part in node:
            node = node[part]
        elif isinstance(node, list) and part.isdecimal() and len(part) < 10 and int(part) < len(node):
            node = node[int(part)]
        else:
            return default
    return node


def reference_parts(reference: str) -> list[str]:
    """Split a reference within a document, "#/…", into the parts of its pointer (RFC 6901, section 6).

    Raises KeyError for one that is no pointer, such as one to an anchor or to another document.
    """
    pointer = unquote(reference.removeprefix("#"))
    if not reference.startswith("#") or pointer[:1] not in ("", "/"):
        raise KeyError(reference)
    return pointer_parts(pointer)


def child(node: Json, part: str) -> Json:
    """Return the member or item that a part of a pointer leads to; raises KeyError where there is none."""
    if isinstance(node, list) and part.isdecimal() and int(part) < len(node):
        return node[int(part)]
    if isinstance(node, dict):
        return node[part]
    raise KeyError(part)


def pointer_of(parts: Sequence[str | int]) -> str:
    """Join parts into a JSON pointer (RFC 6901)."""
    return "".join(f"/{part if isinstance(part, int) else escaped(part)}" for part in parts)


def escaped(part: str) -> str:
    """Return a part as it stands in a JSON pointer (RFC 6901)."""
    return part.replace("~", "~0").replace("/", "~1")
