"""Notes on the faults of one document, by the places they stand at."""

from dataclasses import dataclass, field

from eqkit.contract.document import Json
from eqkit.contract.kinds import EVERY, Shape

Path = tuple[str, ...]
"""The parts of a JSON pointer."""

_LISTS = frozenset(
    name for members in EVERY.values() for name, each in members.items() if each.shape is Shape.LIST
) | {"tags", "enum"}
"""The members that are arrays."""

MAX_SHOWN = 60
"""How many characters of a value are repeated."""


@dataclass
class Notes:
    """The faults that were met so far: those that were mended, and those that cannot be.

    Each is a rule's slug, the path to its place in the document as it was written, and a message.
    """

    repairs: dict[tuple[str, Path, str], None] = field(default_factory=dict)
    refusals: dict[tuple[Path, str], None] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)
    renamed: dict[Path, Path] = field(default_factory=dict)
    """Objects that stand elsewhere now: their paths in the mended document, and as they were written."""

    def repair(self, rule: str, path: Path, message: str) -> None:
        """Keep a fault and the way in which it is served all the same."""
        self.repairs[rule, self.written(path), message] = None

    def refuse(self, path: Path, message: str) -> None:
        """Keep a fault with which the document cannot be served."""
        self.refusals[self.written(path), message] = None

    def written(self, path: Path) -> Path:
        """Return a path of the mended document as it was written."""
        for _ in range(len(path) if self.renamed else 0):
            ends = (end for end in range(len(path), 0, -1) if path[:end] in self.renamed)
            end = next(ends, None)
            if end is None:
                break
            path = self.renamed[path[:end]] + path[end:]
        return path


def name_of(path: Path) -> str:
    """Return the name of a place, for a sentence: the member or the item that it is."""
    if not path:
        return "the document"
    last, above = path[len(path) - 1], path[-2:-1]
    is_item = last.isdecimal() and any(each in _LISTS for each in above)
    return f"item {last} of `{above[0]}`" if is_item else f"`{last}`"


def name_of_type(value: Json) -> str:
    """Return the JSON type of a value, for a sentence; of one that is no container, the value as well."""
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
        case None:
            return "empty"
        case True | False:
            return str(value).lower()
        case str():
            return quoted(value)
    return str(value) if isinstance(value, float) or -(10**15) < value < 10**15 else "a number"


def quoted(text: str) -> str:
    """Return a text in quotes, shortened."""
    return f'"{text}"' if len(text) <= MAX_SHOWN else f'"{text[:MAX_SHOWN]}…"'
