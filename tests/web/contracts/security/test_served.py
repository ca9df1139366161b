"""The security of a contract as clients meet it: over sockets, with their own ways of sending credentials."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from eqkit.process import ServerProcess
from tests.processes import running
from tests.web.contracts.security import asking
from tests.web.contracts.security.asking import basic

SECRET = "s3cret-credential-of-somebody"
SCHEMES = {name: scheme for name, scheme in asking.SCHEMES.items() if isinstance(scheme, dict)}
"""The loader refuses a scheme that is no object."""

OPERATIONS: dict[str, Any] = {
    **{name: [{name: []}] for name in SCHEMES},
    "scoped": [{"oauth": ["read", "write"]}],
    "either": [{"bearer": []}, {"basic": []}, {"query": []}],
    "public": [],
}


def document() -> dict[str, Any]:
    """Return a contract with an operation for each scheme of `asking`, at a path of its name."""
    answer = {"200": {"description": "Good.", "content": {"application/json": {"example": {"good": True}}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": 'The "Pets"', "version": "1"},
        "components": {"securitySchemes": SCHEMES},
        "paths": {
            f"/{name}": {"get": {"operationId": name, "security": security, "responses": answer}}
            for name, security in OPERATIONS.items()
        },
    }


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the contract."""
    file = tmp_path_factory.mktemp("contract") / "openapi.json"
    file.write_text(json.dumps(document()))
    return file


@pytest.fixture(scope="module")
def server(contract: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """An open server of the contract, in which one token has one scope."""
    folder = tmp_path_factory.mktemp("open")
    with running(folder, str(contract), "--scopes", "half=read", "--scopes", "*=read write") as server:
        yield server
    assert "Traceback" not in server.log()


def get(server: ServerProcess, path: str, **options: Any) -> httpx.Response:
    """Send a GET by a client as users have it."""
    return httpx.get(f"{server.url}{path}", **options)


def journal(server: ServerProcess, key: str) -> str:
    """Return the journal of a key, as the control plane shows it."""
    response = get(server, "/_mock/journal", headers={"authorization": key})
    assert response.status_code == 200, response.text
    return response.text


WAYS: list[tuple[str, str, dict[str, Any]]] = [
    ("/header", SECRET, {"headers": {"X-API-Key": SECRET}}),
    ("/query", SECRET, {"params": {"api_key": SECRET}}),
    ("/cookie", SECRET, {"cookies": {"session": SECRET}}),
    ("/basic", "ann", {"auth": ("ann", SECRET)}),
    ("/bearer", SECRET, {"headers": {"Authorization": f"Bearer {SECRET}"}}),
    ("/digest", "ann", {"auth": httpx.DigestAuth("ann", SECRET)}),
    ("/openid", SECRET, {"headers": {"Authorization": f"bearer {SECRET}"}}),
    ("/bare", SECRET, {"headers": {"Authorization": SECRET}}),
    ("/odd", SECRET, {"headers": {"X-API-Key": SECRET}}),
    ("/public", SECRET, {"params": {"api_key": SECRET}}),
    ("/tls", "default", {}),
    ("/public", "default", {}),
    ("/public", "test_mine", {"headers": {"Eqkit-Sandbox": "test_mine"}}),
]


@pytest.mark.parametrize(("path", "key", "options"), WAYS, ids=[f"{path} {key}" for path, key, _ in WAYS])
def test_clients_send_credentials_and_find_their_journal(
    server: ServerProcess, path: str, key: str, options: dict[str, Any]
) -> None:
    """The control plane knows a sandbox by the same key, whichever scheme has carried it."""
    response = get(server, path, **options)
    assert (response.status_code, response.json()) == (200, {"good": True})
    written = journal(server, key)
    assert f'"path":"{path}"' in written.replace(" ", "")
    assert SECRET not in written
    assert SECRET not in get(server, "/_mock/sandboxes").text
    assert SECRET not in server.log()


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name not in ("tls", "public")])
def test_without_credentials_there_is_a_challenge_for_each_scheme(server: ServerProcess, name: str) -> None:
    """401, in as many header lines as there are schemes."""
    response = get(server, f"/{name}")
    challenges = [value for key, value in response.headers.multi_items() if key == "www-authenticate"]
    assert response.status_code == 401
    assert len(challenges) == len(OPERATIONS[name])
    assert all('realm="The \\"Pets\\""' in each for each in challenges)
    assert "Send " in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "test_named"},
        {"Authorization": "Bearer test_named"},
        {"Authorization": basic("test_named:any")},
        {"Eqkit-Sandbox": "test_named"},
        {"Eqkit-Sandbox": "test_named", "Authorization": "Bearer other"},
    ],
)
def test_the_control_plane_takes_a_key_as_the_contract_does(
    server: ServerProcess, headers: dict[str, str]
) -> None:
    """So that the same headers find the same sandbox."""
    get(server, "/bearer", headers={"authorization": "Bearer test_named"})
    listed = get(server, "/_mock/journal", headers=headers).json()
    assert [each["path"] for each in listed["entries"]][:1] == ["/bearer"]


def test_an_error_does_not_repeat_the_credentials(server: ServerProcess) -> None:
    """Neither in the body nor in a header."""
    response = get(server, "/bearer", headers={"authorization": f"Bearer {SECRET} {SECRET}"})
    assert response.status_code == 401
    assert SECRET not in response.text + str(response.headers)


def test_scopes_come_from_the_option(server: ServerProcess) -> None:
    """403 for the token that is listed with fewer, and not for the others."""
    half = get(server, "/scoped", headers={"authorization": "Bearer half"})
    assert half.status_code == 403
    assert 'error="insufficient_scope", scope="read write"' in half.headers["www-authenticate"]
    assert '"status":403' in journal(server, "half").replace(" ", "")
    assert get(server, "/scoped", headers={"authorization": "Bearer whole"}).status_code == 200


def test_unknown_schemes_are_told_of_once(server: ServerProcess) -> None:
    """In a line for each, when the server starts."""
    log = server.log()
    for name in ("odd", "nameless", "forged"):
        assert log.count(f'the security scheme "{name}" does not say how it is sent: any') == 1
    assert log.count('"#/components/securitySchemes/nowhere" leads nowhere') == 1


def test_a_closed_server_of_a_contract(contract: Path, tmp_path: Path) -> None:
    """`--key`: the listed credentials alone, by any scheme."""
    with running(tmp_path, str(contract), "--key", SECRET, "--key", "ann:pass") as server:
        for path, good, wrong in (
            ("/bearer", f"Bearer {SECRET}", "Bearer other"),
            ("/basic", basic("ann:pass"), basic("ann:wrong")),
            ("/bare", SECRET, "other"),
        ):
            assert get(server, path, headers={"authorization": good}).status_code == 200
            assert get(server, path, headers={"authorization": wrong}).status_code == 401
        assert get(server, "/query", params={"api_key": SECRET}).status_code == 200
        assert get(server, "/query", params={"api_key": "other"}).status_code == 401
        assert get(server, "/public").status_code == 200
        assert SECRET not in get(server, "/_mock/sandboxes", headers={"authorization": SECRET}).text
        assert SECRET not in journal(server, SECRET) + server.log()
