"""The mock of a contract answers for a service that lacks an operation, and for no other one."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from eqkit.checks.coverage.faults import KnownFaults
from eqkit.checks.coverage.measure import cover
from eqkit.checks.findings import Severity
from eqkit.checks.proxy.proxy import Proxy
from eqkit.checks.replay.replaying import replay
from eqkit.checks.sources import load
from eqkit.cli.checks.mock_in_proxy import mock_of
from eqkit.traffic.exchanges import read
from eqkit.traffic.recording import Recording
from eqkit.web.contracts.application import ContractApplication
from tests.checks.proxies import accepted, connected, listening, proxied, served, until
from tests.checks.proxy.half_built import PROBLEM, SHOP, answering, half_built, mocking
from tests.clients import JSON_API, MESSAGES, message

LAMP = {"id": 7, "name": "Lamp"}


@pytest.mark.parametrize(
    ("status", "content_type", "body", "is_mocked"),
    [
        (404, "text/html", b"<h1>Not Found</h1>", True),
        (404, "application/json", {"detail": "Not Found"}, True),
        (404, PROBLEM, {"detail": "no title"}, True),
        (404, PROBLEM, b"{", True),
        (404, PROBLEM, {"title": "No such item"}, False),
        (405, "text/plain", b"Method Not Allowed", True),
        (501, PROBLEM, {"title": "Not yet"}, True),
        (500, "text/plain", b"", False),
        (503, "text/plain", b"", False),
        (403, PROBLEM, {"title": "No"}, False),
        (200, "application/json", LAMP, False),
    ],
)  # fmt: skip
def test_the_mock_answers_for_a_missing_operation(
    status: int, content_type: str, body: Any, is_mocked: bool, tmp_path: Path
) -> None:
    """A 404 that is as the contract documents it is about a missing resource, and passes."""
    with (
        served(answering(status, content_type, body)) as upstream,
        mocking(f"{upstream}/api", tmp_path) as (url, messages, _),
    ):
        answer = httpx.get(f"{url}/items/7")
    assert answer.headers.get("contract-mocked") == (str(status) if is_mocked else None)
    if is_mocked:
        assert (answer.status_code, answer.json()) == (200, LAMP)
        assert [(each.rule, each.severity) for each in messages] == [("operation-mocked", Severity.NOTE)]
    else:
        assert answer.status_code == status


def test_a_documented_404_is_mocked_where_that_is_asked_for(tmp_path: Path) -> None:
    """Some services answer each unknown path as they answer an unknown resource."""
    with (
        served(answering(404, PROBLEM, {"title": "Not Found"})) as upstream,
        mocking(upstream, tmp_path, mocks_documented=True) as (url, _, _),
    ):
        answer = httpx.get(f"{url}/items/7")
    assert (answer.json(), answer.headers["contract-mocked"]) == (LAMP, "404")


def test_an_implemented_operation_is_left_to_the_service(tmp_path: Path) -> None:
    """Beside the operations that are mocked; and only the service's answers count as tested."""
    with (
        served(half_built()) as upstream,
        mocking(f"{upstream}/api", tmp_path, fails=True) as (url, messages, proxy),
    ):
        listed = httpx.get(f"{url}/items")
        added = [httpx.post(f"{url}/items", json={"name": "Desk"}) for _ in range(2)]
        unknown = httpx.get(f"{url}/orders")
    assert (listed.json(), "contract-mocked" in listed.headers) == ([1], False)
    assert [(each.status_code, each.json()["name"]) for each in added] == [(201, "Desk")] * 2
    assert added[0].headers["contract-mocked"] == "405"
    assert (unknown.status_code, "contract-mocked" in unknown.headers) == (404, False)
    noted = [each.message for each in messages if each.rule == "operation-mocked"]
    assert noted == ["#2 POST /api/items: the service answered 405, so the mock answers for it"]
    assert [name.partition(" ")[0] for name in proxy.run.tested] == ["#1", "#4"]


