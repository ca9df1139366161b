"""The facts of a Slate file: everything that API docs of one Markdown page state, each with its line."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from eqkit.contract.document import Json
from eqkit.contract.loading.source_map import composed
from eqkit.elasticqueue.trace.http_examples import Example, leaves_of, read_example
from eqkit.errors import ContractError

_FRONT_MATTER = re.compile(r"\A---\n(.*?\n)(?:---|\.\.\.)\n", re.DOTALL)
_TAG = re.compile(r"</?[a-z][^>]*>|<!--.*?-->", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement of the docs; `name` is its subject, `value` the value that it states.

    A name is the path of the section, ``#``, and the subject: ``messages/enqueue#request/headers/Accept``. If
    one example states a value and its twin leaves it out, that is a fact of the twin, with None as value.
    """

    name: str
    value: Json
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the number of things that stand under it, further headings included."""

    name: str
    title: str
    level: int
    line: int
    things: Counter[str]


class SlateFile:
    """One Slate file, read whole; only the examples of the tab `http` are taken for statements."""

    def __init__(self, file: Path, text: str) -> None:
        """Read `text`, the content of `file`."""
        self.file = file
        self.examples: list[Example] = []
        self._text = text.replace("\r\n", "\n")
        self._facts: list[Fact] = []
        self._names = Counter[str]()
        self._sections: list[Section] = [Section("", "", 0, 1, Counter())]
        self._read()

    @classmethod
    def read(cls, file: Path) -> "SlateFile":
        """Read a file; raises ContractError when it cannot be read or states nothing."""
        try:
            slate = cls(file, file.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise ContractError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
        except (yaml.YAMLError, RecursionError) as error:
            raise ContractError(f"{file}: not a Slate file: {' '.join(str(error).split())}") from error
        if not slate.examples:
            raise ContractError(f"{file}: not a Slate file: there is no example in a block ```http")
        return slate

    @cached_property
    def facts(self) -> list[Fact]:
        """Every fact, in the order of the file; no two have one name."""
        facts = self._facts + [
            Fact(f"{section.name}#{'title' if section.things else 'empty'}", section.title, section.line)
            for section in self._sections[1:]
        ]
        facts += [Fact(f"{example.name}/headers/{n}", None, example.line) for example, n in self.left_out()]
        return sorted(facts, key=lambda fact: fact.line)

    def left_out(self) -> Iterator[tuple[Example, str]]:
        """Yield each header that an example lacks and a twin, a like message elsewhere, has."""
        for example in self.examples:
            here = {name.lower() for name in example.headers}
            twins = [twin for twin in self.examples if twin.kind == example.kind]
            there = {name.lower(): name for twin in twins for name in twin.headers}
            yield from ((example, name) for lower, name in there.items() if lower not in here)

    def _add(self, name: str, value: Json, line: int) -> None:
        self._names[name] += 1
        number = self._names[name]
        self._facts.append(Fact(name if number == 1 else f"{name}({number})", value, line))

    def _read(self) -> None:
        from markdown_it import MarkdownIt

        text, front = self._text, _FRONT_MATTER.match(self._text)
        if front:
            for path, value, line in leaves_of(composed("\n" + front[1])):
                self._add(f"front/{path}", value, line)
            # Blank lines keep the line numbers of the rest as in the file.
            text = "\n" * front[0].count("\n") + text[front.end() :]
        tokens = iter(MarkdownIt("commonmark").enable("table").parse(text))
        for token in tokens:
            line = token.map[0] + 1 if token.map else 0
            if token.type == "heading_open":
                self._heading(int(token.tag[1:]), next(tokens).content, line)
            elif token.type == "fence" and token.info.split()[:1] == ["http"]:
                self._example(token.content, line + 1)
            elif token.type in ("fence", "code_block"):
                self._count("code of another tab")
            elif token.type in ("inline", "html_block"):
                self._prose(_TAG.sub("", token.content), line)
            elif token.type == "table_open":
                self._table(tokens)

    @property
    def _section(self) -> Section:
        return self._sections[-1]

    def _count(self, thing: str) -> str:
        """Count a thing of the section, and return its number, which the first of its kind does not show."""
        self._section.things[thing] += 1
        number = self._section.things[thing]
        return f"-{number}" if number > 1 else ""

    def _heading(self, level: int, title: str, line: int) -> None:
        parent = next(each for each in reversed(self._sections) if each.level < level)
        parent.things["section"] += 1
        slug = re.sub(r"\W+", "-", title.lower()).strip("-")
        name = f"{parent.name}/{slug}".strip("/")
        again = sum(each.name == name for each in self._sections)
        section = Section(f"{name}-{again + 1}" if again else name, title, level, line, Counter())
        self._sections.append(section)

    def _example(self, text: str, line: int) -> None:
        kind = "response" if text.startswith("HTTP/") else "request"
        example = read_example(f"{self._section.name}#{kind}{self._count(kind)}", text, line)
        self.examples.append(example)
        for name, value, at in example.statements():
            self._add(name, value, at)

    def _prose(self, text: str, line: int) -> None:
        for sentence in filter(None, _SENTENCE.split(" ".join(text.split()))):
            self._section.things["prose"] += 1
            self._add(f"{self._section.name}#prose/{self._section.things['prose']}", sentence, line)

    def _table(self, tokens: Iterator[Any]) -> None:
        """Take a table: the first column names the row, each other cell is a fact of its own."""
        table = f"{self._section.name}#table{self._count('table')}"
        heads: list[str] = []
        cells: list[str] = []
        line = 0
        for token in tokens:
            if token.type == "tr_open":
                cells, line = [], token.map[0] + 1
            elif token.type == "inline":
                cells.append(token.content)
            elif token.type == "tr_close" and not heads:
                heads = cells
            elif token.type == "tr_close" and cells[0]:
                for head, cell in zip(heads, cells, strict=False):
                    name = f"{table}/{cells[0]}"
                    self._add(name if head is heads[0] else f"{name}/{head}", cell, line)
            elif token.type == "table_close":
                return
