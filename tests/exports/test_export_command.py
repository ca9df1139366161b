"""``eqkit export`` as it is typed: where it reads, where it writes, and how it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from eqkit.cli import main
from eqkit.exit_codes import ExitCode
from eqkit.exports.formats.har import har
from eqkit.traffic.exchanges import read
from tests.exports.shops import export_of, shop

FORMATS = ("msw", "har", "postman", "pact")
PATHS = {
    "msw": ['"*/things"', '"*/things/:id"'],
    "har": ["/v1/things?limit=2", "/v1/things/7"],
    "postman": ["{{baseUrl}}/things?limit=2", "{{baseUrl}}/things/:id"],
    "pact": ['"/v1/things"', '"/v1/things/7"'],
}
"""The paths of two requests, as each format has them."""


def run(*arguments: str | Path) -> Result:
    """Run ``eqkit export`` with some arguments."""
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """The contract of the shop as a file."""
    return written(tmp_path / "shop.yaml", shop())


def written(file: Path, document: Any) -> Path:
    """Write a document into a file, and return the file."""
    file.write_text(yaml.safe_dump(document, allow_unicode=True))
    return file


@pytest.mark.parametrize("form", FORMATS)
def test_a_contract_is_exported(form: str, contract: Path, tmp_path: Path) -> None:
    """To standard output or into a file, the same."""
    shown = run(form, contract)
    assert (shown.exit_code, shown.stderr.count("left out")) == (ExitCode.PASSED, form == "pact")
    output = tmp_path / "out"
    done = run(form, contract, "-o", output)
    assert (done.exit_code, done.stdout) == (ExitCode.PASSED, "")
    assert output.read_text() == shown.stdout
    assert run(form, "--contract", contract).stdout == shown.stdout
    assert shown.stdout.endswith("\n")


@pytest.mark.parametrize("form", FORMATS)
def test_without_a_contract_it_is_that_of_elasticqueue(form: str) -> None:
    """As for the other commands."""
    shown = run(form)
    assert shown.exit_code == ExitCode.PASSED
    assert "72301093732" in shown.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_recordings_are_exported(form: str, contract: Path, tmp_path: Path) -> None:
    """Those of several files, in order."""
    first = tmp_path / "first.har"
    first.write_text(json.dumps(har(export_of(shop()).exchanges[:1])))
    second = tmp_path / "second.jsonl"
    second.write_text(json.dumps(har(export_of(shop()).exchanges[6:7])["log"]["entries"][0]))
    shown = run(form, contract, "--from", first, "--from", second)
    assert (shown.exit_code, shown.stderr) == (ExitCode.PASSED, "")
    assert all(path in shown.stdout for path in PATHS[form])
    assert "Bearer test_export" not in shown.stdout or form == "pact"


def test_a_pact_names_its_two_sides(contract: Path) -> None:
    """By options; the provider has the title of its contract otherwise."""
    made = json.loads(run("pact", contract).stdout)
    assert (made["consumer"], made["provider"]) == ({"name": "consumer"}, {"name": "Shop"})
    made = json.loads(run("pact", contract, "--consumer", "till", "--provider", "shop-api").stdout)
    assert (made["consumer"], made["provider"]) == ({"name": "till"}, {"name": "shop-api"})


def test_requests_go_to_the_named_server(contract: Path, tmp_path: Path) -> None:
    """``--server`` goes before the servers of the contract."""
    output = tmp_path / "a.har"
    assert run("har", contract, "--server", "http://h.example/base/", "-o", output).exit_code == 0
    assert read(output)[0].url == "http://h.example/base/things?limit=2"
    refused = run("har", contract, "--server", "h.example")
    assert refused.exit_code == ExitCode.ERROR
    assert "does not begin with http" in refused.stderr


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "No such file or directory"),
        ([], "not an OpenAPI document"),
        ({"asyncapi": "3.0.0"}, "it is AsyncAPI"),
        ({"openapi": "2.0", "info": {}, "paths": {}}, "3.0, 3.1 and 3.2 can"),
        ({"openapi": "3.1.0", "paths": []}, "`paths` must be an object, and is an array"),
        ({"openapi": "3.1.0", "paths": {"/x": {"get": {"parameters": [1]}}}}, "must be an object, and is 1"),
        ({"openapi": "3.1.0", "paths": {}}, "there is nothing to export"),
    ],
)  # fmt: skip
def test_a_contract_that_cannot_be_exported_ends_in_one_line(
    document: Any, message: str, tmp_path: Path
) -> None:
    """With the exit code of a command that could not run, and nothing written."""
    file = tmp_path / "contract.yaml" if document is None else written(tmp_path / "contract.yaml", document)
    output = tmp_path / "out"
    done = run("har", file, "-o", output)
    assert (done.exit_code, done.stdout) == (ExitCode.ERROR, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("main export har: ")
    assert message in line
    assert not output.exists()


def test_an_overlay_changes_the_contract(contract: Path, tmp_path: Path) -> None:
    """OpenAPI Overlay 1.0, as for the server; a folder stands for the document in it."""
    actions = [{"target": "$.paths['/things'].get.parameters[0]", "update": {"example": 49}}]
    info = {"title": "More", "version": "1"}
    overlay = written(tmp_path / "more.yaml", {"overlay": "1.0.0", "info": info, "actions": actions})
    contract.rename(tmp_path / "openapi.yaml")
    done = run("har", tmp_path, "--overlay", overlay, "-o", tmp_path / "a.har")
    assert (done.exit_code, done.output) == (ExitCode.PASSED, "")
    assert read(tmp_path / "a.har")[0].url == "https://shop.example/v1/things?limit=49"
    missing = run("har", tmp_path, "--overlay", tmp_path / "none.yaml")
    assert (missing.exit_code, len(missing.stderr.splitlines())) == (ExitCode.ERROR, 1)


def test_a_sloppy_contract_is_exported(tmp_path: Path) -> None:
    """As it is served: what lacks is repaired."""
    operation = {"responses": {200: {"content": {"application/json": {"example": 1}}}}}
    document = {"openapi": "3.1.0", "servers": [{"url": "http://["}], "paths": {"x": {"get": operation}}}
    file = written(tmp_path / "contract.yaml", document)
    done = run("har", file, "-o", tmp_path / "a.har")
    assert (done.exit_code, done.output) == (ExitCode.PASSED, "")
    assert [each.url for each in read(tmp_path / "a.har")] == ["http://127.0.0.1:8080/x"]
    assert run("har", file, "--from", tmp_path / "a.har").exit_code == ExitCode.PASSED


def test_an_operation_that_cannot_be_exported_is_named(contract: Path, tmp_path: Path) -> None:
    """One line on standard error, safe to print; the others are exported."""
    data = shop()
    operation = {"responses": {"200": {"content": {"\x1b[1m": {"example": "a"}}}}}
    data["paths"]["/odd"] = {"get": operation}
    done = run("har", written(contract, data), "-o", tmp_path / "a.har")
    assert done.exit_code == ExitCode.PASSED
    assert [line.partition(": ")[2] for line in done.stderr.splitlines()] == [
        "left out GET /odd 200: \\x1b[1m is not a media type that can be sent",
        "left out GET /odd: the contract has no answer that can be exported",
    ]
    assert len(read(tmp_path / "a.har")) == len(export_of(shop()).exchanges)


def test_what_cannot_be_read_or_written_ends_in_one_line(contract: Path, tmp_path: Path) -> None:
    """A recording that is none, one without traffic of the contract, and a folder that is not there."""
    broken = tmp_path / "broken.har"
    broken.write_text("{}")
    other = tmp_path / "other.jsonl"
    other.write_text('{"request": {"method": "GET", "url": "http://other.example/x"}}')
    for arguments, message in (
        (("--from", broken), "neither HAR nor JSONL"),
        (("--from", tmp_path / "missing.har"), "No such file or directory"),
        (("--from", other), "there is nothing to export"),
        (("-o", tmp_path / "none" / "a.har"), "No such file or directory"),
        (("--contract", contract), "the contract is named twice"),
    ):
        done = run("har", contract, *arguments)
        assert (done.exit_code, done.stdout) == (ExitCode.ERROR, ""), message
        assert message in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
