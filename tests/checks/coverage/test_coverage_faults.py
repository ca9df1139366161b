"""Coverage of faults: which packs, kinds of fault and rules of its own a client has met."""

import contextlib
import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from eqkit.checks.coverage.faults import KnownFaults
from eqkit.checks.coverage.measure import Coverage, Dimension, How, cover
from eqkit.cli.checks.coverage import command
from eqkit.sandbox.faults.packs import packs
from eqkit.traffic.exchanges import read
from eqkit.traffic.routes import Routes
from tests.checks.traffic import CONTRACT, Recorder
from tests.processes import ServerProcess

RECORDINGS = Path(__file__).parents[1] / "recordings"
ENQUEUE = CONTRACT.operations["enqueueMessage"]
JSON = "application/json"


@pytest.fixture
def key() -> str:
    """A key that nobody else has."""
    return f"test_{uuid.uuid4().hex}"


@pytest.fixture
def client(live: ServerProcess, key: str) -> Iterator[Recorder]:
    """Yield a client that records its exchanges."""
    recorder = Recorder(live.url, key)
    yield recorder
    recorder.close()


def arm(client: Recorder, **rule: Any) -> None:
    """Arm a fault."""
    assert client.request("POST", "/_mock/faults", document=rule, content_type=JSON).status_code == 201


def enqueue(client: Recorder, **headers: str) -> None:
    """Enqueue a message and ignore every failure of the answer."""
    with contextlib.suppress(httpx.TransportError):
        client.send(ENQUEUE, **headers)


def covered(file: Path) -> Coverage:
    """Hold a recording of a client against our contract."""
    return cover(CONTRACT, Routes(CONTRACT), read(file), KnownFaults(packs().values()))


def journal(client: Recorder, folder: Path) -> Coverage:
    """Hold the journal of a client against our contract."""
    file = folder / "journal.har"
    file.write_bytes(client.request("GET", "/_mock/journal/har").content)
    return covered(file)


def met(coverage: Coverage) -> set[str]:
    """Name the faults that were met."""
    return {item.name for item in coverage.of(Dimension.FAULTS) if item.how is not How.NOT}


def answers(coverage: Coverage) -> dict[str, How]:
    """Name the answers that were seen, each with how."""
    return {item.name: item.how for item in coverage.of(Dimension.ANSWERS) if item.how is not How.NOT}


def test_a_pack_is_recognized_by_the_answer_that_was_asked_for(client: Recorder, tmp_path: Path) -> None:
    """`Preference-Applied` names it in a recording of the client's side; packs of deliveries are in none."""
    enqueue(client, prefer="fault=maintenance-window")
    enqueue(client, prefer="fault=at-least-once")
    coverage = covered(client.save(tmp_path / "client.har"))
    assert met(coverage) == {"pack maintenance-window"}
    names = {item.name for item in coverage.of(Dimension.FAULTS)}
    assert "pack flaky-network" in names
    assert "pack at-least-once" not in names


def test_an_armed_pack_is_recognized_by_the_journal(client: Recorder, tmp_path: Path) -> None:
    """The journal names the pack's fault and its action, neither of which the answer shows."""
    client.request("PUT", "/_mock/faults/packs/maintenance-window")
    enqueue(client)
    coverage = journal(client, tmp_path)
    assert met(coverage) == {"pack maintenance-window", "kind answer"}
    assert answers(coverage) == {"enqueueMessage 503": How.FORCED}


@pytest.mark.parametrize(
    ("kind", "does", "answer"),
    [
        ("latency", {"latency": {"kind": "fixed", "ms": 1}}, {"enqueueMessage 202": How.COVERED}),
        ("answer", {"answer": {"status": 500}}, {"enqueueMessage 500": How.FORCED}),
        ("trickle", {"wire": {"kind": "trickle", "pause-ms": 1}}, {"enqueueMessage 202": How.COVERED}),
        ("truncate", {"wire": {"kind": "truncate"}}, {"enqueueMessage 202": How.FORCED}),
        ("reset", {"wire": {"kind": "reset"}}, {}),
        ("close", {"wire": {"kind": "close"}}, {}),
        ("garbage", {"wire": {"kind": "garbage"}}, {}),
    ],
)
def test_every_kind_of_fault_is_reported_with_the_name_of_its_rule(
    client: Recorder, tmp_path: Path, kind: str, does: Any, answer: dict[str, How]
) -> None:
    """A response that never left counts as no answer, even where the message was stored."""
    arm(client, name="mine", when="after", do=does)
    enqueue(client)
    coverage = journal(client, tmp_path)
    assert met(coverage) == {"rule mine", f"kind {kind}"} | (set() if answer else {"kind unanswered"})
    assert answers(coverage) == answer


