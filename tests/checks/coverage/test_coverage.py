"""Coverage: the parts of the contract that traffic has exercised, and the outcome of the run."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eqkit.checks.coverage.measure import Coverage, Dimension, How, cover
from eqkit.cli.checks.coverage import command
from eqkit.contract.document import Document
from eqkit.contract.operations import Contract
from eqkit.traffic.exchanges import read
from eqkit.traffic.routes import Routes
from tests.checks.traffic import CONTRACT, Recorder, drive
from tests.processes import ServerProcess

RECORDINGS = Path(__file__).parents[1] / "recordings"
ENQUEUE = CONTRACT.operations["enqueueMessage"]
BY_REQUEST_ALONE = {
    *(f"{operation} {status}" for operation in CONTRACT.operations for status in (410, 418, 429, 500, 503)),
    "getMessage 403",
    "headMessage 403",
}


@pytest.fixture(scope="module")
def har(live: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of traffic that gets every documented answer."""
    recorder = Recorder(live.url, "test_coverage")
    drive(recorder)
    return recorder.save(tmp_path_factory.mktemp("coverage") / "traffic.har")


def covered(file: Path) -> Coverage:
    """Hold a recording against our contract."""
    return cover(CONTRACT, Routes(CONTRACT), read(file))


def seen(coverage: Coverage, dimension: Dimension) -> set[str]:
    """Return the names of the covered items of a dimension."""
    return {item.name for item in coverage.of(dimension) if item.how is not How.NOT}


def run(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def details(result: Result) -> Any:
    """Read the report that a run has put on standard output."""
    return json.loads(result.stdout)["details"]


def test_our_own_traffic_covers_every_documented_answer(har: Path) -> None:
    """Our traffic covers every documented answer, and forces by `Prefer` only the others (ruling H12)."""
    answers = covered(har).of(Dimension.ANSWERS)
    assert {item.name for item in answers if item.how is How.NOT} == set()
    assert {item.name for item in answers if item.how is How.FORCED} == BY_REQUEST_ALONE
    assert {item.name for item in answers if item.on_request} == BY_REQUEST_ALONE
    assert run(har, "--fail-under", "100", "--fail-under", "operations=100").exit_code == 0


def test_a_contract_without_rulings_marks_nothing() -> None:
    """Another service's document says nothing of Prefer: all of its answers are to come by themselves."""
    bare = {**CONTRACT.document.data, "components": {**CONTRACT.document.data["components"]}}
    bare["components"]["responses"] = {
        name: {member: value for member, value in response.items() if member != "x-ruling"}
        for name, response in bare["components"]["responses"].items()
    }
    contract = Contract(Document(bare))
    answers = cover(contract, Routes(contract), []).of(Dimension.ANSWERS)
    assert {item.name.partition(" ")[0] for item in answers if item.on_request} == {"headMessage"}


def test_a_recording_covers_its_own_exchanges_alone() -> None:
    """A browser's recording: one message enqueued, read back, and a connection that broke."""
    coverage = covered(RECORDINGS / "chrome.har")
    assert coverage.exchanges == 3
    assert seen(coverage, Dimension.OPERATIONS) == {"enqueueMessage", "getMessage"}
    assert seen(coverage, Dimension.ANSWERS) == {"enqueueMessage 202", "getMessage 200"}
    assert seen(coverage, Dimension.MEDIA_TYPES) == {"enqueueMessage application/vnd.api+json"}
    assert seen(coverage, Dimension.PARAMETERS) == {
        "enqueueMessage path queue",
        "getMessage path queue",
        "getMessage path id",
    }
    assert seen(coverage, Dimension.CODES) == set()


def test_a_recording_of_the_proxy_is_traffic_too() -> None:
    """Each line of its JSONL is an entry of a HAR."""
    coverage = covered(RECORDINGS / "proxy.jsonl")
    assert coverage.exchanges == 2
    assert seen(coverage, Dimension.ANSWERS) == {"enqueueMessage 202", "enqueueMessage 400"}


def test_an_error_is_covered_by_its_code_and_its_example() -> None:
    """The example of an error is the one with its codes and places; ids and details may differ."""
    coverage = covered(RECORDINGS / "firefox.har")
    assert seen(coverage, Dimension.CODES) == {"enqueueMessage 400 missing-member"}
    assert seen(coverage, Dimension.EXAMPLES) == {"enqueueMessage 400 missing-member"}


def test_an_example_of_a_request_covers_its_answer(live: ServerProcess, tmp_path: Path) -> None:
    """The request is sent as it stands in the contract, and the answer has an id of its own."""
    recorder = Recorder(live.url, "test_coverage_example")
    recorder.send(ENQUEUE, document=CONTRACT.document.at("/components/examples/zero-request/value"))
    coverage = covered(recorder.save(tmp_path / "zero.har"))
    assert seen(coverage, Dimension.EXAMPLES) == {"enqueueMessage request zero", "enqueueMessage 202 zero"}


@pytest.mark.parametrize(
    ("demands", "code"),
    [((), 0), (("3.4",), 0), (("3.5",), 1), (("100", "operations=50"), 1), (("operations=50",), 0)],
)
def test_too_little_coverage_fails(demands: tuple[str, ...], code: int) -> None:
    """Two of the 58 documented answers are 3.4 %, two of four operations 50 %."""
    arguments = [word for demand in demands for word in ("--fail-under", demand)]
    assert run(RECORDINGS / "chrome.har", *arguments).exit_code == code


def test_a_missing_answer_is_reported_with_its_place_and_advice() -> None:
    """Each answer that was not seen, at its line in the document, and marked where only Prefer brings it."""
    result = run(RECORDINGS / "chrome.har", "--fail-under", "100")
    message = (
        "error: answer getMessage 410: never seen; it comes by Prefer or a fault alone [coverage-answers]"
    )
    assert message in result.output
    assert 'A mock gives this answer to a request with "Prefer: code=410".' in result.output
    assert "elasticqueue.yaml:" in result.output
    assert "error: answer headMessage 200: never seen [coverage-answers]" in result.output


def test_the_journal_of_a_server_is_traffic_too(live: ServerProcess) -> None:
    """Where SOURCE is the address of a mock, the journal of the key is read."""
    recorder = Recorder(live.url, "test_coverage_journal")
    recorder.send(ENQUEUE)
    recorder.close()
    result = run(live.url, "--key", "test_coverage_journal", "--report", "json=-")
    assert result.exit_code == 0
    assert details(result)["exchanges"] == 1
    assert details(result)["percent"]["operations"] == 25


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.har"], "nowhere.har: No such file or directory"),
        (["http://127.0.0.1:1"], "http://127.0.0.1:1 does not answer"),
        ([RECORDINGS / "chrome.har", "--base", "http://other.test"], "no exchange of the traffic"),
        ([RECORDINGS / "chrome.har", "--base", "other.test"], "does not begin with http"),
        ([RECORDINGS / "chrome.har", "--receiver", "other.test"], "does not begin with http"),
        ([RECORDINGS / "chrome.har", "--fail-under", "all"], '"all" is no percentage of one of operations'),
        ([RECORDINGS / "chrome.har", "--fail-under", "nan"], '"nan" is no percentage'),
        ([RECORDINGS / "chrome.har", "--fail-under", "faults=1"], "faults are not covered for a server"),
        ([RECORDINGS / "chrome.har", "--contract", RECORDINGS / "chrome.har"], "not an OpenAPI document"),
    ],
)
def test_a_run_without_coverage_ends_in_one_line(arguments: list[object], message: str) -> None:
    """Exit code 2, and never 0 for nothing."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert isinstance(result.exception, SystemExit)
