"""Schemathesis against the running server: all checks, all phases, no operation left out, no baseline."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import running

TIMEOUT_S = 600


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> str:
    """The seed of ``--fuzz-seed``, so that a finding can be seen again."""
    return str(request.config.getoption("--fuzz-seed"))


def test_schemathesis_finds_nothing(seed: str, tmp_path: Path) -> None:
    """Every answer to what Schemathesis makes of the contract is one that the contract signs."""
    with running(tmp_path, "--validate-responses", "true") as server:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.yaml"]
        command += ["--url", server.url, "--header", f"Authorization: test_fuzz_{seed}"]
        command += ["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--mode", "all"]
        command += ["--seed", seed, "--max-examples", "50", "--continue-on-failure", "--no-color"]
        # Its own process: its plug-ins and hooks must not reach into this suite.
        fuzz = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        assert fuzz.returncode == 0, fuzz.stdout + fuzz.stderr
        assert "Tested: 4" in fuzz.stdout, fuzz.stdout
        for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
            assert f"✅ {phase}" in fuzz.stdout, fuzz.stdout
        assert "contract" not in server.log(), server.log()
