"""The pytest plugin as another project meets it: runs of pytest in a folder of their own."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import httpx
import pytest

from eqkit import pytest_plugin
from tests.processes import PATIENCE_S, ServerProcess

HEAVY = ("click", "connexion", "httpx", "jsonschema", "jsonschema_rs", "orjson", "starlette", "uvicorn")

ENQUEUE = """
import json, urllib.request
from pathlib import Path

def enqueue(mock):
    body = json.dumps({"data": {"type": "message", "attributes": {"body": "hello"}}}).encode()
    headers = {"Authorization": mock.key, "Content-Type": "application/vnd.api+json"}
    url = mock.url + "/v1/queues/a-queue/messages"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as response:
        return json.load(response)["data"]["id"]
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run pytest over the text of a test file, in a project of its own, with warnings as errors."""

    def run(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
        (tmp_path / "test_it.py").write_text(ENQUEUE + text)
        command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider"]
        return subprocess.run(
            [*command, "-p", "eqkit.pytest_plugin", *arguments],
            cwd=tmp_path,
            # The plug-ins of this suite take their time to load.
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    return run


def outcome(done: subprocess.CompletedProcess[str]) -> str:
    """The last line of a run, without its time."""
    return done.stdout.splitlines()[-1].strip("= ").partition(" in ")[0]


def test_each_test_has_a_sandbox_of_its_own(run: Run, live: ServerProcess) -> None:
    """Clock, ids and journal begin anew with each test, on a server that runs already."""
    done = run(
        """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_it(elasticqueue, number):
    elasticqueue.clock.freeze("2016-03-27T23:30:00Z")
    assert enqueue(elasticqueue) == "72301093732"
    elasticqueue.clock.advance("1s")
    assert elasticqueue.deliveries.list().total == 1
    assert elasticqueue.journal.count() == 1
    print("the server is", elasticqueue.url)
    print("the key is", elasticqueue.key)
""",
        "--eqkit-url",
        live.url,
        "-rA",
    )
    assert outcome(done) == "2 passed", done.stdout
    assert done.stdout.count(f"the server is {live.url}") == 2
    assert len(set(re.findall("the key is (test_.+)", done.stdout))) == 2


def test_a_sandbox_is_gone_after_its_test(run: Run, live: ServerProcess, tmp_path: Path) -> None:
    """A server that runs for weeks does not fill up."""
    done = run(
        """
def test_it(elasticqueue):
    enqueue(elasticqueue)
    Path("key.txt").write_text(elasticqueue.key)

def test_another_that_has_deleted_its_own(elasticqueue):
    elasticqueue.sandboxes.delete()
""",
        "--eqkit-url",
        live.url,
    )
    assert outcome(done) == "2 passed", done.stdout
    key = (tmp_path / "key.txt").read_text()
    assert httpx.get(f"{live.url}/_mock/sandboxes/{key}").status_code == 404


@pytest.mark.parametrize(("arguments", "servers"), [([], 1), (["-p", "xdist", "--numprocesses", "2"], 2)])
def test_a_process_has_one_server_which_ends_with_it(
    run: Run, tmp_path: Path, arguments: list[str], servers: int
) -> None:
    """One for the session, and with pytest-xdist one for each worker, so that no worker ends another's."""
    done = run(
        """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_it(elasticqueue, number, request):
    enqueue(elasticqueue)
    Path(f"{number}.txt").write_text(elasticqueue.url)
""",
        *arguments,
    )
    assert outcome(done) == "6 passed", done.stdout
    urls = {file.read_text() for file in tmp_path.glob("[0-9].txt")}
    assert len(urls) == servers
    for url in urls:
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


def test_a_failing_test_shows_the_journal(run: Run, live: ServerProcess) -> None:
    """The newest fifty requests stand in the report with answers and ids, and never the key."""
    done = run(
        """
import pytest

def test_it(elasticqueue):
    elasticqueue.clock.freeze("2016-03-27T23:30:00Z")
    for number in range(51):
        enqueue(elasticqueue)
    elasticqueue.faults.lose_answers()
    with pytest.raises(OSError):
        enqueue(elasticqueue)
    print("the key is", elasticqueue.key[:5])
    assert elasticqueue.journal.verify(), "as it should"

def test_a_quiet_one(elasticqueue):
    assert elasticqueue.journal.count() == 1
""",
        "--eqkit-url",
        live.url,
        "--tb=line",
    )
    assert outcome(done) == "2 failed", done.stdout
    assert "ElasticQueue journal" in done.stdout
    assert "(2 earlier requests are left out)" in done.stdout
    assert (
        "51. 2016-03-27T23:30:00.000Z POST /v1/queues/a-queue/messages: 202, stored 72301093782"
        in done.stdout
    )
    assert "72301093783, fault answer-lost, the answer was lost" in done.stdout
    assert "duplicate-message" in done.stdout
    assert "nothing was asked" in done.stdout
    (shown, _) = re.findall(r"ElasticQueue journal -+\n(.*?)^[-=]{5}", done.stdout, re.DOTALL | re.MULTILINE)
    assert "202" in shown
    assert "test_" not in shown


