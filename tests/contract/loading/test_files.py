"""A contract is read as JSON first, then as YAML 1.2 by the JSON schema ruleset, from all its files."""

import json
from pathlib import Path
from typing import Any

import pytest

from eqkit.contract.document import Document
from eqkit.contract.loading.source_map import ContractFile, SourceMap
from eqkit.contract.schemas.directions import Direction
from eqkit.contract.schemas.registry import Schemas
from eqkit.contract.schemas.schema_positions import schema_positions
from eqkit.errors import ContractError

START = "openapi: 3.0.3\nx: "


def loaded(tmp_path: Path, text: str, name: str = "contract.yaml") -> Any:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return Document.load(tmp_path / name).data


@pytest.mark.parametrize(
    "word",
    [
        "on", "off", "yes", "no", "NO", "y", "18:00", "0o10", "0x1F", "1_000", "+1", ".5", "5.",
        ".inf", ".nan", "~", "True", "FALSE", "Null", "2016-03-27",
        "2016-03-27T23:36:38Z", "1:2", "=", "-", "1e", "1 a",
    ],
)  # fmt: skip
def test_a_plain_word_is_a_text(tmp_path: Path, word: str) -> None:
    """OpenAPI 3.0.3, "Format": tags are those of the JSON schema ruleset (YAML 1.2, 10.2)."""
    assert loaded(tmp_path, f"{START}{{a: [{word}]}}") == {"openapi": "3.0.3", "x": {"a": [word]}}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True), ("false", False), ("null", None), ("", None), ("0", 0), ("-0", 0), ("-12", -12),
        ("010", 10),
        ("1.50", 1.5), ("1e3", 1000.0), ("-2.5E-1", -0.25), ("12345678901234567890", 12345678901234567890),
        ("'true'", "true"), ('"1"', "1"), ("!!str 1", "1"), ("!!int '1'", 1), ("!!float 1", 1.0),
        ("!!bool true", True),
    ],
)  # fmt: skip
def test_a_plain_word_with_a_json_value_is_no_text(tmp_path: Path, word: str, value: Any) -> None:
    """Booleans, null and the numbers of JSON; quoted, they are texts."""
    found = loaded(tmp_path, f"{START}{word}\n")["x"]
    assert (found, type(found)) == (value, type(value))


def test_keys_are_texts_and_merged_objects_come_first(tmp_path: Path) -> None:
    """200, `on` and `null` are keys of an object; of two that `<<` merges, the first goes before."""
    text = (
        "openapi: 3.0.3\na: &a {1: a, 2: a}\nb: &b {2: b, 3: b}\nc: {<<: [*a, *b], 3: c, null: d, true: e}\n"
    )
    assert loaded(tmp_path, text)["c"] == {"1": "a", "2": "a", "3": "c", "null": "d", "true": "e"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"\\ud83d\\udc4d"', "👍"),
        ('"a\u007fb\u0085\ufffe"', "a\u007fb\u0085\ufffe"),
        ('"\\/\\u0000"', "/\0"),
        ("\t[\t1\t]", [1]),
        ('{"a":1, "a":2}', {"a": 2}),
        ("-0.0", -0.0),
        ("1E400", float("inf")),
        ('"\ud7ff"', "\ud7ff"),
    ],
)
def test_json_is_read_by_a_parser_of_json(tmp_path: Path, text: str, value: Any) -> None:
    """Not all JSON is YAML 1.1: pairs of surrogates, tabs and control characters beyond U+007E."""
    assert loaded(tmp_path, f'\ufeff {{"openapi":"3.0.3",\t"x":{text}}}', "c.json")["x"] == value
    (tmp_path / "c.json").write_text(
        f'{{"openapi": "3.0.3",\n\t"x":{text},\n "y": [{{"z": 1}}]}}', encoding="utf-8"
    )
    contract = ContractFile.load(tmp_path / "c.json")
    place = contract.place("/y/0/z")
    assert (place.line, place.column) == (3, 9)
    names = [key for key, _, _ in children_of(contract)]
    assert names == ["openapi", "x", "y"]


def children_of(contract: ContractFile) -> list[Any]:
    from eqkit.contract.loading.source_map import children

    return [*children(contract.source_map.root)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '{"openapi": "3.0.3", "x": ' + "[" * 300 + "]" * 300 + "}"),
        ("c.json", '{"openapi": "3.0.3", "x": ' + "[" * 9000 + "]" * 9000 + "}"),
        ("c.yaml", "openapi: 3.0.3\nx: " + "[" * 300 + "]" * 300),
        ("c.yaml", "openapi: 3.0.3\n" + "".join("  " * n + "a:\n" for n in range(300))),
        ("c.yaml", "openapi: 3.0.3\na: &a [1]\nb: &b {b: *b}"),
        ("c.yaml", f"openapi: 3.0.3\na: {'[' * 150}&a {'[' * 40}{']' * 190}\nb: {'[' * 170}*a{']' * 170}"),
        ("c.yaml", "openapi: 3.0.3\n---\nopenapi: 3.0.3"),
        ("c.yaml", "openapi: 3.0.3\na: *b"),
    ],
)  # fmt: skip
def test_a_file_that_nests_too_deep_or_is_none_is_reported_in_one_line(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ContractError, match=r"c\.(yaml|json):(\d+:\d+:)? \S[^\n]*\Z"):
        ContractFile.load(tmp_path / name)


