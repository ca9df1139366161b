"""JSON as PyYAML's nodes, which know their lines: not all of JSON is YAML (surrogates, tabs, controls)."""

import bisect
import json
import re
from collections.abc import Iterator, Sequence

import yaml

_TOKEN = re.compile(r'[\s,:]*("(?:[^"\\]|\\.)*"|[{}\[\]]|[^\s,:{}\[\]"]+)', re.DOTALL)
_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()
_TEXT = "tag:yaml.org,2002:str"


def json_nodes(text: str) -> yaml.Node | None:
    """Return the nodes of a text that is JSON."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def mark(offset: int) -> yaml.Mark:
        line = bisect.bisect_right(starts, offset) - 1
        return yaml.Mark(None, offset, line, offset - starts[line], None, None)  # type: ignore[arg-type]

    root: yaml.Node | None = None
    waiting: list[tuple[yaml.Node, list[yaml.Node]]] = []
    for found in _TOKEN.finditer(text):
        part, at = found[1], found.start(1)
        if part in "}]":
            node, inner = waiting.pop()
            pairs = isinstance(node, yaml.MappingNode)
            node.value = [*zip(inner[::2], inner[1::2], strict=True)] if pairs else inner
            continue
        here = mark(at)
        if part == "{":
            node = yaml.MappingNode("tag:yaml.org,2002:map", [], here, here)
        elif part == "[":
            node = yaml.SequenceNode("tag:yaml.org,2002:seq", [], here, here)
        else:
            value = json.loads(part) if part.startswith('"') else part
            node = yaml.ScalarNode(_TEXT if part.startswith('"') else "", value, here, here)
        if waiting:
            waiting[-1][1].append(node)
        else:
            root = node
        if part in "{[":
            waiting.append((node, []))
    return root


class JsonPlaces:
    """Finds the places of values in a JSON text; others are skipped at the speed of C."""

    def __init__(self, text: str) -> None:
        """Take a text that is JSON."""
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._members: dict[int, list[tuple[str, int, int]]] = {}

    def line_and_column(self, parts: Sequence[str]) -> tuple[int, int]:
        """Return where some parts of a pointer lead, or the nearest place above, both counted from 1.

        A member of an object stands where its key stands. Of a key that stands twice, it is the last.
        """
        first = value = self._skipped(0)
        for part in parts:
            found = next((each for each in reversed(self._within(value)) if each[0] == part), None)
            if found is None:
                break
            _, first, value = found
        line = bisect.bisect_right(self._starts, first)
        return line, first - self._starts[line - 1] + 1

    def _within(self, at: int) -> list[tuple[str, int, int]]:
        """Return the parts of the value at an offset: key or index, where it begins, where its value."""
        if at not in self._members:
            self._members[at] = [*self._scanned(at)]
        return self._members[at]

    def _scanned(self, at: int) -> Iterator[tuple[str, int, int]]:
        opening = self._text[at : at + 1]
        if opening not in ("{", "["):
            return
        at = self._skipped(at + 1)
        index = 0
        while self._text[at] not in "]}":
            name, first = str(index), at
            if opening == "{":
                name, at = _DECODER.raw_decode(self._text, at)
                at = self._skipped(self._skipped(at) + 1)
            yield name, first, at
            at = self._skipped(_DECODER.raw_decode(self._text, at)[1])
            if self._text[at] == ",":
                at = self._skipped(at + 1)
            index += 1

    def _skipped(self, at: int) -> int:
        """Return the offset behind white space."""
        found = _SPACE.match(self._text, at)
        return at if found is None else found.end()
