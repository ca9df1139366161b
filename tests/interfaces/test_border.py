"""The exit code of a command gives its outcome, however it ends, and nobody sees a traceback."""

import importlib.resources
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from eqkit.cli.border import Bordered
from eqkit.errors import ContractError

EQKIT = [sys.executable, "-m", "eqkit"]
CONTRACT = str(importlib.resources.files("eqkit.openapi") / "elasticqueue.yaml")
COMMANDS = [
    ["lint"],
    ["trace"],
    ["diff", CONTRACT, CONTRACT],
    ["--help"],
]


class Panic(BaseException):
    """A panic of a library in Rust is no Exception."""


def run(error: BaseException | None, code: int = 0, output_of: str = "") -> Result:
    """Run a group whose one command prints, raises, and exits."""

    @click.group(cls=Bordered)
    def main() -> None:
        """A group."""

    @main.command()
    def act() -> None:
        click.echo(output_of, nl=False)
        if error is not None:
            raise error
        sys.exit(code)

    return CliRunner().invoke(main, ["act"])


@pytest.mark.parametrize(
    "error",
    [
        KeyError("a"),
        RecursionError("too deep"),
        MemoryError(),
        Panic("index out of bounds"),
        OSError(5, "Input/output error"),
        ContractError("no\nsuch file"),
        ModuleNotFoundError("No module named 'nowhere'", name="nowhere.at.all"),
        AssertionError("\x1b[31mred\n::error::x"),
        UnicodeEncodeError("ascii", "\ud800", 0, 1, "no"),
    ],
)
def test_an_unforeseen_error_is_one_line_and_no_verdict(error: BaseException) -> None:
    """Exit code 2: 1 would say that the contract is broken, or that the server refuses."""
    result = run(error)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("main act: ")
    assert line.isprintable()


def test_an_own_failure_says_where_it_was() -> None:
    """The line and the file, for a report of it."""
    output_of = r"eqkit itself has failed, please report it: KeyError: 'a' \(border\.py:\d+\)\n"
    assert re.fullmatch(f"main act: {output_of}", run(KeyError("a")).stderr)


@pytest.mark.parametrize("code", [0, 1, 2, 7])
def test_a_command_keeps_its_exit_code(code: int) -> None:
    """Where nothing breaks, the border changes nothing."""
    result = run(None, code, "told\n")
    assert (result.exit_code, result.stdout, result.stderr) == (code, "told\n", "")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupted_command_has_come_to_nothing(error: BaseException) -> None:
    """It has neither failed nor passed: the exit code is 130, as in shells."""
    result = run(error)
    assert (result.exit_code, result.stderr.strip()) == (130, "main act: interrupted")


def started(arguments: list[str], **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a process of its own."""
    return subprocess.run([*EQKIT, *arguments], stderr=subprocess.PIPE, timeout=100, check=False, **options)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
@pytest.mark.parametrize("arguments", COMMANDS)
def test_a_verdict_that_cannot_be_written_is_none(arguments: list[str]) -> None:
    """A full disk, a closed pipe and a missing standard output give exit code 2 and one line."""
    reader, writer = os.pipe()
    os.close(reader)
    ends = []
    with Path("/dev/full").open("wb") as full, os.fdopen(writer, "wb") as unread:
        ends += [started(arguments, stdout=full), started(arguments, stdout=unread)]
    closed = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *EQKIT, *arguments],
        stderr=subprocess.PIPE,
        timeout=100,
        check=False,
    )
    for end in (*ends, closed):
        assert end.returncode == 2, end.stderr
        assert len(end.stderr.splitlines()) == 1, end.stderr
        assert b"what it tells cannot be written" in end.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_an_output_that_fails_at_its_end_is_no_verdict_either() -> None:
    """A short output stays in its buffer until the command has ended."""
    code = (
        "import click; from eqkit.cli.border import Bordered\n"
        "main = Bordered(commands=[click.Command('act', callback=lambda: print('passed'))])\n"
        "main(['act'], 'main')"
    )
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with Path("/dev/full").open("wb") as full:
        end = subprocess.run(
            [sys.executable, "-c", code],
            env=buffered, stdout=full, stderr=subprocess.PIPE, timeout=100, check=False,
        )  # fmt: skip
    assert end.returncode == 2
    assert end.stderr == b"main act: what it tells cannot be written: No space left on device\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a full device")
def test_with_nowhere_to_print_the_exit_code_is_that_of_an_error() -> None:
    """Standard error is full, too."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*EQKIT, "lint"], stdout=full, stderr=full, timeout=100, check=False)
    assert done.returncode == 2


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_a_character_that_an_encoding_lacks_is_printed_as_an_escape(encoding: str) -> None:
    """Windows has such an encoding where the output goes into a file."""
    done = started(
        ["lint", "--report", "markdown=-"],
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert rb"### \u2705 eqkit lint" in done.stdout
