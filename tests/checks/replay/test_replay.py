"""``eqkit replay``: recordings validated off-line, and sent again to a server."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eqkit.cli.checks.replay import command
from eqkit.contract.loading.source_map import installed
from tests.checks.traffic import CONTRACT, Recorder, drive
from tests.clients import message
from tests.processes import ServerProcess

RECORDINGS = Path(__file__).parents[1] / "recordings"
MAIL = "/v1/queues/mail/messages"


def run(*arguments: object) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def broken(folder: Path, name: str = "chrome.har", entry: int = 3, **response: Any) -> Path:
    """Copy a recording with another answer in one of its entries."""
    har = json.loads((RECORDINGS / name).read_text())
    har["log"]["entries"][entry]["response"] |= response
    (folder / "broken.har").write_text(json.dumps(har))
    return folder / "broken.har"


@pytest.mark.parametrize(
    ("file", "tested"),
    [("chrome.har", 3), ("firefox.har", 3), ("playwright.har", 3), ("mitmproxy.har", 3), ("proxy.jsonl", 2)],
)
def test_a_recording_of_each_tool_keeps_the_contract(file: str, tested: int) -> None:
    """A client's own faults that were refused are warnings."""
    result = run(RECORDINGS / file)
    assert result.exit_code == 0, result.output
    assert f"replay: passed; {tested} tested" in result.output


def test_several_recordings_are_validated_together() -> None:
    """Each exchange is named by its file and its number in it."""
    result = run(RECORDINGS / "chrome.har", RECORDINGS / "firefox.har", "--report", "json=-")
    tested = json.loads(result.stdout)["tested"]
    assert f"chrome.har#4 POST {MAIL}" in tested
    assert f"firefox.har#1 POST {MAIL}" in tested


def test_a_break_is_reported_with_place_request_and_advice(tmp_path: Path) -> None:
    """The place has the line of the document, and the request is a curl line."""
    result = run(broken(tmp_path, status=200))
    assert result.exit_code == 1
    line, curl = result.output.splitlines()[:2]
    assert "elasticqueue.yaml:" in line
    assert "answered 200, and enqueueMessage has only 202, 400, 401" in line
    assert line.endswith("[response-status]")
    assert curl.startswith(f"    curl -i http://127.0.0.1:8080{MAIL} ")


def test_a_violation_of_the_client_is_an_error_under_strict() -> None:
    """For the tests of a client, a request that was rightly refused is a failure."""
    assert run(RECORDINGS / "firefox.har").exit_code == 0
    assert run(RECORDINGS / "firefox.har", "--strict").exit_code == 1
    assert run(RECORDINGS / "chrome.har", "--strict").exit_code == 0


def test_our_own_traffic_raises_no_alarm(live: ServerProcess, tmp_path: Path) -> None:
    """Every documented answer of an unbroken server, validated off-line from the client's recording."""
    recorder = Recorder(live.url, "test_replay_own")
    drive(recorder)
    result = run(recorder.save(tmp_path / "own.har"))
    assert result.exit_code == 0, result.output
    assert f"{len(recorder.entries)} tested" in result.output


def test_the_journal_of_an_unbroken_server_raises_no_alarm(live: ServerProcess, tmp_path: Path) -> None:
    """The HAR of the journal has the headers that every answer has, and not only those of its own."""
    recorder = Recorder(live.url, "test_replay_journal")
    recorder.send(CONTRACT.operations["enqueueMessage"])
    recorder.send(CONTRACT.operations["enqueueMessage"], document={"data": {}})
    recorder.send(CONTRACT.operations["getMessage"], "0")
    har = recorder.request("GET", "/_mock/journal/har").content
    recorder.close()
    (tmp_path / "journal.har").write_bytes(har)
    result = run(tmp_path / "journal.har")
    assert result.exit_code == 0, result.output
    assert "3 tested" in result.output


