"""Contracts that are valid and that few would write, and some that a hand has left unfinished."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from eqkit.checks.conformance import Conformance
from eqkit.checks.sources import load
from eqkit.cli.checks import load_command
from eqkit.contract.credentials import bare, credentials
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.recording import Recording

URL = "https://odd.example"
BASE = yaml.safe_load("""
openapi: 3.1.0
info: {title: Odd, version: '1'}
servers: [{url: https://odd.example}]
paths:
  /a:
    get:
      parameters:
      - {name: q, in: query, schema: {type: string, maxLength: 3}}
      - {name: r, in: query, schema: {$ref: '#/paths/~1a/get/parameters/0/schema'}}
  /b/{x}:
    parameters: [{name: x, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: A thing.
          headers: {X-Any: {schema: {type: string}}}
          content: {application/json: {schema: {type: object}}}
  /c:
    get:
      responses: {'200': {$ref: '#/paths/~1b~1%7Bx%7D/get/responses/200'}}
components: {securitySchemes: {Key: {type: apiKey, in: header, name: X-Key}}}
""")
B_200 = ("paths", "/b/{x}", "get", "responses", "200")


def contract(folder: Path, place: tuple[Any, ...] = (), value: Any = None) -> Path:
    """Write the contract, with another value at a place where one is named."""
    data = copy.deepcopy(BASE)
    if place:
        node = data
        for part in place[:-1]:
            node = node[part]
        node[place[-1]] = value
    file = folder / "odd.json"
    file.write_text(json.dumps(data))
    return file


def answered(path: str, document: Any) -> RecordedExchange:
    """An exchange whose answer is a document."""
    headers = (("Content-Type", "application/json"), ("X-Any", "1"))
    return RecordedExchange("one", "GET", URL + path, (), b"", 200, headers, json.dumps(document).encode())


def messages(file: Path, exchange: RecordedExchange) -> list[str]:
    """Return the violations of an exchange."""
    return [each.message for each in Conformance(*load(file)).validate(exchange)]


def run(check: str, file: Path, folder: Path) -> Result:
    """Run a check with the contract and some traffic."""
    recording = Recording(folder / "odd.har")
    for exchange in (answered("/a?q=1", {}), answered("/b/1", {}), answered("/c", {})):
        recording.add(exchange, 1)
    recording.close()
    arguments: dict[str, list[object]] = {"lint": ["--contract", file], "diff": [file, file]}
    given = arguments.get(check, [folder / "odd.har", "--contract", file])
    return CliRunner().invoke(load_command(check), [str(each) for each in given])


@pytest.mark.parametrize("check", ["lint", "replay", "coverage", "diff"])
def test_an_odd_but_valid_contract_passes_each_check(check: str, tmp_path: Path) -> None:
    """Since 3.1 an operation may document no response, and a reference may have an index and escapes."""
    result = run(check, contract(tmp_path), tmp_path)
    assert result.exit_code == 0, result.output
    assert "error" not in result.output


def test_a_reference_leads_through_lists_and_escapes(tmp_path: Path) -> None:
    """A value is validated by the target of the reference, and a finding is placed at the target."""
    file = contract(tmp_path)
    assert messages(file, answered("/a?r=long", 1)) == [
        'one: in the query, "r" may have at most 3 characters, and has 4.',
        'one: answered 200, though in the query, "r" may have at most 3 characters, and has 4.',
    ]
    (finding,) = Conformance(*load(file)).validate(answered("/c", 1))
    assert finding.place is not None
    assert finding.place.pointer == "/paths/~1b~1{x}/get/responses/200/content/application~1json/schema"


@pytest.mark.parametrize(
    "reference",
    [
        "#/paths/~1a/get/parameters/-1/schema",
        "#/paths/~1a/get/parameters/2/schema",
        "#named",
        "#/info/title/x",
    ],
)
def test_a_reference_to_nowhere_is_named_and_left_out(reference: str, tmp_path: Path) -> None:
    """No index counts from the end, and a name is no pointer; everything else is checked all the same."""
    file = contract(tmp_path, ("paths", "/a", "get", "parameters", 1, "schema", "$ref"), reference)
    result = run("replay", file, tmp_path)
    assert result.exit_code == 0, result.output
    assert f"{reference} leads nowhere" in result.output


def test_a_schema_may_be_true_or_false(tmp_path: Path) -> None:
    """Since 3.1: of a parameter, of a header and of a body; it admits anything, or nothing."""
    parameter = ("paths", "/a", "get", "parameters", 0, "schema")
    header = (*B_200, "headers", "X-Any", "schema")
    body = (*B_200, "content", "application/json", "schema")
    for place, path in ((parameter, "/a?q=long"), (header, "/b/1"), (body, "/b/1")):
        assert messages(contract(tmp_path, place, True), answered(path, {})) == []
        wrong = messages(contract(tmp_path, place, False), answered(path, {}))
        assert wrong
        assert all(each.endswith("is not allowed here.") for each in wrong)


@pytest.mark.parametrize("check", ["replay", "coverage", "diff"])
@pytest.mark.parametrize(
    "place",
    [
        ("components",),
        ("components", "securitySchemes"),
        ("servers",),
        ("security",),
        (*B_200, "headers"),
        (*B_200, "content"),
        (*B_200, "content", "application/json"),
        (*B_200, "content", "application/json", "schema"),
        (*B_200, "content", "application/json", "examples"),
    ],
    ids="-".join,
)
def test_a_key_without_a_value_means_nothing(check: str, place: tuple[str, ...], tmp_path: Path) -> None:
    """YAML has null for a key without a value."""
    result = run(check, contract(tmp_path, place), tmp_path)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert result.exit_code == 0, result.output


def test_a_key_is_sent_where_no_scheme_says_how(tmp_path: Path) -> None:
    """An empty list of schemes is as none."""
    file, routes = load(contract(tmp_path, ("components",)))
    assert credentials(file.document, "key", next(iter(routes.contract.operations.values()))) == bare("key")


@pytest.mark.parametrize("check", ["replay", "coverage", "diff"])
@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("servers", 0), None),
        (("components", "securitySchemes", "Key"), None),
        (("paths", "/a"), None),
        (("paths", "/a", "get", "parameters"), None),
        ((*B_200, "content", "application/json"), True),
        ((*B_200, "headers", "X-Any"), "text"),
    ],
)
def test_an_invalid_openapi_document_ends_in_one_line(
    check: str, place: tuple[Any, ...], value: Any, tmp_path: Path
) -> None:
    """Exit code 2 and the file, and never a traceback."""
    file = contract(tmp_path, place, value)
    data = json.loads(file.read_text())
    data["security"] = [{"Key": []}]
    file.write_text(json.dumps(data))
    result = run(check, file, tmp_path)
    assert isinstance(result.exception, SystemExit), result.output
    assert result.exit_code == 2
    assert str(file) in result.output
    assert len(result.output.splitlines()) == 1
