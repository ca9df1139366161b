"""Handlers behind a whole server: errors of the contract, answers made whole, snapshots, and reloads."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from eqkit.asgi import InProcess, Received, application
from eqkit.contract.document import Document, Json
from eqkit.contract.operations import Contract
from eqkit.errors import ContractError, SettingsError
from eqkit.web.contracts.application import ContractApplication
from eqkit.web.contracts.service import ContractService

PET: Json = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}
ERROR: Json = {"type": "object", "required": ["oops"], "properties": {"oops": {"type": "string"}}}


def response(schema: Json, **members: Json) -> Json:
    """Return a documented response in JSON."""
    return {"description": "", "content": {"application/json": {"schema": schema}}, **members}


LOCATION: Json = {"Location": {"required": True, "schema": {"type": "string"}}, "X-Other": {"schema": {}}}
PETS: dict[str, Json] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "paths": {
        "/pets": {
            "post": {
                "operationId": "addPet",
                "tags": ["pets"],
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}},
                "responses": {"201": response(PET, headers=LOCATION), "default": response(ERROR)},
            },
            "get": {
                "operationId": "listPets",
                "tags": ["pets"],
                "responses": {"200": response({"type": "array", "items": PET}), "default": response(ERROR)},
            },
        },
        "/pets/{ids}": {
            "get": {
                "operationId": "getPets",
                "tags": ["pets"],
                "parameters": [
                    {
                        "name": "ids",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "array", "items": {"type": "string"}},
                    }
                ],
                "responses": {"200": response({"type": "array"}), "default": response(ERROR)},
            }
        },
    },
}
ADD = """
def add_pet(sandbox, body, store):
    pet = {"id": len(store) + 1, "name": body["name"]}
    store[str(pet["id"])] = pet
    return pet

def list_pets(sandbox, store):
    return list(store.values())
"""


class Served:
    """A server of the contract with one module of handlers."""

    def __init__(self, folder: Path, module: str, **settings: Any) -> None:
        """Write contract and module, and serve them."""
        self.contract, self.module = folder / "openapi.json", folder / "handlers" / "pets.py"
        self.contract.write_text(json.dumps(PETS))
        self.module.parent.mkdir()
        self.module.write_text(module)
        app = application(contract=self.contract, handlers=self.module.parent, **settings)
        assert isinstance(app, ContractApplication)
        self.app = app

    def ask(self, method: str, path: str, **request: Any) -> Received:
        """Send one request in the sandbox of the tests."""
        with InProcess(self.app, headers={"Eqkit-Sandbox": "test_pets"}) as server:
            return server.send(method, path, **request)

    def control(self, method: str, path: str) -> Received:
        """Send one request to the control plane."""
        with InProcess(self.app) as server:
            return server.send(method, f"/_mock{path}")


@pytest.fixture(autouse=True)
def _in_caplog(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A server that ran in this process may have taken the log for itself."""
    monkeypatch.setattr(logging.getLogger("eqkit"), "propagate", True)
    caplog.set_level(logging.WARNING, logger="eqkit")


