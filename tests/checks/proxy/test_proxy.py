"""The proxy between a client and a service, on real sockets."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from eqkit.traffic.exchanges import read
from eqkit.traffic.recording import Recording
from tests.checks.proxies import Broken, proxied, served
from tests.clients import JSON_API, MESSAGES, message
from tests.processes import ServerProcess

KEY = {"authorization": "test_proxied", "content-type": JSON_API}
GOOD = {"data": message("through")}


@pytest.fixture(scope="module")
def service() -> Broken:
    """A service that answers wrongly."""
    return Broken()


@pytest.fixture(scope="module")
def broken(service: Broken) -> Iterator[str]:
    """Its address."""
    with served(service.application) as url:
        yield url


def test_good_traffic_goes_through_unchanged(live: ServerProcess) -> None:
    """Status, headers and body are the service's own; nothing is found, and the exchange counts as tested."""
    proxy, messages = proxied(live.url)
    with served(proxy) as url:
        answer = httpx.post(url + MESSAGES, headers=KEY, json=GOOD)
        read = httpx.get(url + httpx.URL(answer.headers["location"]).path, headers=KEY)
    assert (answer.status_code, read.status_code) == (202, 200)
    assert read.json()["data"]["attributes"]["body"] == "through"
    assert "contract-violation" not in answer.headers
    assert (messages, len(proxy.run.tested), proxy.run.outcome) == ([], 2, 0)


def test_a_refused_request_is_a_warning_of_the_client(live: ServerProcess) -> None:
    """The client's violation stands in the header as a warning, and the run passes."""
    proxy, messages = proxied(live.url, fails=True)
    with served(proxy) as url:
        answer = httpx.post(url + MESSAGES, headers=KEY, json={"data": message(1)})
    assert answer.status_code == 400
    assert answer.headers["contract-violation"].startswith("warning; request-body; #1 POST")
    assert [finding.rule for finding in messages] == ["request-body"]
    assert proxy.run.outcome == 0


def test_a_violation_with_characters_that_no_header_may_hold_is_reported(live: ServerProcess) -> None:
    """Control characters and letters beyond ASCII, which a request brings into a message, do no harm."""
    proxy, findings = proxied(live.url)
    with served(proxy) as url:
        answer = httpx.post(f"{url}/v1/queues/%7F%0D%0Aä😀{'x' * 600}/messages", headers=KEY, json=GOOD)
    assert answer.status_code == 400
    assert all(len(each) <= 500 for each in answer.headers.get_list("contract-violation"))
    assert [finding.rule for finding in findings] == ["request-parameter"] * 2  # its length, and its pattern


def test_blanks_after_a_value_are_taken_off(live: ServerProcess) -> None:
    """A header that ends in a blank, which HTTP allows on the wire, reaches the service without it."""
    asked = (
        f"HEAD {MESSAGES}/1 HTTP/1.1\r\nHost: a\r\nAuthorization: test_blank \r\nConnection: close\r\n\r\n"
    )
    with served(proxied(live.url)[0]) as url:
        address = httpx.URL(url)
        with socket.create_connection((address.host, address.port or 80), timeout=30) as connection:
            connection.sendall(asked.encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 404 ")


def test_a_broken_answer_is_reported_in_the_header(broken: str) -> None:
    """On report the answer goes through as it is, with each violation in a header of its own."""
    proxy, messages = proxied(broken)
    with served(proxy) as url:
        answer = httpx.post(url + MESSAGES, headers=KEY, json=GOOD)
    assert (answer.status_code, answer.json()) == (202, {"data": {}})
    values = answer.headers.get_list("contract-violation")
    assert len(values) == len(messages) > 1
    assert any("response-header" in value and "Location" in value for value in values)
    assert all(finding.place and finding.place.line for finding in messages)
    assert proxy.run.outcome == 1


def test_a_broken_answer_fails_where_that_is_asked_for(broken: str) -> None:
    """On fail the client gets a 502 that says why, in place of the answer."""
    proxy, _ = proxied(broken, fails=True)
    with served(proxy) as url:
        answer = httpx.post(url + MESSAGES, headers=KEY, json=GOOD)
    assert answer.status_code == 502
    assert {error["code"] for error in answer.json()["errors"]} == {"contract-violation"}


def test_a_stream_is_not_held_back(service: Broken, broken: str) -> None:
    """The first part arrives before the service has sent the last one; the whole is validated at its end."""
    proxy, messages = proxied(broken)
    service.released.clear()
    with served(proxy) as url, httpx.stream("GET", f"{url}{MESSAGES}/1", headers=KEY, timeout=20) as answer:
        parts = answer.iter_raw()
        first = next(parts)
        assert not any(finding.rule == "response-body" for finding in messages)
        service.released.set()
        rest = b"".join(parts)
    assert (first, rest) == (b"first", b"last")
    assert any(finding.rule == "response-body" and "not JSON" in finding.message for finding in messages)


def test_a_service_that_does_not_answer_is_a_502() -> None:
    """The error is that of an unreachable service and no violation, and nothing was tested."""
    proxy, _ = proxied("http://127.0.0.1:1")
    with served(proxy) as url:
        answer = httpx.post(url + MESSAGES, headers=KEY, json=GOOD)
    assert answer.status_code == 502
    assert answer.json()["errors"][0]["code"] == "upstream-unreachable"
    assert proxy.run.outcome == 2


@pytest.mark.parametrize("suffix", [".har", ".jsonl"])
def test_a_recording_can_be_read_again(suffix: str, live: ServerProcess, tmp_path: Path) -> None:
    """Both forms hold every request and answer, and no key."""
    file = tmp_path / f"traffic{suffix}"
    recording = Recording(file)
    with served(proxied(live.url, recording)[0]) as url:
        for body in ("é\x00", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")):
            httpx.post(url + MESSAGES, headers=KEY, json={"data": message(body)})
        httpx.get(f"{url}/health")
    recording.close()
    exchanges = read(file)
    assert [(each.method, each.status) for each in exchanges] == [("POST", 202), ("POST", 202), ("GET", 200)]
    assert json.loads(exchanges[0].request_body or b"")["data"]["attributes"]["body"] == "é\x00"
    assert KEY["authorization"] not in file.read_text()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_with_the_outcome_of_all_exchanges(
    by: signal.Signals, live: ServerProcess, tmp_path: Path
) -> None:
    """A signal ends it in peace: the HAR is whole, and the exit code is the outcome."""
    code = "from eqkit.cli.checks.proxy import command; command()"
    arguments = [live.url, "--port", "0", "--record", "all.har"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[3]), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[0]
        with httpx.Client(transport=httpx.HTTPTransport(retries=20)) as client:
            assert client.post(url + MESSAGES, headers=KEY, json=GOOD).status_code == 202
        process.send_signal(by)
        output = process.stdout.read()
    assert process.returncode == 0, output
    assert "proxy: passed; 1 tested, nothing found" in output
    assert len(read(tmp_path / "all.har")) == 1
