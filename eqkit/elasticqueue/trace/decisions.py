"""The decision records that requirements and the contract name: which rulings are written down, and where."""

import re
from pathlib import Path

_HEADING = re.compile(r"^#{2,6} (.+)$", re.MULTILINE)


class Decisions:
    """The records of one project; `known` is False if there are none to look at, as in a wheel."""

    def __init__(self, root: Path) -> None:
        """Look for records in ``docs/adr`` below `root`."""
        self._root = root
        self.known = (root / "docs/adr").is_dir()
        self._headings: dict[str, set[str]] = {}
        for file in sorted((root / "docs/adr").glob("*.md")):
            self._headings[file.relative_to(root).as_posix()] = set(map(_anchor, _headings(file)))

    def has(self, decision: str) -> bool:
        """Whether ``docs/adr/….md#heading`` is a record with that heading."""
        record, _, heading = decision.partition("#")
        return heading in self._headings.get(record, ())

    def ruled(self, ruling: str) -> bool:
        """Whether any record has the ruling as a heading."""
        return any(ruling.lower() in headings for headings in self._headings.values())


def _headings(file: Path) -> list[str]:
    return _HEADING.findall(file.read_text(encoding="utf-8"))


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
