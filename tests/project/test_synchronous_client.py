"""The client that waits is made from the client of coroutines, and is the output of the script."""

from pathlib import Path

import pytest

from sdks.synchronous import FOLDER, sources, synchronous, target


def test_each_module_of_the_resources_is_a_source_or_made_from_one() -> None:
    """The names that both share have a module of their own."""
    made = {target(source) for source in sources()}
    assert len(made) == 2
    assert set(FOLDER.glob("*.py")) == {*sources(), *made, FOLDER / "__init__.py", FOLDER / "names.py"}


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.stem)
def test_the_client_that_waits_is_as_it_is_made(source: Path) -> None:
    """`make client` writes it; a change by hand would be lost with the next one."""
    assert target(source).read_text() == synchronous(source)