def test_a_fixture_of_the_same_name_is_left_alone(run: Run) -> None:
    """A project that has its own `elasticqueue` is not disturbed when a test of it fails."""
    done = run("""
import pytest

@pytest.fixture
def elasticqueue():
    return 5

def test_it(elasticqueue):
    assert elasticqueue == 6
""")
    assert outcome(done) == "1 failed"
    assert "ElasticQueue journal" not in done.stdout


def test_no_server_is_started_without_a_test_that_uses_it(run: Run) -> None:
    """A server that could not start is met by the test that uses the fixture, and by no other."""
    options = ("-o", "eqkit_serve=--no-such-option")
    assert outcome(run("def test_it(): pass", *options)) == "1 passed"
    done = run("def test_it(elasticqueue): pass", *options)
    assert outcome(done) == "1 error"
    assert "the server did not start" in done.stdout
    assert "--no-such-option" in done.stdout


def test_the_server_is_started_as_the_project_says(run: Run) -> None:
    """`eqkit_serve` in the project's configuration has the arguments of `eqkit serve`."""
    text = "def test_it(elasticqueue): assert enqueue(elasticqueue) == '10198093753'"
    done = run(text, "-o", "eqkit_serve=--seed 7")
    assert outcome(done) == "1 passed", done.stdout


def test_the_plugin_is_light() -> None:
    """Every test run with eqkit installed pays for the plugin: it loads nothing heavy, and never warns."""
    code = """
import pytest, sys
before = {*sys.modules}
import eqkit.pytest_plugin
print(*{*sys.modules} - before)
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True, text=True, timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert set(done.stdout.split()) <= {"eqkit", "eqkit.pytest_plugin"}


@pytest.mark.parametrize("name", ["eqkit.client", "eqkit.process"])
def test_the_imports_of_the_fixture_are_light(name: str) -> None:
    """Client and process need the standard library alone."""
    code = f"import sys, {name}; print(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True, text=True, timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("\n", "")


def test_pytest_finds_the_plugin_by_itself() -> None:
    """With eqkit installed the fixture is there, without a line of configuration."""
    (entry,) = entry_points(group="pytest11", name="eqkit")
    assert entry.load() is pytest_plugin


def test_the_fixtures_are_these() -> None:
    """Tests rely on the names of fixtures."""
    assert pytest_plugin.__all__ == ["elasticqueue", "elasticqueue_url", "eqkit_server"]


CONTRACT = """
openapi: 3.1.0
info: {title: Pets, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        "200":
          description: all of them
          content: {application/json: {schema: {type: array}, example: [{name: Rex}]}}
"""


def test_a_contract_is_served_to_each_test_with_a_sandbox_of_its_own(run: Run, tmp_path: Path) -> None:
    """One process for each contract and its settings; a failing test shows the journal."""
    (tmp_path / "pets.yaml").write_text(CONTRACT)
    done = run(
        """
import pytest

def names(client):
    request = urllib.request.Request(client.url + "/pets", headers={"Authorization": "Bearer " + client.key})
    with urllib.request.urlopen(request) as response:
        return [pet["name"] for pet in json.load(response)]

@pytest.mark.parametrize("number", [1, 2])
def test_it(eqkit_server, number):
    client = eqkit_server("pets.yaml")
    assert names(client) == ["Rex"]
    assert [entry.operation for entry in client.journal.list().entries] == ["listPets"]
    assert client.url == eqkit_server(Path("pets.yaml")).url
    assert client.key != eqkit_server("pets.yaml").key

def test_it_fails(eqkit_server):
    client = eqkit_server("pets.yaml")
    names(client)
    assert False
"""
    )
    assert outcome(done) == "1 failed, 2 passed"
    assert re.search(r"Journal of pets.yaml.*\n1\. .* GET /pets: 200", done.stdout)


def test_a_contract_that_cannot_be_served_is_one_clear_error(run: Run) -> None:
    """The words of the server, and no traceback of the plugin."""
    done = run("def test_it(eqkit_server):\n    eqkit_server('nowhere.yaml')\n")
    assert outcome(done) == "1 failed"
    assert "nowhere.yaml: No such file or directory" in done.stdout
