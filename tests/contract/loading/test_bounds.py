"""Hostile files end in a line, within bounds of time and memory; so do hostile references."""

import json
import os
from pathlib import Path

import pytest

from eqkit.contract.loading import source_texts
from eqkit.contract.loading.any_contract import load_any
from eqkit.contract.loading.source_texts import read_content
from eqkit.contract.messages.compiled import CompiledContract
from eqkit.contract.operations import Contract
from eqkit.errors import ContractError

HEAD = '"openapi": "3.0.3", "info": {"title": "T", "version": "1"}'
BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{after}: &{after} [{','.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'{{{HEAD}, "x": {"[" * 100_000}', "nests too deep"),
        (f'{{{HEAD}, "x": {"[" * 300}{"]" * 300}}}', "nests too deep"),
        ("openapi: 3.0.3\n" + BOMB, "its aliases make more than 1000000 values"),
        (
            f"openapi: 3.0.3\na: &a {'x' * 100_000}\nb: [{','.join(['*a'] * 1000)}]\n",
            "its aliases make more than",
        ),
        ("openapi: 3.0.3\nx: &x {y: *x}\n", "an alias stands within itself"),
        (f'{{{HEAD}, "x": "\\ud800"}}', "it has a lone surrogate"),
        (f'{{{HEAD}, "x": 1{"0" * 5000}}}', "a number has more digits than are read"),
        (f"openapi: 3.0.3\nx: 1{'0' * 5000}\n", "a number has more digits than are read"),
    ],
)
def test_a_hostile_file_ends_in_a_line(tmp_path: Path, text: str, message: str) -> None:
    """Deep ones, bombs of aliases, values and texts, and numbers of more digits than Python reads."""
    file = tmp_path / "api.yaml"
    file.write_text(text)
    with pytest.raises(ContractError) as caught:
        load_any(str(file))
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{file}:")
    assert "\n" not in str(caught.value)


def test_a_file_of_too_many_bytes_or_values_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bounds are 64 MB and 5 million values."""
    file = tmp_path / "api.json"
    file.write_text(f'{{{HEAD}, "x": [{",".join("1" * 5000)}]}}')
    monkeypatch.setattr(source_texts, "MAX_VALUES", 1000)
    with pytest.raises(ContractError, match="more than 1000 values"):
        load_any(str(file))
    monkeypatch.setattr(source_texts, "MAX_BYTES", 5000)
    with pytest.raises(ContractError, match="it is too long"):
        load_any(str(file))


@pytest.mark.parametrize(
    "number",
    ["18446744073709551615", "18446744073709551616", "-9223372036854775808", "-9223372036854775809",
     "1" * 40, "-" + "1" * 40, "0.12345678901234567890123", "1e22", "-0"],
)  # fmt: skip
@pytest.mark.parametrize("around", ["[%s]", '{"a":%s}', "[1, %s]", '["%s"]', '["x %s"]'])
def test_numbers_are_read_to_the_last_digit(number: str, around: str) -> None:
    """As by the parser of the standard library, however many bits they have."""
    text = around % number
    found = read_content(text.encode(), Path("it.json")).data
    assert json.dumps(found) == json.dumps(json.loads(text))


CIRCLES = [
    {"paths": {"/a": {"$ref": "#/paths/~1b"}, "/b": {"$ref": "#/paths/~1a"}}},
    {"paths": {"/a": {"get": {"responses": {"200": {"$ref": "#/components/responses/a"}}}}},
     "components": {"responses": {"a": {"$ref": "#/components/responses/b"},
                                  "b": {"$ref": "#/components/responses/a"}}}},
    {"paths": {"/a": {"get": {"parameters": [{"$ref": "#/paths/~1a/get/parameters/0"}], "responses": {}}}}},
    {"paths": {"/a": {"get": {"responses": {}, "requestBody": {"content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/a"}}}}}}},
     "components": {"schemas": {"a": {"$ref": "#/components/schemas/b"},
                                "b": {"allOf": [{"$ref": "#/components/schemas/a"}]}}}},
]  # fmt: skip


@pytest.mark.parametrize("members", CIRCLES, ids=["paths", "responses", "itself", "schemas"])
def test_circles_of_references_end(tmp_path: Path, members: dict[str, object]) -> None:
    """The document can be worked with."""
    file = tmp_path / "api.json"
    file.write_text(json.dumps({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}} | members))
    document = load_any(str(file)).document
    compiled = CompiledContract(document)
    for operation in Contract(document).complete().operations.values():
        assert compiled.operation(operation.pointer).parameters == []
    assert isinstance(compiled.broken, dict)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("file:///etc/passwd", "is not in the folder of the contract, and nothing is fetched"),
        ("/etc/passwd", "is not in the folder of the contract, and nothing is fetched"),
        ("../secret.yaml", "is not in the folder of the contract, and is not followed"),
        ("a/../../secret.yaml", "is not in the folder of the contract, and is not followed"),
        ("..%2Fsecret.yaml", "is not in the folder of the contract, and is not followed"),
        ("link.yaml", "is not in the folder of the contract, and is not followed"),
        ("pipe", "not a file"),
        ("lost.yaml", "No such file"),
        ("https://[", "is not in the folder of the contract, and nothing is fetched"),
    ],
)
def test_a_reference_out_of_the_folder_is_not_followed(tmp_path: Path, reference: str, why: str) -> None:
    """Neither by path, nor by link, nor by scheme; and no pipe is waited for."""
    (tmp_path / "secret.yaml").write_text("type: integer\n")
    folder = tmp_path / "api"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    os.mkfifo(folder / "pipe")
    parameter = {"name": "n", "in": "query", "schema": {"$ref": reference}}
    get = {"operationId": "a", "parameters": [parameter], "responses": {"200": {"description": "d"}}}
    document = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": get}}}
    (folder / "openapi.json").write_text(json.dumps(document))
    found = load_any(str(folder), allow_remote=reference.startswith("file:"))
    assert [why in each.message for each in found.repairs] == [True], found.repairs
    assert found.files == (folder / "openapi.json",)
