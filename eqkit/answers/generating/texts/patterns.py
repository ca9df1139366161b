"""Texts that match a pattern in the words of Rust's engine, as `translated_pattern` writes it.

A text is a guess that the pattern itself confirms: of what a pattern looks for around a place (lookahead
and lookbehind), some is met by chance alone.
"""

import functools
import re
from dataclasses import dataclass, field
from typing import Protocol

import jsonschema_rs

from eqkit.answers.generating.attempts import Attempt

_LOOKS = ("(?=", "(?!", "(?<=", "(?<!")
_QUANTIFIER = re.compile(r"(?:([*+?])|\{([0-9]+)(,)?([0-9]*)\})\??")
_CLASS = re.compile(r"\[\^?(?:\\[pP]\{[^}]*\}|\\x\{[0-9A-F]+\}|\\.|[^\]\\])*\]")
_ESCAPE = re.compile(r"\\x\{([0-9A-F]+)\}")
_PROPERTY = re.compile(r"\\[pP]\{[^}]*\}|\\[dDsSwW]")
_BACK_REFERENCE = re.compile(r"\(\?:\\([0-9]+)\)")
_FLAGS = re.compile(r"\(\?[a-z-]*:")

_LOWER, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_ASCII = "".join(map(chr, range(33, 127)))
_OTHERS = (
    " \t\n\r\x0b\x0c\x00\x07\x1bäéßçñÄÉøşŁάΩжЯאبกあア中文한五²½٣५Ⅷ“”–…€£¥©°±×÷´¨ʰ"
    "\u0301\u0903\u200d\u2028\u00ad\U0001f600"
)

_UNBOUNDED = 1 << 40
_NATURAL = 3, 8
"""How many more than needed there are, at least and at most, of a part without a limit."""

MAX_LENGTH = 100_000


class _Node(Protocol):
    """A part of a pattern: the fewest and most characters of its texts, and one text."""

    short: int
    long: int

    def text(self, making: "_Making", min_length: int, max_length: int) -> str:
        """Return a text, where possible with that many characters."""
        ...


@dataclass(slots=True)
class _Making:
    """One text under way."""

    attempt: Attempt
    is_wild: bool
    """Whether all characters are chosen from, and not only those that look good."""
    follows_looks: bool
    """Whether the text that is looked for ahead is written at its place."""
    groups: dict[int, str] = field(default_factory=dict)
    ahead: list[str] = field(default_factory=list)
    """The texts that are looked for ahead."""


class _Characters:
    """One character of a class."""

    short = long = 1

    def __init__(self, source: str) -> None:
        self._source = source

    def text(self, making: _Making, min_length: int, max_length: int) -> str:
        good, every = characters_of(self._source)
        choices = every if making.is_wild else good
        return making.attempt.pick(choices) if choices else ""


