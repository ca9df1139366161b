"""A place in a file, as a finding or an error names it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; `line` and `column` count from 1, `pointer` is a JSON pointer into the document."""

    file: Path
    line: int | None = None
    column: int | None = None
    pointer: str | None = None

    def __str__(self) -> str:
        """Return ``file:line:column``, as far as it is known, as compilers do."""
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
