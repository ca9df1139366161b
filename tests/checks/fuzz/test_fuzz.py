"""Fuzzing as a command: its findings, its options, and the runs that must not end in success."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner, Result

from eqkit.cli.checks.fuzz import command
from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.web.server import bind
from tests.processes import ServerProcess

QUICK = ("--phases", "examples", "--max-examples", "1", "--seed", "1")
SECRET = "test_secret-of-fuzz"


@pytest.fixture(scope="module")
def broken_url() -> Iterator[str]:
    """The URL of a server whose handlers break the contract."""
    listener = bind(ElasticQueueSettings(port=0))
    application = elasticqueue(ElasticQueueSettings(), handlers="tests.web.wrong_handlers")
    server = uvicorn.Server(uvicorn.Config(application, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def found(broken_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """Return the output of fuzzing the broken server, and the folder of the files that it writes."""
    folder = tmp_path_factory.mktemp("found")
    options = ["--key", SECRET, "--keep", f"{folder}/kept", "--write-tests", f"{folder}/test_found.py"]
    options += ["--schemathesis-report", f"har={folder}/own.har", "--report", f"json={folder}/run.json"]
    return run(broken_url, *options), folder


def run(url: str, *options: str) -> Result:
    """Run the command with few requests."""
    return CliRunner().invoke(command, [url, *QUICK, *options])


def pytest_on(file: Path, url: str, key: str) -> subprocess.CompletedProcess[str]:
    """Run a written pytest file as a stranger would: away from this project."""
    arguments = ["-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(file.parent), str(file)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=file.parent,
        env={"EQKIT_URL": url, "EQKIT_CLIENT_KEY": key},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_violation_of_the_contract_is_found_and_placed(found: tuple[Result, Path]) -> None:
    """Each operation that answers wrongly is named with its line in the document and a curl line."""
    result, folder = found
    assert result.exit_code == 1, result.output
    findings: list[dict[str, Any]] = json.loads((folder / "run.json").read_text())["findings"]
    assert {(finding["rule"], finding["message"].split(":")[0]) for finding in findings} >= {
        ("fuzz-not-a-server-error", "POST /v1/queues/{queue}/messages"),
        ("fuzz-response-schema-conformance", "POST /v1/queues/{queue}/messages/_bulk"),
        ("fuzz-response-schema-conformance", "GET /v1/queues/{queue}/messages/{id}"),
        ("fuzz-status-code-conformance", "HEAD /v1/queues/{queue}/messages/{id}"),
    }
    for finding in findings:
        assert finding["place"]["line"] > 1
        assert finding["request"].startswith("curl ")


def test_progress_is_printed_and_the_key_is_not(found: tuple[Result, Path]) -> None:
    """Each phase is a line while it runs; neither the output nor any written file holds the key."""
    result, folder = found
    assert "Examples (in" in result.output
    written = [file for file in folder.rglob("*") if file.is_file()]
    assert {"run.json", "own.har", "test_found.py"} < {file.name for file in written}
    assert SECRET not in result.output
    assert [file.name for file in written if SECRET in file.read_text()] == []


def test_the_written_tests_fail_while_the_server_is_broken(
    found: tuple[Result, Path], broken_url: str
) -> None:
    """One test for each failure, which needs nothing of this project."""
    _, folder = found
    kept = len(list((folder / "kept").glob("*.json")))
    done = pytest_on(folder / "test_found.py", broken_url, "test_again")
    assert f"{kept} failed" in done.stdout, done.stdout + done.stderr
    assert " passed" not in done.stdout


def test_the_written_tests_pass_once_the_server_is_mended(
    found: tuple[Result, Path], live: ServerProcess
) -> None:
    """The same file against a server that keeps the contract is green."""
    _, folder = found
    done = pytest_on(folder / "test_found.py", live.url, "test_mended-tests")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stored_failure_is_seen_again_and_then_gone(
    found: tuple[Result, Path], broken_url: str, live: ServerProcess
) -> None:
    """--replay validates anew: failed on the server that it was found on, passed on one that is mended."""
    _, folder = found
    stored = str(next((folder / "kept").glob("HEAD*.json")))
    again = run(broken_url, "--replay", stored)
    assert again.exit_code == 1, again.output
    assert "fuzz-status-code-conformance" in again.output
    mended = run(live.url, "--replay", stored, "--key", "test_mended")
    assert mended.exit_code == 0, mended.output


def test_a_server_that_keeps_the_contract_is_kept(live: ServerProcess) -> None:
    """No alarm on the unbroken one, and the operations that were tested are counted."""
    result = run(live.url, "--key", "test_quick-fuzz")
    assert result.exit_code == 0, result.output
    assert "fuzz: passed; 4 tested" in result.output


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("http://127.0.0.1:1", (), "does not answer"),
        ("127.0.0.1:8080", (), "is not a URL"),
        (None, ("--key", "a-wrong-key"), "with 401"),
        (None, ("--phases", "stateless"), "Schemathesis gave up"),
        (None, ("--replay", __file__), "not a failure that"),
        (None, ("--contract", "nowhere.yaml"), "nowhere.yaml: No such file"),
        (None, ("--schemathesis-report", "pdf=a.pdf"), "is not FORMAT=FILE"),
    ],
)
def test_a_server_that_cannot_be_validated_neither_passes_nor_fails(
    url: str | None, options: tuple[str, ...], message: str, live: ServerProcess
) -> None:
    """Exit code 2 and one line that says why, never a traceback and never 0."""
    result = run(url or live.url, *options)
    assert result.exit_code == 2, result.output
    assert message in result.output
    assert "Traceback" not in result.output
