"""Every ruling of the decision records is proved by a test that names it."""

import ast
import re
from collections.abc import Iterator

from tests.docs.pages import ROOT, rulings

_NAMED = re.compile(r"\bRulings? ((?:[DTBH]\d{1,2})(?:(?:, and |, | and )[DTBH]\d{1,2})*)")


def docstrings() -> Iterator[str]:
    """The docstring of every test."""
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(), str(file))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield ast.get_docstring(node) or ""


def named(docstring: str) -> set[str]:
    """The rulings that a docstring says its test holds."""
    return {ruling for found in _NAMED.findall(docstring) for ruling in re.findall(r"[DTBH]\d{1,2}", found)}


def test_a_docstring_names_its_rulings() -> None:
    """A ruling counts as named in the forms "Ruling X:" and "Rulings X, Y and Z"."""
    text = "Rulings T2, B13 and H1: they hold. D1 is only spoken of. Ruling D2: it holds, too."
    assert named(text) == {"T2", "B13", "H1", "D2"}


def test_every_ruling_is_proved_by_a_test() -> None:
    """A ruling without a test could be broken without a sign."""
    proved = {ruling for docstring in docstrings() for ruling in named(docstring)}
    assert [ruling for ruling in rulings() if ruling not in proved] == []
