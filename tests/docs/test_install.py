"""The ways to install eqkit that we print: each begins at the repository, as no index has eqkit."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, PAGES, ROOT, links, place

SHOWN_TO_PEOPLE = (".md", ".yml", ".yaml", ".json", ".toml", ".ts", ".js", ".py", ".txt")
FOLDERS = (DOCS, ROOT / "examples", ROOT / "clients", ROOT / ".github")
MADE_AGAIN = {"node_modules", "dist", "build", "__pycache__"}

_INSTALLER = re.compile(r"\b(?:pip3?|uv|pipx|poetry|pdm)\b.*?\b(?:install|add|run|inject)\b|\buvx\b")
_COMMAND_OF_A_PLACE = re.compile(r"""(--from[ =](?:"[^"]*"|'[^']*'|\S+))\s+eqkit\b""")
_NAME_ALONE = re.compile(r"""[\s"'=]eqkit(?:\[[\w,]+\])?(?:[=<>~!]=?[\w.*]+)?["']?(?=\s|$|[).,;`])(?!\s*@)""")


def files() -> list[Path]:
    """Every file that shows people how to use eqkit."""
    found = [*PAGES, ROOT / "action.yml"]
    for folder in FOLDERS:
        found += [file for file in folder.rglob("*") if file.suffix in SHOWN_TO_PEOPLE and file not in found]
    return [file for file in found if not MADE_AGAIN & set(file.relative_to(ROOT).parts)]


def commands(text: str) -> Iterator[str]:
    """Each line of a text, and each inline code span, which prose may break over two lines."""
    yield from text.splitlines()
    yield from (" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text))


def needs_an_index(command: str) -> bool:
    """Whether a command installs eqkit by its name alone, for which an installer asks an index."""
    installer = _INSTALLER.search(command)
    if installer is None:
        return False
    rest = _COMMAND_OF_A_PLACE.sub(r"\1", command[installer.start() :])
    return _NAME_ALONE.search(rest) is not None


def test_nothing_tells_people_to_install_eqkit_from_an_index() -> None:
    """A stranger who registers the name there first would be installed by each reader."""
    messages = {
        place(file): [each for each in commands(file.read_text()) if needs_an_index(each)] for file in files()
    }
    assert {name: lines for name, lines in messages.items() if lines} == {}


@pytest.mark.parametrize(
    "command",
    [
        "pip install eqkit",
        "pip install 'eqkit[check]'",
        '- python -m pip install --quiet "eqkit[server,check]==0.1.*"',
        "uv tool install eqkit[server]",
        "uv pip install -U eqkit>=0.1",
        "uvx eqkit serve",
        "uvx --from eqkit[server] eqkit serve",
        "uvx --from=eqkit eqkit serve",
        "pipx run eqkit",
        "poetry add --group dev eqkit",
        "It comes with `pip install\n'eqkit[check]'`, as all do.",
    ],
)
def test_a_command_that_needs_an_index_is_found(command: str) -> None:
    """Each installer, with and without extras, versions and quotes."""
    assert any(map(needs_an_index, commands(command)))


@pytest.mark.parametrize(
    "command",
    [
        'pip install ".[server]"',
        'pip install "eqkit[check] @ git+https://git.test/eqkit@main"',
        'uvx --from ".[server]" eqkit serve',
        'uvx --from "eqkit[server] @ git+$(git remote get-url origin)" eqkit serve',
        '"$RUNNER_TEMP/eqkit/bin/python" -m pip install "$GITHUB_ACTION_PATH[check]"',
        "pip install ./eqkit/",
    ],
)
def test_a_command_that_begins_at_a_place_is_fine(command: str) -> None:
    """A path, or an address behind the name."""
    assert not any(map(needs_an_index, commands(command)))


def test_the_index_of_the_docs_links_every_page() -> None:
    """A page without a link from docs/README.md is found by search alone."""
    linked = {target for _, target, _ in links(DOCS / "README.md")}
    pages = {page for page in DOCS.rglob("*.md") if page.parent.name != "adr" and page.parent != DOCS}
    assert {place(page) for page in pages - linked} == set()
