"""The trial of client generators: the failures that its driver notices, and the docs of its results."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eqkit.client import Client
from sdks.generators import STEPS, Generator, load, versions
from sdks.results import PAGE, Result, record, recorded, tables
from sdks.trial import Failed, attempt, output_of
from tests.docs.pages import fences
from tests.processes import ServerProcess, running

SEND = f"{sys.executable} ../client.py && "
ALL_STEPS = f"printf 'ok: %s\\n' {' '.join(STEPS)}"
CLIENT = """
import json, os
from urllib import error, request

def send(path, data=None):
    headers = {"Authorization": os.environ["ELASTICQUEUE_KEY"], "Content-Type": "application/vnd.api+json"}
    body = data and json.dumps({"data": data}).encode()
    return request.urlopen(request.Request(os.environ["ELASTICQUEUE_URL"] + path, body, headers), timeout=30)

message = {"type": "message", "attributes": {"body": "water the plants"}}
biscuits = {"type": "message", "attributes": {"body": "biscuits"}}
tea = {"type": "message", "attributes": {"body": "tea"}}
send("/v1/queues/reminders/messages/_bulk", [tea, biscuits])
send("/v1/queues/reminders/messages", message)
send("/v1/queues/my-queue/messages", message)
try:
    send("/v1/queues/my-queue/messages/1")
except error.HTTPError:
    pass
"""
"""A client in the folder of a generator, which sends the requests of an example and checks nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server for all trials; each generator has a sandbox of its own."""
    with running(tmp_path_factory.mktemp("server")) as process:
        yield process


def tried(server: ServerProcess, place: Path, name: str, **commands: str | None) -> tuple[Result, str | None]:
    """The result of a made-up generator."""
    (place / "client.py").write_text(CLIENT)
    stages = {"generate": "true", "compile": "true", "run": ALL_STEPS} | commands
    generator = Generator(name=name, folder=name, version_of="orval", strict="nothing", **stages)  # type: ignore[arg-type]
    return attempt(generator, server.url, {"PATH": "/usr/bin:/bin"}, place)


def test_a_client_that_does_all_has_passed(server: ServerProcess, tmp_path: Path) -> None:
    """Each step is reported as done, and the server has got all requests of the example."""
    result, failure = tried(server, tmp_path, "fine", run=SEND + ALL_STEPS)
    assert failure is None
    assert result == Result("fine", versions()["orval"], "nothing", True, STEPS)
    assert result.passed


def test_a_client_that_is_compiled_alone_needs_no_example(server: ServerProcess, tmp_path: Path) -> None:
    """The contract lies in the folder of the commands."""
    result, failure = tried(server, tmp_path, "alone", compile="test -s mock.yaml", run=None)
    assert (failure, result.passed, result.steps) == (None, True, None)


@pytest.mark.parametrize("stage", ["generate", "compile", "run"])
def test_a_failure_names_generator_and_step_and_repeats_the_output(
    server: ServerProcess, tmp_path: Path, stage: str
) -> None:
    """The log of a CI run is enough to mend it; steps before the failure count."""
    command = "echo 'ok: enqueue'; echo no such model >&2; exit 3"
    result, failure = tried(server, tmp_path, f"fails-to-{stage}", **{stage: command})
    assert failure == (
        f"fails-to-{stage}: {stage} ended with exit code 3: {command}\nok: enqueue\nno such model\n"
    )
    assert not result.passed
    assert result.compiled == (stage == "run")


def test_an_example_that_leaves_out_a_step_has_not_passed(server: ServerProcess, tmp_path: Path) -> None:
    """It may end with 0 all the same."""
    result, failure = tried(server, tmp_path, "short", run=SEND + "echo 'ok: enqueue'; echo 'ok: read'")
    assert failure is not None
    assert failure.startswith("short: run passed only enqueue, read\n")
    assert not result.passed


def test_an_example_that_sends_nothing_has_not_passed(server: ServerProcess, tmp_path: Path) -> None:
    """The server is asked, so that no example is believed by its word alone."""
    result, failure = tried(server, tmp_path, "boaster")
    assert failure is not None
    assert failure.startswith("boaster: run: the server has stored 0 messages instead of 3\n")
    assert not result.passed


def test_the_server_of_a_trial_is_armed(server: ServerProcess, tmp_path: Path) -> None:
    """The other queue answers as the docs print it, and with an error code that is new."""
    tried(server, tmp_path, "armed")
    codes = [fault.rule["do"]["answer"]["status"] for fault in Client(server.url, "test_armed").faults.list()]
    assert codes == [202, 404]


def test_a_command_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    """A child that holds the pipe is killed, too."""
    generator = Generator("hangs", "hangs", "orval", "echo begun; sleep 600 | cat", "true", "nothing")
    with pytest.raises(Failed) as failed:
        output_of(generator, "generate", tmp_path, {"PATH": "/usr/bin:/bin"}, patience_s=0.2)
    assert failed.value.args == (f"generate was killed: it may take 0.2 s: {generator.generate}", "begun\n")


def test_results_survive_their_file(tmp_path: Path) -> None:
    """The written results are read again."""
    results = [
        Result("a", "1", "x", True, STEPS),
        Result("b", "2", "y", False, ()),
        Result("c", "3", "z", True, None),
    ]
    record(results, tmp_path / "results.json")
    assert recorded(tmp_path / "results.json") == results


def test_the_page_shows_the_results_as_recorded() -> None:
    """docs/how-to/generate-a-client.md has both tables, as `make sdks` has printed them."""
    for table in tables(recorded()).split("\n\n"):
        assert f"\n{table}\n" in PAGE.read_text()


def test_the_results_are_those_of_every_generator_as_pinned() -> None:
    """A generator that is added, or another version of it, has to be tried and recorded anew."""
    pinned = versions()
    assert [(result.name, result.version, result.strict) for result in recorded()] == [
        (generator.name, pinned[generator.version_of], generator.strict) for generator in load()
    ]
    assert [result.name for result in recorded() if not result.passed] == []


def test_the_page_prints_the_commands_that_are_run() -> None:
    """Each generator's own, in a block of the page."""
    printed = "".join(fence.text for fence in fences(PAGE))
    assert [generator.name for generator in load() if f"{generator.generate}\n" not in printed] == []
