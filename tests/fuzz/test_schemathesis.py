"""Schemathesis against the running server: all checks, all phases, no operation left out, no baseline."""

import subprocess
import sys
from pathlib import Path

import pytest

from eqkit.contract.operations import Contract
from eqkit.web.app import load_contract
from tests.processes import running

TIMEOUT_S = 600

BOUNDED = """
[operations.parameters]
"query.follow" = "false"
"query.wait-ms" = 20
"""

BEYOND_SCHEMA = """
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "403", "404", "409"]
"""

OF_THE_MOCK = {
    # A stream has no end and a wait a long one, unless asked for otherwise.
    "GET /events": BOUNDED,
    "GET /deliveries": BOUNDED,
    # What a schema cannot say: which members go together, what a regular expression is, which host is whose,
    # which operations the public contract has, and where a clock may go.
    "GET /journal": BEYOND_SCHEMA,
    "GET /journal/har": BEYOND_SCHEMA,
    "POST /clock/advance": BEYOND_SCHEMA,
    "POST /clock/freeze": BEYOND_SCHEMA,
    "POST /faults": BEYOND_SCHEMA,
    "POST /journal/count": BEYOND_SCHEMA,
    "POST /journal/verify": BEYOND_SCHEMA,
    "POST /webhooks": BEYOND_SCHEMA,
}
"""Settings of Schemathesis for operations of the control plane."""


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> str:
    """The seed of ``--fuzz-seed``, so that a finding can be seen again."""
    return str(request.config.getoption("--fuzz-seed"))


@pytest.mark.parametrize(
    ("document", "base_path", "examples", "known"),
    [("elasticqueue.yaml", "", "50", {}), ("mock.yaml", "/_mock", "15", OF_THE_MOCK)],
    ids=["public", "mock"],
)
def test_schemathesis_finds_nothing(
    document: str, base_path: str, examples: str, known: dict[str, str], seed: str, tmp_path: Path
) -> None:
    """Each response to a request that Schemathesis makes of a document is valid by that document."""
    settings = [f'[[operations]]\ninclude-name = "{name}"\n{text}' for name, text in known.items()]
    (tmp_path / "schemathesis.toml").write_text("\n".join(settings))
    with running(tmp_path, "--validate-responses", "true", "--seed", seed) as server:
        url = server.url + base_path
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.yaml"]
        command += ["--url", url, "--header", f"Authorization: test_fuzz_{seed}"]
        command += ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"]
        command += ["--seed", seed, "--max-examples", examples, "--continue-on-failure", "--no-color"]
        # Its own process: its plug-ins and hooks must not reach into this suite.
        fuzz = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        assert fuzz.returncode == 0, fuzz.stdout + fuzz.stderr
        assert f"Tested: {len(Contract(load_contract(document)).operations)}" in fuzz.stdout, fuzz.stdout
        for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
            assert f"✅ {phase}" in fuzz.stdout, fuzz.stdout
        assert "contract" not in server.log(), server.log()
