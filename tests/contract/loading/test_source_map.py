"""A JSON pointer leads to the line and column where its value stands in the file."""

from pathlib import Path

import pytest

from eqkit.contract.loading.source_map import ContractFile, SourceMap
from eqkit.errors import ContractError

YAML = """\
# A comment
openapi: 3.0.3
paths:
  /a/{b}:
    get:
      tags: [one, two]
      responses:
        200: &ok {description: fine}
        201: *ok
"""
JSON = '{\n  "é": {"x": 1,\n "a~b": [\n  null, {"y": true}]}\n}'


@pytest.mark.parametrize(
    ("text", "pointer", "line", "column"),
    [
        (YAML, "", 2, 1),
        (YAML, "/openapi", 2, 1),
        (YAML, "#/paths/~1a~1{b}/get/tags/1", 6, 19),
        (YAML, "/paths/~1a~1{b}/get/responses/200/description", 8, 19),
        (YAML, "/paths/~1a~1{b}/get/responses/201", 9, 9),
        (YAML, "/paths/~1a~1{b}/get/responses/404/description", 7, 7),
        (YAML, "/openapi/3", 2, 1),
        (JSON, "/é/a~0b", 3, 2),
        (JSON, "/é/a~0b/1/y", 4, 10),
        (JSON, "/nowhere", 1, 1),
    ],
)
def test_a_pointer_leads_to_its_key_or_to_the_nearest_place_above(
    text: str, pointer: str, line: int, column: int
) -> None:
    """Lines and columns count from 1; a missing part is looked for at its would-be place."""
    place = SourceMap(Path("file"), text).place(pointer)
    assert (place.line, place.column, place.pointer) == (line, column, pointer)


def test_every_value_of_the_contract_has_its_line() -> None:
    """The line that a pointer leads to begins with the key that the pointer ends with."""
    contract = ContractFile.load()
    text = contract.file.read_text().splitlines()
    for name in contract.document.at("/components/schemas"):
        place = contract.place(f"/components/schemas/{name}")
        assert place.line is not None
        assert text[place.line - 1] == f"    {name}:"


ALIASES = b"\n".join(b"a%d: &a%d [%s]" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30))


@pytest.mark.parametrize(
    "content",
    [
        b"a: [",
        b"\xff\xfe\xfa",
        None,
        b"openapi: &a [*a]",
        b"[" * 5000 + b"]" * 5000,
        b"a0: &a0 1\n" + ALIASES,
    ],
    ids=["broken", "no text", "missing", "within itself", "too deep", "too many"],
)
def test_an_unreadable_file_is_reported_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    """Broken YAML, bytes that are not text and a missing file raise the error that commands print."""
    file = tmp_path / "broken.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ContractError, match=r"broken\.yaml:(\d+:\d+:)? \S[^\n]*\Z"):
        SourceMap.read(file)


def test_an_empty_file_has_no_lines() -> None:
    """A place in an empty file is the file itself."""
    assert str(SourceMap(Path("empty.yaml"), "").place("/a")) == "empty.yaml"


@pytest.mark.parametrize(
    "text", ["openapi: 3.0.3\ninfo: !!int thirteen", "openapi: 3.0.3\n? {a: b}\n: c", "openapi: !x y"]
)
def test_a_contract_with_values_that_yaml_cannot_make_is_reported_in_one_line(
    tmp_path: Path, text: str
) -> None:
    """A number that there is not, a key that is no text and an unknown tag are no contract."""
    file = tmp_path / "odd.yaml"
    file.write_text(text)
    with pytest.raises(ContractError, match=r"odd\.yaml:\d+:\d+: not YAML: \S[^\n]*\Z"):
        ContractFile.load(file)
