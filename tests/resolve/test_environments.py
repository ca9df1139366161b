"""Environments that eqkit can be installed into: the table of the docs, resolved for every Python."""

import pytest

from tests.docs.pages import ROOT, rows
from tests.resolve.resolver import alone, name_of, resolve

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
EXTRAS = ("", "server", "check")
PAGE = ROOT / "docs/reference/environments.md"
TABLE = [(row[1].strip("`"), *row[2:]) for row in rows(PAGE, "Beside")]
CELLS = [
    pytest.param(requirement, extra, cell, id=f"{requirement}-{extra or 'base'}")
    for requirement, *cells in TABLE
    for extra, cell in zip(EXTRAS, cells, strict=True)
]


def test_the_table_has_the_packages_of_common_projects() -> None:
    """Each of these was met beside eqkit."""
    assert {row[0] for row in TABLE} >= {
        "fastapi==0.100.*", "fastapi==0.115.*", "fastapi", "flask", "django", "connexion<3",
        "uvicorn==0.30.*",
        "starlette==0.40.*", "respx", "pytest-httpx", "pytest==8.*", "pytest==9.*",
    }  # fmt: skip


def test_the_base_distribution_goes_beside_everything() -> None:
    """It has no dependency that could be in the way."""
    assert {row[1] for row in TABLE} == {"yes"}


@pytest.mark.parametrize(("requirement", "extra", "cell"), CELLS)
def test_an_environment_is_as_the_docs_say(requirement: str, extra: str, cell: str) -> None:
    """Where a cell says yes, the other package keeps the release that it would have without eqkit."""
    if cell == "yes":
        found = resolve([requirement], extra=extra)
        assert isinstance(found, dict), found
        assert found[name_of(requirement)] == alone(requirement)
    else:
        assert cell.startswith("no: ")
        for python in PYTHONS:
            refused = resolve([requirement], extra=extra, python=python)
            assert isinstance(refused, str), "the docs say that this is impossible"
            assert "No solution found" in refused
