"""Coverage of callbacks: the recorded requests that are callbacks, and the answers of their receivers."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from eqkit.checks.coverage.callbacks import Callbacks
from eqkit.checks.coverage.measure import Coverage, Dimension, How, cover
from eqkit.checks.sources import load
from eqkit.cli.checks.coverage import command
from eqkit.errors import ContractError
from eqkit.traffic.exchanges import RecordedExchange
from eqkit.traffic.recording import Recording
from tests.mocks.receivers import SandboxClient, receiving
from tests.processes import ServerProcess

DELIVERY = "createWebhook delivery {$request.body#/url} POST"
DONE = "startJob done {$request.body#/hook}/jobs POST"
FAILED = "startJob failed {$request.body#/hook}/jobs POST"
HOOK = "http://Receiver.test:9000/hooks"
CALLED = "http://receiver.test:9000/hooks/jobs"
START = RecordedExchange(
    "start", "POST", "http://api.test/jobs", request_body=json.dumps({"hook": HOOK}).encode()
)


def callback(expression: str, member: str, **answers: str) -> Any:
    """A callback that posts an object with one member."""
    schema = {"type": "object", "required": [member]}
    responses = {status.removeprefix("of_"): {"description": control} for status, control in answers.items()}
    body = {"content": {"application/json": {"schema": schema}}}
    return {expression: {"post": {"requestBody": body, "responses": responses}}, "x-since": "1.1"}


def contract(folder: Path, path: str = "/jobs", **callbacks: Any) -> Path:
    """Write a contract of two operations, of which one promises callbacks, one of them by reference."""
    edit = {"operationId": "editJob", "tags": ["jobs"], "responses": {"204": {"description": "Done"}}}
    operation = {
        "operationId": "startJob",
        "tags": ["jobs"],
        "responses": {"202": {"description": "Started"}},
        "callbacks": {
            "done": callback("{$request.body#/hook}/jobs", "result", of_204="Taken", of_4XX="Refused"),
            "failed": {"$ref": "#/components/callbacks/Failed"},
            **callbacks,
        },
    }
    failed = callback("{$request.body#/hook}/jobs", "reason", of_204="Taken", default="Not taken")
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Jobs", "version": "1"},
        "paths": {path: {"post": operation, "put": edit}},
        "components": {"callbacks": {"Failed": failed}},
    }
    file = folder / "jobs.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


def call(status: int, url: str = CALLED, **document: Any) -> RecordedExchange:
    """Return a request to the receiver with the receiver's answer."""
    return RecordedExchange("call", "POST", url, request_body=json.dumps(document).encode(), status=status)


def covered(file: Path, recorded: Iterable[RecordedExchange], *receivers: str) -> Coverage:
    """Hold traffic against a contract and its callbacks."""
    loaded, routes = load(file)
    exchanges = list(recorded)
    callbacks = Callbacks([(loaded, routes)], receivers)
    return cover(routes.contract, routes, exchanges, callbacks=callbacks)


def seen(coverage: Coverage, dimension: Dimension = Dimension.CALLBACKS) -> set[str]:
    """Return the names of the covered items of a dimension."""
    return {item.name for item in coverage.of(dimension) if item.how is not How.NOT}


