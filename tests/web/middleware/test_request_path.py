"""The kinds of work in a request: all work that does not depend on it is done before it comes."""

import asyncio
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import jsonschema_rs
import orjson
import pytest

from eqkit.web.app import Application
from tests.clients import BULK, JSON_API, KEY, MESSAGES, message

DONE_BEFOREHAND: dict[CodeType, str] = {
    function.__code__: name
    for name, function in (
        ("a regex is built", re._compile),  # type: ignore[attr-defined]
        ("a signature is inspected", inspect.signature),
        ("a module is imported", __import__("importlib").import_module),
    )
}
REQUESTS: dict[str, tuple[str, str, Any]] = {
    "accepted": ("POST", MESSAGES, {"data": message("hello", 1459121798238)}),
    "accepted in bulk": ("POST", BULK, {"data": [message()] * 3}),
    "rejected": ("POST", MESSAGES, {"data": {"type": "task", "attributes": {"body": 7, "bodi": 1}}}),
    "rejected in bulk": ("POST", BULK, {"data": [message(), message(7, -1), {}]}),
    "read": ("GET", f"{MESSAGES}/72301093732", None),
    "unknown": ("GET", f"{MESSAGES}/1", None),
    "not there": ("GET", "/v1/nothing", None),
    "not possible": ("DELETE", MESSAGES, None),
    "asked for": ("OPTIONS", MESSAGES, None),
}


@contextmanager
def counting() -> Iterator[list[str]]:
    """Note every call of a function that has its work to be done beforehand."""
    called: list[str] = []

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in DONE_BEFOREHAND:
            called.append(DONE_BEFOREHAND[frame.f_code])

    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)


async def answered(application: Application, method: str, path: str, document: Any) -> int:
    """Send one request to the bare application, with no client around it that has work of its own."""
    body = b"" if document is None else orjson.dumps(document)
    statuses: list[int] = []
    headers = [
        (b"host", b"mock.test"),
        (b"authorization", KEY.encode()),
        (b"accept", f"text/html, {JSON_API};q=0.5".encode()),
        (b"content-type", JSON_API.encode()),
        (b"content-length", str(len(body)).encode()),
    ]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "http.response.start":
            statuses.append(event["status"])

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
        "scheme": "http",
        "client": ("127.0.0.1", 1),
    }
    await application(scope, receive, send)  # type: ignore[arg-type]
    return statuses[0]


@pytest.mark.parametrize("name", REQUESTS)
def test_work_that_does_not_depend_on_a_request_is_done_before_it(
    name: str, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No schema is compiled, no signature inspected and no regex built while a request is answered.

    Where answers are validated, a schema of an answer is compiled for the first such answer, and kept.
    """
    asyncio.run(answered(application, *REQUESTS[name]))
    compiled: list[str] = []
    for kind in ("Draft4Validator", "validator_for", "Draft202012Validator"):
        monkeypatch.setattr(jsonschema_rs, kind, lambda *_, kind=kind, **__: compiled.append(kind))
    with counting() as called:
        status = asyncio.run(answered(application, *REQUESTS[name]))
    assert status < 500
    assert (called, compiled) == ([], [])


def test_the_count_would_see_a_regex() -> None:
    """The guard above is not blind."""
    with counting() as called:
        re.compile("now and then")
    assert called == ["a regex is built"]


IMPORTED = """
import sys, warnings
warnings.simplefilter("error")
from eqkit.web.unopened import put_in_place
put_in_place()
import eqkit.web.service_application, eqkit.web.server
heavy = ("starlette.testclient", "httpx._client", "requests.api", "rich", "jsonschema_rs", "connexion.apps")
print([name for name in heavy if name in sys.modules])
warnings.simplefilter("ignore")
import connexion, httpx, requests
from connexion.middleware.main import ConnexionMiddleware
print(connexion.AsyncApp.__name__, connexion.ConnexionMiddleware is ConnexionMiddleware is
      eqkit.web.service_application.ConnexionMiddleware, httpx.Client.__name__, requests.get.__name__)
"""


def test_serving_loads_no_test_client_and_no_http_library() -> None:
    """A user waits for the start; a later import of Connexion gets it whole."""
    shown = subprocess.run(
        [sys.executable, "-c", IMPORTED], capture_output=True, text=True, timeout=60, check=True
    )
    assert shown.stdout.splitlines() == ["['jsonschema_rs']", "AsyncApp True Client get"]


OF_CONTRACT = """
import json, sys
from eqkit.web.unopened import put_in_place
put_in_place()
import eqkit.cli.serve, eqkit.web.server
from eqkit.web.contracts.application import contract_application
from eqkit.web.contracts.settings import ContractSettings
contract_application(ContractSettings(contract=sys.argv[1]))
print([name for name in ("connexion.spec", "jsonschema", "starlette", "jinja2") if name in sys.modules])
"""


def test_a_contract_is_served_without_connexion(tmp_path: Path) -> None:
    """It takes a third of a short start, and only the control plane needs it (record 9)."""
    contract = tmp_path / "contract.json"
    contract.write_text('{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}')
    command = [sys.executable, "-c", OF_CONTRACT, str(contract)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert shown.stdout.splitlines() == ["[]"]
