"""Every operation of the control plane has a command, too."""

import json
import re
import shlex
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from eqkit.cli import CONTROL, main
from eqkit.contract.operations import Contract
from eqkit.web.app import load_contract
from eqkit.web.contracts.control_document import with_webhooks
from tests.commands import ASKING, name_of

OPERATIONS = Contract(with_webhooks(load_contract("mock.yaml"))).operations.values()
REFUSAL = {"status": "503", "code": "draining", "title": "Stopping", "detail": "The server stops."}


class Refusing(BaseHTTPRequestHandler):
    """Notes every request, and refuses it."""

    asked: list[tuple[str, str]]
    refusal = REFUSAL

    def _refuse(self) -> None:
        self.asked.append((self.command, self.path))
        body = json.dumps({"errors": [self.refusal]}).encode()
        self.send_response(503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _refuse  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of its parent
        """Say nothing."""


@pytest.fixture
def refusing() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The URL of a server that refuses everything, and the requests to it."""
    asked: list[tuple[str, str]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Refusing,), {"asked": asked})) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_every_operation_has_a_command() -> None:
    """A new operation of the control plane comes with a command."""
    assert {each.id for each in OPERATIONS} == ASKING.keys()


def test_every_command_asks_for_an_operation() -> None:
    """No command of the control plane is left out of the table, and none is in it that there is not."""
    groups = [each for each in CONTROL if isinstance(each, click.Group)]
    commands = {str(each.name) for each in CONTROL}
    commands |= {f"{group.name} {name}" for group in groups for name in group.commands}
    assert {name_of(typed) for typed in ASKING.values()} == commands


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_a_command_asks_for_its_operation_and_reports_a_refusal_in_one_line(
    operation: Any, refusing: tuple[str, list[tuple[str, str]]]
) -> None:
    """It is sent with the method and to the path of mock.yaml; the server's refusal ends it with 1."""
    url, asked = refusing
    typed = ASKING[operation.id]
    outcome = CliRunner().invoke(main, [*shlex.split(typed), "--url", url])
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert re.fullmatch(rf"\S+ {name_of(typed)}: The server stops\. \(draining\)\n", outcome.stderr)
    ((method, target),) = asked
    path = re.sub(r"\{[\w-]+\}", "[^/]+", f"/_mock{operation.path}")
    assert method == operation.method
    assert re.fullmatch(path, target.partition("?")[0])


@pytest.mark.parametrize("member", ["detail", "code"])
def test_a_refusal_sends_nothing_to_a_terminal_but_text(
    refusing: tuple[str, list[tuple[str, str]]], member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may be anybody's: its sentence sets no title and clears no screen."""
    monkeypatch.setattr(Refusing, "refusal", {**REFUSAL, member: "\x1b]0;owned\x07\x9b2J"})
    outcome = CliRunner().invoke(main, ["clock", "--url", refusing[0]])
    assert outcome.exit_code == 1
    assert r"\x1b]0;owned\x07\x9b2J" in outcome.stderr
    assert outcome.stderr.removesuffix("\n").isprintable()


@pytest.mark.parametrize("typed", ASKING.values())
def test_a_command_reports_a_missing_server_in_one_line(typed: str) -> None:
    """Without a server, it ends with 2."""
    outcome = CliRunner().invoke(main, [*shlex.split(typed), "--url", "http://127.0.0.1:9"])
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert re.fullmatch(rf"\S+ {name_of(typed)}: http://127\.0\.0\.1:9: .+\n", outcome.stderr)


def test_the_help_shows_every_command_in_its_section() -> None:
    """Serving, controlling and checking stand apart, each command with one whole line."""
    shown = CliRunner().invoke(main, ["--help"]).stdout
    titles = re.findall(r"^(\S.*):$", shown, re.MULTILINE)
    assert titles == [
        "Options",
        "Serve",
        "Control a server that runs",
        "Control a mock of ElasticQueue",
        "Check",
        "Export",
    ]
    lines = re.findall(r"^  ([a-z-]+) +(\S.*)$", shown, re.MULTILINE)
    assert [name for name, _ in lines if name in main.commands] == [str(name) for name in main.commands]
    assert [text for _, text in lines if text.endswith("...")] == []


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mock openapi.yaml", "'eqkit serve'"),
        ("openapi.yaml", "'eqkit serve openapi.yaml'"),
        ("https://shop.example/openapi.json", "'eqkit serve https://shop.example/openapi.json'"),
        ("validate openapi.yaml", "'eqkit lint'"),
        ("version", "'eqkit --version'"),
        ("sevre", "'serve'"),
    ],
)
def test_a_wrong_command_names_the_right_one(typed: str, meant: str) -> None:
    """For a typing error, for a word of another tool, and for a contract without `serve`."""
    outcome = CliRunner().invoke(main, shlex.split(typed))
    assert outcome.exit_code == 2
    assert f"Did you mean {meant}?" in outcome.stderr


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("help", "--help"), ("help serve", "serve --help"), ("help journal verify", "journal verify --help")],
)
def test_help_is_a_command_too(typed: str, shown: str) -> None:
    """It prints what the option --help prints."""
    expected = CliRunner().invoke(main, shlex.split(shown), prog_name="eqkit")
    outcome = CliRunner().invoke(main, shlex.split(typed), prog_name="eqkit")
    assert (outcome.exit_code, outcome.stdout) == (0, expected.stdout)


def test_a_command_without_a_server_says_how_to_start_one() -> None:
    """The advice stands in the one line of the error."""
    outcome = CliRunner().invoke(main, ["clock", "--url", "http://127.0.0.1:9"])
    assert (
        "Connection refused: start a server with `eqkit serve`, or name another with --url" in outcome.stderr
    )


def test_the_help_of_serve_has_a_section_for_each_kind_of_server() -> None:
    """Those for a contract of one's own come first."""
    shown = CliRunner().invoke(main, ["serve", "--help"]).stdout
    titles = re.findall(r"^(Options .*):$", shown, re.MULTILINE)
    assert titles == [
        "Options for a contract",
        "Options for any server",
        "Options for ElasticQueue (without a contract)",
    ]
    first, second, third = re.split(r"^Options .*:$", shown, flags=re.MULTILINE)[1:]
    assert "--watch [true|false]" in first
    assert "--port" in second
    assert "--max-bulk" in third


def test_lint_takes_the_contract_as_its_argument(tmp_path: Path) -> None:
    """As serve, scaffold and export do; an address is not fetched."""
    contract = tmp_path / "shop.yaml"
    contract.write_text("openapi: 3.1.0\n")
    outcome = CliRunner().invoke(main, ["lint", str(contract)])
    assert "shop.yaml:1:1" in outcome.output
    outcome = CliRunner().invoke(main, ["lint", "https://shop.example/openapi.yaml"])
    assert (outcome.exit_code, "download it first" in outcome.stderr) == (2, True)


def test_a_contract_that_lies_here_is_mentioned_where_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a user would take the outcome of ElasticQueue's for that of the own."""
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["lint"]).stderr == ""
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\n")
    outcome = CliRunner().invoke(main, ["lint"])
    line = "eqkit lint: takes the contract of ElasticQueue; name openapi.yaml to take the one here\n"
    assert (outcome.exit_code, outcome.stderr) == (0, line)
