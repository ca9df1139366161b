"""docs/reference/formats.md lists the formats that values are held to, no more and no less."""

import json
import re
from pathlib import Path

import pytest

from eqkit.contract.document import Document
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.formats import BY_SCHEMA, BY_VALIDATOR, UNCHECKED
from eqkit.contract.schemas.registry import Schemas

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "formats.md"
ROOT = "/components/schemas/Root"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="a wheel has no docs")


def rows() -> tuple[dict[str, str], list[str]]:
    """Return the example of each format that is checked, and the names of those that are not."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    checked, _, accepted = text.partition("## Accepted")
    examples = dict(re.findall(r"^\| `([^`]+)` \|[^|]*\| `([^`]+)` \|", checked, re.MULTILINE))
    return examples, re.findall(r"^\| `([^`]+)` \|", accepted, re.MULTILINE)


EXAMPLES, ACCEPTED = rows()


def is_valid(name: str, value: object) -> bool:
    schemas = Schemas(Document({"openapi": "3.0.3", "components": {"schemas": {"Root": {"format": name}}}}))
    return schemas.validator(ROOT, Direction.RESPONSE).is_valid(value)


def test_the_page_lists_every_format() -> None:
    """The list stands in the code once, and on the page once."""
    assert sorted(EXAMPLES) == [*EXAMPLES] == sorted(BY_VALIDATOR | BY_SCHEMA.keys())
    assert sorted(ACCEPTED) == ACCEPTED == sorted(UNCHECKED)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_format_accepts_its_example_and_is_checked(name: str) -> None:
    """Each row is true: its example is good, and something else of its type is not."""
    is_number = name.startswith("int") or name == "float"
    good = json.loads(EXAMPLES[name]) if is_number else EXAMPLES[name]
    assert is_valid(name, good)
    assert not is_valid(name, 1e39 if is_number else "\\ {[(%")
    assert is_valid(name, "any text" if is_number else 1)


@pytest.mark.parametrize("name", [*ACCEPTED, "of-nobody"])
def test_another_format_accepts_anything(name: str) -> None:
    """A format that nobody knows is a note to the reader."""
    assert is_valid(name, "\\ {[(%")
    assert is_valid(name, 1e39)


FLOAT = 3.4028234663852886e38


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("int32", [-(2**31), -1, 0, 3, 2**31 - 1, 7.0], [-(2**31) - 1, 2**31, 0.5]),
        ("int64", [-(2**63), -1, 0, 3, 2**63 - 1, 7.0], [-(2**63) - 1, 2**63, 0.5]),
        ("float", [-FLOAT, 0.5, FLOAT], [-3.5e38, 3.5e38]),
        (
            "byte",
            ["", "aGk=", "aA==", "aGkh", "+/+/"],
            ["a", "aG", "aGk", "aGk=aGk=", "a===", "-_==", "aGk=\n"],
        ),
    ],
)
def test_a_format_ends_where_openapi_has_it_end(name: str, good: list[object], bad: list[object]) -> None:
    """The last value that fits is good, and the next one is not (OpenAPI format registry)."""
    assert [each for each in good if not is_valid(name, each)] == []
    assert [each for each in bad if is_valid(name, each)] == []
