"""The commands that ask the control plane: tables, JSON, and how failure is told."""

import json
import re
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner, Result

from eqkit.cli import main
from eqkit.cli.outcomes import show_table
from tests.clients import JSON_API, message
from tests.processes import ServerProcess

DUE_MS = 1_459_121_798_238

Run = Callable[..., Result]


@pytest.fixture
def key() -> str:
    """A key with a world of its own."""
    return f"test_{uuid4().hex}"


@pytest.fixture
def run(live: ServerProcess, key: str) -> Run:
    """Run a command against the live server and the key's sandbox."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments, "--key", key], env={"EQKIT_URL": live.url})

    return run


@pytest.fixture
def enqueue(live: ServerProcess, key: str) -> Callable[[], httpx.Response]:
    """Enqueue the message of the docs with the key."""

    def enqueue() -> httpx.Response:
        return httpx.post(
            f"{live.url}/v1/queues/a-queue/messages",
            json={"data": message("hello", DUE_MS)},
            headers={"authorization": key, "content-type": JSON_API},
        )

    return enqueue


def told(result: Result) -> str:
    """What a command printed, once it has succeeded."""
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def has(text: str, line: str) -> bool:
    """Whether a line of a text is as a pattern says."""
    return re.search(line, text, re.MULTILINE) is not None


def test_the_clock_is_moved_from_a_shell(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """Freeze, advance in three ways, resume; what happened on the way stands below the clock."""
    frozen = told(run("clock", "freeze", "2016-03-27T23:30:00Z"))
    assert has(frozen, r"^now +2016-03-27T23:30:00\.000Z$")
    enqueue()
    assert has(told(run("clock")), r"^next-due +2016-03-27T23:36:38\.238Z$")
    moved = told(run("clock", "advance", "--next"))
    assert has(moved, r"^AT +KIND +WHAT$")
    assert has(moved, r"^2016-03-27T23:36:38\.238Z +message\.delivered +id=72301093732 ")
    assert "Nothing happened." in told(run("clock", "advance", "1h30m"))
    assert "2016-03-28T12:00:00.000Z" in told(run("clock", "advance", "--to", "2016-03-28T12:00:00Z"))
    assert has(told(run("clock", "resume", "--rate", "60")), r"^rate +60")


def test_deliveries_are_a_table(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """One delivery a line, below the names of the columns; with --wait it waits for them."""
    run("clock", "freeze", "2016-03-28T00:00:00Z")
    enqueue()
    head, line = told(run("deliveries", "--count", "1", "--wait", "5s")).splitlines()
    assert head.split() == ["DELIVERED-AT", "QUEUE", "ID", "ATTEMPT", "DUE-AT", "LATENESS-MS"]
    assert line.split()[:3] == ["2016-03-28T00:00:00.000Z", "a-queue", "72301093732"]
    assert told(run("deliveries", "--queue", "another")).splitlines() == [
        " ".join(head.split()).replace(" ", "  ")
    ]


def test_the_answer_is_had_as_json(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """--json prints the control plane's own document, before or after a subcommand's name."""
    enqueue()
    assert json.loads(told(run("journal", "--json")))["total"] == 1
    assert json.loads(told(run("clock", "--json", "freeze")))["clock"]["frozen"]
    assert json.loads(told(run("clock", "freeze", "--json")))["clock"]["frozen"]
    assert json.loads(told(run("journal", "har")))["log"]["version"] == "1.2"


def test_the_journal_tells_of_a_lost_answer(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """A fault is armed from a shell, and the journal shows what it did and what was stored."""
    armed = told(run("faults", "arm", "--wire", "close", "--when", "after", "--count", "1", "--name", "lost"))
    assert has(armed, r"^rule\.do\.wire\.kind +close$")
    with pytest.raises(httpx.RemoteProtocolError):
        enqueue()
    head, line = told(run("journal", "--operation", "enqueueMessage")).splitlines()
    cells = dict(zip(head.split(), line.split(), strict=False))
    assert (cells["STATUS"], cells["STORED"], cells["FAULT"]) == ("202", "1", "lost")
    assert cells["OUTCOME"] != "sent"
    assert has(told(run("journal", "summary")), r"^lost +1$")
    listed = told(run("faults"))
    identifier = listed.splitlines()[1].split()[0]
    assert "disarmed" in told(run("faults", "disarm", identifier))
    assert len(told(run("faults")).splitlines()) == 1
    assert "flaky-network" in told(run("faults", "pack"))
    assert "delivered-twice" in told(run("faults", "pack", "at-least-once"))
    assert "Nothing is armed." in told(run("faults", "clear"))
    assert "The journal is empty." in told(run("journal", "clear"))


def test_sandboxes_are_kept_from_a_shell(run: Run, key: str, enqueue: Callable[[], httpx.Response]) -> None:
    """Listed, looked at, saved, restored, copied, reset and deleted by name."""
    run("clock", "freeze", "2016-03-27T23:30:00Z")
    enqueue()
    told(run("sandboxes", "save", key))
    assert has(told(run("sandboxes", "reset", key, "--seed", "7")), r"^pending +0$")
    assert has(told(run("sandboxes", "restore", key)), r"^pending +1$")
    assert has(told(run("sandboxes", "fork", key, f"{key}_copy")), rf"^name +{key}_copy$")
    assert has(told(run("sandboxes", "show", f"{key}_copy")), r"^clock\.frozen +true$")
    assert f"{key}_copy is gone." in told(run("sandboxes", "delete", f"{key}_copy"))
    assert told(run("sandboxes")).startswith("NAME ")


def test_a_refusal_is_one_line_for_each_fault(run: Run) -> None:
    """What the server says and the code of it, on standard error, with exit code 1."""
    run("clock", "freeze", "2016-03-27T23:30:00Z")
    result = run("clock", "advance", "--to", "2015-01-01T00:00:00Z")
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.fullmatch(r"\S+ clock advance: The clock stands at .* \(clock-backwards\)\n", result.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["clock", "--url", "http://127.0.0.1:9"], "http://127.0.0.1:9: "),
        (["clock", "--url", "nowhere"], "'nowhere' is not the base URL of a server"),
        (["clock", "advance", "90"], "'90' is not a span such as 250ms, 90s"),
        (["clock", "advance"], "say one of a span, --to and --next"),
        (["clock", "advance", "5s", "--next"], "say one of a span, --to and --next"),
        (["deliveries", "--wait", "soon"], "'soon' is not a span"),
        (["faults", "arm", "--pause", "5ms"], '"pause-ms" without wire says nothing'),
        (["sandboxes", "delete"], "Missing argument 'NAME'"),
    ],
)
def test_what_cannot_be_meant_ends_with_2(arguments: list[str], said: str) -> None:
    """It is told on standard error, and nothing is asked."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_option_nearer_to_its_command_wins(live: ServerProcess, key: str) -> None:
    """A group's options are those of its commands, whatever the environment says."""
    runner = CliRunner(env={"EQKIT_URL": "http://127.0.0.1:9"})
    assert runner.invoke(main, ["clock", "--url", live.url, "freeze", "--key", key]).exit_code == 0
    far_off = ["clock", "--url", "http://127.0.0.1:9", "freeze", "--url", live.url, "--key", key]
    assert runner.invoke(main, far_off).exit_code == 0


def test_a_table_sends_nothing_to_a_terminal_but_text(capsys: pytest.CaptureFixture[str]) -> None:
    """An escape sequence in a message cannot clear somebody's screen, and a long text is cut off."""
    show_table([{"body": "a\x1b[2J\nb"}, {"body": "x" * 101}, {}], ["body"])
    assert capsys.readouterr().out.splitlines() == ["BODY", r"a\x1b[2J\nb", "x" * 99 + "…", ""]
