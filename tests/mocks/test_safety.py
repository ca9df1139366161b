"""Access to the control plane: this machine and its own pages, or any holder of the token."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from eqkit.web.app import Application
from tests.clients import Client
from tests.control import Control, control_errors

FOREIGN = "403", "foreign-host"
WRONG_TOKEN = [("401", "control-token-wrong", "Control-Token")]


def asked(application: Application, **headers: str) -> httpx.Response:
    """The answer to a harmless question."""
    return Control(application).get("/clock", headers=headers)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost:3000", "LOCALHOST", "[::1]:8080"])
def test_this_machine_is_let_in_by_each_of_its_names(application: Application, host: str) -> None:
    """The port is anybody's: a tunnel of the same machine has another."""
    assert asked(application, host=host).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil.example:8080", "localhost.evil.example", "192.168.0.7"],
)
def test_a_foreign_host_is_refused(application: Application, host: str) -> None:
    """A site that has rebound its name to this address sends its own name still (DNS rebinding)."""
    assert control_errors(asked(application, host=host)) == [(*FOREIGN, "Host")]


@pytest.mark.parametrize("host", ["127.1.2.3", "[::ffff:127.0.0.1]:8080", "127.0.0.1"])
def test_each_address_of_this_machine_is_its_own(application: Application, host: str) -> None:
    """RFC 1122 3.2.1.3: all of 127.0.0.0/8, and the same within IPv6."""
    assert asked(application, host=host).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Prefix",
        "X-Real-Ip",
        "Via",
        "True-Client-Ip",
        "Cf-Connecting-Ip",
    ],
)
def test_a_request_that_a_proxy_passed_on_is_not_of_this_machine(
    application: Application, set_up: Callable[..., Application], name: str
) -> None:
    """A proxy here asks from this address, and by nginx's default with its own Host; a token is needed."""
    headers = {"host": "127.0.0.1:8080", name: "for=127.0.0.1"}
    for method in ("GET", "OPTIONS"):
        answer = Control(application).request(method, "/clock", headers=headers)
        assert control_errors(answer) == [(*FOREIGN, name)]
    known = set_up(control_token="t0ken")
    assert asked(known, **headers, **{"control-token": "t0ken"}).status_code == 200


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("::ffff:127.0.0.1", 200),
        ("::1", 200),
        ("testclient", 200),
        ("192.0.2.7", 403),
        ("2001:db8::1", 403),
    ],
)
def test_another_machine_is_refused_below_another_server(
    application: Application, address: str, status: int
) -> None:
    """A server that is not ours may listen on any address; the address of the client decides."""

    async def ask() -> int:
        transport = httpx.ASGITransport(application, client=(address, 123))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return (await client.get("/_mock/clock")).status_code

    assert asyncio.run(ask()) == status


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "file://",
    ],
)
def test_a_page_of_another_site_is_refused(application: Application, origin: str) -> None:
    """A browser names the origin of a page, a sandboxed one by `null`; nothing is done for it."""
    control = Control(application)
    answer = control.post("/clock/freeze", headers={"origin": origin})
    assert control_errors(answer) == [(*FOREIGN, "Origin")]
    assert control.get("/clock").json()["frozen"] is False


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]"])
def test_a_page_of_this_machine_is_let_in(application: Application, origin: str) -> None:
    """The development server of a front end is on this machine, too."""
    assert asked(application, origin=origin).status_code == 200


@pytest.mark.parametrize("path", ["", "/clock", "/nothing", "/openapi.yaml"])
def test_a_stranger_learns_nothing(application: Application, path: str) -> None:
    """The guard stands before paths and preflights, so that a stranger learns of no path."""
    for method in ("GET", "OPTIONS"):
        answer = Control(application).request(method, path, headers={"host": "evil.example"})
        assert control_errors(answer) == [(*FOREIGN, "Host")]