class _Literal:
    """Characters that stand for themselves."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        self.short = self.long = len(characters)

    def text(self, making: _Making, min_length: int, max_length: int) -> str:
        return self.characters


class _Sequence:
    """Parts that follow each other."""

    def __init__(self, parts: list[_Node]) -> None:
        self._parts = _joined(parts)
        self.short = sum(part.short for part in parts)
        self._long = sum(part.long for part in parts)
        self.long = min(_UNBOUNDED, self._long)

    def text(self, making: _Making, min_length: int, max_length: int) -> str:
        made: list[str] = []
        used, short, long = 0, self.short, self._long
        for part in self._parts:
            short, long = short - part.short, long - part.long
            if part.short == part.long:
                made.append(part.text(making, part.short, part.long))
                used += part.short
                continue
            lower = max(part.short, min_length - used - long)
            upper = max(lower, min(part.long, max_length - used - short))
            made.append(part.text(making, lower, upper))
            used += len(made[-1])
        return "".join(made)


def _joined(parts: list[_Node]) -> list[_Node]:
    """Return parts with literals that follow each other as one."""
    found: list[_Node] = []
    for part in parts:
        before = found[-1] if found else None
        if isinstance(part, _Literal) and isinstance(before, _Literal):
            found[-1] = _Literal(before.characters + part.characters)
        else:
            found.append(part)
    return found


class _Alternatives:
    """Parts of which one is there."""

    def __init__(self, parts: list[_Node]) -> None:
        self._parts = parts
        self.short = min(part.short for part in parts)
        self.long = max(part.long for part in parts)

    def text(self, making: _Making, min_length: int, max_length: int) -> str:
        fit = [part for part in self._parts if part.long >= min_length and part.short <= max_length]
        return making.attempt.pick(fit or self._parts).text(making, min_length, max_length)


class _Repeat:
    """A part that is there a number of times."""

    def __init__(self, part: _Node, min_times: int, max_times: int) -> None:
        self._part = part
        self._min_times, self._max_times = min_times, max_times
        self.short = min(_UNBOUNDED, part.short * min_times)
        self.long = min(_UNBOUNDED, part.long * max_times)

    def text(self, making: _Making, min_length: int, max_length: int) -> str:
        part = self._part
        low = max(self._min_times, -(-min_length // part.long) if part.long else 0)
        high = min(self._max_times, max_length // part.short if part.short else self._max_times)
        low = min(low, max(high, self._min_times))
        if making.is_wild and making.attempt.below(2):
            number = low
        else:
            first, last = (self._min_times + each for each in _NATURAL)
            number = making.attempt.between(max(low, min(first, high)), max(low, min(last, high)))
        if part.short == part.long:
            return "".join([part.text(making, part.short, part.long) for _ in range(number)])
        made: list[str] = []
        used = 0
        for index in range(number):
            left = number - index - 1
            lower = max(part.short, min_length - used - left * part.long)
            made.append(
                part.text(making, lower, max(lower, min(part.long, max_length - used - left * part.short)))
            )
            used += len(made[-1])
        return "".join(made)


class _Group:
    """A part whose text may be wanted again."""

    def __init__(self, part: _Node, number: int) -> None:
        self._part, self._number = part, number
        self.short, self.long = part.short, part.long

    def text(self, making: _Making, min_length: int, max_length: int) -> str:
        making.groups[self._number] = made = self._part.text(making, min_length, max_length)
        return made


class _Again:
    """The text of a group once more."""

    short, long = 0, _UNBOUNDED

    def __init__(self, number: int) -> None:
        self._number = number

    def text(self, making: _Making, min_length: int, max_length: int) -> str:
        return making.groups.get(self._number, "")


class _Look:
    """A place, around which some text is looked for."""

    short = 0

    def __init__(self, part: _Node | None) -> None:
        self._part = part
        self.long = 0 if part is None else part.long

    def text(self, making: _Making, min_length: int, max_length: int) -> str:
        if self._part is None:
            return ""
        if making.follows_looks:
            return self._part.text(making, self._part.short, max(max_length, self._part.short))
        making.ahead.append(self._part.text(making, self._part.short, self._part.short))
        return ""


class Pattern:
    """One pattern, of which texts are made."""

    def __init__(self, root: _Node, filler: str) -> None:
        """Take the parts; `filler` is a character that may fill up a text."""
        self._root = root
        self.filler = filler

    def make(self, attempt: Attempt, min_length: int, max_length: int | None, tried: int) -> str | None:
        """Return a text that may match; None for a pattern whose texts are all too long.

        The number of texts that were tried before decides on the way: with the text that is looked for
        ahead, without it, or with it written over the rest.
        """
        if self._root.short > MAX_LENGTH:
            return None
        making = _Making(attempt, is_wild=tried > 5, follows_looks=tried % 3 == 1)
        longest = max(min_length, self._root.short) + 64 if max_length is None else max_length
        text = self._root.text(making, min_length, longest)
        if tried % 3 == 2:
            for part in making.ahead:
                if 0 < len(part) <= len(text):
                    at = attempt.between(0, len(text) - len(part))
                    text = text[:at] + part + text[at + len(part) :]
        return text


@functools.lru_cache(maxsize=2048)
def characters_of(source: str) -> tuple[str, str]:
    """Return characters of a class, as a pattern writes it: those that look good, and many of all kinds."""
    fits = jsonschema_rs.Draft202012Validator({"pattern": f"^{source}$"}).is_valid
    own = [chr(int(code, 16)) for code in _ESCAPE.findall(source) if not 0xD800 <= int(code, 16) < 0xE000]
    near = [chr(ord(each) + by) for each in own for by in (-1, 1) if 0 < ord(each) < 0xD000]
    every = "".join(each for each in dict.fromkeys([*_ASCII, *own, *near, *_OTHERS]) if fits(each))
    if all(each in every for each in _LOWER):
        return _LOWER, every
    good = "".join(each for each in every if each.isascii() and each.isalnum())
    return good or every, every


@functools.lru_cache(maxsize=2048)
def pattern_of(text: str) -> Pattern:
    """Read a translated pattern."""
    root = _Reader(text).alternatives()
    return Pattern(root, " " if " " in text else "a")


class _Reader:
    """Reads one translated pattern from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._groups = 0

    def alternatives(self) -> _Node:
        found: list[_Node] = []
        parts: list[_Node] = []
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._takes("|"):
                found.append(_Sequence(parts))
                parts = []
            elif not (self._takes("^") or self._takes("$")):
                parts.append(self._term())
        found.append(_Sequence(parts))
        return found[0] if len(found) == 1 else _Alternatives(found)

    def _takes(self, text: str) -> bool:
        is_there = self._text.startswith(text, self._at)
        self._at += len(text) * is_there
        return is_there

    def _matched(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        found = expression.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def _term(self) -> _Node:
        for start in _LOOKS:
            if self._takes(start):
                inner = self._closed()
                return _Look(inner if start == "(?=" else None)
        return self._quantified(self._atom())

    def _closed(self) -> _Node:
        inner = self.alternatives()
        self._takes(")")
        return inner

    def _atom(self) -> _Node:
        if again := self._matched(_BACK_REFERENCE):
            return _Again(int(again[1]))
        if self._matched(_FLAGS):
            return self._closed()
        if self._takes("("):
            self._groups += 1
            number = self._groups
            return _Group(self._closed(), number)
        if found := self._matched(_CLASS) or self._matched(_PROPERTY):
            return _Characters(found[0])
        if literal := self._matched(_ESCAPE):
            return _Literal(chr(int(literal[1], 16)))
        self._at += 1
        return _Literal(self._text[self._at - 1])

    def _quantified(self, part: _Node) -> _Node:
        found = self._matched(_QUANTIFIER)
        if found is None:
            return part
        if found[1]:
            return _Repeat(part, int(found[1] == "+"), 1 if found[1] == "?" else _UNBOUNDED)
        min_times = int(found[2])
        max_times = int(found[4]) if found[4] else _UNBOUNDED if found[3] else min_times
        return _Repeat(part, min_times, max_times)
