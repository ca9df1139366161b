"""HTTP messages as docs print them, read with patience: every part that is there, with its line."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from eqkit.contract.document import Json
from eqkit.contract.loading.source_map import children, composed
from eqkit.errors import ContractError

_REQUEST_LINE = re.compile(r"([!#$%&'*+.^_`|~\w-]+)[ \t]+(\S+)(?:[ \t]+(HTTP/[\d.]+))?\s*\Z")
_STATUS_LINE = re.compile(r"(HTTP/[\d.]+)[ \t]+(\d+)[ \t]*(.*)\Z")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*\Z")
_AGAIN = re.compile(r"\(\d+\)(?=/|\Z)")

Leaf = tuple[str, Json, int]
"""Path, value and line."""


@dataclass(slots=True)
class Example:
    """One request or response; a part that cannot be read is None, or missing."""

    name: str
    line: int
    method: str | None = None
    target: str | None = None
    version: str | None = None
    status: int | None = None
    reason: str | None = None
    headers: dict[str, tuple[str, int]] = field(default_factory=dict)
    body: str = ""
    body_line: int = 0
    leaves: list[Leaf] = field(default_factory=list)
    readable: bool = True
    empty_line: bool = True

    @property
    def kind(self) -> str:
        """The group to compare it with: requests of one method, responses of one class of statuses."""
        return self.method or f"{(self.status or 0) // 100}xx"

    def statements(self) -> Iterator[Leaf]:
        """Yield all that it states, by name."""
        first = {
            "method": self.method,
            "target": self.target,
            "version": self.version,
            "status": self.status,
            "reason": self.reason,
        }
        yield from (
            (f"{self.name}/{part}", value, self.line) for part, value in first.items() if value is not None
        )
        for name, (value, line) in self.headers.items():
            yield f"{self.name}/headers/{name}", value, line
        if not self.empty_line:
            yield f"{self.name}/empty-line", None, self.body_line
        if not self.readable:
            yield f"{self.name}/body", self.body, self.body_line
        yield from (
            (f"{self.name}/body/{path}".rstrip("/"), value, line) for path, value, line in self.leaves
        )


def read_example(name: str, text: str, line: int) -> Example:
    """Read one message that begins on `line` of its file."""
    example = Example(name, line)
    lines = text.rstrip("\n").split("\n")
    if status := _STATUS_LINE.match(lines[0]):
        example.version, example.reason = status[1], status[3].strip()
        example.status = int(status[2])
    elif request := _REQUEST_LINE.match(lines[0]):
        example.method, example.target, example.version = request.groups()
    at = 1
    while at < len(lines) and (header := _HEADER.match(lines[at])):
        again = sum(name.partition("(")[0] == header[1] for name in example.headers)
        example.headers[f"{header[1]}({again + 1})" if again else header[1]] = (header[2], line + at)
        at += 1
    example.empty_line = at == len(lines) or not lines[at].strip()
    while at < len(lines) and not lines[at].strip():
        at += 1
    example.body, example.body_line = "\n".join(lines[at:]), line + at
    if example.body:
        _read_body(example)
    return example


def _read_body(example: Example) -> None:
    # JSON read as YAML keeps duplicate keys and lines, and forgives a comma too many; YAML only minds tabs.
    try:
        root = composed(example.body.replace("\t", " "))
    except (yaml.YAMLError, ContractError):
        root = None
    example.readable = isinstance(root, yaml.CollectionNode) and root.flow_style is True
    if example.readable:
        example.leaves = [
            (path, value, line + example.body_line - 1) for path, value, line in leaves_of(root)
        ]


def leaves_of(node: yaml.Node | None, path: str = "", line: int = 0) -> Iterator[Leaf]:
    """Yield each scalar and each empty container; a key that stands again is numbered: ``id(2)``."""
    if isinstance(node, yaml.CollectionNode) and node.value:
        seen = Counter[str]()
        for key, first, child in children(node):
            seen[key] += 1
            name = key if seen[key] == 1 else f"{key}({seen[key]})"
            yield from leaves_of(child, f"{path}/{name}".strip("/"), first.start_mark.line + 1)
    elif node is not None:
        yield path, _value(node), line or node.start_mark.line + 1


def _value(node: yaml.Node) -> Json:
    if not isinstance(node, yaml.ScalarNode):
        return {} if isinstance(node, yaml.MappingNode) else []
    if node.style in ("'", '"'):
        return node.value
    try:
        return json.loads(node.value)
    except ValueError:
        return node.value


def repeated(path: str) -> bool:
    """Whether the path of a leaf leads through a key that stands again."""
    return bool(_AGAIN.search(path))


def plain(path: str) -> str:
    """Return the path of a leaf as a table of parameters would name it: items as ``[]``."""
    return re.sub(r"/\d+(?=/|\Z)", "[]", _AGAIN.sub("", path))