def run(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_a_callback_is_known_by_the_address_that_a_request_has_named(tmp_path: Path) -> None:
    """Its expression is filled in from the request; the host is compared without its case."""
    coverage = covered(contract(tmp_path), [START, call(204, result=1), call(204, CALLED + "/7", result=1)])
    assert {item.name for item in coverage.of(Dimension.CALLBACKS)} == {
        f"{DONE} 204",
        f"{DONE} 4XX",
        f"{FAILED} 204",
        f"{FAILED} default",
    }
    assert seen(coverage) == {f"{DONE} 204"}
    assert coverage.exchanges == 2


@pytest.mark.parametrize(
    ("status", "document", "answer"),
    [
        (204, {"result": 1}, {f"{DONE} 204"}),
        (404, {"result": 1}, {f"{DONE} 4XX"}),
        (503, {"result": 1}, set()),
        (503, {"reason": "no"}, {f"{FAILED} default"}),
        (0, {"reason": "no"}, set()),
        (204, {"result": 1, "reason": "no"}, {f"{DONE} 204", f"{FAILED} 204"}),
        (204, {}, set()),
    ],
)
def test_an_answer_is_its_status_its_range_or_the_default(
    tmp_path: Path, status: int, document: Any, answer: set[str]
) -> None:
    """Of two callbacks for one address it is the one whose body it has; no answer is none of them."""
    assert seen(covered(contract(tmp_path), [START, call(status, **document)])) == answer


@pytest.mark.parametrize(
    ("expression", "url"),
    [
        ("$request.body#/hook", HOOK),
        ("{$request.query.to}", "http://a.test/q"),
        ("{$request.header.Reply-To}/x?id={$response.body#/ids/0}", "http://a.test/h/x?id=7"),
        ("{$response.header.location}", "http://a.test/l"),
        ("{$request.path.id}", "http://a.test/p"),
        ("{$url}", "http://api.test/jobs/http%3A%2F%2Fa.test%2Fp?to=http://a.test/q"),
        ("http://a.test/fixed", "http://a.test/fixed"),
    ],
)
def test_every_runtime_expression_is_filled_in(tmp_path: Path, expression: str, url: str) -> None:
    """OpenAPI lets an address stand in any part of the request or of its answer."""
    file = contract(tmp_path, "/jobs/{id}", other=callback(expression, "other", of_200="Fine"))
    asked = RecordedExchange(
        "start",
        "POST",
        "http://api.test/jobs/http%3A%2F%2Fa.test%2Fp?to=http://a.test/q",
        (("reply-to", "http://a.test/h"),),
        json.dumps({"hook": HOOK}).encode(),
        202,
        (("Location", "http://a.test/l"),),
        b'{"ids": ["7"]}',
    )
    assert seen(covered(file, [asked, call(200, url, other=1)])) == {f"startJob other {expression} POST 200"}


def test_a_call_without_a_subscription_counts_below_a_named_receiver_alone(tmp_path: Path) -> None:
    """A recording of the receiver's side has no request that names its address."""
    calls = [call(204, result=1), call(204, "http://elsewhere.test/", reason="no")]
    assert seen(covered(contract(tmp_path), calls)) == set()
    assert seen(covered(contract(tmp_path), calls, "http://receiver.test:9000/hooks")) == {f"{DONE} 204"}


def test_the_address_of_a_callback_comes_from_its_own_operation(tmp_path: Path) -> None:
    """An expression speaks of the requests of its own operation alone."""
    asked = replace(START, method="PUT")
    assert seen(covered(contract(tmp_path), [asked, call(204, result=1)])) == set()


def test_an_invalid_callback_address_covers_nothing(tmp_path: Path) -> None:
    """Coverage skips an address in a recorded request that is no URL."""
    wrong = [
        replace(START, request_body=body) for body in (b'{"hook": "http://["}', b'{"hook": 1}', b"[", b"")
    ]
    assert seen(covered(contract(tmp_path), [*wrong, call(204, result=1)])) == set()


def test_a_call_is_no_request_to_the_contract_even_where_its_path_is_one(tmp_path: Path) -> None:
    """A receiver may listen at /jobs, too."""
    asked = replace(START, request_body=b'{"hook": "http://receiver.test"}')
    coverage = covered(contract(tmp_path), [asked, call(202, "http://receiver.test/jobs", reason="no")])
    assert seen(coverage) == {f"{FAILED} default"}
    assert seen(coverage, Dimension.ANSWERS) == set()


@pytest.mark.parametrize(
    ("version", "bound"), [("3.0.3", {"minimum": 1}), ("3.1.0", {"exclusiveMinimum": 0})], ids=["3.0", "3.1"]
)
def test_a_call_is_known_by_its_body_as_its_version_of_openapi_has_it(
    tmp_path: Path, version: str, bound: Any
) -> None:
    """`null` where it may be, nothing that its receiver alone would send, and a number within its bounds."""
    done = callback("{$request.body#/hook}/jobs", "result", of_204="Taken")
    body = done["{$request.body#/hook}/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    empty = {"type": "string", "nullable": True} if version == "3.0.3" else {"type": ["string", "null"]}
    body["properties"] = {"result": empty, "count": {"type": "integer", **bound}, "pin": {"writeOnly": True}}
    body["required"] = ["result", "count", "pin"]
    file = contract(tmp_path, done=done)
    file.write_text(file.read_text().replace("3.0.3", version))
    assert seen(covered(file, [START, call(204, result=None, count=1)])) == {f"{DONE} 204"}
    assert seen(covered(file, [START, call(204, result=None, count=0)])) == set()


@pytest.mark.parametrize("wrong", [{"done": None}, {"done": {"$url": []}}, {"done": {"$url": {"post": 1}}}])
def test_invalid_callbacks_end_in_one_line(tmp_path: Path, wrong: Any) -> None:
    """The line names the file that they stand in, and no traceback is printed."""
    with pytest.raises(ContractError, match=r"jobs\.yaml: its callbacks cannot be read"):
        covered(contract(tmp_path, **wrong), [START])


def test_a_contract_promises_its_callbacks_to_servers_and_clients(tmp_path: Path) -> None:
    """Where a contract is given, they are its own, and not those of the mock."""
    recording = Recording(tmp_path / "jobs.har")
    for exchange in (START, call(204, result=1)):
        recording.add(exchange, 1)
    recording.close()
    for party in ("server", "client"):
        arguments = [tmp_path / "jobs.har", "--contract", contract(tmp_path), "--for", party]
        result = run(*arguments, "--fail-under", "callbacks=26", "--report", "json=-")
        report = json.loads(result.stdout)
        assert result.exit_code == 1
        assert report["details"]["percent"]["callbacks"] == 25
        assert [finding["message"] for finding in report["findings"]] == [
            f"callback {DONE} 4XX: never seen",
            f"callback {FAILED} 204: never seen",
            f"callback {FAILED} default: never seen",
        ]
        assert run(*arguments, "--fail-under", "callbacks=25").exit_code == 0


def test_the_answers_of_a_receiver_to_the_mock_cover_its_callbacks(live: ServerProcess) -> None:
    """The mock lists its webhooks and the attempts to post to them, unanswered ones included."""
    sandbox = SandboxClient(live.url)
    sandbox.freeze()
    with receiving(503, 204) as receiver:
        sandbox.subscribe(receiver.url)
        sandbox.enqueue("hello", 1)
        sandbox.advance(60_000)
    sandbox.enqueue("nobody is there", 60_001)
    sandbox.advance(60_000)
    sandbox.close()
    result = run(live.url, "--key", sandbox.key, "--for", "client", "--report", "json=-")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["details"]["percent"]["callbacks"]) == (0, 66.6)
    named = {name for name in report["tested"] if name.startswith("callback")}
    assert named == {f"callback {DELIVERY} 2XX", f"callback {DELIVERY} default"}


def test_an_answer_that_a_receiver_never_gave_is_reported_at_its_line(live: ServerProcess) -> None:
    """The callbacks of the mock stand in its own document."""
    sandbox = SandboxClient(live.url)
    sandbox.enqueue("hello")
    sandbox.close()
    arguments = [live.url, "--key", sandbox.key, "--fail-under", "callbacks=100"]
    result = run(*arguments, "--for", "client")
    assert result.exit_code == 1
    assert f"error: callback {DELIVERY} 410: never seen [coverage-callbacks]" in result.output
    assert "mock.yaml:" in result.output
    assert "It is seen once a receiver answers so." in result.output
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert "the contract has no callbacks that could be covered" in refused.output


@pytest.mark.parametrize("form", ["markdown", "junit", "html", "json"])
def test_every_report_covers_callbacks_and_faults(live: ServerProcess, tmp_path: Path, form: str) -> None:
    """People and machines read the same."""
    sandbox = SandboxClient(live.url)
    sandbox.enqueue("hello")
    sandbox.close()
    file = tmp_path / "report"
    run(live.url, "--key", sandbox.key, "--for", "client", "--report", f"{form}={file}",
        "--fail-under", "callbacks=1", "--fail-under", "faults=1")  # fmt: skip
    control = file.read_text()
    for what in ("createWebhook delivery", "410", "pack", "flaky-network", "kind", "garbage"):
        assert what in control
