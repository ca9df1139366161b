"""The checks where the extra that has their libraries was not installed."""

import subprocess
import sys
from pathlib import Path

import pytest

from eqkit.extras import install_command

WITHOUT = """
import sys
sys.modules.update(dict.fromkeys(["httpx", "openapi_spec_validator", "markdown_it", "schemathesis"]))
from eqkit.cli import main
main(prog_name="eqkit")
"""
NOWHERE = "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["proxy", NOWHERE, "--port", "0"], "httpx"),
        (["lint"], "openapi_spec_validator"),
        (["trace", __file__], "markdown_it"),
        (["fuzz", NOWHERE], "schemathesis"),
        (["fuzz", NOWHERE, "--replay", __file__], "schemathesis"),
    ],
    ids=lambda value: " ".join(value[::2]) if isinstance(value, list) else "",
)
def test_a_check_without_its_libraries_names_the_extra_to_install(
    arguments: list[str], missing: str, tmp_path: Path
) -> None:
    """One line, and the exit code of an error."""
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    needs = f"needs the check extra ({missing} is not installed)"
    message = f"eqkit {arguments[0]} {needs}: {install_command('check')}\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message)