def test_a_recording_is_sent_again_to_a_server(live: ServerProcess) -> None:
    """Its answers are validated in place of the recorded ones; one that was not the same is a warning."""
    result = run(RECORDINGS / "chrome.har", "--send", live.url, "--key", "test_replay_send")
    assert result.exit_code == 0, result.output
    assert "3 tested" in result.output
    assert f"chrome.har#5 GET {MAIL}/72301093732: answered 200" not in result.output
    other = run(RECORDINGS / "playwright.har", "--send", live.url, "--key", "test_replay_other")
    message = f"playwright.har#3 GET {MAIL}/72301093733: answered 200 when it was recorded, and 404 now"
    assert message in other.output
    assert "test_replay" not in result.output + other.output


def test_a_request_without_key_is_sent_without_one(live: ServerProcess, tmp_path: Path) -> None:
    """A recorded 401 is a 401 again; the missing key is an error of the client."""
    recorder = Recorder(live.url, "test_replay_key")
    operation = CONTRACT.operations["enqueueMessage"]
    recorder.send(operation, document={"data": message()}, authorization=None)
    result = run(recorder.save(tmp_path / "r.har"), "--send", live.url)
    assert "the credentials are missing: ApiKey [request-security]" in result.output
    assert "replay: passed; 1 tested, 1 warning" in result.output


def test_a_request_that_was_not_kept_whole_is_not_sent(live: ServerProcess, tmp_path: Path) -> None:
    """A run with no other request has tested nothing."""
    har = json.loads((RECORDINGS / "proxy.jsonl").read_text().splitlines()[0])
    del har["request"]["postData"]
    (tmp_path / "one.jsonl").write_text(json.dumps(har))
    result = run(tmp_path / "one.jsonl", "--send", live.url)
    assert result.exit_code == 2
    assert "was not sent: its body was not recorded" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.har"], "nowhere.har: No such file or directory"),
        ([RECORDINGS / "playwright-enqueued.json"], "neither HAR nor JSONL"),
        ([RECORDINGS / "chrome.har", "--base", "http://other.test"], "none of the 8 recorded exchanges"),
        ([RECORDINGS / "chrome.har", "--send", "mock.test"], "does not begin with http:// or https://"),
        ([RECORDINGS / "chrome.har", "--send", "http://127.0.0.1:1"], "http://127.0.0.1:1 does not answer"),
        ([RECORDINGS / "chrome.har", "--contract", "nowhere.yaml"], "nowhere.yaml: No such file"),
        ([RECORDINGS / "chrome.har", "--report", "xml=a"], '"xml" is none of junit, sarif'),
        ([RECORDINGS / "chrome.har", "--report", "json"], 'say into which file: "json=FILE"'),
        ([RECORDINGS / "chrome.har", "--report", "json=/nowhere/a"], "/nowhere/a: No such file or directory"),
    ],
)
def test_a_recording_that_cannot_be_replayed_ends_in_one_line(arguments: list[object], message: str) -> None:
    """Exit code 2, and never 0 for nothing."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize(
    "paths",
    [
        "/a: {get: {operationId: a, tags: [t], responses: {4xx: {description: d}}}}",
        "/a: {get: {parameters: [{name: a}], responses: {}}}",
        "/a: 3",
    ],
)
def test_an_unusable_contract_is_reported_in_one_line(paths: str, tmp_path: Path) -> None:
    """Any error in the contract ends in one line with the name of the file."""
    (tmp_path / "api.yaml").write_text(f"openapi: 3.0.3\npaths:\n  {paths}\n")
    result = run(RECORDINGS / "chrome.har", "--contract", tmp_path / "api.yaml")
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 1


def test_a_broken_schema_is_left_out_and_named_once(tmp_path: Path) -> None:
    """It is met in the middle of a run, behind references, and named where a person has to look."""
    file = tmp_path / "api.yaml"
    text = installed("elasticqueue.yaml").read_text()
    text = text.replace("      title: MessageId\n", "      title: MessageId\n      minItems: many\n")
    file.write_text(text)
    result = run(RECORDINGS / "chrome.har", "--contract", file)
    assert result.exit_code == 0
    messages = [each for each in result.output.splitlines() if "[contract-schema]" in each]
    assert messages
    assert all('"many" is not of type "integer"' in each for each in messages)
