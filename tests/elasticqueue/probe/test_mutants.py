"""Seeded breaks: each mutant of the server is caught by the rule that should catch it, the server by none."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from eqkit.checks.findings import Run
from eqkit.cli.checks.probe import command
from eqkit.contract.loading.source_map import ContractFile
from eqkit.elasticqueue.probe.probes import ALL
from eqkit.elasticqueue.probe.probing import Probe, RawResponse, probe
from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.exit_codes import ExitCode
from eqkit.traffic.exchanges import Headers
from eqkit.web.app import Application
from tests.elasticqueue.probe.mutants.catalogue import MUTANTS
from tests.elasticqueue.probe.mutants.spoilers import Answered as Spoilt
from tests.elasticqueue.probe.mutants.spoilers import App, Ask, Asked, Mutant
from tests.processes import ServerProcess, running

BASE = "http://127.0.0.1:8080"
WITHOUT_TIME = [each for each in ALL if each.rulings.startswith(("B12", "B13, T5", "B2", "D6", "H7", "T8"))]
"""The probes that bring about every kind of answer."""


@pytest.fixture(scope="module")
def contract() -> ContractFile:
    """The contract that all are held against."""
    return ContractFile.load()


@pytest.fixture(scope="module")
def application() -> Application:
    """The unbroken server, on which each test has a key of its own."""
    return elasticqueue(ElasticQueueSettings())


def probed(app: App, contract: ContractFile, key: str, chosen: Sequence[Probe]) -> Run:
    """Probe an application without a socket."""
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)

        def transport(method: str, target: str, headers: Headers, body: bytes) -> RawResponse:
            given = list(headers)
            response = runner.run(client.request(method, target, headers=given, content=body))
            return response.status_code, tuple(response.headers.multi_items()), response.content

        return probe(contract, transport, key, BASE, chosen)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(name: str, application: Application, contract: ContractFile) -> None:
    """Each break is an error of the rule that is for it."""
    rule, spoiler = MUTANTS[name]
    chosen = [each for each in ALL if f"probe-{each.name}" == rule] or WITHOUT_TIME
    key = f"test_{list(MUTANTS).index(name)}"
    run = probed(Mutant(application, spoiler), contract, key, chosen)
    assert run.outcome is ExitCode.FAILED
    assert rule in {finding.rule for finding in run.findings}, run.findings


async def _untouched(asked: Asked, ask: Ask) -> Spoilt:
    return await ask(asked)


@pytest.mark.parametrize("is_wrapped", [False, True], ids=["bare", "wrapped"])
def test_the_unbroken_server_raises_no_alarm(is_wrapped: bool, contract: ContractFile) -> None:
    """Every probe is carried out and finds nothing, also through a wrapper that spoils nothing."""
    application = elasticqueue(ElasticQueueSettings(validate_responses=True))
    app = Mutant(application, _untouched) if is_wrapped else application
    run = probed(app, contract, "test_unbroken", ALL)
    assert list(run.findings) == []
    assert len(run.tested) == len(ALL)
    assert run.outcome is ExitCode.PASSED


def test_the_command_probes_a_url(live: ServerProcess) -> None:
    """Over a socket the result is the same: passed, and every probe reported as tested."""
    result = CliRunner().invoke(command, [live.url, "--key", "test_probe-command"])
    assert result.exit_code == 0, result.output
    assert f"probe: passed; {len(ALL)} tested, nothing found" in result.output


def test_a_closed_server_is_probed_without_its_clock(tmp_path: Path) -> None:
    """If no clock can be moved, a finding says so, and the rest is validated."""
    with running(tmp_path, "--key", "a-key", "--control", "false") as server:
        result = CliRunner().invoke(command, [server.url, "--key", "a-key"])
    assert result.exit_code == 0, result.output
    assert "probe-skipped" in result.output
    assert f"{len(ALL) - 1} tested" in result.output


@pytest.mark.parametrize(
    ("url", "key", "message"),
    [("http://127.0.0.1:1", "test_a", "does not answer"), (None, "wrong", "refuses the key with 401")],
)
def test_a_server_that_cannot_be_probed_is_not_validated(
    url: str | None, key: str, message: str, live: ServerProcess
) -> None:
    """Exit code 2, and one line that says why."""
    result = CliRunner().invoke(command, [url or live.url, "--key", key])
    assert result.exit_code == 2, result.output
    assert message in result.output


def test_every_probe_catches_something() -> None:
    """A probe that no mutant fails would not be known to be able to fail."""
    caught = {rule.removeprefix("probe-") for rule, _ in MUTANTS.values()}
    missing = {each.name for each in ALL} - caught
    assert missing == set()


def test_there_are_mutants_enough() -> None:
    """Twenty or more, of both kinds: seen by the contract alone, and by a probe."""
    rules = [rule for rule, _ in MUTANTS.values()]
    assert len(rules) >= 20
    assert min(sum(rule.startswith("probe-") is wanted for rule in rules) for wanted in (True, False)) >= 10
