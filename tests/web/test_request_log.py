"""The lines that a server writes about its requests: their content, and that they need no reader."""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eqkit.web.logs.lines import TextLines
from eqkit.web.logs.log_output import BACKLOG_BYTES, LogOutput
from tests.clients import JSON_API, MESSAGES, message
from tests.processes import PATIENCE_S, ServerProcess, running

HEADERS = {"authorization": "test_log", "content-type": JSON_API}


def wait_for(server: ServerProcess, text: str) -> str:
    """Return the log once it has `text`."""
    end = time.monotonic() + PATIENCE_S
    while text not in server.log():
        assert time.monotonic() < end, server.log()
    return server.log()


def wait_for_file(file: Path) -> None:
    """Return once a server has written its ready file."""
    end = time.monotonic() + PATIENCE_S
    while True:
        assert time.monotonic() < end
        with contextlib.suppress(FileNotFoundError):
            if file.read_text().endswith("\n"):
                return


def small_pipe() -> tuple[int, int]:
    """Return the ends of a pipe that is soon full, where the system can make one smaller."""
    reading, writing = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    return reading, writing


def line_with(log: str, text: str) -> str:
    """Return the one line that has `text`, without its time of day."""
    (line,) = [line for line in log.splitlines() if text in line]
    return line.partition(" ")[2]


@pytest.fixture
def talkative(tmp_path: Path) -> Iterator[tuple[ServerProcess, httpx.Client]]:
    """Run a server with nothing set, and a client for it."""
    with running(tmp_path) as server, httpx.Client(base_url=server.url, headers=HEADERS) as client:
        yield server, client


def test_each_request_is_a_line(talkative: tuple[ServerProcess, httpx.Client]) -> None:
    """Method, path, status and time; of an error its code, detail, place and how many more there are."""
    server, client = talkative
    client.post(MESSAGES, json={"data": message()})
    client.post(MESSAGES, json={"data": {"type": "message", "attributes": {"wait_until": 1}}})
    client.get("/nowhere?key=test_secret")
    log = wait_for(server, "/nowhere")
    accepted = line_with(log, " 202 ").split()
    assert accepted[:3] == ["POST", MESSAGES, "202"]
    assert float(accepted[3]) >= 0
    assert accepted[4:] == ["ms"]
    refused = line_with(log, " 400 ")
    assert refused.startswith(f"POST {MESSAGES} 400 ")
    assert refused.endswith('missing-member: The member "body" is missing. [/data/attributes] (and 1 more)')
    assert "path-not-found" in line_with(log, "/nowhere")
    assert "test_" not in log


def test_a_fault_is_named_in_the_line(talkative: tuple[ServerProcess, httpx.Client]) -> None:
    """The effect of a fault stands behind its request, and so does the outcome of the answer."""
    server, client = talkative
    rules = [
        {"name": "lost", "count": 1, "when": "after", "do": {"wire": {"kind": "close"}}},
        {"name": "busy", "count": 1, "do": {"answer": {"status": 503}}},
    ]
    for rule in rules:
        assert client.post(
            "/_mock/faults", json=rule, headers={"content-type": "application/json"}
        ).is_success
    with pytest.raises(httpx.RemoteProtocolError):
        client.post(MESSAGES, json={"data": message()})
    assert client.post(MESSAGES, json={"data": message()}).status_code == 503
    log = wait_for(server, "busy")
    assert line_with(log, "lost").endswith(" ms [fault lost: close] [lost]")
    assert line_with(log, "busy").endswith("[fault busy: answer]")
    assert "_mock" not in log


def test_a_client_mistake_is_a_warning(talkative: tuple[ServerProcess, httpx.Client]) -> None:
    """The warnings of the journal stand on the terminal, too, once for each request."""
    server, client = talkative
    client.post(MESSAGES, json={"data": message(wait_until=30)})
    log = wait_for(server, "relative-delay")
    assert line_with(log, "relative-delay").startswith("WARNING request 1: relative-delay: wait-until 30 ")
    client.get("/_mock/journal")
    client.post(MESSAGES, json={"data": message("other", wait_until=40)})
    log = wait_for(server, "request 2: relative-delay")
    assert log.count("relative-delay") == 2


