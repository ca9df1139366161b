"""Queries of RFC 9535 (JSONPath) over a document, without its function extensions (2.4)."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from eqkit.contract.pointers import Json

Node = tuple[tuple[str, ...], Json]
"""A value and its place: the parts of its JSON pointer."""

_Way = tuple["_Way", str | int] | None
"""The way to a value, from its end: cheaper to make than a path."""

Keys = Iterable[str | int]
Selector = Callable[["_Run", Json], Keys]
"""Yields the keys that are selected in a value; filters may ask the root."""

Test = Callable[["_Run", Json], bool]
Operand = Callable[["_Run", Json], list[Json]]
"""Whether a value passes a filter, and the values of one side of a comparison."""

MAX_NODES = 300_000
"""A query that selects more nodes on its way is ended: three descendant segments select billions."""

MAX_VISITS = 5_000_000
"""A query that looks at more nodes is ended: a filter may look through the document for each node."""

MAX_DEPTH = 20
"""How many filters and parentheses may stand within each other."""

_NAME = re.compile(r"[A-Za-z_\u0080-\U0010FFFF][A-Za-z0-9_\u0080-\U0010FFFF]*")
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,15}")
_NUMBER = re.compile(r"(?:-?0|-?[1-9][0-9]{0,99})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_SLICE = re.compile(rf"({_INTEGER.pattern})?\s*:\s*({_INTEGER.pattern})?(?:\s*:\s*({_INTEGER.pattern})?)?")
_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_QUERY = re.compile(r"[ \t\n\r]*[@$]")
_SPACE = re.compile(r"[ \t\n\r]*")
_SIGN = re.compile(r"[=!<>]=|[<>]")
_WORDS = {"true": True, "false": False, "null": None}
_NOTHING: Json = object()
"""The value of a query that selects no node (RFC 9535, 2.3.5.2.2)."""


class JsonPathError(ValueError):
    """A text that is no query, or a query that takes too many nodes; it says where and why."""


class _Run:
    """One document that is queried, and how much may still be looked at, by filters too."""

    def __init__(self, root: Json, limit: int, visits: int) -> None:
        self.root, self.limit = root, limit
        self._visits = self._left = visits

    def visit(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise JsonPathError(f"it looks at more than {self._visits} nodes")


class Segment(NamedTuple):
    """One step of a query: from each value to some of its children, or to some of those of all below it."""

    selectors: list[Selector]
    is_deep: bool

    def nodes(self, run: _Run, node: tuple[_Way, Json]) -> Iterator[tuple[_Way, Json]]:
        """Yield the nodes that are selected from one."""
        waiting = [node]
        while waiting:
            run.visit()
            way, value = waiting.pop()
            for selector in self.selectors:
                yield from (((way, key), value[key]) for key in selector(run, value))
            if self.is_deep:
                waiting += [((way, key), value[key]) for key in reversed([*_all(run, value)])]


def parsed(text: str) -> list[Segment]:
    """Parse a query; raises JsonPathError."""
    return _Parser(text).whole()


def selected(
    query: list[Segment], document: Json, limit: int = MAX_NODES, visits: int = MAX_VISITS
) -> list[Node]:
    """Return the nodes that a query selects, each as often as it is; raises JsonPathError for too many."""
    run = _Run(document, limit, visits)
    return [(_path(way), value) for way, value in _selected(query, run, document)]


def _path(way: _Way) -> tuple[str, ...]:
    parts: list[str] = []
    while way is not None:
        way, key = way
        parts.append(str(key))
    return tuple(reversed(parts))


def _selected(query: list[Segment], run: _Run, start: Json) -> list[tuple[_Way, Json]]:
    found: list[tuple[_Way, Json]] = [(None, start)]
    count = 0
    for segment in query:
        before, found = found, []
        for each in (each for node in before for each in segment.nodes(run, node)):
            found.append(each)
            count += 1
            if count > run.limit:
                raise JsonPathError(f"it selects more than {run.limit} nodes")
    return found


class _Parser:
    """Reads one query from left to right."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def whole(self) -> list[Segment]:
        self._expect("$")
        segments = self._segments()
        if self._at < len(self._text):
            raise self._error("is not expected")
        return segments

    def _error(self, message: str) -> JsonPathError:
        rest = self._text[self._at : self._at + 12]
        place = f"at character {self._at + 1}"
        return JsonPathError(f'"{rest}" {message}, {place}' if rest else f"it ends too early, {place}")

    def _matched(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Return what matches next, behind white space, and go on behind it."""
        start = _SPACE.match(self._text, self._at)
        found = pattern.match(self._text, start.end() if start else self._at)
        self._at = self._at if found is None else found.end()
        return found

    def _takes(self, token: str) -> bool:
        return self._matched(re.compile(re.escape(token))) is not None

    def _expect(self, token: str) -> None:
        if not self._takes(token):
            raise self._error(f"stands where {token} is wanted")

    def _segments(self) -> list[Segment]:
        found: list[Segment] = []
        while sign := self._matched(re.compile(r"\.\.\[|\[|\.\.?(?=[^\s.\[])")):
            selectors = self._bracketed() if sign[0].endswith("[") else [self._shorthand()]
            found.append(Segment(selectors, sign[0].startswith("..")))
        return found

    def _shorthand(self) -> Selector:
        if self._takes("*"):
            return _all
        name = _NAME.match(self._text, self._at)
        end = self._at if name is None else name.end()
        if name is None or self._text[end : end + 1] in ("-", "/", "{", "~", "@"):
            raise self._error("stands where a name is wanted; other names are written ['x-name']")
        self._at = end
        return _by_name(name[0])

    def _bracketed(self) -> list[Selector]:
        selectors = [self._selector()]
        while self._takes(","):
            selectors.append(self._selector())
        self._expect("]")
        return selectors

    def _selector(self) -> Selector:
        if self._takes("*"):
            return _all
        if self._takes("?"):
            return _by_test(self._either())
        if (text := self._string()) is not None:
            return _by_name(text)
        if found := self._matched(_SLICE):
            return _by_slice(slice(*(None if each is None else int(each) for each in found.groups())))
        if found := self._matched(_INTEGER):
            return _by_index(int(found[0]))
        raise self._error("is no selector")

    def _string(self) -> str | None:
        found = self._matched(_STRING)
        if found is None:
            return None
        inner = found[0][1:-1]
        if found[0].startswith("'"):
            inner = re.sub(r'\\.|"', lambda each: {"\\'": "'", '"': '\\"'}.get(each[0], each[0]), inner)
        try:
            text: str = json.loads(f'"{inner}"')
        except ValueError:
            raise JsonPathError(f"{found[0]} is no string") from None
        return text

    def _either(self) -> Test:
        tests = [self._both()]
        while self._takes("||"):
            tests.append(self._both())
        return lambda run, value: any(test(run, value) for test in tests)

    def _both(self) -> Test:
        tests = [self._basic()]
        while self._takes("&&"):
            tests.append(self._basic())
        return lambda run, value: all(test(run, value) for test in tests)

    def _basic(self) -> Test:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._error("nests too deep")
        is_negated = self._takes("!")
        if self._takes("("):
            test = self._either()
            self._expect(")")
        else:
            test = self._comparison(can_compare=not is_negated)
        self._depth -= 1
        return (lambda run, value: not test(run, value)) if is_negated else test

    def _comparison(self, *, can_compare: bool) -> Test:
        """Read a comparison, or a query, which is passed where it selects anything."""
        is_query = _QUERY.match(self._text, self._at) is not None
        left = self._operand()
        sign = self._matched(_SIGN) if can_compare else None
        if sign is not None:
            right = self._operand()
            return lambda run, value: _compared(sign[0], _only(left(run, value)), _only(right(run, value)))
        if not is_query:
            raise self._error("stands where a comparison is wanted")
        return lambda run, value: bool(left(run, value))

    def _operand(self) -> Operand:
        if found := self._matched(re.compile(r"[@$]")):
            query, is_relative = self._segments(), found[0] == "@"
            return lambda run, value: [
                each for _, each in _selected(query, run, value if is_relative else run.root)
            ]
        literal: Json = self._string()
        if literal is None:
            found = self._matched(_NUMBER) or self._matched(re.compile(r"(?:true|false|null)(?![\w(])"))
            if found is None:
                raise self._error("is no value to compare; functions such as length() are not known")
            literal = _WORDS[found[0]] if found[0] in _WORDS else json.loads(found[0])
        return lambda _run, _value: [literal]


def _only(values: list[Json]) -> Json:
    return values[0] if len(values) == 1 else _NOTHING


def _compared(sign: str, left: Json, right: Json) -> bool:
    """Compare two values (RFC 9535, 2.3.5.2.2)."""
    if sign in ("==", "!="):
        return _is_same(left, right) is (sign == "==")
    if sign in (">", ">="):
        left, right = right, left
    return _is_less(left, right) or (sign.endswith("=") and _is_same(left, right))


def _is_same(left: Json, right: Json) -> bool:
    """Return whether two values are equal as JSON has it: 1 is 1.0, and is not true."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_is_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_is_same(each, right[key]) for key, each in left.items())
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _is_less(left: Json, right: Json) -> bool:
    kinds = {"text" if isinstance(each, str) else "number" if type(each) in (int, float) else ""
             for each in (left, right)}  # fmt: skip
    return len(kinds) == 1 and "" not in kinds and bool(left < right)


def _all(_run: _Run, value: Json) -> Keys:
    return value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()


def _by_name(name: str) -> Selector:
    return lambda _run, value: (name,) if isinstance(value, dict) and name in value else ()


def _by_index(index: int) -> Selector:
    def keys(_run: _Run, value: Json) -> Keys:
        is_there = isinstance(value, list) and -len(value) <= index < len(value)
        return (index % len(value),) if is_there else ()

    return keys


def _by_slice(bounds: slice) -> Selector:
    def keys(_run: _Run, value: Json) -> Keys:
        return range(len(value))[bounds] if isinstance(value, list) and bounds.step != 0 else ()

    return keys


def _by_test(test: Test) -> Selector:
    return lambda run, value: (key for key in _all(run, value) if test(run, value[key]))
