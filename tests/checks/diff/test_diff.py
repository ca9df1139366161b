"""Two versions of a contract compared: one seeded change for each rule, and the changes that break nobody."""

import copy
import os
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from eqkit.checks.diff.comparison import diff
from eqkit.checks.findings import Severity
from eqkit.cli.checks.diff import command
from eqkit.exit_codes import ExitCode
from tests.checks.things import (
    ANSWER,
    BASE,
    GET,
    IN,
    OUT,
    PUT,
    STORED,
    THING,
    Change,
    add_parameter,
    at,
    compared,
    contract,
    drop,
    moved,
    put,
    rules,
)
from tests.tools import needed

BREAKING: list[tuple[str, Change]] = [
    ("operation-removed", drop(at("paths>/things/{id}"), "get")),
    ("operation-id-renamed", put(GET, operationId="readThing")),
    ("security-changed", put(at("components>securitySchemes>Key"), name="X-Key")),
    ("security-changed", put(GET, security=[{"Key": [], "Other": []}])),
    ("success-status-changed", moved(at("paths>/things/{id}>put>responses"), "200", "201")),
    ("media-type-removed", drop(at("paths>/things/{id}>put>requestBody>content"), "application/xml")),
    ("media-type-removed", lambda data: ANSWER(data)["content"].pop("application/xml")),
    ("response-header-removed", drop(ANSWER, "headers")),
    ("response-header-optional", lambda data: ANSWER(data)["headers"]["Location"].pop("required")),
    ("parameter-required", add_parameter(name="q", **{"in": "query"}, required=True, schema={})),
    ("parameter-required", add_parameter(name="X-Q", **{"in": "header"}, required=True, schema={})),
    ("parameter-required", lambda data: PUT(data)["parameters"][0].update(required=True)),
    ("parameter-removed", lambda data: PUT(data)["parameters"].clear()),
    ("parameter-style", lambda data: PUT(data)["parameters"][0].update(content={"text/plain": {}})),
    ("request-body-required", lambda data: PUT(data)["requestBody"].update(required=True)),
    ("request-body-removed", drop(PUT, "requestBody")),
    ("request-required-narrower", put(THING, required=["name", "size"])),
    ("request-required-narrower",
     lambda data: (IN(data).update(x={}), THING(data).update(required=["name", "x"]))),
    ("request-property-lost-closed", drop(IN, "note")),
    ("request-additional-properties-narrower",
     put(lambda data: IN(data)["note"], additionalProperties=False)),
    ("request-min-length-narrower", put(lambda data: IN(data)["name"], minLength=2)),
    ("request-max-length-narrower", put(lambda data: IN(data)["name"], maxLength=79)),
    ("request-max-length-narrower",
     lambda data: data["paths"]["/things/{id}"]["parameters"][0]["schema"].update(maxLength=9)),
    ("request-max-items-narrower", put(lambda data: IN(data)["parts"], maxItems=2)),
    ("request-minimum-narrower", put(lambda data: IN(data)["size"], minimum=1)),
    ("request-maximum-narrower", put(lambda data: IN(data)["size"], maximum=8)),
    ("request-exclusive-maximum-narrower", put(lambda data: IN(data)["size"], exclusiveMaximum=True)),
    ("request-x-max-bytes-narrower", put(lambda data: IN(data)["name"], x_max_bytes=10)),
    ("request-pattern-narrower", put(lambda data: IN(data)["name"], pattern="^[a-y]+$")),
    ("request-type-narrower", put(lambda data: IN(data)["size"], type="integer")),
    ("request-type-narrower", put(lambda data: IN(data)["note"], type="string")),
    ("request-enum-narrower", put(lambda data: IN(data)["kind"], enum=["big"])),
    ("request-type-narrower", put(lambda data: IN(data)["note"], anyOf=[{"type": "string"}])),
    ("response-property-lost", drop(OUT, "state")),
    ("response-required-wider", put(STORED, required=[])),
    ("response-enum-wider", put(lambda data: OUT(data)["state"], enum=["new", "old", "gone"])),
    ("response-type-wider", put(lambda data: OUT(data)["id"], nullable=True)),
]  # fmt: skip

