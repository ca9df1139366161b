"""Environments that lack an extra: the commands that go on working, and the line that names the extra."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eqkit import extras
from eqkit.cli import CONTROL, checks
from tests.project.wheels import ROOT, build, environment

NOWHERE = "http://127.0.0.1:9"
ARGUMENTS = {
    "coverage": [__file__],
    "diff": [__file__, __file__],
    "diff-servers": [NOWHERE, NOWHERE],
    "export": ["har"],
    "fuzz": [NOWHERE],
    "probe": [NOWHERE],
    "proxy": [NOWHERE],
    "replay": [__file__],
    "trace": [__file__],
}
"""Arguments by which a check gets as far as it can."""

PLUGIN = """
def test_it(elasticqueue):
    assert elasticqueue.journal.count() == 0
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the project as it is."""
    return build(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def base(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the base distribution and nothing else."""
    return environment(tmp_path_factory.mktemp("base"), wheel)


@pytest.fixture(scope="module")
def with_click(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has click as well, as one with Flask has."""
    return environment(tmp_path_factory.mktemp("with-click"), wheel, "click")


@pytest.fixture(scope="module")
def with_pytest(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of a project that is tested: the base distribution and pytest."""
    packages = ("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments")
    return environment(tmp_path_factory.mktemp("with-pytest"), wheel, *packages)


def run(commands: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command of an environment."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "EQKIT_"))}
    return subprocess.run(
        [commands / arguments[0], *arguments[1:]],
        capture_output=True, text=True, timeout=60, check=False, env=clean | variables, cwd=commands,
    )  # fmt: skip


def output_of(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a command that could not be run."""
    assert (done.returncode, done.stdout) == (2, ""), done
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    "arguments", [["eqkit"], ["eqkit", "serve"], ["python", "-m", "eqkit", "--help"]], ids=" ".join
)
def test_the_command_without_any_extra_names_the_extra(base: Path, wheel: Path, arguments: list[str]) -> None:
    """Even the package that reads the command line may be missing."""
    line = output_of(run(base, *arguments))
    assert line == f'eqkit needs the server extra (click is not installed): pip install "{wheel}[server]"'


@pytest.mark.parametrize("command", ["serve", "export", *checks.CHECKS])
def test_each_command_that_lacks_its_extra_names_it(with_click: Path, wheel: Path, command: str) -> None:
    """The command ends with one line, the exit code of a run that could not begin, and no traceback."""
    extra = "server" if command == "serve" else "check"
    line = output_of(run(with_click, "eqkit", command, *ARGUMENTS.get(command, [])))
    assert line.startswith(f"eqkit {command} needs the {extra} extra (")
    assert line.endswith(f' is not installed): pip install "{wheel}[{extra}]"')


@pytest.mark.parametrize("command", [str(each.name) for each in CONTROL])
def test_the_commands_of_the_control_plane_need_no_more_than_click(with_click: Path, command: str) -> None:
    """They get as far as to a server that is not there."""
    assert "extra" not in output_of(run(with_click, "eqkit", command, "--url", NOWHERE))


@pytest.mark.parametrize(
    "module", ["eqkit.client", "eqkit.process", "eqkit.environment", "eqkit.errors", "eqkit.settings"]
)
def test_the_base_distribution_is_enough_for_client_and_process(base: Path, module: str) -> None:
    """They use the standard library alone."""
    assert run(base, "python", "-W", "error", "-c", f"import {module}").returncode == 0


def test_importing_the_application_names_the_extra(base: Path) -> None:
    """A traceback is right where code of the reader imports, and its last line is the answer."""
    done = run(base, "python", "-c", "import eqkit.asgi")
    assert done.stderr.splitlines()[-1].startswith("ImportError: eqkit.asgi needs the server extra (")


def test_the_plugin_starts_a_server_that_lives_in_another_environment(
    with_pytest: Path, tmp_path: Path
) -> None:
    """An option, a variable or the project's configuration names that server."""
    (tmp_path / "test_it.py").write_text(PLUGIN)
    ours = f"{sys.executable} -m eqkit"
    configured = tmp_path / "pytest.ini"
    configured.write_text("[pytest]\n")
    ask = ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(configured), str(tmp_path)]
    refused = run(with_pytest, *ask)
    assert "eqkit needs the server extra (click is not installed)" in refused.stdout
    assert "--eqkit-command" in refused.stdout
    assert "Traceback" not in refused.stdout
    assert "1 passed" in run(with_pytest, *ask, "--eqkit-command", ours).stdout
    assert "1 passed" in run(with_pytest, *ask, EQKIT_COMMAND=ours).stdout
    configured.write_text(f"[pytest]\neqkit_command = {ours}\n")
    assert "1 passed" in run(with_pytest, *ask).stdout
    missing = run(with_pytest, *ask, "--eqkit-command", "/no/such/eqkit")
    assert "the server did not start: /no/such/eqkit: No such file or directory" in missing.stdout


@pytest.mark.parametrize(
    ("recorded", "command"),
    [
        (None, 'pip install "eqkit[check]"'),
        ('{"url": "file:///a%20folder", "dir_info": {}}', 'pip install "/a folder[check]"'),
        (
            '{"url": "https://git.test/eqkit", "vcs_info": {"vcs": "git", "commit_id": "5ca1ab1e"}}',
            'pip install "eqkit[check] @ git+https://git.test/eqkit@5ca1ab1e"',
        ),
        (
            '{"url": "https://files.test/eqkit-0.1.0-py3-none-any.whl", "archive_info": {}}',
            'pip install "eqkit[check] @ https://files.test/eqkit-0.1.0-py3-none-any.whl"',
        ),
    ],
)
def test_an_extra_comes_from_where_the_installation_came_from(
    recorded: str | None, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PEP 610: installers record the place; without a record it was an index, where the name is enough."""
    folder = tmp_path / "eqkit-0.1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: eqkit\nVersion: 0.1.0\n")
    if recorded is not None:
        (folder / "direct_url.json").write_text(recorded)
    monkeypatch.syspath_prepend(tmp_path)
    # The checkout has a pyproject.toml beside the package, an installation has none.
    monkeypatch.setattr(extras, "__file__", str(tmp_path / "eqkit" / "extras.py"))
    assert extras.install_command("check") == command


def test_an_extra_of_a_checkout_comes_from_the_checkout() -> None:
    """The command names the checkout whose source runs, independent of any record of its installation."""
    assert extras.install_command("server") == f'pip install --editable "{ROOT}[server]"'
