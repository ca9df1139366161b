"""The Markdown of the project taken apart: fenced blocks, prose, anchors, links, table rows and rulings."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ADR = DOCS / "adr"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])

_FENCE = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE_NAME = re.compile(r"(?:#!.*\n)?# ([\w./-]+\.\w+)\b")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_RULING = re.compile(r"^### ([DTBH]\d{1,2})\n(.*?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)


class Fence(NamedTuple):
    """A fenced block: the word after the fence, and its text."""

    language: str
    text: str

    @property
    def file_name(self) -> str | None:
        """The file that the block is, by the comment that it begins with."""
        found = _FILE_NAME.match(self.text)
        return found.group(1) if found else None


def place(page: Path) -> str:
    """The path of a page as a person would name it, from the root of the project."""
    return page.relative_to(ROOT).as_posix()


def fences(page: Path) -> list[Fence]:
    """The fenced blocks of a page, in order."""
    return [Fence(*found) for found in _FENCE.findall(page.read_text())]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page: its headings, spelt as the places that show Markdown spell them."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in _HEADING.findall(prose(page))
    }


def links(page: Path) -> Iterator[tuple[str, Path, str]]:
    """The relative links of a page: each as it is written, the file it leads to, and the anchor in it."""
    for target in _LINK.findall(prose(page)):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield target, (page.parent / path).resolve() if path else page, anchor


def rows(page: Path, first: str) -> list[tuple[str, ...]]:
    """The rows of every table of a page whose first column is headed `first`, without that heading."""
    found, inside = [], False
    for line in prose(page).splitlines():
        cells = tuple(cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1])
        if not cells:
            inside = False
        elif cells[0] == first:
            inside = True
        elif inside and set(cells[0]) != {"-"}:
            found.append(cells)
    return found


def rulings() -> dict[str, str]:
    """Return the rulings of the decision records, each with the text under its heading."""
    return {
        name: text for page in sorted(ADR.glob("*.md")) for name, text in _RULING.findall(page.read_text())
    }
