"""A run with a refused key has not tested the operations that need it, and names them."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from eqkit.contract.loading.source_map import ContractFile
from eqkit.elasticqueue.probe.probes import ALL
from eqkit.elasticqueue.probe.probing import RawResponse, probe
from eqkit.elasticqueue.service import elasticqueue
from eqkit.elasticqueue.settings import ElasticQueueSettings
from eqkit.exit_codes import ExitCode
from eqkit.traffic.exchanges import Headers
from tests.checks.pets import BEARER, KEY, Pets, recorded, serving
from tests.checks.pets_checks import ManyLives, run

QUICK = ("--seed", "1", "--max-examples", "3", "--phases", "fuzzing")


class NoPosts(Pets):
    """Refuses the key for one operation alone."""

    def may(self, method: str, path: str, query: dict[str, list[str]]) -> bool:
        """Let everybody in for every operation but adding."""
        return method != "POST"


class NoPostsOfCats(NoPosts, ManyLives):
    """Refuses the key for one operation, and answers another wrongly."""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Traffic to a server that takes the key for all."""
    with serving() as url:
        return recorded(url, tmp_path_factory.mktemp("pets") / "pets.jsonl")


@pytest.mark.parametrize("kind", [NoPosts, NoPostsOfCats])
def test_one_operation_that_is_refused_leaves_a_run_in_error(kind: type[Pets], recording: Path) -> None:
    """Findings in the other operations are reported all the same."""
    with serving() as good, serving(kind) as url:
        results = [
            run("replay", recording, "--send", url, "--key", KEY),
            run("diff-servers", good, url, recording, "--key", KEY),
            run("diff-servers", url, good, recording, "--key", KEY),
            run("fuzz", url, "--key", KEY, *QUICK),
        ]
    for result in results:
        assert result.exit_code == 2, result.output
        assert "the server refuses the key with 401 for POST /pets: see --key\n" in result.output
    if kind is NoPostsOfCats:
        assert all("error: " in result.output for result in results)


def test_a_wrong_key_is_reported_though_one_operation_is_open_to_all(tmp_path: Path) -> None:
    """Operations without a key are tested, and the others are reported as not tested."""
    contract = tmp_path / "api.json"
    answers = {"200": {"description": "d"}, "401": {"description": "d"}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "security": [{"Key": []}],
        "components": {"securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
        "paths": {
            "/open": {"get": {"security": [], "responses": answers}},
            "/closed": {"get": {"responses": answers}},
        },
    }
    contract.write_text(json.dumps(document))

    class Closed(Pets):
        def may(self, method: str, path: str, query: dict[str, list[str]]) -> bool:
            return path.endswith("/open") or self.headers.get("x-key") == "right"

        def name(self, path: str) -> str | None:
            return ""

        def answer(
            self, method: str, path: str, query: dict[str, list[str]], body: bytes
        ) -> tuple[int, None, None]:
            return 200 if method == "GET" else 405, None, None

    with serving(Closed) as url:
        wrong = run("fuzz", url, "--key", "wrong", *QUICK, contract=contract)
        right = run("fuzz", url, "--key", "right", *QUICK, contract=contract)
    assert (wrong.exit_code, right.exit_code) == (2, 0), wrong.output + right.output
    assert "refuses the key with 401 for GET /closed: see --key\n" in wrong.output


def test_a_stored_failure_is_not_gone_because_its_key_is_refused(tmp_path: Path) -> None:
    """With the right key it is there still, and with a wrong one nobody knows."""
    kept = tmp_path / "kept"
    with serving(ManyLives) as url:
        run("fuzz", url, "--key", KEY, *QUICK, "--keep", kept)
        stored = next(each for each in sorted(kept.glob("POST*.json")) if "[Filtered]" in each.read_text())
        again = run("fuzz", url, "--key", KEY, "--replay", stored)
        refused = run("fuzz", url, "--key", "wrong", "--replay", stored)
    assert (again.exit_code, refused.exit_code) == (1, 2), again.output + refused.output
    assert "refuses the key with 401 for " in refused.output


@pytest.mark.parametrize("check", ["replay", "coverage"])
@pytest.mark.parametrize(("key", "code"), [(BEARER["authorization"], 0), ("Bearer wrong", 2)])
def test_traffic_of_which_each_request_was_refused_shows_nothing(
    check: str, key: str, code: int, tmp_path: Path
) -> None:
    """Tests of a client with a wrong key record answers that keep the contract, and exercise nothing."""
    file = tmp_path / "all.jsonl"
    with serving() as url:
        lines = recorded(url, file).read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    for entry in entries:
        headers = [each for each in entry["request"]["headers"] if each["name"].lower() != "authorization"]
        entry["request"]["headers"] = [*headers, {"name": "Authorization", "value": key}]
        if code == 2:
            entry["response"] |= {"status": 401, "headers": [], "content": {"size": 0}}
    file.write_text("\n".join(map(json.dumps, entries)))
    result = run(check, file)
    if code == 2:
        assert result.exit_code == 2, result.output
        assert "the server refuses the key with 401 for GET /pets, POST /pets, " in result.output
    else:
        assert "refuses the key" not in result.output


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_probe_that_is_refused_in_the_middle_is_not_validated(method: str) -> None:
    """A key that may write and not read."""
    application = elasticqueue(ElasticQueueSettings())
    with asyncio.Runner() as runner:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://a.test")

        def transport(asked: str, target: str, headers: Headers, body: bytes) -> RawResponse:
            given = dict(headers) | ({"authorization": ""} if asked == method else {})
            response = runner.run(client.request(asked, target, headers=given, content=body))
            return response.status_code, tuple(response.headers.multi_items()), response.content

        result = probe(ContractFile.load(), transport, "test_refused", "http://a.test", ALL)
    assert result.outcome is ExitCode.ERROR
    assert result.error == (
        f"the server refuses the key with 401 for {method} /v1/queues/{{queue}}/messages/{{id}}: see --key"
    )
