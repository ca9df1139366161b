"""Bodies that the mock gets after the service has answered, and answers that are read before it is asked."""

import json
import socket
import threading
from pathlib import Path

import httpx
import pytest

from tests.checks.proxies import accepted, connected, listening, until
from tests.checks.proxy.half_built import PROBLEM, SHOP, mocking
from tests.checks.proxy.test_proxy_command import running
from tests.checks.proxy.wire import Got, read_answer


def posted_late(url: str, listener: socket.socket, framing: str, expects: str) -> Got:
    """Post an item whose body follows the answer of the service, then list items; return the first answer."""
    is_chunked = "chunked" in framing
    first, last = b'{"name":', b' "Desk"}'
    head = f"POST /items HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{framing}\r\n{expects}\r\n"
    with connected(url) as client:
        client.sendall(head.encode())
        with accepted(listener) as service:
            until(service, b"\r\n\r\n")
            service.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            if expects:
                assert until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
            client.sendall(b"8\r\n" + first + b"\r\n" if is_chunked else first)
            client.sendall(b"8\r\n" + last + b"\r\n0\r\n\r\n" if is_chunked else last)
            got = read_answer(client, "POST")
        client.sendall(b"GET /items HTTP/1.1\r\nHost: a\r\n\r\n")
        with accepted(listener) as service:
            until(service, b"\r\n\r\n")
    return got


@pytest.mark.parametrize("framing", ["Content-Length: 16", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("expects", ["", "Expect: 100-continue\r\n"])
def test_the_mock_gets_a_body_of_which_the_service_has_read_nothing(
    framing: str, expects: str, tmp_path: Path
) -> None:
    """The answer of the service comes before the body, and the mock's after it."""
    with listening() as (upstream, listener), mocking(upstream, tmp_path) as (url, _, _):
        got = posted_late(url, listener, framing, expects)
    assert (got.status, json.loads(got.body)["name"], got.headers["contract-mocked"]) == (201, "Desk", "404")


def test_the_command_mocks_a_missing_operation(tmp_path: Path) -> None:
    """On our own server, too; and it says so once."""
    (tmp_path / "shop.yaml").write_text(SHOP)
    arguments = ("--contract", "shop.yaml", "--mock-missing")
    with (
        listening() as (upstream, listener),
        running(upstream, *arguments, folder=tmp_path) as (url, process),
    ):
        expects = "Expect: 100-continue\r\n"
        got = [posted_late(url, listener, "Transfer-Encoding: chunked", each) for each in ("", expects)]
        process.terminate()
        output, message = process.communicate()
    assert [(each.status, each.headers["contract-mocked"]) for each in got] == [(201, "404")] * 2
    assert message.count("[operation-mocked]") == output.count("[operation-mocked]") == 1


@pytest.mark.parametrize("framing", ["Content-Length: 2000", "Transfer-Encoding: chunked"])
def test_a_body_that_is_too_long_is_not_mocked(
    framing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client gets the answer of the service, whole, and before the body has come to its end."""
    for module in ("proxied_exchange", "stand_in"):
        monkeypatch.setattr(f"eqkit.checks.proxy.{module}.LONGEST_KEPT", 1000)
    with (
        listening() as (upstream, listener),
        mocking(upstream, tmp_path) as (url, _, _),
        connected(url) as client,
    ):
        client.sendall(f"POST /items HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n".encode())
        with accepted(listener) as service:
            until(service, b"\r\n\r\n")
            service.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            client.sendall((b"7d0\r\n" if "chunked" in framing else b"") + b"a" * 1500)
            got = read_answer(client, "POST")
    assert (got.status, got.body, "contract-mocked" in got.headers) == (404, b"no", False)


def test_a_service_that_stops_reading_does_not_hold_its_mock_up(tmp_path: Path) -> None:
    """The rest of a long body goes to the mock alone."""
    name = "a" * (8 * 1024 * 1024)
    with listening() as (upstream, listener), mocking(upstream, tmp_path) as (url, _, _):

        def serve() -> None:
            with accepted(listener) as service:
                until(service, b"\r\n\r\n")
                service.sendall(b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n")
                answered.wait(20)

        answered = threading.Event()
        thread = threading.Thread(target=serve)
        thread.start()
        answer = httpx.post(f"{url}/items", json={"name": name}, timeout=20)
        answered.set()
        thread.join()
    assert (answer.status_code, answer.headers["contract-mocked"]) == (201, "501")
    assert answer.json()["name"] == name


def test_an_answer_that_does_not_end_is_passed_on_as_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not waited for, to learn whether it is a documented one; nothing of it is lost."""
    monkeypatch.setattr("eqkit.checks.proxy.stand_in.READ_AHEAD_S", 0.05)
    head = f"HTTP/1.1 404 Not Found\r\nContent-Type: {PROBLEM}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with (
        listening() as (upstream, listener),
        mocking(upstream, tmp_path) as (url, _, _),
        connected(url) as client,
    ):
        client.sendall(b"GET /items/7 HTTP/1.1\r\nHost: a\r\n\r\n")
        with accepted(listener) as service:
            until(service, b"\r\n\r\n")
            service.sendall(head.encode() + b"1\r\n{\r\n")
            assert until(client, b"{").startswith(b"HTTP/1.1 404 ")
            service.sendall(b'c\r\n"title": ""}\r\n0\r\n\r\n')
            until(client, b"0\r\n\r\n")
