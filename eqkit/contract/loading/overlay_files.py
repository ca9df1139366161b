"""Overlays of OpenAPI (Overlay Specification 1.0 and 1.1): files that change a contract from outside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eqkit.contract.document import pointer_of
from eqkit.contract.jsonpath import JsonPathError, Node, parsed, selected
from eqkit.contract.loading.edits import Edits, size_of
from eqkit.contract.loading.source_map import SourceMap
from eqkit.contract.loading.yaml_texts import DEEPEST, MAX_CHARACTERS, MAX_VALUES
from eqkit.contract.pointers import Json, child
from eqkit.errors import ContractError

_VERSION = re.compile(r"1\.[01](?:\.\d+)?")


@dataclass(frozen=True)
class Overlaid:
    """Data with overlays applied, in their order, and a warning for each action that changed nothing."""

    data: Json
    warnings: list[str] = field(default_factory=list)


def overlaid(data: Json, overlays: Sequence[Path]) -> Overlaid:
    """Apply overlay files to the data of a document; what they do not change is shared with it.

    Raises ContractError, with file and place, for a file that is no overlay, and for an action that cannot
    be carried out.
    """
    edits, room, warnings = Edits(data), _Room(), list[str]()
    for file in overlays:
        for action in _actions(file):
            warnings += action.apply(edits, room)
    return Overlaid(edits.data, warnings)


def _actions(file: Path) -> "list[_Action]":
    source = SourceMap.read(file)
    found = source.source.data
    if not isinstance(found, dict) or "overlay" not in found:
        raise ContractError(f"{file}: not an OpenAPI Overlay: there is no member `overlay`")
    version = found["overlay"]
    if not _VERSION.fullmatch(str(version)):
        raise ContractError(
            f"{source.place('/overlay')}: Overlay {version!s:.20} can't be applied; 1.0 and 1.1 can"
        )
    actions = found.get("actions")
    if not isinstance(actions, list) or not actions:
        raise ContractError(f"{source.place('/actions')}: `actions` must be an array of at least one action")
    return [_Action(source, f"/actions/{index}", each) for index, each in enumerate(actions)]


@dataclass
class _Room:
    """How much overlays may still add: a few copies of copies can make billions of values."""

    values: int = MAX_VALUES
    characters: int = MAX_CHARACTERS


class _Action:
    """One action of an overlay."""

    def __init__(self, source: SourceMap, pointer: str, action: Json) -> None:
        self._source, self._pointer = source, pointer
        if not isinstance(action, dict):
            raise self._error("an action must be an object")
        if not isinstance(action.get("target"), str):
            raise self._error("an action must have a `target`, a JSONPath")
        self._action: dict[str, Json] = action
        self._target: str = action["target"]
        self._query = self._parsed("target")

    def apply(self, edits: Edits, room: "_Room") -> list[str]:
        """Carry the action out; return why it changes nothing, if that is so."""
        nodes = self._selected("target", edits.data)
        if not nodes:
            return [f"{self._place('target')}: {self._target} selects nothing"]
        if self._action.get("remove") is True:
            self._remove(edits, nodes)
        elif "update" in self._action:
            self._update(edits, room, nodes, self._action["update"])
        elif "copy" in self._action:
            self._update(edits, room, nodes, self._copied(edits.share()))
        else:
            return [
                f"{self._source.place(self._pointer)}: the action has no `update`, `copy` or `remove: true`"
            ]
        return []

    def _remove(self, edits: Edits, nodes: list[Node]) -> None:
        paths = dict.fromkeys(path for path, _ in nodes)
        if () in paths:
            raise self._error(f"{self._target} selects the document, which can't be removed", "target")
        # Later items of an array first, since those behind a removed one move up; and parts before wholes.
        for path in sorted(
            paths, key=lambda path: [(int(each) if each.isdecimal() else -1, each) for each in path]
        )[::-1]:
            edits.remove(path)

    def _update(self, edits: Edits, room: "_Room", nodes: list[Node], update: Json) -> None:
        paths = dict.fromkeys(path for path, _ in nodes)
        size = size_of(update)
        if max(map(len, paths)) + size.levels > DEEPEST:
            raise self._error(f"the document nests too deep with it, in more than {DEEPEST} levels")
        room.values -= size.values * len(paths)
        room.characters -= size.characters * len(paths)
        if room.values < 0 or room.characters < 0:
            message = f"{MAX_VALUES} values or {MAX_CHARACTERS} characters"
            raise self._error(f"the overlays add more than {message} to the document")
        for path in paths:
            before: Json = edits.data
            for part in path:
                before = child(before, part)
            edits.put(path, self._merged(before, update, path))

    def _merged(self, before: Json, update: Json, path: tuple[str, ...]) -> Json:
        """Return a value with another merged into it (Overlay 1.1.0, "Action Object")."""
        match before, update:
            case (dict(), dict()):
                both = {
                    name: self._merged(before[name], value, (*path, name)) if name in before else value
                    for name, value in update.items()
                }
                return {**before, **both}
            case (list(), list()):
                return [*before, *update]
            case (dict() | list(), None):  # an empty member, as in the example of the specification
                return before
            case (list(), _):
                return [*before, update]
            case (dict(), _) | (_, dict() | list()):
                place = pointer_of(path) or "the document"
                raise self._error(
                    f"at {place}, {_kind(update)} can't be merged with {_kind(before)}", "update"
                )
        return update

    def _copied(self, data: Json) -> Json:
        nodes = self._selected("copy", data)
        if len(nodes) != 1:
            raise self._error(f"`copy` must select one value, and selects {len(nodes)}", "copy")
        return nodes[0][1]

    def _selected(self, member: str, data: Json) -> list[Node]:
        query = self._query if member == "target" else self._parsed(member)
        try:
            return selected(query, data)
        except JsonPathError as error:
            raise self._error(f"{self._action[member]}: {error}", member) from error

    def _parsed(self, member: str) -> Any:
        text = self._action[member]
        try:
            return parsed(text if isinstance(text, str) else "")
        except JsonPathError as error:
            raise self._error(f"{text!s:.200} is no JSONPath: {error}", member) from error

    def _error(self, message: str, member: str = "") -> ContractError:
        return ContractError(f"{self._place(member)}: {message}")

    def _place(self, member: str) -> str:
        return str(self._source.place(f"{self._pointer}/{member}" if member else self._pointer))


def _kind(value: Json) -> str:
    return (
        "an object" if isinstance(value, dict) else "an array" if isinstance(value, list) else "a plain value"
    )