def test_a_page_of_another_origin_may_ask_a_mocked_operation(tmp_path: Path) -> None:
    """The mock answers the preflight that the service refuses, and lets the page read the mark."""
    origin = {"origin": "http://127.0.0.1:5173"}
    with served(half_built()) as upstream, mocking(f"{upstream}/api", tmp_path) as (url, _, _):
        asked = origin | {
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        }
        allowed = httpx.options(f"{url}/items", headers=asked)
        added = httpx.post(f"{url}/items", json={"name": "Desk"}, headers=origin)
        elsewhere = httpx.options(f"{url}/orders", headers=asked)
    assert allowed.status_code == 204
    assert "POST" in allowed.headers["access-control-allow-methods"]
    assert added.headers["access-control-allow-origin"] == origin["origin"]
    assert "Contract-Mocked" in added.headers["access-control-expose-headers"]
    assert elsewhere.status_code == 404


def test_a_preflight_is_mocked_though_its_refusal_is_as_documented(tmp_path: Path) -> None:
    """The contract documents answers to the operation, and none to a preflight."""
    asked = {"origin": "http://127.0.0.1:5173", "access-control-request-method": "GET"}
    with (
        served(answering(404, PROBLEM, {"title": "No such item"})) as upstream,
        mocking(upstream, tmp_path) as (url, _, _),
    ):
        assert httpx.options(f"{url}/items/7", headers=asked).status_code == 204


def test_head_is_mocked_as_get_is(tmp_path: Path) -> None:
    """With the length of the body that it does not have."""
    with served(half_built()) as upstream, mocking(f"{upstream}/api", tmp_path) as (url, _, _):
        answer = httpx.head(f"{url}/items/7")
    assert (answer.status_code, answer.content, answer.headers["contract-mocked"]) == (200, b"", "404")
    assert int(answer.headers["content-length"]) > 0


def test_an_outage_is_not_mocked(tmp_path: Path) -> None:
    """A service that cannot be reached must not look like one that works."""
    with mocking("http://127.0.0.1:1", tmp_path) as (url, _, _):
        answer = httpx.get(f"{url}/items/7")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (502, "upstream-unreachable")


def test_a_request_for_a_websocket_is_not_mocked(tmp_path: Path) -> None:
    """The client gets the refusal of its service."""
    upgrade = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    with served(half_built()) as upstream, mocking(f"{upstream}/api", tmp_path) as (url, _, _):
        answer = httpx.get(f"{url}/items/7", headers=upgrade)
    assert (answer.status_code, "contract-mocked" in answer.headers) == (404, False)


