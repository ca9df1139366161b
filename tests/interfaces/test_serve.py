"""``eqkit serve`` as a user meets it: options, refusals to start, and the way out."""

import json
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from eqkit import process
from tests.clients import JSON_API, MESSAGES, message
from tests.processes import PATIENCE_S, running

HEADERS = {"authorization": "test_serve", "content-type": JSON_API}


def serve(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a server that is not expected to come up."""
    command = [sys.executable, "-m", "eqkit", "serve", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_S, env=environ or None, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "description"),
    [
        (["--port", "http"], "--port: expected a whole number from 0 to 65535, got 'http'"),
        (["--port", "65536"], "--port: expected a whole number from 0 to 65535, got '65536'"),
        (["--wait-until-unit", "hours"], "--wait-until-unit: expected one of auto, seconds, milliseconds"),
        (["--enqueue-status", "200"], "--enqueue-status: expected one of 202, 201, 204, got '200'"),
        (["--public-url", "mock.test"], "--public-url: expected http(s)://host[:port][/path]"),
        (["--trusted-proxy", "router"], "--trusted-proxy: 'router' is neither an IP address nor a network"),
        (["--max-bulk", "0"], "--max-bulk: expected a whole number from 1 to 1000000"),
        (["--max-body", "-1"], "--max-body: expected a whole number"),
        (["--unknown-attributes", "keep"], "--unknown-attributes: expected one of reject, ignore"),
        (["--declared-queues", "_bulk"], "--declared-queues: '_bulk' is not a queue name"),
        (["--key", "two words"], "--key: expected 1 to 200 printable ASCII characters"),
        (["--log-level", "loud"], "--log-level: expected one of debug, info, warning, error"),
        (["--log-format", "xml"], "--log-format: expected one of text, json"),
        (["--ready-file", "/no/such/folder/ready"], "--ready-file /no/such/folder/ready: No such file"),
        (["--host", "192.0.2.1", "--port", "0"], "cannot listen on 192.0.2.1:0"),
    ],
)
def test_a_wrong_option_is_reported_in_one_line(arguments: list[str], description: str) -> None:
    """A wrong option ends with exit code 2 and one line that names it."""
    outcome = serve(*arguments)
    assert outcome.returncode == 2
    assert outcome.stdout == ""
    (line,) = outcome.stderr.splitlines()
    assert description in line


def test_a_wrong_variable_is_reported_by_its_name() -> None:
    """The environment is checked like the options."""
    outcome = serve(EQKIT_PORT="x")
    assert outcome.returncode == 2
    assert outcome.stderr == ("eqkit serve: EQKIT_PORT: expected a whole number from 0 to 65535, got 'x'\n")


def test_a_taken_port_is_reported_in_one_line() -> None:
    """Two servers cannot have one port; the second says so and how to get another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = serve("--port", str(port))
    assert outcome.returncode == 2
    (line,) = outcome.stderr.splitlines()
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in line


def test_the_curl_line_works_as_printed(tmp_path: Path) -> None:
    """The line that the server prints at its start can be pasted, and enqueues a message."""
    with running(tmp_path) as server:
        assert server.process.stdout is not None
        assert server.process.stdout.readline() == "\n"
        command = shlex.split(server.process.stdout.readline())
        assert command[0] == "curl"
        shown = subprocess.run(
            [*command, "-s"], capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
    assert shown.stdout.startswith("HTTP/1.1 202 Accepted")


def test_no_title_or_path_acts_on_the_terminal(tmp_path: Path) -> None:
    """A contract may come from anywhere: its texts are printed with escapes, each in its line."""
    contract = tmp_path / "openapi.json"
    operation = {"responses": {"200": {"description": ""}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets\x1b[2J\n::error::", "version": "1"},
        "paths": {"/pets\x1b[2J": {"get": operation}},
    }
    contract.write_text(json.dumps(document))
    with running(tmp_path, str(contract)) as server:
        assert server.process.stdout is not None
        assert server.process.stdout.readline() == "\n"
        assert server.process.stdout.readline() == rf"  curl -i '{server.url}/pets\x1b[2J'" + "\n"


def test_the_front_page_describes_the_server(tmp_path: Path) -> None:
    """The page at the address describes the server, and links to the contract."""
    with running(tmp_path) as server:
        text = httpx.get(server.url)
        page = httpx.get(server.url, headers={"accept": "text/html"})
    assert f"{server.url}/openapi.yaml" in text.text
    assert "enqueue a message" in text.text.lower()
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<a href=/openapi.yaml>" in page.text


def test_the_contract_is_handed_out_as_the_very_file(tmp_path: Path) -> None:
    """The YAML is the project's own file byte for byte, and the JSON says the same."""
    from eqkit.web.app import load_contract

    with running(tmp_path) as server:
        as_yaml = httpx.get(f"{server.url}/openapi.yaml")
        as_json = httpx.get(f"{server.url}/openapi.json")
    assert as_yaml.content == load_contract("elasticqueue.yaml").as_yaml
    assert as_json.json() == load_contract("elasticqueue.yaml").data


def test_a_server_of_a_process_is_set_by_its_arguments_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables for a server or a client of the reader change no server of a test."""
    for name in ("EQKIT_KEY", "EQKIT_CLIENT_KEY", "EQKIT_CONTROL_TOKEN", "EQKIT_SEED"):
        monkeypatch.setenv(name, "7")
    with running(tmp_path) as server:
        enqueued = httpx.post(server.url + MESSAGES, json={"data": message()}, headers=HEADERS)
        assert (enqueued.status_code, enqueued.json()["data"]["id"]) == (202, "72301093732")
        assert httpx.get(f"{server.url}/_mock/clock").status_code == 200


def test_options_may_stand_in_the_environment(tmp_path: Path) -> None:
    """Each option is a variable, too; one that takes many values is split at commas."""
    command = ["env", "EQKIT_KEY=first, second", "EQKIT_SEED=7", sys.executable, "-m", "eqkit"]
    with process.running(folder=tmp_path, command=command) as server:
        statuses = [
            httpx.post(
                server.url + MESSAGES, json={"data": message()}, headers=HEADERS | {"authorization": key}
            )
            for key in ("first", "second", "test_serve")
        ]
    assert [response.status_code for response in statuses] == [202, 202, 401]
    assert statuses[0].json()["data"]["id"] == statuses[1].json()["data"]["id"] != "72301093732"


def test_a_signal_lets_requests_under_way_finish(tmp_path: Path) -> None:
    """Ruling H11: after SIGTERM a request under way is answered, a new one gets 503 with Retry-After."""
    body = json.dumps({"data": message()}).encode()
    head = f"POST {MESSAGES} HTTP/1.1\r\nHost: mock\r\nAuthorization: test_serve\r\n"
    head += f"Content-Type: {JSON_API}\r\nContent-Length: {len(body)}\r\n\r\n"
    with running(tmp_path) as server:
        with socket.create_connection(server.address, PATIENCE_S) as under_way:
            under_way.sendall(head.encode() + body[:10])
            # A whole round trip on another connection: by then the server has seen the first one.
            httpx.get(f"{server.url}/health").raise_for_status()
            server.process.send_signal(signal.SIGTERM)
            refused = until_refused(server.url)
            under_way.sendall(body[10:])
            answered = under_way.recv(65536)
        assert server.process.wait(PATIENCE_S) == 0
    assert answered.startswith(b"HTTP/1.1 202 Accepted")
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["errors"][0]["code"] == "draining"


def until_refused(url: str) -> httpx.Response:
    """Ask until the signal has arrived; the server answers each time."""
    while (response := httpx.get(f"{url}/health")).status_code != 503:
        pass
    return response


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_stops_at_once_and_in_peace(tmp_path: Path, by: signal.Signals) -> None:
    """SIGTERM and Ctrl-C end a server with exit code 0 and nothing to complain about."""
    with running(tmp_path) as server:
        httpx.get(f"{server.url}/health").raise_for_status()
        assert server.stop(by) == 0
        (line,) = server.log().splitlines()
        assert "GET /health 200" in line


def test_log_lines_can_be_json_and_hold_no_key(tmp_path: Path) -> None:
    """Ruling H4: a key never comes into the log, at any level and in any form."""
    with running(tmp_path, "--log-format", "json", "--log-level", "debug") as server:
        httpx.post(server.url + MESSAGES, json={"data": message()}, headers=HEADERS)
        server.stop()
        lines = [json.loads(line) for line in server.log().splitlines()]
    assert any(line["message"].startswith(f"POST {MESSAGES} 202 ") for line in lines)
    assert "test_serve" not in server.log()


def test_nobody_forges_a_log_line(tmp_path: Path) -> None:
    """A line break in a path stays within the line that shows it."""
    with running(tmp_path, "--log-level", "debug") as server:
        httpx.get(f"{server.url}/v1/queues/a%0a21:00:00%20ERROR%20forged/messages/1", headers=HEADERS)
        server.stop()
        (line,) = server.log().splitlines()
    assert r"a\x0a21:00:00 ERROR forged" in line


def test_a_server_without_a_control_plane_has_none(tmp_path: Path) -> None:
    """`--no-control` is short for `--control false`."""
    with running(tmp_path, "--no-control") as server:
        assert httpx.get(f"{server.url}/_mock/clock").status_code == 404


def test_a_switch_needs_no_value(tmp_path: Path) -> None:
    """`--watch` is `--watch true`, even right before the contract; another value is refused."""
    contract = tmp_path / "openapi.yaml"
    contract.write_text("openapi: 3.1.0\npaths: {/a: {get: {responses: {'200': {description: A.}}}}}\n")
    with running(tmp_path, "--query-preferences", str(contract)) as server:
        host, port = server.address
        assert httpx.get(f"http://{host}:{port}/a?__code=503").status_code == 503
    outcome = serve(str(contract), "--strict", "yes")
    assert outcome.stderr == "eqkit serve: --strict: expected one of true, false, got 'yes'\n"
