"""A server that watches the files of its contract, which are changed in the ways of editors."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.processes import ServerProcess, running

PATIENCE_S = 20
"""After this long a change that is not seen fails the test."""

HANDLERS = """
def list_pets(sandbox, store): return ['{}', *store]
def add_pet(sandbox, body, store): store[body] = 1
"""
STILL = "the contract from before is still served"


def document(*paths: str) -> str:
    """Return a contract with pets, which handlers answer, a path of another file, and more paths."""
    pet = {"content": {"application/json": {"schema": {"type": "string"}}}}
    good: Any = {"200": {"description": "Good.", "content": {"application/json": {"example": "document"}}}}
    pets = {
        "get": {"operationId": "listPets", "tags": ["pets"], "responses": good},
        "post": {
            "operationId": "addPet",
            "tags": ["pets"],
            "requestBody": pet,
            "responses": {"204": {"description": "Added."}},
        },
    }
    more: Any = {path: {"get": {"responses": good, "tags": [path[1:]]}} for path in paths}
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Watched", "version": "1"},
            "paths": {"/pets": pets, "/other": {"$ref": "others/other.json"}, **more},
        }
    )


def other(example: str) -> str:
    """Return the path of another file."""
    answer = {"200": {"description": "Good.", "content": {"application/json": {"example": example}}}}
    return json.dumps({"get": {"operationId": "other", "responses": answer}})


def overlay(title: str) -> str:
    """Return an overlay that changes the title."""
    actions = [{"target": "$.info", "update": {"title": title}}]
    return json.dumps({"overlay": "1.0.0", "info": {"title": "O", "version": "1"}, "actions": actions})


class Watched:
    """A server, the folder of its contract, and a client with a sandbox of its own."""

    def __init__(self, server: ServerProcess, folder: Path, client: httpx.Client) -> None:
        """Take them."""
        self.server, self.folder, self._client = server, folder, client

    def save(self, name: str, text: str) -> None:
        """Put a file in the place of another one, as most editors do."""
        beside = self.folder / f"{name}~"
        beside.write_text(text)
        beside.replace(self.folder / name)

    def get(self, path: str) -> Any:
        """Return the document of an answer; its status if it is none."""
        response = self._client.get(path)
        return response.json() if response.is_success else response.status_code

    def add(self, name: str) -> None:
        """Put a pet into the store."""
        assert self._client.post("/pets", json=name).status_code == 204

    def log_since(self, begin: int, text: str) -> str:
        """Return what was logged since, once it has `text`."""
        return str(until(lambda: self.server.log()[begin:], lambda log: text in log))


def until(ask: Callable[[], Any], is_there: Callable[[Any], bool]) -> Any:
    """Return an answer once it is as wanted."""
    end = time.monotonic() + PATIENCE_S
    while not is_there(found := ask()):
        assert time.monotonic() < end, found
    return found


def first() -> dict[str, str]:
    """Return the files that each test begins with."""
    return {
        "openapi.json": document(),
        "others/other.json": other("first"),
        "overlay.json": overlay("First"),
        "handlers/pets.py": HANDLERS.format("first"),
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, Path]]:
    """A server of a document with another file, an overlay, and handlers; and their folder."""
    folder, log = tmp_path_factory.mktemp("contract"), tmp_path_factory.mktemp("log")
    for name, text in first().items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    options = ("--overlay", str(folder / "overlay.json"), "--handlers", str(folder / "handlers"))
    with running(log, str(folder / "openapi.json"), *options, "--watch", "true") as process:
        yield process, folder
    assert "Traceback" not in process.log()


@pytest.fixture
def watched(server: tuple[ServerProcess, Path]) -> Iterator[Watched]:
    """The server with a new sandbox; in the end it serves the first files again."""
    process, folder = server
    key = {"Eqkit-Sandbox": f"test_{uuid.uuid4().hex}"}
    with httpx.Client(base_url=process.url, headers=key) as client:
        watched = Watched(process, folder, client)
        yield watched
        (folder / "handlers" / "new.py").unlink(missing_ok=True)
        for name, text in first().items():
            watched.save(name, text)
        until(lambda: (watched.get("/new"), watched.get("/other")), lambda found: found == (404, "first"))
        until(lambda: watched.get("/pets")[:1], lambda found: found == ["first"])


def test_each_file_of_a_contract_is_watched(watched: Watched) -> None:
    """The document, a file it refers to, an overlay, a module, and a new one; the state of all stays."""
    before = len(watched.server.log())
    watched.add("Rex")
    assert (watched.get("/pets"), watched.get("/other"), watched.get("/new")) == (
        ["first", "Rex"],
        "first",
        404,
    )

    watched.save("openapi.json", document("/new"))
    assert until(lambda: watched.get("/new"), lambda found: found != 404) == "document"
    watched.save("others/other.json", other("second"))
    until(lambda: watched.get("/other"), lambda found: found == "second")
    watched.save("overlay.json", overlay("Second"))
    until(lambda: watched.get("/openapi.json")["info"]["title"], lambda found: found == "Second")
    watched.save("handlers/pets.py", HANDLERS.format("second"))
    assert until(lambda: watched.get("/pets"), lambda found: found != ["first", "Rex"]) == ["second", "Rex"]
    watched.save("handlers/new.py", "def get_new(sandbox): return 'handler'")
    assert until(lambda: watched.get("/new"), lambda found: found != "document") == "handler"

    (entry, *_) = watched.get("/_mock/journal")["entries"]
    assert (entry["number"], entry["method"], entry["path"]) == (1, "POST", "/pets")
    assert STILL not in watched.server.log()[before:]


@pytest.mark.parametrize(
    ("file", "broken", "mended", "shown"),
    [
        ("openapi.json", "{", document("/new", "/mended"), "openapi.json"),
        ("others/other.json", "{", other("mended"), "other.json"),
        ("overlay.json", "[]", overlay("mended"), "overlay.json"),
        ("handlers/pets.py", "def list_pets(", HANDLERS.format("mended"), "pets.py:1: SyntaxError"),
        ("handlers/new.py", "def get_new(", "def get_new(sandbox): return 'mended'", "new.py:1: SyntaxError"),
    ],
    ids=["document", "other file", "overlay", "module", "new module"],
)
def test_a_broken_file_changes_nothing_but_the_log(
    watched: Watched, file: str, broken: str, mended: str, shown: str
) -> None:
    """The last good contract is served with its state until the file is mended."""
    watched.add("Rex")
    watched.save("openapi.json", document("/new"))
    until(lambda: watched.get("/new"), lambda found: found != 404)
    before = len(watched.server.log())
    watched.save(file, broken)
    assert shown in watched.log_since(before, STILL)
    served = [watched.get(path) for path in ("/pets", "/other", "/new")]
    assert served == [["first", "Rex"], "first", "document"]
    before = len(watched.server.log())
    (watched.folder / file).write_text(mended)
    watched.log_since(before, "the contract has changed")
    until(
        lambda: "mended" in str([watched.get(path) for path in ("/pets", "/other", "/new", "/openapi.json")]),
        bool,
    )
    assert "Rex" in watched.get("/pets")


def test_a_folder_that_goes_and_comes_back_is_watched(watched: Watched) -> None:
    """As when another branch is checked out."""
    before = len(watched.server.log())
    (watched.folder / "handlers").rename(watched.folder / "away")
    watched.log_since(before, STILL)
    assert watched.get("/pets") == ["first"]
    (watched.folder / "away").rename(watched.folder / "handlers")
    watched.log_since(before, "the contract has changed")
    watched.save("handlers/pets.py", HANDLERS.format("back"))
    assert until(lambda: watched.get("/pets"), lambda found: found != ["first"]) == ["back"]
