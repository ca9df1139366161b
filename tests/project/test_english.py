"""Sentences name their thing: few of them turn on a free relative, counted as `sentences` says."""

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, place
from tests.project.sentences import Count, count, docstrings

MAX_DOCS_PERCENT = 2.0
MAX_DOCSTRINGS_PERCENT = 2.0
FOLDERS = ("eqkit", "handlers", "mocks", "tests", "benchmarks", "sdks", "examples")
"""Folders with Python files of ours."""

READMES = sorted((ROOT / "clients").glob("*/README.md"))
MODULES = [
    file
    for folder in FOLDERS
    for file in sorted((ROOT / folder).rglob("*.py"))
    if "node_modules" not in file.parts
]


def percent(counts: list[Count]) -> float:
    """Return the share of sentences that turn on a free relative."""
    return 100 * sum(len(each.free) for each in counts) / sum(each.sentences for each in counts)


def worst(counts: dict[Path, Count]) -> str:
    """Return the ten files with the most such sentences, each with the first of them."""
    order = sorted(counts, key=lambda file: -len(counts[file].free))
    return "\n".join(
        f"{place(file)}: {len(free)} of {sentences}, such as: {free[0]}"
        for file in order[:10]
        for sentences, free in [counts[file]]
        if free
    )


def test_pages_name_their_things() -> None:
    """Fewer than 2 % of the sentences in the pages turn on a free relative."""
    counts = {page: count(page.read_text()) for page in [*PAGES, *READMES]}
    assert percent(list(counts.values())) < MAX_DOCS_PERCENT, worst(counts)


def test_docstrings_name_their_things() -> None:
    """Fewer than 2 % of the sentences in docstrings turn on a free relative."""
    counts = {file: count(docstrings(file)) for file in MODULES}
    assert percent(list(counts.values())) < MAX_DOCSTRINGS_PERCENT, worst(counts)


@pytest.mark.parametrize(
    "sentence",
    [
        "What a document has of routes.",
        "Return what the docs say.",
        "Answer whoever asks.",
        "Whatever the bytes, it ends.",
        "Who asks twice is refused.",
        "The journal tells who asked.",
        "Either way, whichever comes first wins.",
    ],
)
def test_a_free_relative_is_counted(sentence: str) -> None:
    """Each of the words, at the beginning and within."""
    assert count(sentence) == (1, [sentence])


@pytest.mark.parametrize(
    "sentence",
    [
        "Return the routes of one document.",
        "Clients who retry send the same key.",
        "The rule, which holds for all, has a name.",
        "What is the difference?",
        "Take `what` for a name, and [the text](what/who.md) for a link.",
        "Somewhat late.",
    ],
)
def test_other_sentences_are_not_counted(sentence: str) -> None:
    """Relatives with their noun, questions, code, links and longer words."""
    assert count(sentence) == (1, [])


def test_sentences_are_counted_one_by_one() -> None:
    """Ends of sentences, colons, list items, table cells and headings part them; fences are left out."""
    text = "# A heading\n\nOne thing: two things. Three things!\n\n- first item\n- second item\n\n"
    assert count(f"{text}| a cell | word |\n\n```sh\nwhat is it\n```\n") == (7, [])