def test_a_client_that_leaves_is_not_waited_for(tmp_path: Path) -> None:
    """Its request is in the journal as one without an answer that it got."""
    with listening() as (upstream, listener), mocking(upstream, tmp_path) as (url, _, _):
        with connected(url) as client:
            client.sendall(b"POST /items HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
            with accepted(listener) as service:
                until(service, b"{")
                service.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                client.close()
                assert service.recv(1) == b""
        entry = httpx.get(f"{url}/_mock/journal").json()["entries"][0]
    assert (entry["status"], entry["outcome"]) == (404, "lost")


def test_a_mocked_answer_is_recorded_as_one(tmp_path: Path) -> None:
    """Journal and recording name it, without secrets; no check takes it for the service's."""
    file = tmp_path / "all.har"
    recording = Recording(file)
    desk = {"name": "Desk", "password": "s3cret", "extra": 1}
    with served(half_built()) as upstream, mocking(f"{upstream}/api", tmp_path, recording) as (url, _, _):
        answer = httpx.post(f"{url}/items", json=desk, headers={"authorization": "Bearer s3cret"})
        entry = httpx.get(f"{url}/_mock/journal", headers={"authorization": "s3cret"}).json()["entries"][0]
        archive = httpx.get(f"{url}/_mock/journal/har", headers={"authorization": "s3cret"}).json()
    recording.close()
    assert answer.json()["password"] == "s3cret"
    assert (entry["status"], entry["fault"], entry["outcome"]) == (201, "mock-missing", "sent")
    assert entry["answer"]["document"]["password"] == "[redacted]"
    assert "s3cret" not in file.read_text()
    faults = [{"name": "mock-missing", "kind": "mock"}]
    assert json.loads(file.read_text())["log"]["entries"][0]["_eqkit"]["faults"] == faults
    assert archive["log"]["entries"][0]["_eqkit"]["faults"] == faults
    exchange = read(file)[0]
    assert (exchange.response_header("contract-mocked"), exchange.on_request) == ("405", True)
    contract, routes = load(tmp_path / "shop.yaml")
    wrong = replace(exchange, request_body=b"{}", status=299)
    assert [each.rule for each in replay(contract, routes, [wrong]).findings] == ["request-body"]
    assert cover(routes.contract, routes, [exchange]).exchanges == 0
    assert cover(routes.contract, routes, [exchange], KnownFaults([])).exchanges == 1


def test_a_mocked_request_is_validated(tmp_path: Path) -> None:
    """The client learns of its violation by the mock's answer, and in the header."""
    with served(half_built()) as upstream, mocking(f"{upstream}/api", tmp_path) as (url, messages, _):
        answer = httpx.post(f"{url}/items", json={"name": 1})
    assert (answer.status_code, answer.headers["contract-mocked"]) == (400, "405")
    assert answer.headers["contract-violation"].startswith("warning; request-body; #1 POST")
    assert [each.rule for each in messages] == ["request-body", "operation-mocked"]


def test_a_fault_that_a_client_prefers_is_a_502(tmp_path: Path) -> None:
    """The connection between client and proxy is not the mock's to break."""
    with served(half_built()) as upstream, mocking(f"{upstream}/api", tmp_path) as (url, _, _):
        answer = httpx.get(f"{url}/items/7", headers={"prefer": "wire=reset"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (502, "mock-failed")


def test_a_slow_mocked_answer_holds_nobody_up(tmp_path: Path) -> None:
    """Another client gets its answer meanwhile, and a client that leaves ends the wait."""
    with (
        served(half_built()) as upstream,
        mocking(f"{upstream}/api", tmp_path) as (url, _, proxy),
        connected(url) as client,
    ):
        client.sendall(b"GET /items/7 HTTP/1.1\r\nHost: a\r\nPrefer: delay=600\r\n\r\n")
        assert httpx.get(f"{url}/items").json() == [1]
        client.close()
    assert len(proxy.run.tested) == 1


def test_elasticqueue_is_mocked_without_a_contract_and_with_any_key(tmp_path: Path) -> None:
    """The keys of a real service are no test keys; each has messages of its own."""
    with served(answering(501, "text/plain", b"")) as upstream:
        proxy, _ = proxied(upstream, mock=mock_of(None))
        with served(proxy) as url:
            key = {"authorization": "live_9f8e7d"}
            added = httpx.post(
                url + MESSAGES, headers=key | {"content-type": JSON_API}, json={"data": message("a")}
            )
            link = url + httpx.URL(added.headers["location"]).path
            own, others = (httpx.get(link, headers=each) for each in (key, {"authorization": "live_other"}))
            keyless = httpx.get(link)
    assert (added.status_code, added.headers["contract-mocked"]) == (202, "501")
    assert [each.status_code for each in (own, others, keyless)] == [200, 404, 401]
    assert own.json()["data"]["attributes"]["body"] == "a"


def test_the_sandboxes_of_a_mock_have_no_key(tmp_path: Path) -> None:
    """They are known by digests, as the journals of a proxy are."""
    contract = tmp_path / "shop.yaml"
    contract.write_text(SHOP)
    mock = mock_of(contract)
    assert isinstance(mock, ContractApplication)
    with served(half_built()) as upstream:
        proxy = Proxy(*load(contract, [upstream]), upstream, lambda _: None, mock=mock)
        with served(proxy) as url:
            httpx.get(f"{url}/items/7", headers={"authorization": "Bearer s3cret"})
    assert len(mock.sandboxes.names()) == 1
    assert "s3cret" not in repr(mock.sandboxes.__dict__)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"EQKIT_HANDLERS": "nowhere"}, "--mock-missing: the contract cannot be mocked: nowhere: "),
        ({"EQKIT_ANSWER": "none"}, "EQKIT_ANSWER: expected one of examples, generated"),
    ],
)
def test_a_contract_that_cannot_be_mocked_ends_in_one_line(
    variables: dict[str, str], message: str, tmp_path: Path
) -> None:
    """The line says where the error is, and nothing is served."""
    (tmp_path / "shop.yaml").write_text(SHOP)
    command = [sys.executable, "-m", "eqkit", "proxy", "http://127.0.0.1:1", "--port", "0", "--mock-missing"]
    answer = subprocess.run(
        [*command, "--contract", "shop.yaml"],
        cwd=tmp_path,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (answer.returncode, answer.stderr.count("\n")) == (2, 1), answer.stderr
    assert message in answer.stderr