HARMLESS: list[tuple[str, Change]] = [
    ("an optional property", put(IN, colour={"type": "string"})),
    ("an optional property of an answer", put(OUT, colour={"type": "string"})),
    ("a required property of an answer", put(STORED, required=["id", "state"])),
    ("an optional parameter", add_parameter(name="q", **{"in": "query"}, schema={})),
    ("a new error status", put(at("paths>/things/{id}>put>responses"), **{"410": {"description": "Gone."}})),
    ("a new operation", put(at("paths>/things/{id}"), delete={"operationId": "x", "responses": {}})),
    ("a header of an answer", lambda data: ANSWER(data)["headers"].update(ETag={"schema": {}})),
    ("a media type", lambda data: ANSWER(data)["content"].update({"text/plain": {"schema": {}}})),
    ("a wider bound of a request", put(lambda data: IN(data)["name"], maxLength=81)),
    ("a longer enum of a request", put(lambda data: IN(data)["kind"], enum=["big", "small", "tiny"])),
    ("a narrower bound of an answer", put(lambda data: OUT(data)["id"], maxLength=19)),
    ("a shorter enum of an answer", put(lambda data: OUT(data)["state"], enum=["new"])),
    ("another way to authenticate", put(lambda data: data, security=[{"Key": []}, {}])),
    ("less that is required", put(THING, required=[])),
    ("credentials that nobody asks for now", drop(lambda data: data, "security")),
    ("a word for what held anyway", put(lambda data: IN(data)["parts"], minItems=0, maxItems=4)),
]  # fmt: skip

TEXT_ONLY: list[Change] = [
    put(PUT, description="Puts one thing, and says so at length."),
    put(lambda data: IN(data)["name"], example="abc", title="Name"),
    lambda data: (
        data["paths"]["/things/{id}"]["parameters"][0].update(name="thing"),
        moved(at("paths"), "/things/{id}", "/things/{thing}")(data),
    ),
]


@pytest.mark.parametrize(
    ("rule", "change"), BREAKING, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(BREAKING)]
)
def test_a_break_is_named_and_makes_a_major_version(rule: str, change: Change) -> None:
    """Each change that breaks clients is one error, at its line, under no other rule."""
    run = compared(change)
    assert rules(run, Severity.ERROR) == {f"diff-{rule}"}, run.findings
    assert run.outcome is ExitCode.FAILED
    assert run.details["next_version"] == "2.0.0"
    assert all(finding.place and finding.place.line for finding in run.findings)


@pytest.mark.parametrize("change", [change for _, change in HARMLESS], ids=[name for name, _ in HARMLESS])
def test_an_addition_is_no_error(change: Change) -> None:
    """An addition is reported without an alarm, and makes a minor version."""
    run = compared(change)
    assert rules(run, Severity.ERROR) == set()
    assert rules(run, Severity.WARNING) == {"diff-version"}
    assert (run.outcome, run.details["next_version"]) == (ExitCode.PASSED, "1.5.0")


@pytest.mark.parametrize("change", TEXT_ONLY)
def test_words_alone_make_a_patch(change: Change) -> None:
    """Descriptions, examples and the names of path parameters are no change of the interface."""
    run = compared(change)
    assert [finding.rule for finding in run.findings] == ["diff-version"]
    assert run.details["next_version"] == "1.4.3"


def test_a_document_is_no_change_of_itself() -> None:
    """Nothing is found, and the version stays."""
    run = compared(lambda data: None)
    assert (run.findings, run.outcome, run.details["next_version"]) == ([], ExitCode.PASSED, "1.4.2")
    assert list(run.tested) == ["GET /things/{id}", "PUT /things/{id}"]


