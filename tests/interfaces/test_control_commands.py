"""The commands that ask the control plane: tables, JSON, and reports of failure."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from eqkit.cli import main
from eqkit.cli.output import show_table
from tests.interfaces.shell import Run, has, output_of
from tests.processes import ServerProcess


def test_the_clock_is_moved_from_a_shell(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """Freeze, advance in three ways, resume; the events on the way stand below the clock."""
    frozen = output_of(run("clock", "freeze", "2016-03-27T23:30:00Z"))
    assert has(frozen, r"^now +2016-03-27T23:30:00\.000Z$")
    enqueue()
    assert has(output_of(run("clock")), r"^next-due +2016-03-27T23:36:38\.238Z$")
    moved = output_of(run("clock", "advance", "--next"))
    assert has(moved, r"^AT +KIND +WHAT$")
    assert has(moved, r"^2016-03-27T23:36:38\.238Z +message\.delivered +id=72301093732 ")
    assert "Nothing happened." in output_of(run("clock", "advance", "1h30m"))
    assert "2016-03-28T12:00:00.000Z" in output_of(run("clock", "advance", "--to", "2016-03-28T12:00:00Z"))
    assert has(output_of(run("clock", "resume", "--rate", "60")), r"^rate +60")


def test_deliveries_are_a_table(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """One delivery a line, below the names of the columns; with --wait it waits for them."""
    run("clock", "freeze", "2016-03-28T00:00:00Z")
    enqueue()
    head, line = output_of(run("deliveries", "--count", "1", "--wait", "5s")).splitlines()
    assert head.split() == ["DELIVERED-AT", "QUEUE", "ID", "ATTEMPT", "DUE-AT", "LATENESS-MS"]
    assert line.split()[:3] == ["2016-03-28T00:00:00.000Z", "a-queue", "72301093732"]
    assert output_of(run("deliveries", "--queue", "another")).splitlines() == [
        " ".join(head.split()).replace(" ", "  ")
    ]


def test_the_answer_is_had_as_json(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """--json prints the control plane's own document, before or after a subcommand's name."""
    enqueue()
    assert json.loads(output_of(run("journal", "--json")))["total"] == 1
    assert json.loads(output_of(run("clock", "--json", "freeze")))["clock"]["frozen"]
    assert json.loads(output_of(run("clock", "freeze", "--json")))["clock"]["frozen"]
    assert json.loads(output_of(run("journal", "har")))["log"]["version"] == "1.2"


def test_a_shell_makes_up_an_answer(run: Run, enqueue: Callable[[], httpx.Response], tmp_path: Path) -> None:
    """A page of a gateway in place of JSON, for requests that sent a certain body."""
    page = tmp_path / "page.html"
    page.write_text("<p>gone</p>", encoding="utf-8")
    where = "--body=/data/attributes/body=hello"
    output_of(
        run(
            "faults",
            "arm",
            "--answer",
            "502",
            "--content-file",
            str(page),
            "--header",
            "X-Cache: MISS",
            where,
        )
    )
    refused = enqueue()
    assert (refused.status_code, refused.text, refused.headers["x-cache"]) == (502, "<p>gone</p>", "MISS")
    output_of(run("faults", "clear"))


def test_sandboxes_are_kept_from_a_shell(run: Run, key: str, enqueue: Callable[[], httpx.Response]) -> None:
    """Listed, looked at, saved, restored, copied, reset and deleted by name."""
    run("clock", "freeze", "2016-03-27T23:30:00Z")
    enqueue()
    output_of(run("sandboxes", "save", key))
    assert has(output_of(run("sandboxes", "reset", key, "--seed", "7")), r"^pending +0$")
    assert has(output_of(run("sandboxes", "restore", key)), r"^pending +1$")
    assert has(output_of(run("sandboxes", "fork", key, f"{key}_copy")), rf"^name +{key}_copy$")
    assert has(output_of(run("sandboxes", "show", f"{key}_copy")), r"^clock\.frozen +true$")
    assert f"{key}_copy is gone." in output_of(run("sandboxes", "delete", f"{key}_copy"))
    assert output_of(run("sandboxes")).startswith("NAME ")


def test_idle_time_is_skipped_from_a_shell(run: Run) -> None:
    """The command takes `on` and `off`, and nothing else."""
    run("clock", "freeze")
    assert has(output_of(run("clock", "auto-advance", "on")), r"^auto-advance +true$")
    assert "auto-advance" not in output_of(run("clock", "auto-advance", "off"))
    assert run("clock", "auto-advance", "maybe").exit_code == 2


def test_pending_messages_are_listed_run_and_cancelled(
    run: Run, enqueue: Callable[[], httpx.Response]
) -> None:
    """One message a line, in the order in which they fall due."""
    run("clock", "freeze", "2016-03-27T23:30:00Z")
    enqueue()
    enqueue()
    head, *lines = output_of(run("pending", "--queue", "a-queue")).splitlines()
    assert head.split() == ["DUE-AT", "QUEUE", "ID", "WAIT-UNTIL", "ACCEPTED-AT", "BODY"]
    assert [line.split()[2] for line in lines] == ["72301093732", "72301093733"]
    assert has(output_of(run("pending", "run", "72301093732")), r"^delivered-at +2016-03-27T23:30:00\.000Z$")
    assert output_of(run("pending", "cancel", "72301093733")) == "72301093733 is cancelled.\n"
    assert len(output_of(run("pending")).splitlines()) == 1
    assert "(message-not-pending)" in run("pending", "cancel", "72301093732").stderr


def test_a_queue_is_paused_resumed_and_purged(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """Each answers with the queue as it is now, and the list has all of them."""
    run("clock", "freeze", "2016-03-27T23:30:00Z")
    enqueue()
    assert has(output_of(run("queues", "pause", "a-queue")), r"^paused +true$")
    assert output_of(run("queues")).splitlines()[1].split() == ["a-queue", "1", "true"]
    assert has(output_of(run("queues", "resume", "a-queue")), r"^paused +false$")
    assert has(output_of(run("queues", "purge", "a-queue")), r"^purged +1$")


def test_limits_are_set_from_a_shell(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """Several at once, each with its window; the table shows the requests that are left."""
    run("clock", "freeze", "2016-03-27T23:30:00Z")
    set_now = output_of(
        run("limits", "set", "1/1s", "100/1h30m", "--kind", "fixed-window", "--queue", "a-queue")
    )
    head, *lines = (line.split() for line in set_now.splitlines())
    assert head[:3] == ["NAME", "KIND", "LIMIT"]
    assert [line[:4] for line in lines] == [
        ["fixed-window", "1", "1000", "a-queue"],
        ["fixed-window", "100", "5400000", "a-queue"],
    ]
    assert [enqueue().status_code for _ in range(2)] == [202, 429]
    assert output_of(run("limits")).splitlines()[1].split()[-1] == "1"
    assert output_of(run("limits", "clear")) == "Nothing is limited.\n"
    assert len(output_of(run("limits")).splitlines()) == 1
    refused = run("limits", "set", "1/1s", "--kind", "tokenbucket")
    assert refused.stderr.endswith('did you mean "token-bucket"? (invalid-value)\n')


def test_webhooks_are_added_watched_and_removed(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """The secret is shown for one, and never in the list; nobody listens, and the attempts say so."""
    run("clock", "freeze", "2016-03-27T23:30:00Z")
    added = output_of(
        run("webhooks", "add", "http://127.0.0.1:9/", "--max-attempts", "2", "--first-retry", "5s")
    )
    assert has(added, r"^secret +whsec_")
    assert has(output_of(run("webhooks", "show", "1")), r"^first-retry-ms +5000$")
    enqueue()
    run("clock", "advance", "1h")
    listed = output_of(run("webhooks"))
    assert listed.splitlines()[1].split() == ["1", "http://127.0.0.1:9/", "false", "0", "2", "0", "1"]
    _, line = output_of(run("webhooks", "attempts", "1", "--after", "1")).splitlines()
    assert line.split()[0] == "2"
    assert "the connection was refused" in line
    assert output_of(run("webhooks", "remove", "1")) == "1 is removed.\n"
    assert "(webhook-not-found)" in run("webhooks", "show", "1").stderr


def test_events_are_listed_and_followed(
    run: Run, live: ServerProcess, key: str, enqueue: Callable[[], httpx.Response]
) -> None:
    """One a line, as text or as JSON; with --follow as they happen, until somebody has seen enough."""
    run("clock", "freeze", "2016-03-27T23:30:00Z")
    enqueue()
    lines = output_of(run("events")).splitlines()
    assert re.fullmatch(r"\d+  2016-03-27T23:30:00\.000Z  message\.accepted  id=72301093732 .*", lines[-1])
    event = json.loads(output_of(run("events", "--json")).splitlines()[-1])
    assert (event["kind"], event["data"]["id"]) == ("message.accepted", "72301093732")
    assert output_of(run("events", "--after", str(event["number"]))) == ""
    # A number that was not given yet is one of a life before.
    first, *_ = output_of(run("events", "--after", str(event["number"] + 1))).splitlines()
    assert first.split()[2] == "sandbox.restarted"
    command = [sys.executable, "-m", "eqkit", "events", "--follow", "--after", str(event["number"] - 1)]
    options = ["--url", live.url, "--key", key]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as watching:
        try:
            assert watching.stdout is not None
            assert "id=72301093732" in watching.stdout.readline()
            enqueue()
            assert "id=72301093733" in watching.stdout.readline()
        finally:
            watching.terminate()


def test_a_refusal_is_one_line_for_each_fault(run: Run) -> None:
    """The server's sentence and its code, on standard error, with exit code 1."""
    run("clock", "freeze", "2016-03-27T23:30:00Z")
    result = run("clock", "advance", "--to", "2015-01-01T00:00:00Z")
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.fullmatch(r"\S+ clock advance: The clock stands at .* \(clock-backwards\)\n", result.stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["clock", "--url", "http://127.0.0.1:9"], "http://127.0.0.1:9: "),
        (["clock", "--url", "nowhere"], "'nowhere' is not the base URL of a server"),
        (["clock", "advance", "90"], "'90' is not a duration such as 250ms, 90s"),
        (["clock", "advance"], "say one of a duration, --to and --next"),
        (["clock", "advance", "5s", "--next"], "say one of a duration, --to and --next"),
        (["deliveries", "--wait", "soon"], "'soon' is not a duration"),
        (["faults", "arm", "--pause", "5ms"], '"pause-ms" without wire says nothing'),
        (["faults", "arm", "--content", "x"], '"body" without answer says nothing'),
        (["faults", "arm", "--answer", "502", "--header", "x"], "'x' is not NAME: VALUE"),
        (["faults", "arm", "--answer", "502", "--content-file", "/no/such/file"], "does not exist"),
        (["faults", "arm"], "say one of --answer, --wire, --latency and --delivery"),
        (["faults", "arm", "--answer", "503", "--wire", "close"], "say one of --answer, --wire, --latency"),
        (["clock", "freeze", "yesterday"], '"yesterday" is not an instant such as 2016-03-27T23:36:38.238Z'),
        (["clock", "freeze", "2016-03-27"], '"2016-03-27" is not an instant'),
        (["clock", "freeze", "2016-02-30T00:00:00Z"], "2016-02-30 is no day."),
        (["clock", "advance", "--to", "soon"], '"soon" is not an instant'),
        (["journal", "--since", "soon"], '"soon" is not an instant'),
        (["journal", "count", "--until", "soon"], '"soon" is not an instant'),
        (["limits", "set", "10"], "'10' is not a limit such as 10/1s"),
        (["limits", "set", "9" * 5000 + "/1s"], "is not a limit such as 10/1s"),
        (["limits", "set", "many/1s"], "'many/1s' is not a limit such as 10/1s"),
        (["limits", "set", "10/soon"], "'soon' is not a duration"),
        (["journal", "verify"], "say what is expected, either by options or in a FILE"),
        (["journal", "verify", "pyproject.toml", "--exactly", "1"], "either by options or in a FILE"),
        (["journal", "verify", "pyproject.toml"], "pyproject.toml is no JSON: "),
        (["journal", "count", "--body", "hello"], "'hello' is not POINTER=VALUE"),
        (["sandboxes", "delete"], "Missing argument 'NAME'"),
    ],
)
def test_a_wrong_argument_ends_with_2(arguments: list[str], said: str) -> None:
    """The message goes to standard error, and nothing is asked."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_option_nearer_to_its_command_wins(live: ServerProcess, key: str) -> None:
    """A group's options are those of its commands, for any environment."""
    runner = CliRunner(env={"EQKIT_URL": "http://127.0.0.1:9"})
    assert runner.invoke(main, ["clock", "--url", live.url, "freeze", "--key", key]).exit_code == 0
    far_off = ["clock", "--url", "http://127.0.0.1:9", "freeze", "--url", live.url, "--key", key]
    assert runner.invoke(main, far_off).exit_code == 0


def test_a_table_sends_nothing_to_a_terminal_but_text(capsys: pytest.CaptureFixture[str]) -> None:
    """An escape sequence in a message cannot clear somebody's screen, and a long text is cut off."""
    show_table([{"body": "a\x1b[2J\nb"}, {"body": "x" * 101}, {}], ["body"])
    assert capsys.readouterr().out.splitlines() == ["BODY", r"a\x1b[2J\nb", "x" * 99 + "…", ""]
