"""The files of a contract, read: JSON by a JSON parser, anything else as YAML."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from eqkit.contract.loading.json_nodes import JsonPlaces, json_nodes
from eqkit.contract.loading.yaml_texts import DEEPEST, children, composed, data_of
from eqkit.contract.pointers import Json, pointer_parts
from eqkit.errors import ContractError


@dataclass(frozen=True)
class SourceText:
    """One file and its data."""

    file: Path
    text: str
    data: Json
    nodes: yaml.Node | None
    """The nodes of YAML; None for JSON, of which they are made when they are asked for."""
    is_json: bool

    @cached_property
    def root(self) -> yaml.Node | None:
        """The text as PyYAML's nodes, which know their lines; None for an empty one."""
        return json_nodes(self.text) if self.is_json else self.nodes

    @cached_property
    def json_places(self) -> JsonPlaces | None:
        """The finder of places in JSON."""
        return JsonPlaces(self.text) if self.is_json else None


def read_file(file: Path) -> SourceText:
    """Read a file; raises ContractError with its name for one that is neither JSON nor YAML."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ContractError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    return read_text(text, file)


def read_text(text: str, file: Path) -> SourceText:
    """Read the text of a file; raises ContractError like `read_file`."""
    try:
        is_json, data = _as_json(text)
        if is_json:
            return SourceText(file, text, data, None, is_json=True)
        nodes = composed(text)
        return SourceText(file, text, data_of(nodes), nodes, is_json=False)
    except ContractError as error:
        raise ContractError(f"{file}: {error}") from None
    except RecursionError:
        raise ContractError(f"{file}: it nests too deep, in more than {DEEPEST} levels") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ContractError(f"{file}: not YAML: {' '.join(str(error).split())}") from error


def _as_json(text: str) -> tuple[bool, Json]:
    if not text.lstrip().startswith(("{", "[")):
        return False, None
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        return False, None
    level: Iterable[Json] = [data]
    for _ in range(DEEPEST):
        level = [
            each
            for node in level
            for each in (node.values() if isinstance(node, dict) else node)
            if isinstance(each, dict | list)
        ]
    if level:
        raise ContractError(f"it nests too deep, in more than {DEEPEST} levels")
    return True, data


def line_and_column(source: SourceText, pointer: str) -> tuple[int, int] | None:
    """Return where a pointer leads, or the nearest place above; None in an empty file.

    A member of an object stands where its key stands.
    """
    parts = pointer_parts(pointer)
    if source.json_places is not None:
        return source.json_places.line_and_column(parts)
    first = node = source.root
    for part in parts:
        found = next((child for key, *child in children(node) if key == part), None)
        if found is None:
            break
        first, node = found
    return None if first is None else (first.start_mark.line + 1, first.start_mark.column + 1)