def test_lines_may_be_json(tmp_path: Path) -> None:
    """Machines get each line as an object, whose members are those of the text."""
    with running(tmp_path, "--log-format", "json") as server:
        httpx.post(server.url + MESSAGES, json={"data": message(wait_until=30)}, headers=HEADERS)
        httpx.get(server.url + MESSAGES, headers=HEADERS)
        wait_for(server, "relative-delay")
        lines = [json.loads(line) for line in wait_for(server, "method-not-allowed").splitlines()]
    # The mistake is found a moment after its request, which may be before the next one or after it.
    (warned,) = [line for line in lines if "client-mistake" in line]
    accepted, refused = [line for line in lines if line is not warned]
    assert accepted["level"] == "info"
    assert accepted["logger"] == "eqkit.requests"
    assert (accepted["method"], accepted["path"], accepted["status"]) == ("POST", MESSAGES, 202)
    assert refused["error-codes"] == ["method-not-allowed"]
    assert refused["detail"]
    assert refused["message"].startswith(f"GET {MESSAGES} 405 ")
    assert (warned["level"], warned["client-mistake"], warned["request"]) == ("warning", "relative-delay", 1)
    assert warned["source"] == {"pointer": "/data/attributes/wait-until"}


@pytest.mark.parametrize(
    ("options", "shown"),
    [(("--quiet",), []), (("--log-level", "error"), []), (("--log-level", "warning"), ["relative-delay"])],
)
def test_a_quiet_server_writes_no_line_for_a_request(
    tmp_path: Path, options: tuple[str, ...], shown: list[str]
) -> None:
    """--quiet silences both kinds of lines, --log-level warning those about requests alone."""
    with running(tmp_path, *options) as server:
        httpx.post(server.url + MESSAGES, json={"data": message(wait_until=30)}, headers=HEADERS)
        for text in shown:
            wait_for(server, text)
        server.stop()
        assert len(server.log().splitlines()) == len(shown)


def test_control_characters_of_a_path_reach_no_terminal(
    talkative: tuple[ServerProcess, httpx.Client],
) -> None:
    """A path is somebody else's text: it stays on its line and commands no terminal."""
    server, client = talkative
    client.get("/a%0Ab%1B%5B2J%C2%9B")
    assert "\\x0ab\\x1b[2J\\x9b" in line_with(wait_for(server, "/a"), "GET")


def test_control_characters_of_an_exception_reach_no_terminal() -> None:
    """The message of an exception may quote a client; the lines of its traceback stay lines."""
    try:
        raise ValueError("\x1b[2J")
    except ValueError:
        record = logging.LogRecord("eqkit", logging.ERROR, "", 0, "failed", (), sys.exc_info())
    first, *lines = TextLines("%(message)s").format(record).split("\n")
    assert (first, lines[0], lines[-1]) == (
        "failed",
        "Traceback (most recent call last):",
        "ValueError: \\x1b[2J",
    )


def test_nobody_has_to_read_the_lines(tmp_path: Path) -> None:
    """A pipe that is full holds no request up; the lines that did not fit are counted once it is read."""
    reading, writing = small_pipe()
    ready = tmp_path / "ready"
    command = [sys.executable, "-m", "eqkit", "serve", "--port", "0", "--ready-file", str(ready)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=writing)
    os.close(writing)
    try:
        wait_for_file(ready)
        long_path = "/" + 190 * "x"
        count = (BACKLOG_BYTES + 65_536) // 200
        with httpx.Client(base_url=ready.read_text().strip(), timeout=10) as client:
            for _ in range(count):
                assert client.get(long_path).status_code == 404
        with os.fdopen(reading, encoding="utf-8") as lines:
            seen, note = 0, ""
            while "lines were lost" not in note:
                note = lines.readline()
                seen += long_path in note
        assert 0 < seen < count
        assert note.startswith(f"{count - seen} log lines were lost")
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def test_a_closed_reader_stops_no_request(tmp_path: Path) -> None:
    """With standard error closed, requests go on."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        output = LogOutput(stream)
        output.write("read\n")
        assert os.read(reading, 100) == b"read\n"
        os.close(reading)
        output.write("unread\n")
        output.write("unread\n")


def test_a_narrow_encoding_escapes_the_characters_that_it_lacks() -> None:
    """A terminal in an encoding without a character gets its number, and the server no exception."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w", encoding="ascii") as stream, os.fdopen(reading, "rb") as lines:
        LogOutput(stream).write("Grüße ☃\n")
        assert lines.readline() == b"Gr\\xfc\\xdfe \\u2603\n"


def test_lines_that_did_not_fit_come_once_there_is_room() -> None:
    """Lines wait for their reader in order, none twice."""

    async def scenario() -> None:
        reading, writing = small_pipe()
        with os.fdopen(writing, "w", encoding="utf-8") as stream, os.fdopen(reading, "rb") as lines:
            output = LogOutput(stream)
            for number in range(2_000):
                output.write(f"line {number}\n")
            loop = asyncio.get_running_loop()
            for number in range(2_000):
                assert await loop.run_in_executor(None, lines.readline) == b"line %d\n" % number

    asyncio.run(scenario())
