"""The changes that are tried: each is one line, and certain to mean something else.

`<` for `<=`, `or` for `and`, 8 for 7, a statement left out. Four kinds of places keep their form, since the
code there is for people, type checkers or the memory of a machine, and no caller sees it:

- annotations and texts;
- decorators: the size of a cache, the slots of a dataclass;
- `strict=` of a `zip`, which is an assertion;
- lines of the log.

A number of a hundred or more is doubled: it is a measure, and one more of it is the same to everybody.
"""

import ast
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDERS = ("eqkit/delay", "eqkit/timing", "eqkit/contract", "eqkit/sandbox")

SWAPPED: dict[type[ast.AST], str] = {
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "//",
    ast.FloorDiv: "*",
    ast.Mod: "*",
    ast.LShift: ">>",
    ast.RShift: "<<",
    ast.And: "or",
    ast.Or: "and",
}
MEASURE = 100
"""The least number that is a measure."""

NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Mutant(NamedTuple):
    """One change: the text between two places of a line is another."""

    file: str
    line: int
    begin: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        """Return the source with the change; columns count bytes, as those of `ast` do."""
        lines = source.encode().split(b"\n")
        before = lines[self.line - 1]
        lines[self.line - 1] = before[: self.begin] + self.text.encode() + before[self.end :]
        return b"\n".join(lines).decode()

    def description(self, source: str) -> str:
        """Return the place of the change, and the line as it is then."""
        return f"{self.file}:{self.line}: {self.applied(source).splitlines()[self.line - 1].strip()}"


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Yield every change of a source that stands on one line; annotations and texts keep their form."""
    tree = ast.parse(source)
    left_out = {id(each) for node in ast.walk(tree) for each in _left_out(node)}
    lines = source.encode().split(b"\n")
    for node in ast.walk(tree):
        if id(node) not in left_out:
            for line, begin, end, text in _changes(node, lines):
                yield Mutant(file, line, begin, end, text)


def _left_out(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node that keep their form."""
    for name in ("annotation", "returns"):
        part = getattr(node, name, None)
        if part is not None:
            yield from ast.walk(part)
    for decorator in getattr(node, "decorator_list", ()):
        yield from ast.walk(decorator)
    match node:
        case ast.keyword(arg="strict"):
            yield from ast.walk(node)
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="logger")))):
            yield from ast.walk(node)


def _changes(node: ast.AST, lines: list[bytes]) -> Iterator[tuple[int, int, int, str]]:
    """Yield line, columns and new text of each change of one node."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for one, operator, other in zip([left, *comparators], ops, comparators, strict=False):
                yield from _between(one, operator, other, lines)
        case ast.BinOp(left=left, op=operator, right=right):
            yield from _between(left, operator, right, lines)
        case ast.BoolOp(op=operator, values=[first, second, *_]):
            yield from _between(first, operator, second, lines)
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            yield _place(node, str(value + 1 if value < MEASURE else 2 * value))
        case ast.Constant(value=bool() as value):
            yield _place(node, str(not value))
        case ast.Name(id=name) if name in NAMES:
            yield _place(node, NAMES[name])
        case ast.UnaryOp(op=ast.Not()):
            yield node.lineno, node.col_offset, node.col_offset + len("not "), ""
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Delete() | ast.AugAssign():
            if node.lineno == node.end_lineno:
                yield _place(node, "pass")
        case ast.Break():
            yield _place(node, "continue")
        case ast.Continue():
            yield _place(node, "break")


def _place(node: ast.expr | ast.stmt, text: str) -> tuple[int, int, int, str]:
    return node.lineno, node.col_offset, node.end_col_offset or 0, text


def _between(
    one: ast.expr, operator: ast.AST, other: ast.expr, lines: list[bytes]
) -> Iterator[tuple[int, int, int, str]]:
    """Yield the change of an operator that stands on one line between its operands."""
    swapped = SWAPPED.get(type(operator))
    if swapped is None or one.end_lineno != other.lineno:
        return
    begin, end = one.end_col_offset or 0, other.col_offset
    gap = lines[other.lineno - 1][begin:end].decode()
    sign = gap.strip("() ")
    if sign:
        yield other.lineno, begin, end, gap.replace(sign, swapped, 1)


def sample(count: int, seed: int, folders: tuple[str, ...] = FOLDERS) -> list[Mutant]:
    """Return changes of the files in some folders, drawn at random from all of them."""
    found = [
        mutant
        for folder in folders
        for file in sorted((ROOT / folder).rglob("*.py"))
        for mutant in mutants(file.relative_to(ROOT).as_posix(), file.read_text())
    ]
    return random.Random(seed).sample(found, min(count, len(found)))