def test_the_public_api_is_for_everybody(application: Application) -> None:
    """The guard stands before the control plane alone."""
    assert Client(application).enqueue(headers={"origin": "https://shop.example"}).status_code == 202


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "mock.example"])
def test_a_server_for_other_machines_has_no_control_plane_without_a_token(
    set_up: Callable[..., Application], host: str
) -> None:
    """A server on the network serves it only to requests with the token."""
    application = set_up(host=host)
    answer = Client(application).get("/_mock/clock")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "path-not-found")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_server_for_this_machine_has_a_control_plane(set_up: Callable[..., Application], host: str) -> None:
    """Each name of the loopback address is one."""
    assert asked(set_up(host=host)).status_code == 200


def test_with_no_control_there_is_none(set_up: Callable[..., Application]) -> None:
    """A token opens nothing either."""
    for settings in ({"control": False}, {"control": False, "control_token": "t0ken"}):
        answer = Client(set_up(**settings)).get("/_mock/clock", headers={"control-token": "t0ken"})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "path-not-found")


def test_a_token_lets_any_machine_in(set_up: Callable[..., Application]) -> None:
    """A page of another site cannot know it, so that host and origin need not be looked at."""
    application = set_up(host="0.0.0.0", control_token="t0ken")
    headers = {"host": "mock.example", "origin": "https://shop.example", "control-token": "t0ken"}
    assert asked(application, **headers).status_code == 200


@pytest.mark.parametrize("token", [None, "", "t0ke", "t0kenn", "\xe9"])
def test_without_the_right_token_nothing_is_done(
    set_up: Callable[..., Application], token: str | None
) -> None:
    """This machine is no exception, once a token is set."""
    application = set_up(control_token="t0ken")
    headers: dict[str, Any] = {} if token is None else {"control-token": token.encode("latin-1")}
    answer = Control(application).get("/clock", headers=headers)
    assert control_errors(answer) == WRONG_TOKEN
    assert answer.headers["www-authenticate"] == 'ControlToken realm="ElasticQueue mock"'


def test_a_browser_may_ask_first(set_up: Callable[..., Application]) -> None:
    """A preflight carries no token; its answer says that the header may be sent."""
    application = set_up(control_token="t0ken")
    headers = {"origin": "https://shop.example", "access-control-request-headers": "control-token"}
    answer = Control(application).request("OPTIONS", "/clock", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-headers"] == "control-token"


@pytest.mark.parametrize("path", ["/_mockery", "/_mock2/clock"])
def test_only_the_control_planes_own_path_leads_there(application: Application, path: str) -> None:
    """A path that begins alike is the public API's, and not found."""
    answer = Client(application).get(path)
    assert answer.headers["content-type"] == "application/vnd.api+json"
    assert answer.status_code == 404


def test_a_request_body_is_bounded(set_up: Callable[..., Application]) -> None:
    """`--max-request` holds for the control plane, too."""
    control = Control(set_up(max_request=100))
    answer = control.post("/clock/advance", content=b" " * 101)
    assert control_errors(answer) == [("413", "request-too-large", None)]
    assert control.post("/clock/advance", content=b'{"by-ms": 1}' + b" " * 88).status_code == 200


@pytest.mark.parametrize("path", ["/queues", "/pending", "/sandboxes", "/deliveries"])
def test_a_list_is_bounded(control: Control, path: str) -> None:
    """A thousand at most, a hundred unless asked otherwise."""
    assert control.get(f"{path}?limit=1000").status_code == 200
    answer = control.get(f"{path}?limit=1001")
    assert control_errors(answer) == [("400", "invalid-parameter", "limit")]


def test_events_of_a_move_are_listed_up_to_a_thousand(control: Control) -> None:
    """`total` counts all events, and the list of events has all of them."""
    control.freeze()
    for _ in range(1_001):
        control.sandbox.state.enqueue("a-queue", "x", None)
    moved = control.advance(by_ms=0).json()
    assert (len(moved["happened"]), moved["total"]) == (1_000, 1_001)
