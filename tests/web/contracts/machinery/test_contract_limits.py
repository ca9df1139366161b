"""Limits and outages of any contract: the answer says when to come again, in a shape of the contract."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.mocks.receivers import SandboxClient
from tests.processes import running

SHAPE: Any = {"type": "object", "required": ["fault"], "properties": {"fault": {"type": "string"}}}
ERROR = {"description": "no", "content": {"application/json": {"schema": SHAPE}}}
DATE = {"required": True, "schema": {"type": "string"}, "example": "Wed, 21 Oct 2015 07:28:00 GMT"}
RESPONSES: dict[str, Any] = {
    "none": {},
    "schema": {"429": ERROR, "503": ERROR},
    "range": {"4XX": ERROR, "5XX": ERROR},
    "default": {"default": ERROR},
    "header": {"429": ERROR | {"headers": {"Retry-After": DATE}}, "503": ERROR},
    "example": {
        code: {"description": "no", "content": {"application/json": {"example": {"fault": "slow"}}}}
        for code in ("429", "503")
    },
}


def contract() -> Any:
    """A contract whose operations declare the errors in different ways."""
    ok = {"200": {"description": "ok"}}
    paths = {f"/{name}": {"get": {"responses": {**ok, **each}}} for name, each in RESPONSES.items()}
    return {"openapi": "3.1.0", "info": {"title": "Limits", "version": "1"}, "paths": paths}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of the contract."""
    folder = tmp_path_factory.mktemp("limits")
    (folder / "limits.json").write_bytes(httpx.Response(200, json=contract()).content)
    with running(folder, str(folder / "limits.json")) as server:
        yield server.url


@pytest.mark.parametrize("name", RESPONSES)
def test_a_limit_says_when_to_come_again(url: str, sandbox: SandboxClient, name: str) -> None:
    """RFC 6585 4: a 429 may have Retry-After, and the wait is known, whatever the contract says of it."""
    limit = {"kind": "fixed-window", "limit": 1, "window-ms": 60_000}
    sandbox.control("PUT", "/limits", limits=[limit])
    headers = {"Eqkit-Sandbox": sandbox.key}
    assert httpx.get(f"{url}/{name}", headers=headers).status_code == 200
    sandbox.control("POST", "/clock/advance", **{"by-ms": 20_000})
    limited = httpx.get(f"{url}/{name}", headers=headers)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "40")
    expected = "title" if name == "none" else "fault"
    assert expected in limited.json()


@pytest.mark.parametrize("name", RESPONSES)
@pytest.mark.parametrize("status", [429, 503])
def test_an_outage_says_when_it_ends(url: str, sandbox: SandboxClient, name: str, status: int) -> None:
    """RFC 9110 10.2.3: a fault with a duration counts down to its end."""
    sandbox.control("POST", "/faults", **{"duration-ms": 30_000, "do": {"answer": {"status": status}}})
    sandbox.control("POST", "/clock/advance", **{"by-ms": 10_000})
    answer = httpx.get(f"{url}/{name}", headers={"Eqkit-Sandbox": sandbox.key})
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "20")