def test_a_break_that_the_version_announces_is_a_warning() -> None:
    """A break under a new major version is reported, and the run passes."""
    rename = put(GET, operationId="readThing")
    run = compared(lambda data: (rename(data), data["info"].update(version="2.0.0")))
    assert rules(run, Severity.WARNING) == {"diff-operation-id-renamed"}
    assert run.outcome is ExitCode.PASSED


@pytest.mark.parametrize(
    ("version", "change", "following"),
    [
        ("0.3.1", put(GET, operationId="x"), "0.4.0"),
        ("0.3.1", put(OUT, colour={}), "0.3.2"),
        ("2.0", put(OUT, colour={}), "2.1.0"),
    ],
)
def test_the_next_version_is_that_of_semver(version: str, change: Change, following: str) -> None:
    """Below 1.0.0 a break is a minor version; a missing part of a version counts as 0."""
    old, new = copy.deepcopy(BASE), copy.deepcopy(BASE)
    old["info"]["version"] = new["info"]["version"] = version
    change(new)
    assert diff(contract(old, "a"), contract(new, "b")).details["next_version"] == following


def test_a_shared_schema_is_reported_once() -> None:
    """A change is one finding in however many places its schema stands."""
    run = compared(put(lambda data: OUT(data)["state"], enum=["new", "old", "gone"]))
    assert [finding.rule for finding in run.findings] == ["diff-response-enum-wider", "diff-version"]
    assert "(and 1 more)" in run.findings[0].message
    assert run.findings[0].places == (
        "PUT /things/{id}: response 200 (application/json).state",
        "PUT /things/{id}: response 200 (application/xml).state",
    )


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, as nobody in particular."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.invalid"]
    subprocess.run([needed("git"), *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_revisions_of_git_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OLD and NEW may be REV (of --contract), REV:PATH, and files."""
    monkeypatch.chdir(tmp_path)
    file = Path("api.yaml")
    file.write_text(yaml.safe_dump(BASE))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    data = copy.deepcopy(BASE)
    del data["paths"]["/things/{id}"]["get"]
    file.write_text(yaml.safe_dump(data))
    for old in (["HEAD", "--contract", "api.yaml"], ["HEAD:api.yaml"]):
        result = CliRunner().invoke(command, [*old, "api.yaml"])
        assert result.exit_code == 1, result.output
        assert "HEAD:api.yaml:" in result.output
        assert "GET /things/{id}: removed [diff-operation-removed]" in result.output
        assert "1.4.2  1.4.2  2.0.0" in result.output


def test_a_name_of_neither_a_file_nor_a_revision_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run ends with exit code 2, with git and on a machine without it."""
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(yaml.safe_dump(BASE))
    programs = os.environ["PATH"]
    monkeypatch.setenv("PATH", str(tmp_path))
    without_git = CliRunner().invoke(command, ["nowhere.yaml", "good.yaml"])
    assert (without_git.exit_code, without_git.output.count("\n")) == (2, 1), without_git.output
    assert "nowhere.yaml: not a file, and git cannot be run" in without_git.output
    monkeypatch.setenv("PATH", programs)
    needed("git")
    with_git = CliRunner().invoke(command, ["nowhere.yaml", "good.yaml"])
    assert (with_git.exit_code, with_git.output.count("\n")) == (2, 1), with_git.output
    assert "nowhere.yaml: neither a file nor a revision of git" in with_git.output


@pytest.mark.parametrize(
    ("old", "message"),
    [
        ("--output=x", "No such option"),
        ("broken.yaml", "not YAML"),
        ("plain.yaml", "not an OpenAPI document"),
    ],
)
def test_an_unreadable_contract_ends_in_one_line(
    old: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2 and never a traceback."""
    monkeypatch.chdir(tmp_path)
    Path("good.yaml").write_text(yaml.safe_dump(BASE))
    Path("broken.yaml").write_text("a: [")
    Path("plain.yaml").write_text("a: 1")
    result = CliRunner().invoke(command, [old, "good.yaml"])
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert isinstance(result.exception, SystemExit)
