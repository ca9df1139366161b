"""A Slate file is read whole: each statement is a fact with its line, each contradiction is found."""

from pathlib import Path

import pytest

from eqkit.elasticqueue.trace.contradictions import contradictions
from eqkit.elasticqueue.trace.slate import SlateFile
from eqkit.errors import ContractError
from tests.elasticqueue.trace import service_docs
from tests.elasticqueue.trace.parcels import SLATE

SEND = "parcels/send-a-parcel"
BULK = "parcels/send-many-parcels"
FACTS = [
    ("front/title", "Parcels", 2),
    ("front/language_tabs/0", "http", 4),
    ("front/language_tabs/1", "shell", 5),
    ("front/includes/0", "errors", 7),
    ("parcels#title", "Parcels", 10),
    (f"{SEND}#title", "Send a parcel", 12),
    (f"{SEND}#request/method", "POST", 15),
    (f"{SEND}#request/target", "/v1/depots/north/parcels", 15),
    (f"{SEND}#request/version", "HTTP/1.1", 15),
    (f"{SEND}#request/headers/Content-Type", "application/json", 16),
    (f"{SEND}#request/headers/X-Api-Key", "s3cret", 17),
    (f"{SEND}#request/empty-line", None, 18),
    (f"{SEND}#request/body/weight", 2, 19),
    (f"{SEND}#request/body/pickup", 1459121798238, 20),
    (f"{SEND}#prose/1", "The answer:", 28),
    (f"{SEND}#response/version", "HTTP/1.1", 31),
    (f"{SEND}#response/status", 204, 31),
    (f"{SEND}#response/reason", "Created", 31),
    (f"{SEND}#response/headers/X-Api-Key", "s3cret", 32),
    (f"{SEND}#response/body/id", "p1", 34),
    (f"{SEND}#response/body/id(2)", "p2", 34),
    (f"{SEND}#response/body/href", "https://parcels.example/v1/api/depots/south/parcels/p1", 35),
    (f"{SEND}#prose/2", "A parcel is sent at once.", 38),
    (f"{SEND}#prose/3", "It cannot be called back.", 38),
    (f"{SEND}#table/weight", "weight", 42),
    (f"{SEND}#table/weight/Type", "Integer", 42),
    (f"{SEND}#table/weight/Description", "How many kittens it weighs", 42),
    (f"{SEND}#table/pickup", "pickup", 43),
    (f"{SEND}#table/pickup/Type", "Integer", 43),
    (f"{SEND}#table/pickup/Description", "Epoch time in seconds", 43),
    (f"{BULK}#title", "Send many parcels", 45),
    (f"{BULK}#request/method", "POST", 48),
    (f"{BULK}#request/target", "/v1/depots/north/parcels/_bulk", 48),
    (f"{BULK}#request/version", "HTTP/1.1", 48),
    (f"{BULK}#request/headers/X-Api-Key", None, 48),
    (f"{BULK}#request/headers/Content-Type", "application/json", 49),
    (f"{BULK}#request/body/0/weight", 1, 51),
    ("authentication#empty", "Authentication", 54),
]
CONTRADICTIONS = [
    ("docs-missing-include", 7),
    ("docs-no-empty-line", 18),
    ("docs-unit", 20),
    ("docs-status-reason", 31),
    ("docs-body-forbidden", 31),
    ("docs-secret-echoed", 32),
    ("docs-duplicate-key", 34),
    ("docs-link-base", 35),
    ("docs-link-queue", 35),
    ("docs-template-words", 42),
    ("docs-header-missing", 48),
    ("docs-empty-section", 54),
]


def read(text: str) -> SlateFile:
    """A Slate file that stands nowhere."""
    return SlateFile(Path("nowhere/index.html.md"), text)


def test_every_statement_is_a_fact_with_its_line() -> None:
    """Front matter, titles, messages, JSON leaves, prose, asides, cells and empty sections are facts."""
    found = [(fact.name, fact.value, fact.line) for fact in read(SLATE).facts]
    assert sorted(found, key=str) == sorted(FACTS, key=str)


def test_lines_that_end_in_carriage_returns_state_the_same() -> None:
    """A file that was saved on Windows has the same facts."""
    assert read(SLATE.replace("\n", "\r\n")).facts == read(SLATE).facts


def test_facts_of_one_name_are_numbered() -> None:
    """Two sections, rows, headers or sentences of one name stay two facts."""
    request = "```http\nGET / HTTP/1.1\nX-One: 1\nX-One: 2\n```"
    table = "x | y\n--|--\nn | 1\nn | 2"
    names = [fact.name for fact in read(f"# A\n\n{request}\n\n{table}\n\n# A\n\nWords.\n").facts]
    assert len(set(names)) == len(names)
    assert {"a#request/headers/X-One(2)", "a#table/n/y(2)", "a-2#prose/1"} <= set(names)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (SLATE, CONTRADICTIONS),
        *((docs.read_text(), service_docs.CONTRADICTIONS) for docs in service_docs.SERVICE_DOCS),
    ],
    ids=["ours", *("the service's" for _ in service_docs.SERVICE_DOCS)],
)
def test_every_contradiction_is_found_once_at_its_line(text: str, wanted: list[tuple[str, int]]) -> None:
    """Each way in which docs contradict HTTP, JSON or themselves (rulings D1 to D10), and nothing else."""
    assert [(each.rule, each.line) for each in contradictions(read(text))] == wanted


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("  - errors", "  []", "docs-missing-include"),
        ("s3cret\n{", "s3cret\n\n{", "docs-no-empty-line"),
        ("in seconds", "in milliseconds", "docs-unit"),
        ("1459121798238", "1459121798", "docs-unit"),
        ("204 Created", "201 Created", "docs-status-reason"),
        ("204 Created", "201 Created", "docs-body-forbidden"),
        ("X-Api-Key: s3cret\n\n{", "Vary: Accept\n\n{", "docs-secret-echoed"),
        ('"id": "p2"', '"ref": "p2"', "docs-duplicate-key"),
        ("/v1/api/", "/v1/", "docs-link-base"),
        ("depots/south", "depots/north", "docs-link-queue"),
        ("kittens", "kilograms", "docs-template-words"),
        ("_bulk HTTP/1.1\n", "_bulk HTTP/1.1\nX-Api-Key: s3cret\n", "docs-header-missing"),
        ("# Authentication\n", "# Authentication\n\nBy a key.\n", "docs-empty-section"),
    ],
)
def test_a_contradiction_that_was_mended_is_not_found(old: str, new: str, rule: str) -> None:
    """A check that cannot be satisfied is worth nothing."""
    assert SLATE.count(old) == 1
    assert rule not in {each.rule for each in contradictions(read(SLATE.replace(old, new)))}


def test_a_body_that_is_not_json_is_one_fact_and_a_contradiction() -> None:
    """An unreadable body is still a fact, and is reported."""
    slate = read("# A\n\n```http\nHTTP/1.1 200 OK\n\nhello: [\n```\n")
    assert ("a#response/body", "hello: [", 6) in [(fact.name, fact.value, fact.line) for fact in slate.facts]
    assert [each.rule for each in contradictions(slate)] == ["docs-not-json"]


@pytest.mark.parametrize("content", [b"# Only a title\n", b"\xff", b"---\n[\n---\n", None])
def test_a_file_that_states_nothing_is_refused_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    """A page without an example, bytes that are no text, broken front matter, no file at all."""
    file = tmp_path / "index.html.md"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ContractError, match=r"\A[^\n]*index\.html\.md: [^\n]+\Z"):
        SlateFile.read(file)