def test_a_problem_and_an_exception_have_the_contracts_shape(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The traceback is in the log, and no part of it on the wire."""
    served = Served(
        tmp_path,
        "from eqkit.serving import Problem\n"
        "def add_pet(sandbox): raise Problem(409, 'There is one.', headers={'X-A': '1'})\n"
        "def list_pets(sandbox): return {}['secret']\n",
    )
    refused = served.ask("POST", "/pets")
    assert (refused.status, refused.json(), refused.headers["x-a"]) == (409, {"oops": "There is one."}, "1")
    failed = served.ask("GET", "/pets")
    assert (failed.status, list(failed.json())) == (500, ["oops"])
    assert "secret" not in failed.text
    assert "KeyError: 'secret'" in caplog.text


def test_an_answer_gets_the_headers_that_it_must_have(tmp_path: Path) -> None:
    """A required one that the handler leaves out, its own as they are, and no optional one."""
    served = Served(tmp_path, "def add_pet(sandbox, body): return 201, {'id': 1, 'name': 'a'}, body")
    left_out = served.ask("POST", "/pets", json={})
    own = served.ask("POST", "/pets", json={"Location": "/pets/1"})
    assert (left_out.status, own.status, own.headers["location"]) == (201, 201, "/pets/1")
    assert "location" in left_out.headers
    assert "x-other" not in left_out.headers
    assert left_out.headers["content-type"] == own.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("validates", "status"), [(False, 200), (True, 500)])
def test_an_answer_that_violates_the_contract_is_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, validates: bool, status: int
) -> None:
    """It is sent all the same, unless answers are validated."""
    served = Served(tmp_path, "def list_pets(sandbox): return [{'id': 'one'}]", validate_responses=validates)
    assert served.ask("GET", "/pets").status == status
    assert "the answer 200 of the handler pets.list_pets violates the contract" in caplog.text


MISTAKES = [
    "return {1}", "return {'a': object()}", "return (each for each in [])", "yield 1", "return 7, 8",
    "return '\\ud800'", "return ['\\ud800']", "a = []; a.append(a); return a", "return 204, {}",
    "return 304, b'a'", "return 200, [], {'X A': 'b'}", "return 200, [], {'': 'b'}", "return 200, [], 7",
    "return Response('200')", "return Response(99)", "return Response(101)", "return Response(204, {})",
    "return Response(200, body='text')", "return Response(200, [], [(b'a', b'1\\r\\nb: 2')])",
    "return Response(200, [], 7)", "raise Problem", "raise Problem('409')", "raise Problem(200)",
    "raise Problem(409, {})", "raise Problem(409, '\\ud800')", "raise Problem(409, code=7)",
    "raise Problem(409, title=[])", "raise Problem(409, pointer=3)",
    "raise Problem(409, headers={'a': '1\\r\\nb: 2'})", "raise Problem(409, headers={'a': 1})",
    "raise Problem(409, headers={'a b': '1'})", "return Problem(409)", "raise asyncio.CancelledError",
    "raise BaseException", "raise SystemExit", "raise RecursionError", "raise StopIteration",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["", "async "])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_of_a_handler_is_its_500(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, mistake: str
) -> None:
    """In the contract's shape; the log names the handler, and nothing broken reaches the connection."""
    imports = "import asyncio\nfrom eqkit.serving import Problem, Response\n"
    served = Served(tmp_path, f"{imports}{kind}def list_pets(sandbox):\n    {mistake}")
    answer = served.ask("GET", "/pets")
    assert (answer.status, [*answer.json()]) == (500, ["oops"])
    assert "GET /pets: the handler pets.list_pets failed" in caplog.text


@pytest.mark.parametrize("kind", ["", "async "])
def test_a_handler_that_waited_for_a_cancelled_task_has_failed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """The request itself was not cancelled, and the server does not shut down."""
    task = "task = asyncio.ensure_future(asyncio.sleep(9))\n    task.cancel()"
    wait = f"import asyncio\nasync def _wait():\n    {task}\n    await task\n"
    result = "await _wait()" if kind else "_wait()"
    served = Served(tmp_path, f"{wait}{kind}def list_pets(sandbox):\n    return {result}")
    assert served.ask("GET", "/pets").status == 500
    assert "CancelledError" in caplog.text


@pytest.mark.parametrize(
    ("result", "headers"),
    [
        ("HTTPStatus.ACCEPTED, []", {}),
        ("Response(202, [], {'X-A': 'b'})", {"x-a": "b"}),
        ("Response(HTTPStatus.ACCEPTED, [], [('X-A', b'b')])", {"x-a": "b"}),
        ("202, [], {'Content-Length': '7', 'Connection': 'close', 'X-A': 'b'}", {"x-a": "b"}),
        ("202, [], {'Transfer-Encoding': 'chunked'}", {}),
    ],
)
def test_a_result_may_be_what_programs_have_at_hand(
    tmp_path: Path, result: str, headers: dict[str, str]
) -> None:
    """Statuses of `http`, headers as a mapping or of texts; those that frame a message are the server's."""
    imports = "from http import HTTPStatus\nfrom eqkit.serving import Response\n"
    served = Served(tmp_path, f"{imports}def list_pets(sandbox): return {result}")
    answer = served.ask("GET", "/pets")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (202, b"[]", "2")
    assert headers.items() <= answer.headers.items()
    assert not {"connection", "transfer-encoding"} & {*answer.headers}


@pytest.mark.parametrize(
    ("path", "ids"),
    [("/pets/a,b", ["a", "b"]), ("/pets/a%2Cb,c", ["a,b", "c"]), ("/pets/%C3%A4", ["ä"])],
)
def test_a_parameter_of_a_path_is_read_as_it_was_sent(tmp_path: Path, path: str, ids: list[str]) -> None:
    """An escaped comma belongs to its item."""
    served = Served(tmp_path, "def get_pets(sandbox, ids): return ids")
    assert served.ask("GET", path).json() == ids


def test_a_store_goes_with_snapshots_and_resets(tmp_path: Path) -> None:
    """Through the control plane, as all else in a sandbox."""
    served = Served(tmp_path, ADD)
    served.ask("POST", "/pets", json={"name": "Rex"})
    assert served.control("PUT", "/sandboxes/test_pets/snapshot").status == 200
    served.ask("POST", "/pets", json={"name": "Tom"})
    assert [each["name"] for each in served.ask("GET", "/pets").json()] == ["Rex", "Tom"]
    assert served.control("POST", "/sandboxes/test_pets/restore").status == 200
    assert [each["name"] for each in served.ask("GET", "/pets").json()] == ["Rex"]
    assert served.control("POST", "/sandboxes/test_pets/reset").status == 200
    assert served.ask("GET", "/pets").json() == []


def test_handlers_are_loaded_anew_and_the_store_stays(tmp_path: Path) -> None:
    """A broken module leaves the last good one in place; a good one answers the next request."""
    served = Served(tmp_path, ADD)
    served.ask("POST", "/pets", json={"name": "Rex"})
    changed = ContractService(Contract(Document(PETS)), "Changed Pets")
    served.module.write_text("def list_pets(sandbox, store:")
    with pytest.raises(ContractError, match=r"pets\.py:1: SyntaxError"):
        served.app.serve(changed)
    assert [each["name"] for each in served.ask("GET", "/pets").json()] == ["Rex"]
    assert served.app.service is not changed
    served.module.write_text(ADD.replace("list(store.values())", "[*store.values()] * 2"))
    served.app.serve(changed)
    assert [each["name"] for each in served.ask("GET", "/pets").json()] == ["Rex", "Rex"]
    assert b"Changed Pets" in served.ask("GET", "/").body


def test_a_reload_that_fails_for_a_setting_changes_nothing(tmp_path: Path) -> None:
    """Such as the table of scopes, whose file may be gone by then."""
    scopes = tmp_path / "scopes.yaml"
    scopes.write_text("test_pets: [read]")
    served = Served(tmp_path, ADD, scopes=[scopes])
    before, changed = served.app.service, ContractService(Contract(Document(PETS)), "Changed Pets")
    scopes.unlink()
    with pytest.raises(SettingsError):
        served.app.serve(changed)
    assert served.app.service is before
    assert served.ask("GET", "/pets").json() == []