PET = {"type": "object", "properties": {"owner": {"$ref": "people.yaml#/Owner"}, "next": {"$ref": "#/Pet"}}}


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """Return a contract whose path, parameter and schemas stand in files of their own."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "paths").mkdir()
    (tmp_path / "api.yaml").write_text(
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /pets: {$ref: paths/pets.yaml}\n"
        "components:\n  schemas:\n    Id: {type: integer}\n"
        "    Pet: {$ref: './schemas/pets%20and%20more.json#/Pet'}\n"
    )
    (tmp_path / "paths" / "pets.yaml").write_text(
        "get:\n  parameters:\n    - $ref: ../parameters.yaml\n  responses:\n    200:\n      description: d\n"
        "      content:\n        application/json:\n"
        "          schema: {$ref: '../api.yaml#/components/schemas/Pet'}\n"
    )
    (tmp_path / "parameters.yaml").write_text(
        "name: id\nin: query\nschema: {$ref: 'api.yaml#/components/schemas/Id'}\n"
    )
    (tmp_path / "schemas" / "pets and more.json").write_text(json.dumps({"Pet": PET}, indent=1))
    (tmp_path / "schemas" / "people.yaml").write_text("Owner:\n  type: object\n  required: [name]\n")
    return tmp_path / "api.yaml"


def test_a_contract_in_several_files_is_one_document(several: Path) -> None:
    """Relative references lead from file to file, in circles as well; each place is in its own file."""
    contract = ContractFile.load(several)
    schemas = Schemas(contract.document, contract.place)
    assert schemas.broken() == []
    validator = schemas.validator("/components/schemas/Pet", Direction.RESPONSE)
    (found,) = validator.violations({"next": {"next": {"owner": {}}}})
    assert (found.instance_pointer, found.missing) == ("/next/next/owner", "name")
    assert str(found.place) == f"{several.parent / 'schemas' / 'people.yaml'}:3:3"
    assert Document.load(several).as_json
    assert str(SourceMap.read(several).place("/paths")) == f"{several}:3:1"
    path = contract.document.at("/paths/~1pets")
    parameter = contract.document.at(contract.document.at(path["$ref"])["get"]["parameters"][0]["$ref"])
    positions = [*schema_positions(contract.document.data)]
    assert ("x-files", "parameters.yaml", "schema") in positions
    assert ("components", "schemas", "Pet") in positions
    assert schemas.validator("/x-files/parameters.yaml/schema", Direction.REQUEST).violations("x")
    assert contract.document.at(parameter["schema"]["$ref"]) == {"type": "integer"}


@pytest.mark.parametrize(
    ("at", "is_followed"),
    [
        *(((*way, "default"), True) for way in [("responses",), ("properties",), ("content",), ("$defs",)]),
        (("properties", "mapping", "properties", "x"), True),
        (("properties", "properties", "properties", "example"), True),
        (("properties", "value", "items"), True),
        (("examples", "enum"), True),
        (("examples", "one", "value"), False),
        (("properties", "name", "default"), False),
        (("examples",), False),
        (("const", "properties", "x"), False),
    ],
)  # fmt: skip
def test_a_name_that_the_author_chose_tells_nothing_of_its_value(
    tmp_path: Path, at: tuple[str, ...], is_followed: bool
) -> None:
    """A response or a property may be called `default`, or as any other member whose value is data."""
    (tmp_path / "b.yaml").write_text("type: string")
    node: Any = [{"$ref": "b.yaml"}] if at == ("examples",) else {"$ref": "b.yaml"}
    for part in reversed(at):
        node = {part: node}
    data = loaded(tmp_path, json.dumps({"openapi": "3.1.0", "paths": {"/a": {"get": node}}}))
    assert ('"#/x-files/b.yaml"' in json.dumps(data)) is is_followed


@pytest.mark.parametrize(
    "reference",
    [
        "../outside.yaml#/A", "/etc/passwd", "file:///etc/hostname", "https://example.com/a.yaml#/A",
        "missing.yaml", "broken.yaml#/A", "schemas/../../outside.yaml#/A", "linked.yaml#/A",
        "//example.com/a.yaml", "loop.yaml",
    ],
)  # fmt: skip
def test_a_reference_out_of_the_folder_is_not_followed_and_named(tmp_path: Path, reference: str) -> None:
    """Nobody's files are read because a contract names them; the rest of the contract is validated by."""
    folder = tmp_path / "contract"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text("A: {type: integer}\n")
    (folder / "linked.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "loop.yaml").symlink_to(folder / "loop.yaml")
    (folder / "broken.yaml").write_text("A: [")
    root = {"properties": {"a": {"$ref": reference}, "b": {"type": "integer"}}}
    document = {"openapi": "3.1.0", "components": {"schemas": {"Root": root}}}
    (folder / "api.json").write_text(json.dumps(document))
    schemas = Schemas(Document.load(folder / "api.json"))
    validator = schemas.validator("/components/schemas/Root", Direction.RESPONSE)
    assert [each.instance_pointer for each in validator.violations({"a": "x", "b": "x"})] == ["/b"]
    (broken,) = schemas.broken(Direction.RESPONSE)
    assert broken.pointer == "/components/schemas/Root/properties/a/$ref"
    assert reference in broken.message
    assert "\n" not in broken.message
