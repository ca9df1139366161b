"""Fuzzing a server of a contract that is not ours, and the pytest tests written of its findings."""

import os
import subprocess
import sys
from pathlib import Path

from tests.checks.pets import BASE, KEY, PETS, serving
from tests.checks.pets_checks import ManyLives, run


def test_a_server_that_keeps_its_contract_is_fuzzed_without_a_finding() -> None:
    """Each operation gets the key as its scheme wants it, or nothing would be tested."""
    with serving() as url:
        result = run("fuzz", url, "--key", KEY, "--seed", "1", "--max-examples", "10")
    assert result.exit_code == 0, result.output
    assert "fuzz: passed; 4 tested, nothing found" in result.output


def test_a_finding_of_fuzzing_can_be_sent_again_by_a_shell_and_by_pytest(tmp_path: Path) -> None:
    """The name of the scheme stands before the key, which neither of them repeats."""
    tests = tmp_path / "test_found.py"
    options = ["--key", KEY, "--seed", "1", "--max-examples", "5", "--phases", "fuzzing"]
    with serving(ManyLives) as url:
        result = run("fuzz", url, *options, "--write-tests", tests)
        broken = passes(tests, url)
    assert result.exit_code == 1, result.output
    assert '-H "Authorization: Bearer $EQKIT_CLIENT_KEY"' in result.output
    assert KEY not in result.output
    assert KEY not in tests.read_text()
    with serving() as url:
        kept = passes(tests, url)
    assert (broken, kept) == (False, True)


def test_a_written_test_sends_below_the_base_and_with_the_good_key(tmp_path: Path) -> None:
    """Each written test fails on the broken server and with a wrong key, and passes on the mended server."""
    tests = tmp_path / "test_found.py"
    options = ["--key", KEY, "--seed", "1", "--max-examples", "1", "--phases", "examples"]
    with serving(ManyLives) as url:
        run("fuzz", f"{url}/", *options, "--write-tests", tests)
        broken = pytest_on(tests)
        refused = pytest_on(tests, EQKIT_CLIENT_KEY="wrong")
    with serving() as url:
        mended = pytest_on(tests, EQKIT_URL=url)
    assert " passed" not in broken + refused
    assert " failed" not in mended
    assert f"'{BASE}/" not in tests.read_text()
    assert "jsonschema.exceptions.Validat" in broken
    assert "see EQKIT_CLIENT_KEY" in refused


def test_a_key_in_the_query_is_put_in_by_the_shell_and_by_pytest(tmp_path: Path) -> None:
    """It stands in the address, and neither the curl line nor the test repeats it."""
    contract, tests = tmp_path / "api.yaml", tmp_path / "test_found.py"
    text = PETS.read_text().replace("        - bearer: []\n        - query: []", "        - query: []")
    contract.write_text(text.replace("        200:\n", "        201:\n").replace("default:", "5XX:"))
    options = ["--key", KEY, "--seed", "1", "--max-examples", "5", "--phases", "fuzzing"]
    with serving() as url:
        result = run("fuzz", url, *options, "--write-tests", tests, contract=contract)
    assert result.exit_code == 1, result.output
    assert '?api_key=$EQKIT_CLIENT_KEY"' in result.output
    assert "urllib.parse.quote(KEY)" in tests.read_text()
    assert "& {'201', '5XX'}, body" in tests.read_text()
    assert not any(KEY.partition(":")[2] in each for each in (result.output, tests.read_text()))


def passes(tests: Path, url: str) -> bool:
    """Tell whether a server passes the tests that were written."""
    return " failed" not in pytest_on(tests, EQKIT_URL=url)


def pytest_on(tests: Path, **environment: str) -> str:
    """Run the written tests, with the good key unless another is given, and return pytest's output."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests.name],
        cwd=tests.parent, env=os.environ | {"EQKIT_CLIENT_KEY": KEY} | environment,
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout
