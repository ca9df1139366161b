"""The commands that ask the journal: requests counted and verified, from a shell."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.interfaces.shell import DUE_MS, Run, has, output_of
from tests.processes import ServerProcess


def test_the_journal_shows_a_lost_answer(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """A fault is armed from a shell, and the journal shows its effect and the stored message."""
    armed = output_of(
        run("faults", "arm", "--wire", "close", "--when", "after", "--count", "1", "--name", "lost")
    )
    assert has(armed, r"^rule\.do\.wire\.kind +close$")
    with pytest.raises(httpx.RemoteProtocolError):
        enqueue()
    head, line = output_of(run("journal", "--operation", "enqueueMessage")).splitlines()
    cells = dict(zip(head.split(), line.split(), strict=False))
    assert (cells["STATUS"], cells["STORED"], cells["FAULT"]) == ("202", "1", "lost")
    assert cells["OUTCOME"] != "sent"
    assert has(output_of(run("journal", "summary")), r"^lost +1$")
    listed = output_of(run("faults"))
    identifier = listed.splitlines()[1].split()[0]
    assert "disarmed" in output_of(run("faults", "disarm", identifier))
    assert len(output_of(run("faults")).splitlines()) == 1
    assert "flaky-network" in output_of(run("faults", "pack"))
    assert "delivered-twice" in output_of(run("faults", "pack", "at-least-once"))
    assert "Nothing is armed." in output_of(run("faults", "clear"))
    assert "The journal is empty." in output_of(run("journal", "clear"))


def test_the_journal_lists_the_codes_of_a_refused_request(run: Run, live: ServerProcess, key: str) -> None:
    """Where nothing says more of what was wrong with it."""
    httpx.post(f"{live.url}/v1/queues/q/messages", headers={"Authorization": key}, json={})
    head, line = output_of(run("journal")).splitlines()
    assert head.split()[-1] == "ERRORS"
    assert line.split()[-1] == "unsupported-media-type"


def test_an_option_that_nothing_heeds_is_refused(run: Run) -> None:
    """A filter of the list before another command's name would be dropped without a word."""
    done = run("journal", "--queue", "a-queue", "count")
    assert (done.exit_code, "--queue stands before 'count'" in done.stderr) == (2, True)


def test_requests_are_counted_by_their_content(run: Run, enqueue: Callable[[], httpx.Response]) -> None:
    """A bare number, for a script to compare; a body is JSON where it can be, and a text otherwise."""
    enqueue()
    assert output_of(run("journal", "count")) == "1\n"
    counted = {
        value: int(output_of(run("journal", "count", "--body", f"/data/attributes/{value}")))
        for value in ("body=hello", 'body="hello"', "body=hallo", f"wait-until={DUE_MS}", "wait-until=soon")
    }
    assert counted == {
        "body=hello": 1, 'body="hello"': 1, "body=hallo": 0, f"wait-until={DUE_MS}": 1, "wait-until=soon": 0,
    }  # fmt: skip
    assert output_of(run("journal", "count", "--stored", "--status", "202", "--outcome", "sent")) == "1\n"
    assert output_of(run("journal", "count", "--not-stored")) == "0\n"
    assert output_of(run("journal", "count", "--until", "2015-01-01T00:00:00Z")) == "0\n"


def test_a_script_fails_where_requests_are_not_as_expected(
    run: Run, enqueue: Callable[[], httpx.Response]
) -> None:
    """An expectation by options: 0 where it holds; 1 where not, with the nearest request."""
    enqueue()
    assert (
        output_of(run("journal", "verify", "--queue", "a-queue", "--exactly", "1")) == "All is as expected.\n"
    )
    missed = run("journal", "verify", "--body", "/data/attributes/body=hallo")
    assert (missed.exit_code, missed.stderr) == (1, "")
    first, head, line = missed.stdout.splitlines()
    assert first == "Expectation 0: Expected at-least 1, and found 0."
    assert head.split() == ["REQUEST", "POINTER", "EXPECTED", "FOUND"]
    assert line.split() == ["1", "/request/document/data/attributes/body", "hallo", "hello"]
    as_json = run("journal", "verify", "--exactly", "0", "--json")
    assert (as_json.exit_code, json.loads(as_json.stdout)["verified"]) == (1, False)
    assert run("journal", "verify", "--at-most", "0").exit_code == 1
    assert run("journal", "verify", "--at-least", "1", "--within", "1s").exit_code == 0


def test_expectations_are_read_from_a_file(
    run: Run, enqueue: Callable[[], httpx.Response], tmp_path: Path
) -> None:
    """The document of the control plane, in a file or on standard input."""
    enqueue()
    expected = {
        "expectations": [{"request": {"stored": True}, "exactly": 1}, {"request": {}}],
        "in-order": True,
    }
    file = tmp_path / "expected.json"
    file.write_text(json.dumps(expected))
    missed = run("journal", "verify", str(file))
    assert (missed.exit_code, missed.stderr) == (1, "")
    assert missed.stdout == "Expectation 1: After request 1 there are 0 such requests, and not 1.\n"
    once = json.dumps({"expectations": expected["expectations"]})
    assert output_of(run("journal", "verify", "-", typed=once)) == "All is as expected.\n"
    assert "(missing-member)" in run("journal", "verify", "-", typed="{}").stderr
