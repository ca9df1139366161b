"""A module of a user's own: its functions are named and never changed, and new ones come behind them."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from eqkit.contract.signatures import TOOLS, Signature
from eqkit.errors import StartupError
from eqkit.printing import printable
from eqkit.scaffolding.imports import imported, line_for_imports, names_used, written_imports

Function = ast.FunctionDef | ast.AsyncFunctionDef
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
"""A line as Python counts lines."""


class ExistingModule:
    """The text of one module, taken apart."""

    def __init__(self, file: Path, raw: bytes | None = None) -> None:
        """Read a module, unless it is given as it will be; raises StartupError for one that is no Python."""
        self.file = file
        try:
            raw = file.read_bytes() if raw is None else raw
            self._encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
            text = raw.decode(self._encoding)
            self._statements = ast.parse(text).body
        except SyntaxError as error:
            raise StartupError(printable(f"{file}:{error.lineno or 1}: SyntaxError: {error.msg}")) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise StartupError(printable(f"{file}:1: {type(error).__name__}: {error}")) from None
        except OSError as error:
            raise StartupError(f"{file}: {error.strerror}") from None
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._lines = _LINE.findall(text)
        self.functions = {each.name: each for each in self._statements if isinstance(each, Function)}
        """The functions of the module by name."""
        self.names = {name for each in self._statements for name in _bound(each)}
        """All names that its top level binds."""

    def conflicts(self, functions: Iterable[str]) -> list[str]:
        """Return the names that some functions would import, and that are something else here."""
        return sorted(names_used(functions) & self.names - imported(self._statements))

    def extended(self, functions: Iterable[str]) -> bytes:
        """Return the module with functions at its end, and the imports that they need behind its own.

        Not one byte of its own is another one. Raises UnicodeError if its encoding lacks a character.
        """
        added = list(functions)
        missing = written_imports(names_used(added) - imported(self._statements))
        at = line_for_imports(self._statements)
        before, behind = "".join(self._lines[:at]), "".join(self._lines[at:])
        if missing:
            is_first = not any(isinstance(each, ast.Import | ast.ImportFrom) for each in self._statements)
            above = "\n" if is_first and before else ""
            below = "\n" if is_first and behind and not behind.startswith(("\n", "\r")) else ""
            before = f"{self._ended(before)}{self._own(f'{above}{missing}{below}')}"
        whole = self._ended(f"{before}{behind}")
        own = _LINE.findall(whole)
        blank = len(own) - max((number for number, each in enumerate(own, 1) if each.strip()), default=0)
        gap = "\n" * (max(0, 2 - blank) if whole else 0)
        return f"{whole}{self._own(gap + (chr(10) * 2).join(added))}".encode(self._encoding)

    def _own(self, text: str) -> str:
        return text.replace("\n", self._newline)

    def _ended(self, text: str) -> str:
        return text if not text or text.endswith(("\n", "\r")) else f"{text}{self._newline}"

    def notes(self, signatures: Iterable[Signature]) -> Iterator[str]:
        """Yield a line for each function whose operation is gone, and for parameters that are new or gone."""
        known = {each.function: each for each in signatures}
        for name, function in self.functions.items():
            signature = known.get(name)
            if signature is not None:
                yield from self._parameters(function, signature)
            elif not name.startswith("_"):
                yield f"{self._place(function)}: {name} answers no operation of the contract"

    def _parameters(self, function: Function, signature: Signature) -> Iterator[str]:
        arguments = function.args
        taken = [each.arg for each in (*arguments.posonlyargs, *arguments.args)][1:]
        taken += [each.arg for each in arguments.kwonlyargs]
        known = {*signature.names, *TOOLS}
        place, name = self._place(function), function.name
        operation = f"{signature.operation.method} {signature.operation.path}"
        gone = [each for each in taken if each not in known and not each.startswith("_")]
        if gone:
            yield printable(f"{place}: {name} takes {', '.join(gone)}, which {operation} has not")
        missing = [each for each in signature.names if each not in taken]
        if missing and arguments.kwarg is None:
            yield printable(f"{place}: {name} does not take {', '.join(missing)}, which {operation} has")

    def _place(self, function: Function) -> str:
        return f"{self.file}:{function.lineno}"


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds at the top level of its module, those in blocks included."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
            return
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (each.asname or each.name.partition(".")[0] for each in names)
            return
    for node in ast.iter_child_nodes(statement):
        if isinstance(node, ast.stmt):
            yield from _bound(node)
        else:
            yield from (
                each.id
                for each in ast.walk(node)
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            )