def test_each_of_several_faults_is_reported(client: Recorder, tmp_path: Path) -> None:
    """A request that waits may be lost afterwards; a rule that did not come to act was not met."""
    arm(client, name="slow", do={"latency": {"kind": "fixed", "ms": 1}})
    arm(client, name="lost", nth=1, do={"wire": {"kind": "close"}})
    arm(client, name="down", nth=2, do={"answer": {"status": 503}})
    enqueue(client)
    assert met(journal(client, tmp_path)) == {
        "rule slow",
        "kind latency",
        "rule lost",
        "kind close",
        "kind unanswered",
    }


def test_a_rule_without_a_name_is_reported_by_its_kind(client: Recorder, tmp_path: Path) -> None:
    """The number that it is given means nothing to anybody else."""
    arm(client, do={"latency": {"kind": "fixed", "ms": 1}})
    limits = {"limits": [{"kind": "fixed-window", "limit": 1, "window-ms": 60_000}]}
    assert client.request("PUT", "/_mock/limits", document=limits, content_type=JSON).is_success
    enqueue(client)
    enqueue(client)
    coverage = journal(client, tmp_path)
    assert met(coverage) == {"kind latency", "kind limit"}
    assert answers(coverage) == {"enqueueMessage 202": How.COVERED, "enqueueMessage 429": How.FORCED}


def test_a_named_rule_that_is_armed_at_a_mock_has_to_be_covered(
    client: Recorder, key: str, live: ServerProcess
) -> None:
    """Delivery faults, faults of packs and rules without a name do not count as rules of the user."""
    arm(client, name="second", nth=2, do={"answer": {"status": 503}})
    arm(client, name="twice", do={"delivery": {"kind": "duplicate"}})
    arm(client, do={"latency": {"kind": "fixed", "ms": 1}})
    client.request("PUT", "/_mock/faults/packs/slow-start")
    limits = {"limits": [{"name": "many", "kind": "fixed-window", "limit": 1000, "window-ms": 60_000}]}
    client.request("PUT", "/_mock/limits", document=limits, content_type=JSON)
    for missing in (["second", "many"], ["many"]):
        enqueue(client)
        arguments = [live.url, "--key", key, "--for", "client", "--fail-under", "faults=100"]
        message = CliRunner().invoke(command, arguments).output
        assert re.findall(r"error: fault rule (\S+): never seen", message) == missing


def test_a_delay_by_prefer_is_latency(client: Recorder, tmp_path: Path) -> None:
    """`Preference-Applied` shows the delay in a recording of the client's side."""
    enqueue(client, prefer="delay=0.001")
    coverage = covered(client.save(tmp_path / "client.har"))
    assert met(coverage) == {"kind latency"}
    assert answers(coverage) == {"enqueueMessage 202": How.COVERED}


def test_an_unanswered_request_is_recognized_in_every_recording() -> None:
    """A browser writes status 0 for a broken connection, regardless of the side that broke it."""
    coverage = covered(RECORDINGS / "chrome.har")
    assert met(coverage) == {"kind unanswered"}
    assert next(item for item in coverage.of(Dimension.FAULTS) if item.count).how is How.COVERED


def test_a_delivery_fault_is_in_the_journal_and_acts_on_no_request(client: Recorder, tmp_path: Path) -> None:
    """The request is accepted as usual; the fault acts on the delivery to the receiver alone."""
    enqueue(client, prefer="fault=at-least-once")
    coverage = journal(client, tmp_path)
    assert "fault delivered-twice (duplicate)" in (tmp_path / "journal.har").read_text()
    assert met(coverage) == set()


def test_a_fault_that_was_never_met_is_reported_with_advice(
    client: Recorder, key: str, live: ServerProcess
) -> None:
    """The advice names `Prefer`, the rule or the limit that brings the fault."""
    enqueue(client)
    arguments = [live.url, "--key", key, "--for", "client", "--fail-under", "faults=1"]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 1
    for message in (
        "fault pack slow-start: never seen; it comes by Prefer or a fault alone [coverage-faults]",
        'with "Prefer: fault=slow-start".',
        'with "do": {"wire": {"kind": "garbage"}} is posted to /_mock/faults.',
        "once limits are put to /_mock/limits.",
        "fault kind unanswered: never seen [coverage-faults]",
    ):
        assert message in result.output
    message = json.loads(CliRunner().invoke(command, [*arguments, "--report", "json=-"]).stdout)
    assert message["details"]["percent"]["faults"] == 0
