"""The imports of generated code: those that it needs, and those that a module has already."""

import ast
from collections.abc import Iterable, Sequence

ORIGINS = {
    "Any": "typing",
    "Literal": "typing",
    "Example": "eqkit.serving",
    "Result": "eqkit.serving",
    "Sandbox": "eqkit.serving",
    "InProcess": "eqkit.asgi",
    "pytest": "",
}
"""The names that generated code takes from elsewhere, by the modules that have them; "" for a module."""

_BLOCKS = (("typing",), ("", "eqkit.asgi", "eqkit.serving"))
"""The modules in the order of their imports, with an empty line between the standard library and others."""


def names_used(functions: Iterable[str]) -> set[str]:
    """Return the names of ORIGINS that some functions use; those in docstrings are none."""
    return {
        node.id
        for function in functions
        for node in ast.walk(ast.parse(function))
        if isinstance(node, ast.Name) and node.id in ORIGINS
    }


def written_imports(names: Iterable[str]) -> str:
    """Return the lines that import some names."""
    chosen = {*names}
    blocks = []
    for modules in _BLOCKS:
        lines = [
            f"from {module} import {', '.join(found)}\n" if module else f"import {', '.join(found)}\n"
            for module in modules
            if (found := sorted(name for name in chosen if ORIGINS[name] == module))
        ]
        blocks += ["".join(lines)] if lines else []
    return "\n".join(blocks)


def imported(statements: Sequence[ast.stmt]) -> set[str]:
    """Return the names of ORIGINS that a module imports as such."""
    return {
        alias.name
        for each in statements
        if isinstance(each, ast.Import) or (isinstance(each, ast.ImportFrom) and not each.level)
        for alias in each.names
        if ORIGINS.get(alias.name) == getattr(each, "module", "") and alias.asname in (None, alias.name)
    }


def line_for_imports(statements: Sequence[ast.stmt]) -> int:
    """Return after how many lines a module takes further imports: behind its last, or its docstring."""
    at = 0
    for index, each in enumerate(statements):
        is_docstring = (
            index == 0
            and isinstance(each, ast.Expr)
            and isinstance(each.value, ast.Constant)
            and isinstance(each.value.value, str)
        )
        if is_docstring or isinstance(each, ast.Import | ast.ImportFrom):
            at = each.end_lineno or each.lineno
    return at or (statements[0].lineno - 1 if statements else 0)
