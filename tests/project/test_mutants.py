"""The changes that `make mutants` tries: each is one line, and its seed draws it again."""

import ast

import pytest

from tests.mutants.changes import ROOT, mutants, sample


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("a < b", {"a <= b"}),
        ("a <= b < c", {"a < b < c", "a <= b <= c"}),
        ("a == (b)", {"a != (b)"}),
        ("a is not None", {"a is None"}),
        ("a in b", {"a not in b"}),
        ("a and b and c", {"a or b and c"}),
        ("a + b * c", {"a - b * c", "a + b // c"}),
        ("x = 7", {"x = 8"}),
        ("x = -7", {"x = -8"}),
        ("x = 99", {"x = 100"}),
        ("x = 100", {"x = 200"}),
        ("x = zip(a, b, strict=True)", set()),
        ("logger.info('%d', 7)", set()),
        ("@cache(maxsize=7)\ndef f(): ...", set()),
        ("x = True", {"x = False"}),
        ("x = min(a, b)", {"x = max(a, b)"}),
        ("x = not a", {"x = a"}),
        ("x = 'é' + b", {"x = 'é' - b"}),
        ("call(a)", {"pass"}),
        ("x += a", {"pass"}),
        ("x: tuple[int, 7] = a", set()),
        ("x = 'text'", set()),
    ],
)
def test_each_kind_of_change_is_made(line: str, changed: set[str]) -> None:
    """Comparisons, logic, sums, numbers, names and statements; never an annotation or a text."""
    found = {mutant.applied(line) for mutant in mutants("file.py", line)}
    assert found == changed


def test_every_change_is_python_and_another_program() -> None:
    """A change that does not parse would be noticed by any test, and one without effect by none."""
    drawn = sample(300, 5)
    assert len({(each.file, each.line, each.begin, each.text) for each in drawn}) == 300
    for mutant in drawn:
        source = (ROOT / mutant.file).read_text()
        assert ast.dump(ast.parse(mutant.applied(source))) != ast.dump(ast.parse(source)), mutant


def test_a_seed_draws_the_same_changes() -> None:
    """And another seed draws others."""
    assert sample(50, 1) == sample(50, 1) != sample(50, 2)
