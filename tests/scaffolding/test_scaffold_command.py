"""The command `scaffold`, and the server that its Makefile starts."""

import json
import shlex
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from eqkit.cli import main
from tests.processes import PATIENCE_S, ServerProcess, running
from tests.scaffolding.projects import GROWN, PETS, document, scaffold, texts


def test_the_server_of_the_makefile_starts_and_takes_new_modules(tmp_path: Path) -> None:
    """Its arguments are those of the command; a new module is loaded, and a broken one changes nothing."""
    project, logs = tmp_path / "project", tmp_path / "logs"
    logs.mkdir()
    scaffold(document(GROWN), project)
    module = project / "handlers" / "shops.py"
    module.unlink()
    line = next(each for each in texts(project)["Makefile"].splitlines() if each.startswith("\teqkit serve"))
    _, _, contract, *options = shlex.split(line.replace("$(CONTRACT)", "openapi.json").replace("$(ARGS)", ""))
    options[options.index("--handlers") + 1] = str(project / "handlers")
    with running(logs, str(project / contract), *options) as server:
        module.write_text("def list_shops(sandbox): return {'name': 'of the new module'}")
        wait_for(server, "is loaded anew")
        with urllib.request.urlopen(f"{server.url}/shops") as response:
            assert json.load(response) == {"name": "of the new module"}
        module.write_text("def list_shops(sandbox:")
        wait_for(server, "shops.py:1: SyntaxError")
        with urllib.request.urlopen(f"{server.url}/shops") as response:
            assert json.load(response) == {"name": "of the new module"}


def wait_for(server: ServerProcess, text: str) -> None:
    """Wait until a text stands in the log of a server."""
    end = time.monotonic() + PATIENCE_S
    while text not in server.log():
        assert time.monotonic() < end, server.log()


def run(*arguments: Any) -> Result:
    """Run the command."""
    return CliRunner().invoke(main, ["scaffold", *map(str, arguments)])


def test_the_command_says_what_it_did_and_what_is_left(tmp_path: Path) -> None:
    """Exit code 0 with nothing left to do by hand, 1 with something; `--check` writes nothing."""
    contract, into = tmp_path / "openapi.json", tmp_path / "project"
    contract.write_text(json.dumps(document(PETS)))
    checked = run(contract, "--into", into, "--check")
    assert (checked.exit_code, into.exists()) == (1, False)
    assert f"would write {into}/handlers/pets.py" in checked.output
    done = run(contract, "--into", into)
    assert (done.exit_code, f"wrote {into}/handlers/pets.py\n" in done.output) == (0, True)
    again = run(contract, "--into", into, "--check")
    assert (again.exit_code, again.output) == (
        0,
        "nothing to do: the folder has a function for each operation\n",
    )
    contract.write_text(json.dumps(document(GROWN)))
    grown = run(contract, "--into", into)
    assert grown.exit_code == 1
    assert grown.output.splitlines() == [
        f"wrote {into}/handlers/shops.py",
        f"wrote {into}/tests/test_shops.py",
        f"added {into}/handlers/pets.py: add_pet",
        f"to do: {into}/handlers/pets.py:16: get_pet does not take colour, which GET /pets/{{id}} has",
    ]


@pytest.mark.parametrize("text", [None, "{", "[]", '{"swagger": "2.0"}'])
def test_a_contract_that_cannot_be_read_is_exit_code_2(tmp_path: Path, text: str | None) -> None:
    """With one line, and nothing is written."""
    if text is not None:
        (tmp_path / "openapi.json").write_text(text)
    done = run(tmp_path / "openapi.json", "--into", tmp_path / "project")
    assert (done.exit_code, (tmp_path / "project").exists()) == (2, False)
    assert len(done.output.splitlines()) == 1
